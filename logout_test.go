package edgeauth_test

import (
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/internal/devidp"
	"github.com/edgeauth/edgeauth/provider"
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
			require.Negative(t, c.MaxAge)
			require.Equal(t, "/", c.Path)
		}
		require.Empty(t, w.Jar)

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
					require.NotContains(t, cookie, "edgeauth")
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

func TestALogoutLeavesSignInsInProgress(t *testing.T) {
	modes(t, func(t *testing.T, w *world) {
		w.signedIn("alice", "/")
		d := w.get("/.auth/login?return=/deep")
		w.signOut()
		require.Equal(t, appURL+"/deep", w.get(w.atProvider(d.Location, "bob")).Location)
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
				require.Empty(t, w.Jar)
				require.Equal(t, 1, w.IdP.Calls(devidp.Revoke))
				w.Jar = kept
				w.Wait(100 * time.Hour)
				w.fetch("/") // reloads once
				require.Equal(t, "code_refused", edgeauth.Code(w.fetch("/").Reason), "it is dead at the provider")
			})
		}
	}
}
