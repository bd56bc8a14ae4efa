package page

import (
	"encoding/base64"
	"fmt"
	"math"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func TestEveryLanguageSaysEverything(t *testing.T) {
	plain := regexp.MustCompile(`^[^<>&"{}%]+$`)
	require.Equal(t, []string{"en", "de", "fr", "es", "pt", "ja"}, Languages())
	for _, w := range wordings {
		t.Run(w.language, func(t *testing.T) {
			for subject, text := range w.texts {
				for _, said := range []string{text.title, text.text} {
					require.Regexp(t, plain, said, "subject %d", subject)
					require.True(t, utf8.ValidString(said))
				}
				require.LessOrEqual(t, utf8.RuneCountInString(text.title), 50)
				if w != &english {
					require.NotEqual(t, english.texts[subject], text, "a text that is not translated")
				}
			}
			for label, said := range w.labels {
				require.Regexp(t, plain, said, "label %d", label)
			}
			for _, said := range []string{w.signedIn, w.reference, w.contact} {
				require.Regexp(t, plain, said)
			}
		})
	}
}

func TestASubjectHasItsFacts(t *testing.T) {
	d := New(Branding{})
	for subject := range subjects {
		p := d.Page(subject, "")
		require.NotEmpty(t, p.Code, "subject %d", subject)
		require.GreaterOrEqual(t, p.Status, 200)
		require.Equal(t, p.Status >= 500 || p.RetryAfter() != "", p.Status == 429 || p.Status >= 500, "subject %d", subject)
		require.Equal(t, "en", p.Language)
	}
}

func TestTheBrowserChoosesTheLanguage(t *testing.T) {
	for _, test := range []struct {
		rule, accept string
		offered      []string
		want         string
	}{
		{"nothing said", "", nil, "en"},
		{"one language", "de", nil, "de"},
		{"a region of it", "pt-BR,pt;q=0.9,en;q=0.8", nil, "pt"},
		{"a script of it", "ja-Jpan-JP", nil, "ja"},
		{"capitals", "FR-ca", nil, "fr"},
		{"the weight counts", "en;q=0.5, es;q=0.9", nil, "es"},
		{"the first of equals", "fr, de", nil, "fr"},
		{"one that there are no texts in", "nl, de;q=0.3", nil, "de"},
		{"none that there are texts in", "nl, sv", nil, "en"},
		{"one that is not wanted", "de;q=0", nil, "en"},
		{"a weight that is no number", "de;q=x", nil, "en"},
		{"a star", "*", nil, "en"},
		{"what the site does not offer", "fr, en;q=0.1", []string{"de", "en"}, "en"},
		{"nothing that the site offers", "fr", []string{"de", "en"}, "de"},
		{"a header without end", strings.Repeat("nl,", 10_000) + "de", nil, "en"},
	} {
		t.Run(test.rule, func(t *testing.T) {
			d := New(Branding{Languages: test.offered})
			require.Equal(t, test.want, d.Page(SignedOut, test.accept).Language)
			if test.offered == nil {
				require.Empty(t, d.UILocales(test.accept), "the provider's own choice stands")
			} else {
				require.Equal(t, test.want, d.UILocales(test.accept))
			}
		})
	}
}

func FuzzTheBrowserChoosesTheLanguage(f *testing.F) {
	f.Add("de, en;q=0.5")
	f.Add(";q=,,;;q=1e999")
	f.Fuzz(func(t *testing.T, accept string) {
		require.Contains(t, Languages(), New(Branding{}).Page(SignedOut, accept).Language)
	})
}

// filled is a page with every member.
func filled(d *Design, text string) Page {
	p := d.Page(Forbidden, "")
	p.Title, p.Text, p.Site, p.Account, p.Reference = text, text, text, text, text
	p.Ways = []Way{{text, text, false}, {text, text, true}}
	return p
}

func TestEverythingOnAPageIsEscaped(t *testing.T) {
	const evil = `"><script>alert('x')</script>&`
	d := New(Branding{})
	body := string(d.HTML(filled(d, evil)))
	require.NotContains(t, body, "<script")
	require.Equal(t, 11, strings.Count(body, "&lt;script&gt;"), "the title and the site twice, the text, two ways with their addresses, the account, the reference")
	body2, _ := d.Forward(filled(d, evil), evil)
	require.Equal(t, 1, strings.Count(string(body2), "<script"), "our own")
}

func TestThePolicyLetsInTheStyleTheLogoAndNothingElse(t *testing.T) {
	logo := []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`)
	for name, b := range map[string]Branding{"plain": {}, "with a logo": {Logo: logo}, "with a colour": {Accent: "#ffcc00"}} {
		t.Run(name, func(t *testing.T) {
			d := New(b)
			body := string(d.HTML(filled(d, "x")))
			style := body[strings.Index(body, "<style>")+7 : strings.Index(body, "</style>")]
			want := "default-src 'none'; style-src '" + hash(style) + "'; frame-ancestors 'none'; base-uri 'none'"
			if b.Logo != nil {
				want += "; img-src data:"
				require.Contains(t, body, `src="data:image/svg+xml;base64,`+base64.StdEncoding.EncodeToString(logo)+`"`)
			}
			require.Equal(t, want, d.Policy())
			require.NotRegexp(t, `<script|src="[^d]|url\(|@import|style=|\son[a-z]+=`, body, "no third party, nothing that runs")

			forward, policy := d.Forward(filled(d, "x"), "/next")
			script := regexp.MustCompile(`<script>(.*?)</script>`).FindSubmatch(forward)
			require.Equal(t, want+"; script-src '"+hash(string(script[1]))+"'", policy)
			require.Contains(t, string(forward), `data-next="/next"`)
			require.Contains(t, string(forward), "<noscript><main>", "a link for who has no scripts")
		})
	}
}

func TestWhatABrandingMayBe(t *testing.T) {
	png := []byte("\x89PNG\r\n\x1a\n....")
	for _, test := range []struct {
		what     string
		branding Branding
		field    string // "" for none
	}{
		{"nothing", Branding{}, ""},
		{"everything", Branding{Name: "Intranet", Logo: png, Contact: "help@example.com", Accent: "#2456c8", Languages: []string{"ja", "en"}}, ""},
		{"a contact with a URL", Branding{Contact: "https://example.com/help?x=y"}, ""},
		{"a JPEG", Branding{Logo: []byte("\xff\xd8\xff\xe0")}, ""},
		{"a WebP", Branding{Logo: []byte("RIFF....WEBPVP8 ")}, ""},
		{"an SVG after its declaration", Branding{Logo: []byte(`<?xml version="1.0"?><!-- x --><svg/>`)}, ""},
		{"an SVG after a byte order mark", Branding{Logo: []byte("\ufeff\n<svg/>")}, ""},
		{"a long name", Branding{Name: strings.Repeat("x", 61)}, "Name"},
		{"a name of two lines", Branding{Name: "a\nb"}, "Name"},
		{"a large logo", Branding{Logo: make([]byte, maxLogo+1)}, "Logo"},
		{"a page as a logo", Branding{Logo: []byte("<html><svg/></html>")}, "Logo"},
		{"a text as a logo", Branding{Logo: []byte("logo.png")}, "Logo"},
		{"a contact without a host", Branding{Contact: "help"}, "Contact"},
		{"a script as contact", Branding{Contact: "javascript:alert(1)@example.com"}, "Contact"},
		{"a contact by http", Branding{Contact: "http://example.com"}, "Contact"},
		{"a contact with a subject", Branding{Contact: "a@example.com?subject=x"}, "Contact"},
		{"a colour by name", Branding{Accent: "red"}, "Accent"},
		{"a short colour", Branding{Accent: "#fff"}, "Accent"},
		{"a colour that ends the rule", Branding{Accent: "#fff;}}"}, "Accent"},
		{"a language without texts", Branding{Languages: []string{"nl"}}, "Languages[0]"},
		{"a language twice", Branding{Languages: []string{"de", "de"}}, "Languages[1]"},
	} {
		t.Run(test.what, func(t *testing.T) {
			faults := test.branding.Faults()
			if test.field == "" {
				require.Empty(t, faults)
				return
			}
			require.Len(t, faults, 1)
			require.Equal(t, test.field, faults[0].Field)
			require.NotEmpty(t, faults[0].Problem)
			require.NotEmpty(t, faults[0].Remedy)
		})
	}
}

func contrast(a, b colour) float64 {
	x, y := a.luminance(), b.luminance()
	return (math.Max(x, y) + 0.05) / (math.Min(x, y) + 0.05)
}

func TestTextCanBeReadOnEveryAccent(t *testing.T) { // WCAG 2.2, 1.4.3
	for r := 0; r < 256; r += 5 {
		for g := 0; g < 256; g += 5 {
			for b := 0; b < 256; b += 15 {
				c := colour{uint8(r), uint8(g), uint8(b)}
				on := colour{}
				if c.textOn() == "#fff" {
					on = colour{255, 255, 255}
				}
				require.GreaterOrEqual(t, contrast(c, on), 4.5, "%v", c)
			}
		}
	}
}

// The style says so of itself.
func TestTheStyleHasTheContrastThatItPromises(t *testing.T) {
	for name, block := range map[string]string{"light": style[:strings.Index(style, "@media")], "dark": style[strings.Index(style, "@media"):]} {
		t.Run(name, func(t *testing.T) {
			is := func(variable string) colour {
				found := regexp.MustCompile(variable + `:(#[0-9a-f]+)`).FindStringSubmatch(block)
				require.NotNil(t, found, variable)
				if len(found[1]) == 4 {
					found[1] = fmt.Sprintf("#%[1]c%[1]c%[2]c%[2]c%[3]c%[3]c", found[1][1], found[1][2], found[1][3])
				}
				c, ok := parseColour(found[1])
				require.True(t, ok)
				return c
			}
			require.GreaterOrEqual(t, contrast(is("--ink"), is("--card")), 7.0)
			require.GreaterOrEqual(t, contrast(is("--soft"), is("--card")), 4.5)
			require.GreaterOrEqual(t, contrast(colour{255, 255, 255}, is("--accent")), 4.5)
			require.GreaterOrEqual(t, contrast(is("--ink"), is("--ground")), 3.0, "the focus ring is of the ink")
			require.GreaterOrEqual(t, contrast(is("--accent"), is("--card")), 3.0, "the button itself")
		})
	}
}
