package browser

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	app   = "https://app.example.com"
	idp   = "https://id.example.net"
	local = "http://localhost:8080"
)

// echo answers with what came; ?to= redirects, with ?status=.
func echo(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	for _, line := range q["set"] {
		w.Header().Add("Set-Cookie", line)
	}
	for _, name := range []string{"Referrer-Policy", "Content-Security-Policy", "Access-Control-Allow-Origin"} {
		if v := q.Get(name); v != "" {
			w.Header().Set(name, v)
		}
	}
	if to := q.Get("to"); to != "" {
		status := http.StatusFound
		_, _ = fmt.Sscan(q.Get("status"), &status)
		w.Header().Set("Location", to)
		w.WriteHeader(status)
		return
	}
	body, _ := io.ReadAll(r.Body)
	h := r.Header
	fmt.Fprintf(w, "<title>%s</title>\n", r.URL.Path)
	fmt.Fprintf(w, "%s %s%s type=%q body=%q tls=%v\n", r.Method, r.Host, r.URL.Path, h.Get("Content-Type"), body, r.TLS != nil)
	fmt.Fprintf(w, "site=%s mode=%s dest=%s user=%q purpose=%q accept=%q\n", h.Get("Sec-Fetch-Site"), h.Get("Sec-Fetch-Mode"), h.Get("Sec-Fetch-Dest"), h.Get("Sec-Fetch-User"), h.Get("Sec-Purpose"), h.Get("Accept"))
	fmt.Fprintf(w, "origin=%q referer=%q cookie=%q\n", h.Get("Origin"), h.Get("Referer"), h.Get("Cookie"))
	for _, to := range q["form"] {
		fmt.Fprintf(w, `<form method=post action="%s"><input type=hidden name=h value="1&amp;2"><input name=who><button name=b value=1>Go</button><button name=b value=2>Stop</button></form>`, strings.ReplaceAll(to, "&", "&amp;"))
	}
	for _, to := range q["link"] {
		fmt.Fprintf(w, `<a class="x>y" href='%s'>Next <b>page</b></a>`, strings.ReplaceAll(to, "&", "&amp;"))
	}
}

func open(t *testing.T, address string) *Browser {
	t.Helper()
	h := http.HandlerFunc(echo)
	b := New(stillClock, map[string]http.Handler{
		"app.example.com": h, "www.example.com": h, "id.example.net": h, "localhost:8080": h, "plain.example.org": h,
	})
	require.NoError(t, b.Navigate(address))
	return b
}

func TestATypedAddressComesFromNobody(t *testing.T) {
	b := open(t, app+"/x?q=1#frag")
	require.Equal(t, app+"/x?q=1#frag", b.URL())
	require.Equal(t, "/x", b.Title())
	require.Contains(t, b.Body(), `GET app.example.com/x type="" body="" tls=true`)
	require.Contains(t, b.Body(), `site=none mode=navigate dest=document user="?1" purpose="" accept="text/html,`)
	require.Contains(t, b.Body(), `origin="" referer="" cookie=""`)
	require.NoError(t, b.Navigate("http://plain.example.org"))
	require.Contains(t, b.Body(), "tls=false\nsite= mode= dest=", "no Sec-Fetch over plain http")
	require.NoError(t, b.Navigate(local))
	require.Contains(t, b.Body(), "tls=false\nsite=none", "but on loopback")
}

func TestALinkTellsWhereItComesFrom(t *testing.T) {
	for name, c := range map[string]struct{ from, to, want string }{
		"same origin":          {app + "/a?b#c", app + "/n", "site=same-origin|referer=\"" + app + "/a?b&link=%2Fn\""},
		"same site":            {app + "/a?b", "https://www.example.com/n", "site=same-site|referer=\"" + app + "/\""},
		"cross site":           {app + "/a?b", idp + "/n", "site=cross-site|referer=\"" + app + "/\""},
		"down to http":         {app + "/a?b", "http://plain.example.org/n", "site= |referer=\"\""},
		"no-referrer":          {app + "/a?Referrer-Policy=no-referrer", app + "/n", "site=same-origin|referer=\"\""},
		"same-origin, elsewhe": {app + "/a?Referrer-Policy=same-origin", idp + "/n", "site=cross-site|referer=\"\""},
		"origin":               {app + "/a?Referrer-Policy=origin", app + "/n", "site=same-origin|referer=\"" + app + "/\""},
	} {
		t.Run(name, func(t *testing.T) {
			link := c.to
			if c.to == app+"/n" {
				link = "/n"
			}
			address, frag, _ := strings.Cut(c.from, "#")
			b := open(t, address+"&link="+strings.ReplaceAll(strings.ReplaceAll(link, "/", "%2F"), ":", "%3A")+"#"+frag)
			require.NoError(t, b.Click("Next page"))
			for _, want := range strings.Split(c.want, "|") {
				require.Contains(t, b.Body(), want)
			}
		})
	}
}

// After a form post at the identity provider the browser comes back by a cross-site redirect: Lax cookies are sent,
// Strict ones are not, and the navigation stays cross-site to its end.
func TestComingBackFromTheProviderIsCrossSite(t *testing.T) {
	b := open(t, app+"/a?set=lax%3D1&set=strict%3D1%3BSameSite%3DStrict")
	back := app + "/cb?to=/end"
	require.NoError(t, b.Navigate(idp+"/sign-in?form="+strings.NewReplacer(":", "%3A", "/", "%2F", "?", "%3F", "&", "%26", "=", "%3D").Replace("/post?status=303&to="+strings.NewReplacer("?", "%3F", "=", "%3D").Replace(back))))
	require.NoError(t, b.SubmitForm(map[string]string{"who": "alice"}))
	require.Equal(t, app+"/end", b.URL())
	require.Contains(t, b.Body(), `site=cross-site mode=navigate dest=document user="?1"`)
	require.Contains(t, b.Body(), `cookie="lax=1"`)
	require.Contains(t, b.Body(), `GET app.example.com/end type="" body=""`)
	var chain []string
	for _, h := range b.History() {
		chain = append(chain, fmt.Sprint(h.Method, " ", h.Status))
	}
	require.Equal(t, []string{"POST 303", "GET 302", "GET 200"}, chain)

	require.NoError(t, b.Navigate(app+"/cb?to="+idp+"/hop?to="+app+"/end"))
	require.Contains(t, b.Body(), "site=none", "a typed address stays typed through redirects")
	require.Contains(t, b.Body(), `cookie="lax=1; strict=1"`)
}

func TestRedirectsChangeTheMethodAsTheStatusSays(t *testing.T) {
	for status, want := range map[string]string{
		"301": `GET app.example.com/end type="" body=""`,
		"302": `GET app.example.com/end type="" body=""`,
		"303": `GET app.example.com/end type="" body=""`,
		"307": `POST app.example.com/end type="application/x-www-form-urlencoded" body="b=1&h=1%262&who=al"`,
		"308": `POST app.example.com/end type="application/x-www-form-urlencoded" body="b=1&h=1%262&who=al"`,
	} {
		t.Run(status, func(t *testing.T) {
			b := open(t, app+"/a?form=%2Fpost%3Fto%3D%2Fend%26status%3D"+status)
			require.NoError(t, b.SubmitForm(map[string]string{"who": "al"}))
			require.Contains(t, b.Body(), want)
			require.NoError(t, b.Reload())
			require.Contains(t, b.Body(), want, "a reload asks in the same way")
		})
	}
}

func TestARedirectSetsItsOwnReferrerPolicy(t *testing.T) {
	b := open(t, app+"/a?link=%2Fx%3FReferrer-Policy%3Dno-referrer%26to%3D%2Fend")
	require.NoError(t, b.Click("Next page"))
	require.Contains(t, b.Body(), `referer=""`)
}

func TestOriginOfAFormPost(t *testing.T) {
	for name, c := range map[string]struct{ policy, to, want string }{
		"same origin":                              {"", "/end", app},
		"cross site":                               {"", idp + "/end", app},
		"no-referrer hides it even at home":        {"no-referrer", "/end", "null"},
		"same-origin hides it elsewhere":           {"same-origin", idp + "/end", "null"},
		"same-origin shows it at home":             {"same-origin", "/end", app},
		"down to http hides it":                    {"", "http://plain.example.org/end", "null"},
		"a redirect to another origin loses it":    {"", "/x?status=307&to=" + idp + "/end", "null"},
		"and back again too":                       {"", idp + "/x?status=307&to=" + app + "/end", "null"},
		"a redirect within the other origin keeps": {"", idp + "/x?status=307&to=/end", app},
	} {
		t.Run(name, func(t *testing.T) {
			escape := strings.NewReplacer(":", "%3A", "/", "%2F", "?", "%3F", "&", "%26", "=", "%3D")
			b := open(t, app+"/a?Referrer-Policy="+c.policy+"&form="+escape.Replace(c.to))
			require.NoError(t, b.Click("Stop"))
			require.Contains(t, b.Body(), fmt.Sprintf("origin=%q", c.want))
			require.Contains(t, b.Body(), "b=2")
		})
	}
}

func TestFormActionHoldsForEveryRedirect(t *testing.T) {
	const elsewhere = "/x%3Fto%3D" + idp + "/end"
	for name, c := range map[string]struct {
		policy, to string
		blocked    bool
	}{
		"no policy":                         {"default-src 'none'", elsewhere, false},
		"self, staying":                     {"default-src 'none'; form-action 'self'", "/end", false},
		"self, sent elsewhere":              {"form-action 'self'", elsewhere, true},
		"self, then anywhere over https":    {"form-action 'self' https:", elsewhere, false},
		"self and the other origin":         {"form-action 'self' " + idp, elsewhere, false},
		"none":                              {"form-action 'none'", "/end", true},
		"self does not let elsewhere first": {"form-action 'self'", idp + "/end", true},
	} {
		t.Run(name, func(t *testing.T) {
			b := open(t, app+"/a?Content-Security-Policy="+strings.NewReplacer(";", "%3B", " ", "+").Replace(c.policy)+"&form="+c.to)
			err := b.Click("Go")
			if c.blocked {
				require.ErrorContains(t, err, "form-action")
				return
			}
			require.NoError(t, err)
			require.NoError(t, b.Follow(idp+"/on"), "the policy ends with its page")
		})
	}
}

func TestAFetchIsBoundToItsOrigin(t *testing.T) {
	b := open(t, app+"/a?set=a%3D1%3BSameSite%3DNone%3BSecure")
	a, err := b.Fetch(http.MethodGet, "/api", "")
	require.NoError(t, err)
	require.Contains(t, a.Body, `site=same-origin mode=cors dest=empty user="" purpose="" accept="*/*"`)
	require.Contains(t, a.Body, `origin="" referer="`+app)
	require.Contains(t, a.Body, `cookie="a=1"`)

	a, err = b.Fetch(http.MethodPost, "/x?status=307&to=/api", `{"a":1}`)
	require.NoError(t, err)
	require.Contains(t, a.Body, `POST app.example.com/api type="text/plain;charset=UTF-8" body="{\"a\":1}"`)
	require.Contains(t, a.Body, `origin="`+app+`"`)
	require.True(t, a.Redirected)
	require.Equal(t, app+"/api", a.URL)

	_, err = b.Fetch(http.MethodGet, idp+"/api", "")
	require.ErrorContains(t, err, "blocked")
	_, err = b.Fetch(http.MethodGet, "/x?to="+idp+"/authorize", "")
	require.ErrorContains(t, err, "blocked", "a fetch cannot sign in by redirect")

	other := open(t, idp+"/a?set=i%3D1%3BSameSite%3DNone%3BSecure")
	a, err = other.Fetch(http.MethodGet, app+"/api?Access-Control-Allow-Origin=*&set=c%3D1%3BSameSite%3DNone%3BSecure", "")
	require.NoError(t, err)
	require.Contains(t, a.Body, `origin="`+idp+`" referer="`+idp+`/" cookie=""`, "no cookies without credentials: include")
	require.Len(t, other.Cookies(), 1, "and none kept")
	require.Equal(t, idp+"/a", strings.Split(other.URL(), "?")[0], "the page stays")
}

func TestImagesAndPrefetchesSayWhatTheyAre(t *testing.T) {
	b := open(t, app+"/?set=lax%3D1&set=none%3D1%3BSameSite%3DNone%3BSecure")
	a, err := b.LoadImage("/i.png")
	require.NoError(t, err)
	require.Contains(t, a.Body, "site=same-origin mode=no-cors dest=image")
	require.Contains(t, a.Body, `cookie="lax=1; none=1"`)
	require.NoError(t, b.Navigate(idp))
	a, err = b.LoadImage(app + "/i.png")
	require.NoError(t, err)
	require.Contains(t, a.Body, "site=cross-site mode=no-cors dest=image")
	require.Contains(t, a.Body, `cookie="none=1"`, "a foreign page's image takes no Lax cookie")
	a, err = b.Prefetch("/next")
	require.NoError(t, err)
	require.Contains(t, a.Body, `mode=navigate dest=document user="" purpose="prefetch"`)
}

func TestACrossSitePostTakesNoLaxCookies(t *testing.T) {
	b := open(t, app+"/?set=lax%3D1&set=none%3D1%3BSameSite%3DNone%3BSecure")
	require.NoError(t, b.Navigate(idp+"/a?form="+strings.NewReplacer(":", "%3A", "/", "%2F").Replace(app+"/end")))
	require.NoError(t, b.Click("Go"))
	require.Contains(t, b.Body(), `cookie="none=1"`)
}

func TestTabsShareCookiesAndNothingElse(t *testing.T) {
	b := open(t, app+"/a?set=a%3D1&set=b%3D1%3BHttpOnly")
	tab := b.NewTab()
	require.Empty(t, tab.URL())
	require.NoError(t, tab.Navigate(app+"/b"))
	require.Contains(t, tab.Body(), `cookie="a=1; b=1"`)
	require.Equal(t, "a=1", tab.ScriptCookies())
	tab.SetScriptCookie("c=1")
	require.Equal(t, app+"/a", strings.Split(b.URL(), "?")[0])
	require.Len(t, b.Cookies(), 3)
	require.Equal(t, 1, b.DropCookies("a"))
}

func TestALoopIsNamed(t *testing.T) {
	b := open(t, app)
	err := b.Navigate(app + "/loop?to=/loop?to=/loop")
	require.NoError(t, err, "two redirects are no loop")
	b.shared.hosts["app.example.com"] = http.RedirectHandler("/again", http.StatusFound)
	err = b.Navigate(app + "/start")
	require.ErrorContains(t, err, "more than 20 redirects")
	require.ErrorContains(t, err, "GET "+app+"/again: 302")
	require.Len(t, b.History(), 21)
	require.Equal(t, app+"/loop", strings.Split(b.URL(), "?")[0], "the old page stays")
}

func TestWhatCannotBeReachedIsAnError(t *testing.T) {
	b := open(t, app)
	require.ErrorContains(t, b.Navigate("https://nowhere.example.com/"), "no such host")
	require.ErrorContains(t, b.Navigate("mailto:x@example.com"), "no web address")
	require.ErrorContains(t, b.Navigate(app+"/?to=javascript:alert(1)"), "no web address")
	require.ErrorContains(t, b.Click("nothing"), "nothing on")
	require.ErrorContains(t, b.SubmitForm(map[string]string{"x": "y"}), "no form")
	require.ErrorContains(t, b.NewTab().Reload(), "no page")
	_, err := b.NewTab().Fetch(http.MethodGet, app, "")
	require.ErrorContains(t, err, "no page")
	b.shared.hosts["app.example.com"] = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	require.ErrorContains(t, b.Navigate(app), "without an answer")
}

func TestPagesAreReadLeniently(t *testing.T) {
	p := parsePage(`<TITLE> A &amp;
	B </TITLE><!-- <a href=no>no</a> --><script>"<a href=no>no</a>"</script>
	<a href="/x?a=1&amp;b=2" title=">">Go <i>on</i></a><a name=x>no link</a><input name=outside>
	<FORM ACTION='/do' METHOD=Post><input type=hidden name=a value=1><input type=submit value=Send>
	<button type=button>Not me</button><textarea name=t>some text</textarea></FORM><input name=after>`)
	require.Equal(t, htmlPage{
		title: "A & B",
		links: []link{{"Go on", "/x?a=1&b=2"}},
		forms: []form{{"/do", "POST", []field{
			{name: "a", value: "1"},
			{value: "Send", text: "Send", button: true},
			{text: "Not me"},
			{name: "t", value: "some text"},
		}}},
	}, p)
}

func FuzzParsePage(f *testing.F) {
	f.Add(`<form><button name=a value="b">c</button></form><a href='/'>x</a><title>t</title>`)
	f.Add(`<form <input name=">" <!-- <a href=`)
	f.Fuzz(func(_ *testing.T, body string) {
		for _, form := range parsePage(body).forms {
			form.fill(map[string]string{"a": "b"})
		}
	})
}
