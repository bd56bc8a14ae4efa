package edgeauth_test

import (
	"html"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/internal/devidp"
	"github.com/stretchr/testify/require"
)

func modes(t *testing.T, story func(t *testing.T, w *world)) {
	t.Run("sealed", func(t *testing.T) { story(t, newWorld(t, nil)) })
	t.Run("tokens", func(t *testing.T) { story(t, newWorld(t, tokensMode)) })
}

func TestAPersonSignsInAndGetsThrough(t *testing.T) {
	modes(t, func(t *testing.T, w *world) {
		d := w.get("/reports/q1?page=2")
		require.Equal(t, edgeauth.Redirect, d.Action)
		require.Equal(t, http.StatusFound, d.Status)
		require.Equal(t, "no_session", edgeauth.Code(d.Reason))
		u, err := url.Parse(d.Location)
		require.NoError(t, err)
		q := u.Query()
		require.Equal(t, "S256", q.Get("code_challenge_method"))
		require.Len(t, q.Get("code_challenge"), 43)
		require.NotEmpty(t, q.Get("state"))
		require.NotEmpty(t, q.Get("nonce"))
		require.Contains(t, q.Get("scope"), "openid")
		require.Equal(t, appURL+"/.auth/callback", q.Get("redirect_uri"))

		d = w.get(w.atProvider(d.Location, "alice"))
		require.Equal(t, "signed_in", edgeauth.Code(d.Reason), "%v", d.Reason)
		require.Equal(t, appURL+"/reports/q1?page=2", d.Location, "the deep link comes back with its query")

		d = w.get("/reports/q1?page=2")
		require.Equal(t, edgeauth.Allow, d.Action, "%v", d.Reason)
		require.Equal(t, "alice", d.Identity.Subject())
		require.Equal(t, idpURL, d.Identity.Issuer())
		require.Empty(t, d.Forward.Cookie, "own cookies do not go on")
		for name := range w.Jar {
			require.NotContains(t, name, "-s-", "the attempt's cookie is gone")
		}
	})
}

func TestAScriptIsToldAndNotRedirected(t *testing.T) {
	modes(t, func(t *testing.T, w *world) {
		d := w.fetch("/data.json")
		require.Equal(t, edgeauth.Deny, d.Action)
		require.Equal(t, http.StatusUnauthorized, d.Status)
		require.JSONEq(t, `{"error":"sign_in_required","message":"Sign in to go on.","login":"/.auth/login","reference":"ref-1"}`, string(d.Body))
		require.Empty(t, d.Cookies, "no sign-in was started")
		require.Empty(t, d.Header.Get("Access-Control-Allow-Origin"))
	})
}

func TestTwoTabsSignInAtOnce(t *testing.T) {
	modes(t, func(t *testing.T, w *world) {
		one, two := w.get("/one"), w.get("/two")
		back1, back2 := w.atProvider(one.Location, "alice"), w.atProvider(two.Location, "alice")
		require.Equal(t, appURL+"/two", w.get(back2).Location)
		require.Equal(t, appURL+"/one", w.get(back1).Location)
		require.Equal(t, edgeauth.Allow, w.get("/one").Action)
	})
}

func TestASessionIsRenewedOnceItsEvidenceIsOver(t *testing.T) {
	modes(t, func(t *testing.T, w *world) {
		for _, carry := range []bool{true, false} {
			w.Jar = map[string]string{}
			w.CookiesOnAllow = carry
			w.signedIn("alice", "/")
			before := w.IdP.Calls(devidp.Token)
			w.Wait(62 * time.Minute)
			d := w.fetch("/data.json")
			if !carry {
				require.Equal(t, http.StatusTemporaryRedirect, d.Status, "%v", d.Reason)
				require.Equal(t, appURL+"/data.json", d.Location)
				d = w.fetch("/data.json")
			} else {
				require.Equal(t, "private, no-store", d.Header.Get("Cache-Control"))
			}
			require.Equal(t, edgeauth.Allow, d.Action, "%v", d.Reason)
			require.Equal(t, 1, w.IdP.Calls(devidp.Token)-before)
		}
	})
}

func TestAnAttemptFitsTheCookieThatBrowsersKeep(t *testing.T) { // RFC 6265bis, 5.6
	for _, unit := range []string{"&", "a=1&", "<>\"", "ü", "+", "%26", "'"} {
		t.Run(unit, func(t *testing.T) {
			modes(t, func(t *testing.T, w *world) {
				d := w.get("/page?" + strings.Repeat(unit, 2000/len(unit)))
				attempt := d.Cookies[0]
				require.LessOrEqual(t, len(attempt.Name)+len(attempt.Value), 4096)
				require.NoError(t, attempt.Valid())
			})
		})
	}
	modes(t, func(t *testing.T, w *world) {
		long := "/page?" + strings.Repeat("a=1&", 500)
		w.signedIn("alice", long)
	})
}

func TestABrowserThatKeepsAttemptsButNoSessionIsToldSoon(t *testing.T) {
	for _, carry := range []bool{true, false} {
		modes(t, func(t *testing.T, w *world) {
			w.CookiesOnAllow, w.drops = carry, func(name string) bool { return name == w.session() || strings.HasSuffix(name, "-r") }
			d := w.follow("alice", "/deep")
			require.Equal(t, http.StatusBadRequest, d.Status)
			require.Contains(t, string(d.Body), "does not keep the sign-in")
			require.Equal(t, 3, w.IdP.Calls(devidp.Token), "sign-ins")
			require.Zero(t, w.tokenCalls(func() { w.get("/") }), "and it stays at that")

			w.drops = nil // cookies are allowed now
			require.Equal(t, edgeauth.Allow, w.follow("alice", "/.auth/login?return=%2Fdeep").Action, "the page's button")
			w.Jar, w.drops = map[string]string{}, nil
			require.Equal(t, edgeauth.Allow, w.follow("alice", "/deep").Action)
		})
	}
}

func TestABrowserThatDropsItsSessionIsForgivenAfterAMinute(t *testing.T) {
	w := newWorld(t, nil)
	w.drops = func(name string) bool { return name == w.session() }
	w.follow("alice", "/")
	w.drops = nil
	for name := range w.Jar { // as the browser does at its Max-Age
		if strings.HasSuffix(name, "-f") {
			delete(w.Jar, name)
		}
	}
	require.Equal(t, edgeauth.Allow, w.follow("alice", "/").Action)
}

func TestWhoSignsOutAndInAgainIsNotTakenForABrowserWithoutCookies(t *testing.T) {
	modes(t, func(t *testing.T, w *world) {
		for range 8 {
			require.Equal(t, edgeauth.Allow, w.follow("alice", "/").Action)
			w.Header = map[string]string{"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
			require.Equal(t, "signed_out", edgeauth.Code(w.do(http.MethodPost, "/.auth/logout").Reason))
			w.Header = nil
		}
		var tabs []string
		for range 5 {
			tabs = append(tabs, w.atProvider(w.get("/").Location, "alice"))
		}
		for _, tab := range tabs {
			require.Equal(t, "signed_in", w.code(tab))
		}
		require.Equal(t, edgeauth.Allow, w.get("/").Action)
	})
}

func TestAReturnTargetLeadsNowhereElseThroughDotSegments(t *testing.T) {
	w := newWorld(t, nil)
	for _, target := range []string{
		"/.auth/x/../logout", "/.auth/%2e/logout", "/x/%2e%2e/.auth/login", "/x/%2E%2e/.auth/logout", "/x/.%2E/.auth/logout", "/.//evil.example",
		"/..//evil.example/", "/%2e//evil.example", "/%2e%2e//evil.example", "/%2E%2E//evil.example", "/x/.%2E//evil.example", "/./\\evil.example", "/x/..", "/x/%2e%2e", "/%2e%2e/%zz",
	} {
		d := w.get("/.auth/login?return=" + url.QueryEscape(target))
		require.Equal(t, appURL+"/", w.get(w.atProvider(d.Location, "alice")).Location, target)
	}
	for _, target := range []string{"/a.b/..c/d..", "/x?next=/../y&z=%2e%2e", "/.well-known/x"} {
		d := w.get("/.auth/login?return=" + url.QueryEscape(target))
		require.Equal(t, appURL+target, w.get(w.atProvider(d.Location, "alice")).Location)
	}
}

// A service worker hands a navigation on by fetch(event.request), which browsers send with other Fetch Metadata than the
// navigation itself.
func TestAPageByWayOfAServiceWorkerIsANavigation(t *testing.T) {
	const html = "text/html,application/xhtml+xml,*/*;q=0.8"
	for browser, header := range map[string]map[string]string{
		"chromium and webkit": {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "empty", "Sec-Fetch-Site": "same-origin", "Accept": html},
		"firefox":             {"Sec-Fetch-Mode": "same-origin", "Sec-Fetch-Dest": "empty", "Sec-Fetch-Site": "same-origin", "Accept": html},
	} {
		t.Run(browser, func(t *testing.T) {
			modes(t, func(t *testing.T, w *world) {
				w.Header = header
				for _, target := range []string{"/", "/.auth/login?return=/a"} {
					d := w.do(http.MethodGet, target)
					require.Equal(t, edgeauth.Redirect, d.Action, target)
					require.True(t, strings.HasPrefix(d.Location, idpURL), target)
				}
				w.signedIn("alice", "/a")
				w.Header = header
				d := w.do(http.MethodGet, "/.auth/logout")
				require.Equal(t, "confirm_logout", edgeauth.Code(d.Reason), "the link to sign out, of which nobody knows whose it is")
				require.Contains(t, string(d.Body), "<form", "and it is a page")
			})
		})
	}
}

func TestARefusalWithoutARedirectSaysHowToSignIn(t *testing.T) {
	const challenge = `Cookie realm="sign-in"`
	for _, test := range []struct {
		what           string
		header         map[string]string
		target         string
		page, location string
	}{
		{"a script", map[string]string{"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty", "Accept": "*/*"}, "/x", "", ""},
		{"the session path", map[string]string{"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty", "Accept": "*/*"}, "/.auth/session", "", ""},
		{"a script that takes pages", map[string]string{"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty", "Accept": "text/html"}, "/x?y=1", "/.auth/login?return=%2Fx%3Fy%3D1", ""},
		{"an object", map[string]string{"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "object", "Accept": "text/html"}, "/x", "/.auth/login?return=%2Fx", ""},
		{"a script at the login path", map[string]string{"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty", "Accept": "text/html"}, "/.auth/login?return=/a", "/.auth/login?return=%2Fa", ""},
		{"htmx", map[string]string{"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty", "Accept": "*/*", "HX-Request": "true", "HX-Current-URL": appURL + "/list?page=2"},
			"/row/7", "", "/.auth/login?return=%2Flist%3Fpage%3D2"},
		{"htmx of a page that says who sent it", map[string]string{"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty", "Accept": "*/*", "HX-Request": "true", "Referer": appURL + "/list"},
			"/row/7", "", "/.auth/login?return=%2Flist"},
		{"htmx of another site", map[string]string{"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty", "Accept": "*/*", "HX-Request": "true", "HX-Current-URL": "https://evil.example/list"},
			"/row/7", "", "/.auth/login"},
	} {
		t.Run(test.what, func(t *testing.T) {
			w := newWorld(t, nil)
			w.Header = test.header
			d := w.do(http.MethodGet, test.target)
			require.Equal(t, http.StatusUnauthorized, d.Status)
			require.Equal(t, challenge, d.Header.Get("WWW-Authenticate"), "RFC 9110, 15.5.2; no browser asks for a password")
			require.Equal(t, test.location, d.Header.Get("HX-Redirect"))
			require.Empty(t, d.Cookies)
			if test.page == "" {
				require.Equal(t, "application/json", d.Header.Get("Content-Type"))
				return
			}
			require.Equal(t, "text/html; charset=utf-8", d.Header.Get("Content-Type"))
			require.Contains(t, string(d.Body), `href="`+test.page+`"`)
		})
	}
}

// Only the browser knows the fragment of its address, so a page of ours starts the sign-in.
func TestADeepLinkKeepsItsFragment(t *testing.T) {
	with(t, func(c *edgeauth.Config, _ *devidp.Options) { c.SignIn.KeepFragment = true }, func(t *testing.T, w *world) {
		d := w.get("/app?x=1")
		require.Equal(t, http.StatusUnauthorized, d.Status)
		require.Equal(t, "no_session", edgeauth.Code(d.Reason))
		require.Empty(t, d.Cookies, "nothing has begun yet")
		require.NotEmpty(t, d.Header.Get("WWW-Authenticate"))
		require.Contains(t, d.Header.Get("Content-Security-Policy"), "script-src 'sha256-")
		body := string(d.Body)
		const next = "/.auth/login?return=%2Fapp%3Fx%3D1"
		require.Contains(t, body, `data-next="`+next+`"`)
		require.Contains(t, body, `href="`+next+`"`, "for who has no scripts")

		d = w.get(next + url.QueryEscape("#/route?a=b#c")) // as the script does
		require.Equal(t, appURL+"/app?x=1#/route?a=b#c", w.get(w.atProvider(d.Location, "alice")).Location)
		require.Equal(t, edgeauth.Allow, w.get("/app?x=1").Action)

		w.Jar = map[string]string{}
		require.Equal(t, edgeauth.Redirect, w.do(http.MethodPost, "/app").Action, "a form has sent no fragment")
		require.Equal(t, "application/json", w.fetch("/app").Header.Get("Content-Type"))
	})
}

// framed is how a browser asks for a page in a frame of another site.
var framed = map[string]string{"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe", "Sec-Fetch-Site": "cross-site", "Accept": "text/html"}

// asks sends a page's request with headers in the place of those of a plain navigation.
func (w *world) asks(header map[string]string, target string) edgeauth.Decision {
	before := w.Header
	w.Header = header
	defer func() { w.Header = before }()
	return w.get(target)
}

func TestASignInInAFrameGetsAWindowOfItsOwn(t *testing.T) {
	modes(t, func(t *testing.T, w *world) {
		for _, target := range []string{"/deep?x=1", "/.auth/login?return=/deep%3Fx=1"} {
			for _, dest := range []string{"iframe", "frame"} {
				for _, site := range []string{"cross-site", "same-site"} {
					header := maps.Clone(framed)
					header["Sec-Fetch-Dest"], header["Sec-Fetch-Site"] = dest, site
					d := w.asks(header, target)
					require.Equal(t, http.StatusUnauthorized, d.Status, "%s %s %s", target, dest, site)
					require.Empty(t, d.Cookies, "no sign-in has begun")
					body, policy := string(d.Body), d.Header.Get("Content-Security-Policy")
					require.Contains(t, body, `<base target="_blank">`)
					require.Contains(t, body, `href="/.auth/login?return=`+html.EscapeString(url.QueryEscape("/deep?x=1"))+`"`)
					require.Contains(t, body, `data-next="/.auth/session"`)
					require.Contains(t, policy, "frame-ancestors *")
					require.Contains(t, policy, "script-src 'sha256-")
					require.NotContains(t, policy, "unsafe")
				}
			}
		}
		header := maps.Clone(framed)
		header["Sec-Fetch-Site"] = "same-origin"
		require.Equal(t, edgeauth.Redirect, w.asks(header, "/").Action, "the site's own frame is the site's own affair")
		w.signedIn("alice", "/")
		require.Equal(t, edgeauth.Allow, w.asks(framed, "/").Action, "with a session it is a page as any other")
	})
}

func TestASiteThatIsEmbeddedOnPurposeSignsInInItsFrame(t *testing.T) {
	with(t, func(c *edgeauth.Config, _ *devidp.Options) { c.Cookie.Partitioned = true }, func(t *testing.T, w *world) {
		partitioned := func(d edgeauth.Decision) {
			t.Helper()
			require.NotEmpty(t, d.Cookies)
			for _, c := range d.Cookies {
				require.True(t, c.Partitioned && c.Secure && c.SameSite == http.SameSiteNoneMode, c.String())
			}
		}
		d := w.asks(framed, "/deep")
		require.Equal(t, edgeauth.Redirect, d.Action)
		partitioned(d)
		d = w.asks(framed, w.atProvider(d.Location, "alice"))
		require.Equal(t, appURL+"/deep", d.Location)
		partitioned(d)
		require.Equal(t, edgeauth.Allow, w.asks(framed, "/deep").Action)
		partitioned(w.signOut())
	})
}

// Such a program follows redirects itself, and hands the last address to a browser that has no cookie of it.
func TestAProgramThatLooksBehindALinkGetsTheAddressAlone(t *testing.T) {
	const chrome = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36"
	modes(t, func(t *testing.T, w *world) {
		for agent, previews := range map[string]bool{
			"Mozilla/4.0 (compatible; ms-office; MSOffice 16)":                                                true,
			"Microsoft Office Excel 2014 (16.0.17328) Windows NT 10.0":                                        true,
			"Microsoft Office Existence Discovery":                                                            true,
			"Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)":                                      true,
			"Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp)":                                   true,
			"TelegramBot (like TwitterBot)":                                                                   true,
			"WhatsApp/2.23.20.0":                                                                              true,
			"facebookexternalhit/1.1":                                                                         true,
			"Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5 skype-url-preview@microsoft.com": true,
			chrome: false,
			chrome + " Edg/143.0.0.0 Teams/24124.2315.2911.3357":                                                     false,
			"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile": false,
			"": false,
		} {
			for _, target := range []string{"/report?x=1&y=2", "/.auth/login?return=/report"} {
				d := w.asks(map[string]string{"Accept": "text/html, */*", "User-Agent": agent}, target)
				if !previews {
					require.Equal(t, edgeauth.Redirect, d.Action, agent)
					continue
				}
				require.Equal(t, "link_preview", edgeauth.Code(d.Reason), agent)
				require.Equal(t, http.StatusOK, d.Status)
				require.Empty(t, d.Cookies, "no sign-in has begun")
				require.Empty(t, d.Location)
				require.Contains(t, string(d.Body), ">"+html.EscapeString(appURL+target)+"</a>")
			}
		}
		late := w.asks(map[string]string{"Accept": "text/html", "User-Agent": "Slackbot-LinkExpanding 1.0"}, "/.auth/callback?code=the-code&state=AAAAAAAAAAAAAAAAAAAAAA.1")
		require.Equal(t, "link_preview", edgeauth.Code(late.Reason))
		require.NotContains(t, string(late.Body), "the-code", "a callback is for one browser alone")
		require.Contains(t, string(late.Body), `href="/"`)
		inside := maps.Clone(navigation) // the browser that such a program has in itself
		inside["User-Agent"] = chrome + " Rocket.Chat/4.1.0"
		require.Equal(t, edgeauth.Redirect, w.asks(inside, "/").Action)
		w.signedIn("alice", "/")
		require.Equal(t, edgeauth.Allow, w.asks(map[string]string{"Accept": "text/html", "User-Agent": "ms-office"}, "/").Action)
	})
}

func TestAProviderMayStartASignIn(t *testing.T) { // OIDC Core 4
	modes(t, func(t *testing.T, w *world) {
		initiated := func(iss, target string) edgeauth.Decision {
			header := maps.Clone(navigation)
			header["Sec-Fetch-Site"] = "cross-site"
			return w.asks(header, "/.auth/login?"+url.Values{"iss": {iss}, "target_link_uri": {target}, "login_hint": {"alice"}}.Encode())
		}
		for target, want := range map[string]string{
			appURL + "/deep?x=1#y": "/deep?x=1#y", "": "/", "https://evil.example/": "/", appURL + ".evil.example/": "/", "//evil.example/": "/", appURL + "/.auth/logout": "/",
		} {
			d := initiated(idpURL, target)
			require.Equal(t, "login_started", edgeauth.Code(d.Reason), target)
			require.NotContains(t, d.Location, "login_hint", "nobody has allowed it")
			require.Equal(t, appURL+want, w.get(w.atProvider(d.Location, "alice")).Location, target)
		}
		for _, iss := range []string{"https://evil.example", idpURL + "/", idpURL + "/x", strings.ToUpper(idpURL)} {
			d := initiated(iss, appURL+"/deep")
			require.Equal(t, "bad_request", edgeauth.Code(d.Reason), iss)
			require.Empty(t, d.Location)
			require.Empty(t, d.Cookies)
		}
	})
}

func TestOnlyHintsThatTheSiteAllowsGoOn(t *testing.T) {
	with(t, func(c *edgeauth.Config, _ *devidp.Options) {
		c.SignIn.Hints = []string{"login_hint", "domain_hint", "ui_locales"}
		c.AuthorizeParams = map[string]string{"domain_hint": "of-the-site", "ui_locales": "en"}
	}, func(t *testing.T, w *world) {
		sent := func(target string) url.Values {
			u, err := url.Parse(w.get(target).Location)
			require.NoError(t, err)
			return u.Query()
		}
		q := sent("/.auth/login?login_hint=ada%40example.com&domain_hint=theirs&connection=x&client_id=other&state=mine&prompt=none&redirect_uri=https%3A%2F%2Fevil.example")
		require.Equal(t, []string{"ada@example.com"}, q["login_hint"])
		require.Equal(t, []string{"theirs"}, q["domain_hint"], "in the place of the site's own")
		require.Equal(t, []string{"en"}, q["ui_locales"])
		require.Equal(t, []string{"site"}, q["client_id"])
		require.Equal(t, []string{appURL + "/.auth/callback"}, q["redirect_uri"])
		require.NotEqual(t, "mine", q.Get("state"))
		for _, name := range []string{"connection", "prompt"} {
			require.Empty(t, q[name], name)
		}
		require.Empty(t, sent("/page?login_hint=ada")["login_hint"], "a page's own parameters are its own")
		require.Empty(t, sent("/.auth/login?login_hint=" + strings.Repeat("x", 257))["login_hint"])
		require.Equal(t, "de fr", sent("/.auth/login?ui_locales=de+fr").Get("ui_locales"))
	})
}

func TestPagesAreNotToBeHadByTheBackButtonAfterASignOut(t *testing.T) {
	modes(t, func(t *testing.T, w *world) {
		w.signedIn("alice", "/")
		for _, d := range []edgeauth.Decision{w.signOut(), w.get("/.auth/signed-out")} {
			require.Equal(t, `"cache"`, d.Header.Get("Clear-Site-Data"))
		}
		require.Empty(t, w.get("/").Header.Get("Clear-Site-Data"))
	})
}
