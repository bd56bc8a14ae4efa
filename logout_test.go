package edgeauth_test

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/internal/devidp"
	"github.com/edgeauth/edgeauth/internal/devsite"
	"github.com/edgeauth/edgeauth/provider"
	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"
)

// own are the headers of a navigation from a page of the site.
var own = map[string]string{"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Sec-Fetch-Site": "same-origin"}

// signOut is the logout by a button of the site's own page.
func (w *world) signOut() edgeauth.Decision {
	w.Header = own
	defer func() { w.Header = nil }()
	return w.do(http.MethodPost, "/.auth/logout")
}

// mark is the name of the cookie that remembers a sign-out.
func (w *world) mark() string {
	for name := range w.Jar {
		if strings.HasSuffix(name, "-o") {
			return name
		}
	}
	return ""
}

func TestALogoutNeedsASignOfTheSite(t *testing.T) { // L02
	fetch := func(mode, dest, site string) map[string]string {
		return map[string]string{"Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": dest, "Sec-Fetch-Site": site, "Accept": "text/html"}
	}
	for _, test := range []struct {
		rule, method string
		header       map[string]string
		over         bool
	}{
		{"a form of the site", "POST", fetch("navigate", "document", "same-origin"), true},
		{"a script of the site", "POST", fetch("cors", "empty", "same-origin"), true},
		{"a link of the site", "GET", fetch("navigate", "document", "same-origin"), true},
		{"an old browser's form of the site", "POST", map[string]string{"Origin": appURL}, true},
		{"an older browser's form of the site", "POST", map[string]string{"Referer": appURL + "/a"}, true},
		{"an old browser's link of the site", "GET", map[string]string{"Referer": appURL + "/a", "Accept": "text/html"}, true},

		{"a form of another site", "POST", fetch("navigate", "document", "cross-site"), false},
		{"a form of a sibling", "POST", fetch("navigate", "document", "same-site"), false},
		{"a script of another site", "POST", fetch("no-cors", "empty", "cross-site"), false},
		{"an image of another site", "GET", fetch("no-cors", "image", "cross-site"), false},
		{"an image of the site", "GET", fetch("no-cors", "image", "same-origin"), false},
		{"a script of the site by GET", "GET", fetch("cors", "empty", "same-origin"), false},
		{"a prefetch of the site", "GET", map[string]string{"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Sec-Fetch-Site": "same-origin", "Sec-Purpose": "prefetch"}, false},
		{"a link of another site", "GET", fetch("navigate", "document", "cross-site"), false},
		{"an address that was typed", "GET", fetch("navigate", "document", "none"), false},
		{"an old browser's form of another site", "POST", map[string]string{"Origin": "https://evil.example"}, false},
		{"a form without origin", "POST", map[string]string{"Origin": "null"}, false},
		{"an origin that only begins alike", "POST", map[string]string{"Origin": appURL + ".evil.example"}, false},
		{"http", "POST", map[string]string{"Origin": "http://" + appHost}, false},
		{"another port", "POST", map[string]string{"Origin": appURL + ":8443"}, false},
		{"a referer that only begins alike", "POST", map[string]string{"Referer": appURL + ".evil.example/"}, false},
		{"no word about the sender", "POST", map[string]string{}, false},
		{"no word about the sender of a link", "GET", map[string]string{"Accept": "text/html"}, false},
	} {
		t.Run(test.rule, func(t *testing.T) {
			modes(t, func(t *testing.T, w *world) {
				w.signedIn("alice", "/")
				w.Header = test.header
				d := w.do(test.method, "/.auth/logout")
				w.Header = nil
				if test.over {
					require.Equal(t, "signed_out", edgeauth.Code(d.Reason))
					require.Equal(t, http.StatusSeeOther, d.Status)
					require.Empty(t, w.session())
					return
				}
				require.Equal(t, "confirm_logout", edgeauth.Code(d.Reason))
				require.Equal(t, http.StatusOK, d.Status)
				require.Empty(t, d.Cookies)
				require.Equal(t, edgeauth.Allow, w.get("/").Action)
			})
		})
	}
}

// A worker's answer to a navigation asks in its own name. Firefox and WebKit then say so in headers that are about the sender.
func TestASignOutByWayOfAServiceWorkerIsOfThisSitesPages(t *testing.T) {
	handedOn := func(mode, site, origin, referer string) map[string]string {
		return map[string]string{
			"Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": "empty", "Sec-Fetch-Site": site, "Origin": origin, "Referer": referer, "Accept": "text/html,*/*;q=0.8",
		}
	}
	with := func(w *world, header map[string]string, method, target string) edgeauth.Decision {
		w.Header = header
		defer func() { w.Header = nil }()
		return w.do(method, target)
	}
	const evil = "https://evil.example"
	for _, test := range []struct {
		rule, method string
		header       map[string]string
	}{
		{"Chromium, a link of another site", "GET", handedOn("navigate", "cross-site", "", evil+"/")},
		{"Chromium, a form of another site", "POST", handedOn("navigate", "cross-site", evil, evil+"/")},
		{"WebKit, a link of another site", "GET", handedOn("navigate", "same-origin", "", appURL+"/worker.js")},
		{"WebKit, a form of another site", "POST", handedOn("navigate", "same-origin", evil, evil+"/")},
		{"WebKit, a form of another site that names no Referer", "POST", handedOn("navigate", "same-origin", appURL, appURL+"/worker.js")},
		{"Firefox, a link of another site", "GET", handedOn("same-origin", "same-origin", "", evil+"/")},
		{"Firefox, a link of another site that names no Referer", "GET", handedOn("same-origin", "same-origin", "", "")},
		{"Firefox, a form of another site", "POST", handedOn("same-origin", "same-origin", appURL, evil+"/")},
		{"a link of this site, which looks the same", "GET", handedOn("navigate", "same-origin", "", appURL+"/a")},
		{"a form of this site, which looks the same", "POST", handedOn("navigate", "same-origin", appURL, appURL+"/a")},
	} {
		t.Run(test.rule, func(t *testing.T) {
			modes(t, func(t *testing.T, w *world) {
				w.signedIn("alice", "/")
				d := with(w, test.header, test.method, "/.auth/logout")
				require.Equal(t, "confirm_logout", edgeauth.Code(d.Reason))
				require.Empty(t, d.Cookies)
				button := regexp.MustCompile(`action="([^"]+)"`).FindSubmatch(d.Body)
				require.NotNil(t, button)

				stranger := newWorld(t, nil)
				stranger.signedIn("alice", "/")
				d = with(stranger, test.header, "POST", string(button[1]))
				require.Equal(t, "confirm_logout", edgeauth.Code(d.Reason), "the button of one is no button of another")

				d = with(w, handedOn("navigate", "same-origin", appURL, appURL+"/.auth/logout"), "POST", string(button[1]))
				require.Equal(t, "signed_out", edgeauth.Code(d.Reason), "the button")
				d = with(w, handedOn("navigate", "same-origin", appURL, appURL+"/.auth/logout"), "POST", string(button[1]))
				require.Equal(t, "signed_out_page", edgeauth.Code(d.Reason), "there is nobody to sign out")
				require.Empty(t, d.Cookies)
			})
		})
	}
}

func TestTheConfirmationIsOneButton(t *testing.T) {
	w := newWorld(t, nil)
	body := string(w.get("/.auth/logout").Body)
	require.Contains(t, body, `<form method="post" action="/.auth/logout"><button class="go">Sign out</button></form>`)
	require.NotContains(t, body, "<script")
}

func TestOnlyTheLogoutPathItselfLogsOut(t *testing.T) { // B23
	w := newWorld(t, nil)
	w.signedIn("alice", "/")
	w.Header = own
	for _, path := range []string{"/.auth/logout/", "/.auth/logoutput/report.html", "/.auth/logout.html", "/.auth/LOGOUT", "/a/.auth/logout", "/.auth//logout", "/.auth/./logout", "/.auth/x/../logout"} {
		d := w.do(http.MethodPost, path)
		require.NotEqual(t, "signed_out", edgeauth.Code(d.Reason), path)
	}
	require.NotEmpty(t, w.session())
	require.Equal(t, http.StatusMethodNotAllowed, w.do(http.MethodDelete, "/.auth/logout").Status)
}

// oidcc-client-test-rp-init-logout
func TestALogoutEndsTheSessionHereThenThereAndComesBack(t *testing.T) {
	modes(t, func(t *testing.T, w *world) {
		w.signedIn("alice", "/")
		d := w.signOut()
		require.Equal(t, 1, w.IdP.Calls(devidp.Revoke), "the refresh token is withdrawn")
		u, err := url.Parse(d.Location)
		require.NoError(t, err)
		require.Equal(t, idpURL+"/logout", u.Scheme+"://"+u.Host+u.Path)
		require.Equal(t, url.Values{"client_id": {"site"}, "post_logout_redirect_uri": {appURL + "/.auth/signed-out"}}, u.Query(), "and no token")
		for _, c := range d.Cookies {
			require.Equal(t, c.Name != w.mark(), c.MaxAge < 0)
			require.Equal(t, "/", c.Path)
		}
		require.Equal(t, []string{w.mark()}, slices.Collect(maps.Keys(w.Jar)), "nothing is left but the mark of the sign-out")

		d = w.get("/.auth/signed-out")
		require.Equal(t, http.StatusOK, d.Status)
		require.Contains(t, string(d.Body), "You are signed out")
		w.needsSignIn("no_session")
	})
}

// oidcc-client-test-rp-init-logout-other-state
func TestTheSignedOutPageTakesNoParameter(t *testing.T) { // L01
	w := newWorld(t, nil)
	plain := w.get("/.auth/signed-out").Body
	for _, query := range []string{"?state=x", "?returnTo=https://evil.example", "?post_logout_redirect_uri=https://evil.example", "?return=//evil.example"} {
		require.Equal(t, plain, w.get("/.auth/signed-out"+query).Body)
	}
	w.signedIn("alice", "/")
	w.Header = own
	d := w.do(http.MethodPost, "/.auth/logout?return=https://evil.example&post_logout_redirect_uri=https://evil.example&returnTo=//evil.example")
	require.NotContains(t, d.Location, "evil")
	w.Header = nil
}

func TestALogoutWorksWithAnySession(t *testing.T) { // B22, B32, B33, CVE-2024-21492
	for name, spoil := range map[string]func(w *world){
		"none at all":      func(w *world) { w.Jar = map[string]string{} },
		"garbage":          func(w *world) { w.Jar[w.session()] = "garbage" },
		"half of one":      func(w *world) { w.Jar[w.session()] = "~3~x" },
		"an empty one":     func(w *world) { w.Jar[w.session()] = "" },
		"an expired one":   func(w *world) { w.Wait(100 * time.Hour) },
		"a touched one":    func(w *world) { w.Jar[w.session()] = damaged("." + w.Jar[w.session()]) },
		"foreign cookies":  func(w *world) { w.Jar["x"] = "%FF" },
		"the provider off": func(w *world) { w.IdP.FailAll(devidp.Down()) },
		"a broken provider": func(w *world) {
			w.IdP.Fail(devidp.Revoke, devidp.HTML())
			w.IdP.Fail(devidp.Discovery, devidp.Huge(1<<20))
		},
	} {
		t.Run(name, func(t *testing.T) {
			modes(t, func(t *testing.T, w *world) {
				w.signedIn("alice", "/")
				spoil(w)
				d := w.signOut()
				require.Equal(t, "signed_out", edgeauth.Code(d.Reason), "%v", d.Reason)
				for cookie := range w.Jar {
					require.True(t, cookie == w.mark() || !strings.Contains(cookie, "edgeauth"), cookie)
				}
			})
		})
	}
}

func TestALogoutWithoutTheProviderEndsOnTheOwnPage(t *testing.T) {
	t.Run("it has no end-session endpoint", func(t *testing.T) {
		w := newWorld(t, nil)
		w.IdP.Tamper(devidp.Tamper{Discovery: func(doc map[string]any) { delete(doc, "end_session_endpoint") }})
		w.signedIn("alice", "/")
		require.Equal(t, appURL+"/.auth/signed-out", w.signOut().Location)
	})
	t.Run("it cannot be reached", func(t *testing.T) {
		w := newWorld(t, nil)
		w.IdP.FailAll(devidp.Down())
		require.Equal(t, appURL+"/.auth/signed-out", w.signOut().Location)
	})
}

func TestTheLogoutsFormIsTheProviders(t *testing.T) {
	w := newWorld(t, func(c *edgeauth.Config, o *devidp.Options) {
		c.Provider.Logout = provider.Logout{ReturnParam: "returnTo", ClientParam: "-", HintParam: "hint", Params: map[string]string{"federated": "yes"}}
		c.Provider.Mapping.LogoutHint = "email"
	})
	w.signedIn("alice", "/")
	u, err := url.Parse(w.signOut().Location)
	require.NoError(t, err)
	require.Equal(t, url.Values{"returnTo": {appURL + "/.auth/signed-out"}, "hint": {"alice@example.com"}, "federated": {"yes"}}, u.Query())
}

// The provider may have answered before the sign-out, and without asking anybody.
func TestASignInFromBeforeASignOutStartsOver(t *testing.T) {
	asks := func(c *edgeauth.Config, _ *devidp.Options) { c.Provider.SelectAccount = "select_account" }
	with(t, asks, func(t *testing.T, w *world) {
		w.signedIn("alice", "/")
		back := w.atProvider(w.get("/.auth/login?return=/deep").Location, "alice")
		w.signOut()
		again := w.get(back)
		require.Equal(t, "signed_out_before", edgeauth.Code(again.Reason))
		require.Contains(t, again.Location, "prompt=select_account", "the person is asked")
		require.Equal(t, 2, w.IdP.Calls(devidp.Revoke), "what the first one got is given back")
		require.NotEqual(t, edgeauth.Allow, w.get("/").Action)
		require.Equal(t, appURL+"/deep", w.get(w.atProvider(again.Location, "bob")).Location)
		require.Equal(t, edgeauth.Allow, w.get("/").Action)
	})
}

// An answer to a sign-in may itself be late: it must not take the mark of a later sign-out away, nor count beside it.
func TestASignInFromBetweenTwoSignOutsIsOver(t *testing.T) {
	modes(t, func(t *testing.T, w *world) {
		w.signedIn("alice", "/")
		w.signOut()
		back := w.atProvider(w.get("/").Location, "alice")
		first := maps.Clone(w.Jar)
		w.get(back)
		late := maps.Clone(w.Jar)
		w.Jar = first // its answer is still under way
		w.signedIn("alice", "/")
		w.signOut()
		mark := w.Jar[w.mark()]
		for name, value := range late {
			if name != w.mark() {
				w.Jar[name] = value
			}
		}
		require.Equal(t, mark, w.Jar[w.mark()])
		require.NotEqual(t, edgeauth.Allow, w.get("/").Action)
	})
}

func TestASignOutWithoutASessionIsRemembered(t *testing.T) {
	modes(t, func(t *testing.T, w *world) {
		back := w.atProvider(w.get("/").Location, "alice")
		before := maps.Clone(w.Jar)
		w.get(back)
		late := maps.Clone(w.Jar)
		w.Jar = before // the answer is still under way
		w.signOut()
		require.NotEmpty(t, w.mark())
		maps.Copy(w.Jar, late)
		require.NotEqual(t, edgeauth.Allow, w.get("/").Action)
		w.signedIn("alice", "/")
		require.Equal(t, edgeauth.Allow, w.get("/").Action)
	})
}

func TestTheAccountIsAskedForAfterASignOut(t *testing.T) {
	asks := func(c *edgeauth.Config, _ *devidp.Options) { c.Provider.SelectAccount = "select_account" }
	with(t, asks, func(t *testing.T, w *world) {
		prompt := func(d edgeauth.Decision) string {
			u, err := url.Parse(d.Location)
			require.NoError(t, err)
			return u.Query().Get("prompt")
		}
		require.Empty(t, prompt(w.get("/")))
		w.signedIn("alice", "/")
		w.signOut()
		require.Equal(t, "select_account", prompt(w.get("/")))
		w.signedIn("alice", "/")
		require.Empty(t, prompt(w.get("/.auth/login")), "the sign-out is history")
		w.Wait(2 * time.Hour)
		require.Empty(t, prompt(w.get("/.auth/login")), "when the session has ended too")
		w.Jar = map[string]string{w.mark(): w.Jar[w.mark()]}
		w.Wait(24 * time.Hour)
		require.Empty(t, prompt(w.get("/.auth/login")), "and for whoever comes back another day")
	})
}

func TestASessionThatWasCopiedEndsWithItsEvidence(t *testing.T) {
	modes(t, func(t *testing.T, w *world) {
		w.signedIn("alice", "/")
		thief := map[string]string{}
		for name, value := range w.Jar {
			thief[name] = value
		}
		w.signOut()
		w.Jar = thief
		w.Wait(2 * time.Hour)
		require.False(t, w.fetch("/").Action == edgeauth.Allow, "its refresh token was withdrawn")
		require.False(t, w.fetch("/").Action == edgeauth.Allow)
	})
}

func TestTheLoginPathStartsASignInToItsReturnTarget(t *testing.T) {
	modes(t, func(t *testing.T, w *world) {
		for query, want := range map[string]string{
			"?return=/deep%3Fx=1": "/deep?x=1", "": "/", "?return=": "/", "?return=https://evil.example": "/", "?return=//evil.example": "/",
			"?return=/%5Cevil.example": "/", "?return=/%09/evil.example": "/", "?return=.evil.example": "/", "?return=@evil.example": "/", // B11, B19, B50
			"?return=/app%23/route": "/app#/route", "?return=/app?x=1%23/r%23s": "/app?x=1#/r#s", "?return=/%23//evil.example": "/#//evil.example",
			"?return=" + appURL + "/a%3Fb%23c": "/a?b#c", "?return=HTTPS://App.Example.com/a": "/a", "?return=" + appURL: "/",
			"?return=" + appURL + ".evil.example/a": "/", "?return=" + appURL + "@evil.example/a": "/", "?return=" + appURL + "//evil.example/a": "/",
			"?return=/a&return=/b": "/a", "?return=/.auth/logout": "/", "?return=%zz": "/", "?return=/" + strings.Repeat("x", 3000): "/",
		} {
			d := w.get("/.auth/login" + query)
			require.Equal(t, "login_started", edgeauth.Code(d.Reason))
			require.Equal(t, appURL+want, w.get(w.atProvider(d.Location, "alice")).Location, query)
		}
		require.Equal(t, http.StatusUnauthorized, w.fetch("/.auth/login").Status, "a script cannot follow")
		require.Equal(t, http.StatusMethodNotAllowed, w.do(http.MethodPost, "/.auth/login").Status)
	})
}

func TestSigningOutRevokesTheRefreshTokenOfABrokenSession(t *testing.T) {
	for name, broken := range map[string]func(string) string{
		"damaged": damaged, "cut short": func(s string) string { return s[:len(s)/2] }, "missing chunks": func(string) string { return "~3~x" },
		"another text": func(string) string { return "x" }, "as it was": func(s string) string { return s },
	} {
		for age, wait := range map[string]time.Duration{"fresh": 0, "expired": 100 * time.Hour} {
			t.Run(name+", "+age, func(t *testing.T) {
				w := newWorld(t, tokensMode)
				w.signedIn("alice", "/")
				w.Wait(wait)
				kept := maps.Clone(w.Jar)
				w.Jar[w.session()] = broken(w.Jar[w.session()])
				w.Header = map[string]string{"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
				d := w.do(http.MethodPost, "/.auth/logout")
				w.Header = nil
				require.Equal(t, "signed_out", edgeauth.Code(d.Reason))
				require.Equal(t, []string{w.mark()}, slices.Collect(maps.Keys(w.Jar)))
				require.Equal(t, 1, w.IdP.Calls(devidp.Revoke))
				w.Jar = kept
				w.Wait(100 * time.Hour)
				w.fetch("/") // reloads once
				require.Equal(t, "refresh_refused", edgeauth.Code(w.fetch("/").Reason), "it is dead at the provider")
			})
		}
	}
}

// Whatever left before a sign-out may arrive after it. It must not bring the session back.
func TestASignOutIsFinal(t *testing.T) {
	stays := func(t *testing.T, w *world, why string) {
		t.Helper()
		for range 3 { // an answer that arrives late once more
			require.NotEqual(t, edgeauth.Allow, w.get("/").Action, why)
			require.Equal(t, http.StatusUnauthorized, w.fetch(sessionPath).Status, why)
		}
	}
	late := func(w *world, cookies map[string]string) {
		for name, value := range cookies {
			if !strings.HasSuffix(name, "-o") { // no answer of before has it
				w.Jar[name] = value
			}
		}
	}
	for _, carry := range []bool{true, false} {
		with(t, func(c *edgeauth.Config, o *devidp.Options) { c.Session.Lifetime = 0 }, func(t *testing.T, w *world) {
			w.CookiesOnAllow = carry
			for story, before := range map[string]func() map[string]string{
				"an answer to a page": func() map[string]string { return maps.Clone(w.Jar) },
				"a renewal": func() map[string]string {
					old := maps.Clone(w.Jar)
					w.Wait(2 * time.Hour)
					w.get("/")
					renewed := maps.Clone(w.Jar)
					w.Jar = old // its cookies have not arrived yet
					return renewed
				},
				"a sign-in in another tab": func() map[string]string {
					old := maps.Clone(w.Jar)
					back := w.atProvider(w.get("/.auth/login").Location, "alice")
					w.get(back)
					renewed := maps.Clone(w.Jar)
					w.Jar = old
					return renewed
				},
			} {
				t.Run(story, func(t *testing.T) {
					w.Jar = map[string]string{}
					w.signedIn("alice", "/")
					arrives := before()
					require.Equal(t, "signed_out", edgeauth.Code(w.signOut().Reason))
					late(w, arrives)
					stays(t, w, story)
					late(w, arrives)
					w.signedIn("alice", "/a")
					require.Equal(t, edgeauth.Allow, w.get("/a").Action, "the next sign-in counts")
				})
			}
		})
	}
}

// A renewal for which the provider takes its time is under way in one tab, while the person signs out in another.
func TestASignOutOvertakesARenewal(t *testing.T) {
	modes(t, func(t *testing.T, w *world) {
		w.signedIn("alice", "/")
		w.Wait(2 * time.Hour)
		w.IdP.Fail(devidp.Revoke, devidp.Down()) // the provider would renew it after all
		release, asked := make(chan struct{}), make(chan struct{})
		w.IdP.Fail(devidp.Token, func(rightly http.Handler) http.Handler {
			return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
				close(asked)
				<-release
				rightly.ServeHTTP(rw, r)
			})
		})
		answered := make(chan edgeauth.Decision)
		page, copied := w.request(http.MethodGet, "/"), maps.Clone(w.Jar)
		go func() { answered <- w.Guard.Check(context.Background(), page) }()
		<-asked
		require.Equal(t, "signed_out", edgeauth.Code(w.signOut().Reason))
		w.IdP.Fail(devidp.Revoke, nil)
		w.IdP.Fail(devidp.Token, nil)
		close(release)
		d := <-answered
		require.NotEqual(t, edgeauth.Allow, d.Action)
		require.Equal(t, "signed_out_before", edgeauth.Code(d.Reason))
		require.Equal(t, 2, w.IdP.Calls(devidp.Revoke), "what the renewal got is given back")
		w.keep(d)
		require.Empty(t, w.session())

		w.Jar = copied // by somebody else: an expired cookie, which a renewal could make good
		require.NotEqual(t, edgeauth.Allow, w.get("/").Action)
		require.NotEqual(t, edgeauth.Allow, w.fetch("/").Action)
	})
}

func TestACopiedCookieGetsNoShareInARenewalAfterTheSignOut(t *testing.T) {
	modes(t, func(t *testing.T, w *world) {
		w.IdP.Fail(devidp.Revoke, devidp.Down())
		w.signedIn("alice", "/")
		w.Wait(2 * time.Hour)
		copied := maps.Clone(w.Jar)
		require.Equal(t, edgeauth.Allow, w.get("/").Action)
		w.signOut()
		w.Jar = copied
		d := w.get("/")
		require.NotEqual(t, edgeauth.Allow, d.Action)
		require.Equal(t, "signed_out_before", edgeauth.Code(d.Reason))
	})
}

func TestASignOutWithoutARefreshTokenRevokesTheAccessToken(t *testing.T) { // RFC 7009, 2.1
	w := newWorld(t, func(c *edgeauth.Config, o *devidp.Options) {
		o.Refresh, c.Forward.AccessToken = devidp.NoRefresh, true
	})
	w.signedIn("alice", "/")
	w.signOut()
	require.Equal(t, 1, w.IdP.Calls(devidp.Revoke))
}

// With a cookie domain, a browser may send two cookies of one name: an older one of this host alone, or one that
// another host below the domain has planted.
func TestASecondCookieOfTheNameNeitherLocksOutNorUndoesASignOut(t *testing.T) {
	w := newWorld(t, func(c *edgeauth.Config, _ *devidp.Options) { c.Cookie.Domain = "example.com" })
	w.signedIn("alice", "/")
	name, mine := w.session(), w.Jar[w.session()]
	ask := func(line string) edgeauth.Decision {
		r := w.request(http.MethodGet, "/")
		r.Cookie = []string{line}
		return w.Guard.Check(context.Background(), r)
	}
	for rule, line := range map[string]string{
		"planted before":            name + "=planted; " + name + "=" + mine,
		"planted behind":            name + "=" + mine + "; " + name + "=planted",
		"planted chunks":            name + "=~3~x; " + name + "=" + mine,
		"several":                   name + "=; " + name + "=~; " + name + "=x; " + name + "=" + mine,
		"planted counts of rounds":  name + "=" + mine + "; " + name + "-n=99; " + name + "-f=99",
		"a planted mark":            name + "=" + mine + "; " + name + "-o=1",
		"planted marks and chunks":  name + "-o=x; " + name + "-1=x; " + name + "=" + mine,
		"planted refresh tokens":    name + "-r=x; " + name + "=" + mine,
		"a planted cookie of hosts": "__Host-" + strings.TrimPrefix(name, "__Secure-") + "=x; " + name + "=" + mine,
	} {
		require.Equal(t, edgeauth.Allow, ask(line).Action, rule)
	}

	old := w.Jar[name]
	w.Wait(13 * time.Hour)
	w.signedIn("alice", "/")
	for _, planted := range []string{old, damaged(old)} {
		mine = w.Jar[name]
		require.Equal(t, edgeauth.Allow, ask(name+"="+planted+"; "+name+"="+mine).Action, "one that is over, in front")
		require.Equal(t, edgeauth.Allow, ask(name+"="+mine+"; "+name+"="+planted).Action, "one that is over, behind")
	}

	d := w.signOut()
	domains := map[string][]string{}
	for _, c := range d.Cookies {
		if c.MaxAge < 0 {
			domains[c.Name] = append(domains[c.Name], c.Domain)
		}
	}
	require.ElementsMatch(t, []string{"example.com", ""}, domains[name], "that of the domain and that of this host")
	mark := w.Jar[name+"-o"]
	require.NotEmpty(t, mark)
	for rule, line := range map[string]string{
		"the old cookie":                   name + "=" + mine + "; " + name + "-o=" + mark,
		"behind a planted mark":            name + "=" + mine + "; " + name + "-o=x; " + name + "-o=" + mark,
		"twice":                            name + "=" + mine + "; " + name + "=" + mine + "; " + name + "-o=" + mark,
		"with a planted one in front":      name + "=x; " + name + "=" + mine + "; " + name + "-o=" + mark,
		"in front of a planted mark":       name + "-o=" + mark + "; " + name + "-o=1; " + name + "=" + mine,
		"with a mark of another beginning": name + "-o=" + mark + "; " + name + "-o=" + mark + "; " + name + "=" + mine,
	} {
		require.NotEqual(t, edgeauth.Allow, ask(line).Action, rule)
	}
}

// Another host below the domain must not be able to plant what a sign-in needs, or counts.
func TestAttemptsAndCountsAreOfThisHostAlone(t *testing.T) {
	w := newWorld(t, func(c *edgeauth.Config, _ *devidp.Options) { c.Cookie.Domain = "example.com" })
	for _, d := range []edgeauth.Decision{w.get("/"), w.get(w.atProvider(w.get("/").Location, "alice"))} {
		for _, c := range d.Cookies {
			if c.Name == w.session() {
				require.Equal(t, "example.com", c.Domain)
				continue
			}
			require.True(t, strings.HasPrefix(c.Name, "__Host-"), c.Name)
			require.Empty(t, c.Domain, c.Name)
		}
	}
}

// What siblings below the domain can put in front of a person's own cookies.
func TestWhatASiblingPlantsKeepsNobodyOut(t *testing.T) {
	domain := func(c *edgeauth.Config, _ *devidp.Options) { c.Cookie.Domain = "example.com" }
	in := func(w *world, planted string, method, target string) edgeauth.Decision {
		r := w.request(method, target)
		r.Cookie = append([]string{planted}, r.Cookie...)
		d := w.Guard.Check(context.Background(), r)
		w.keep(d)
		return d
	}
	t.Run("marks that are none", func(t *testing.T) {
		w := newWorld(t, domain)
		w.signedIn("alice", "/")
		w.signOut()
		junk := strings.TrimSuffix(strings.Repeat(w.mark()+"=x; ", 20), "; ")
		back := w.atProvider(in(w, junk, http.MethodGet, "/").Location, "alice")
		require.Equal(t, "signed_in", edgeauth.Code(in(w, junk, http.MethodGet, back).Reason))
		require.Equal(t, edgeauth.Allow, in(w, junk, http.MethodGet, "/").Action)
	})
	t.Run("sessions that are none", func(t *testing.T) {
		w := newWorld(t, domain)
		w.signedIn("alice", "/")
		junk := strings.TrimSuffix(strings.Repeat(w.session()+"=x; ", 20), "; ")
		require.Equal(t, edgeauth.Allow, in(w, junk, http.MethodGet, "/").Action)
		w.Header = own
		in(w, junk, http.MethodPost, "/.auth/logout")
		require.NotEmpty(t, w.mark())
		require.Equal(t, 1, w.IdP.Calls(devidp.Revoke))
	})
	planted := func(w *world) string {
		w.signedIn("bob", "/")
		line := w.session() + "=" + w.Jar[w.session()]
		w.signOut()
		w.Jar = map[string]string{}
		w.Wait(time.Minute)
		w.signedIn("alice", "/")
		return line
	}
	t.Run("a session that is over, beside one that can be renewed", func(t *testing.T) {
		w := newWorld(t, domain)
		line := planted(w)
		w.Wait(2 * time.Hour)
		d := in(w, line, http.MethodGet, "/")
		require.Equal(t, edgeauth.Allow, d.Action, "%v", d.Reason)
		require.Equal(t, "alice", d.Identity.Subject())
	})
	t.Run("a session whose revocation fails", func(t *testing.T) {
		w := newWorld(t, domain)
		line := planted(w)
		before := w.IdP.Calls(devidp.Revoke)
		w.IdP.Fail(devidp.Revoke, devidp.Status(http.StatusServiceUnavailable))
		w.Header = own
		in(w, line, http.MethodPost, "/.auth/logout")
		require.Equal(t, before+2, w.IdP.Calls(devidp.Revoke), "all are tried")
	})
}

func TestASecondSignOutDuringASignInIsToldCalmly(t *testing.T) {
	modes(t, func(t *testing.T, w *world) {
		back := w.atProvider(w.get("/deep").Location, "alice")
		w.signOut()
		back = w.atProvider(w.get(back).Location, "alice")
		w.signOut()
		d := w.get(back)
		require.Equal(t, http.StatusBadRequest, d.Status)
		require.Contains(t, string(d.Body), "/.auth/login?return=%2Fdeep", "the target is kept")
	})
}

func TestASessionThatArrivesAfterASignOutIsGivenBackAtTheNext(t *testing.T) {
	modes(t, func(t *testing.T, w *world) {
		w.signedIn("alice", "/")
		back := w.atProvider(w.get("/.auth/login").Location, "alice")
		before := maps.Clone(w.Jar)
		w.get(back)
		late := maps.Clone(w.Jar)
		w.Jar = before
		w.signOut()
		n := w.IdP.Calls(devidp.Revoke)
		for name, value := range late {
			if name != w.mark() {
				w.Jar[name] = value
			}
		}
		w.signOut()
		require.Equal(t, n+1, w.IdP.Calls(devidp.Revoke))
	})
}

func TestTheCacheIsEmptiedForAWindowOfItsOwnAlone(t *testing.T) {
	const html = "text/html,*/*;q=0.8"
	for what, header := range map[string]map[string]string{
		"an image on a foreign page":      {"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image", "Sec-Fetch-Site": "cross-site", "Accept": "image/*"},
		"a frame on a foreign page":       {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe", "Sec-Fetch-Site": "cross-site", "Accept": html},
		"a worker, at which WebKit stops": {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "empty", "Sec-Fetch-Site": "same-origin", "Accept": html},
	} {
		t.Run(what, func(t *testing.T) {
			modes(t, func(t *testing.T, w *world) {
				require.Empty(t, w.asks(header, "/.auth/signed-out").Header.Get("Clear-Site-Data"))
				require.NotEmpty(t, w.get("/.auth/signed-out").Header.Get("Clear-Site-Data"))
			})
		})
	}
}

func idTokenHint(c *edgeauth.Config, _ *devidp.Options) { c.Provider.Logout.IDTokenHint = true }

// OpenID Connect RP-Initiated Logout 1.0, 2: some providers end nothing without the ID token, which no URL may hold.
func TestTheIDTokenGoesBackByAForm(t *testing.T) {
	w := newWorld(t, idTokenHint)
	w.signedIn("alice", "/")
	for range 2 { // that of the sign-in, and that of a renewal
		w.Wait(50 * time.Minute)
		require.Equal(t, edgeauth.Allow, w.follow("alice", "/").Action)
	}
	w.Header = map[string]string{"Accept": "text/html"}
	maps.Copy(w.Header, own)
	d := w.do(http.MethodPost, "/.auth/logout")
	w.Header = nil
	require.Equal(t, "signed_out", edgeauth.Code(d.Reason))
	require.Equal(t, http.StatusOK, d.Status)
	require.Empty(t, d.Location)
	require.Empty(t, w.session())
	require.Contains(t, d.Header.Get("Content-Security-Policy"), "script-src 'sha256-")
	require.NotContains(t, d.Header.Get("Content-Security-Policy"), "form-action")
	action, form := devsite.Form(d.Body)
	require.Equal(t, idpURL+"/logout", action)
	require.Equal(t, "site", form.Get("client_id"))
	token, _, err := jwt.NewParser().ParseUnverified(form.Get("id_token_hint"), jwt.MapClaims{})
	require.NoError(t, err)
	issued, err := token.Claims.GetIssuedAt()
	require.NoError(t, err)
	require.Less(t, w.Now().Sub(issued.Time), time.Minute, "the newest one")
	back, err := w.AtProvider(http.MethodPost, idpURL+"/logout", form)
	require.NoError(t, err)
	require.Equal(t, appURL+"/.auth/signed-out", back)
	require.NotContains(t, w.log.String(), form.Get("id_token_hint"))
}

// Glewlwyd takes no form, and says nothing without the token.
func TestTheIDTokenGoesInTheURLWhereNoFormIsTaken(t *testing.T) {
	w := newWorld(t, func(c *edgeauth.Config, _ *devidp.Options) {
		c.Provider.Logout.IDTokenHint, c.Provider.Logout.Get = true, true
	})
	w.signedIn("alice", "/")
	d := w.signOut()
	require.Equal(t, http.StatusSeeOther, d.Status)
	to, err := url.Parse(d.Location)
	require.NoError(t, err)
	require.Equal(t, 2, strings.Count(to.Query().Get("id_token_hint"), "."))
	require.Equal(t, appURL+"/.auth/signed-out", to.Query().Get("post_logout_redirect_uri"))
	require.NotContains(t, w.log.String(), to.Query().Get("id_token_hint"))
}

func TestWhereNoIDTokenGoesBack(t *testing.T) {
	long := devidp.TokenTamper{Claims: func(c map[string]any) { c["picture"] = strings.Repeat("x", 8<<10) }}
	for name, c := range map[string]struct {
		change func(*edgeauth.Config, *devidp.Options)
		bend   devidp.Tamper
		header map[string]string
		want   string
	}{
		"the provider does not want it": {func(*edgeauth.Config, *devidp.Options) {}, devidp.Tamper{}, own, idpURL + "/logout?"},
		"a session of tokens":           {func(c *edgeauth.Config, o *devidp.Options) { tokensMode(c, o); idTokenHint(c, o) }, devidp.Tamper{}, own, idpURL + "/logout?"},
		"a script":                      {idTokenHint, devidp.Tamper{}, script, idpURL + "/logout?"},
		"one that is too long":          {idTokenHint, devidp.Tamper{IDToken: long}, own, idpURL + "/logout?"},
		"the provider's is off":         {func(c *edgeauth.Config, o *devidp.Options) { idTokenHint(c, o); c.Provider.Logout.Off = true }, devidp.Tamper{}, own, appURL + "/.auth/signed-out"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, c.change)
			w.IdP.Tamper(c.bend)
			w.signedIn("alice", "/")
			w.Header = c.header
			d := w.do(http.MethodPost, "/.auth/logout")
			require.Equal(t, edgeauth.Redirect, d.Action, "%s", d.Body)
			require.True(t, strings.HasPrefix(d.Location, c.want), d.Location)
			require.NotContains(t, d.Location, "id_token_hint")
			require.Empty(t, w.session())
		})
	}
	w := newWorld(t, idTokenHint) // nobody was signed in
	w.Header = own
	require.NotContains(t, w.do(http.MethodPost, "/.auth/logout").Location, "id_token_hint")
}
