package e2e

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	cdp "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/edgeauth/edgeauth/internal/page"
	"github.com/stretchr/testify/require"
)

var gallery = flag.Bool("gallery", false, "take the pictures of docs/pages.md and of the README anew")

// shown are the pages of the gallery, each with the ways on that it has.
var shown = []struct {
	subject page.Subject
	ways    []page.Label
	account bool
}{
	{page.SignInRequired, []page.Label{page.SignIn}, false},
	{page.ChooseProvider, nil, false},
	{page.SignInElsewhere, []page.Label{page.SignIn}, false},
	{page.Forbidden, []page.Label{page.AnotherAccount, page.SignOut, page.StartPage}, true},
	{page.AccountRefused, []page.Label{page.AnotherAccount, page.SignOut}, false},
	{page.AccessDenied, []page.Label{page.TryAgain}, false},
	{page.SignInUnavailable, []page.Label{page.TryAgain}, false},
	{page.SignInFailed, []page.Label{page.SignInAgain}, false},
	{page.SignInBroken, nil, false},
	{page.CookiesNotKept, []page.Label{page.SignIn}, false},
	{page.AlreadySignedIn, []page.Label{page.StartPage}, false},
	{page.ConfirmLogout, []page.Label{page.SignOut}, false},
	{page.SignedOut, []page.Label{page.SignIn}, false},
	{page.OpenInBrowser, nil, false},
	{page.BadPath, []page.Label{page.StartPage}, false},
	{page.MethodNotAllowed, []page.Label{page.StartPage}, false},
	{page.UnknownHost, nil, false},
	{page.SiteUnavailable, nil, false},
	{page.Internal, nil, false},
}

// frames is a page of all of them, side by side.
func frames(columns, width, height int) string {
	design := page.New(page.Branding{})
	var b strings.Builder
	fmt.Fprintf(&b, `<!doctype html><meta charset=utf-8><style>body{margin:12px;display:grid;grid-template-columns:repeat(%d,%dpx);gap:12px;background:light-dark(#fff,#000);color-scheme:light dark}iframe{border:0;border-radius:8px;width:%dpx;height:%dpx}</style>`, columns, width, width, height)
	for _, s := range shown {
		p := design.Page(s.subject, "en")
		p.Site = "app.example.com"
		if s.account {
			p.Account = "ada@example.com"
		}
		if p.Reported() {
			p.Reference = "K7Q2M9XWTA"
		}
		for _, way := range s.ways {
			p.Add(way, "/", way == page.SignOut)
		}
		if s.subject == page.OpenInBrowser {
			p.Ways = []page.Way{{Label: "https://app.example.com/reports?id=7", Href: "/"}}
		}
		if s.subject == page.ChooseProvider {
			p.Ways = []page.Way{{Label: "Staff", Href: "/"}, {Label: "Partners", Href: "/"}}
			p.Ask("/", "email", nil)
		}
		fmt.Fprintf(&b, `<iframe srcdoc="%s"></iframe>`, html.EscapeString(string(design.HTML(p))))
	}
	return b.String()
}

// picture takes a picture of the page that is open.
func (p *tab) picture(file string) {
	p.t.Helper()
	var png []byte
	p.run("taking a picture", chromedp.ActionFunc(func(ctx context.Context) (err error) {
		png, err = cdp.CaptureScreenshot().Do(ctx)
		return err
	}))
	require.NoError(p.t, os.MkdirAll(filepath.Dir(file), 0o755))
	require.NoError(p.t, os.WriteFile(file, png, 0o644))
}

// The gallery lacks no page, and is made by -gallery alone.
func TestTheGalleryHasEveryPage(t *testing.T) {
	t.Parallel()
	seen := map[page.Subject]bool{}
	for _, s := range shown {
		seen[s.subject] = true
	}
	for subject := page.Internal; subject <= page.SignedOut; subject++ {
		require.True(t, seen[subject], "subject %d", subject)
	}
	text, err := os.ReadFile(filepath.Join("..", "docs", "pages.md"))
	require.NoError(t, err)
	sheets := []struct {
		name, scheme           string
		columns, width, height int
	}{{"light", "light", 3, 470, 380}, {"dark", "dark", 3, 470, 380}, {"phone", "light", 6, 320, 420}}
	for _, sheet := range sheets {
		require.Contains(t, string(text), "pages/"+sheet.name+".png")
		png, err := os.ReadFile(filepath.Join("..", "docs", "pages", sheet.name+".png"))
		if !*gallery {
			require.NoError(t, err)
			require.True(t, bytes.HasPrefix(png, []byte("\x89PNG")))
			continue
		}
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			fmt.Fprint(w, frames(sheet.columns, sheet.width, sheet.height))
		}))
		p := newBrowser(t).tab(t)
		rows := (len(shown) + sheet.columns - 1) / sheet.columns
		p.run("sizing", emulation.SetDeviceMetricsOverride(int64(sheet.columns*(sheet.width+12)+12), int64(rows*(sheet.height+12)+12), 1, false),
			emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: sheet.scheme}}))
		p.open(server.URL)
		p.picture(filepath.Join("..", "docs", "pages", sheet.name+".png"))
		server.Close()
	}
	if *gallery {
		demoPicture(t)
	}
}

// demoPicture is edgeauth demo after a sign-in.
func demoPicture(t *testing.T) {
	t.Helper()
	demo := start(t, "edgeauth demo", command(t), "demo")
	line := strings.Fields(demo.line(t, "  Open"))
	p := newBrowser(t).tab(t)
	p.run("sizing", emulation.SetDeviceMetricsOverride(1000, 620, 1, false))
	p.open(line[len(line)-1])
	p.click(`button[value="ada"]`)
	p.until("the demo", func() bool {
		return strings.HasPrefix(p.url(), line[len(line)-1]) && strings.Contains(p.text("body"), "Ada")
	})
	p.picture(filepath.Join("..", "docs", "pages", "demo.png"))
}

func TestTheDemoKeepsThePlaceOfADeepLink(t *testing.T) {
	t.Parallel()
	needTools(t)
	demo := start(t, "edgeauth demo", command(t), "demo")
	line := strings.Fields(demo.line(t, "  Open"))
	origin := line[len(line)-1]
	p := newBrowser(t).tab(t)
	p.open(origin + "/#steps")
	p.click(`button[value="ada"]`)
	p.at(origin + "/#steps")
}
