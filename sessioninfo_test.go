package edgeauth_test

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/internal/devidp"
	"github.com/stretchr/testify/require"
)

const sessionPath = "/.auth/session"

func TestTheSessionPathTellsChosenClaimsAndNoToken(t *testing.T) { // CVE-2024-39315
	modes(t, func(t *testing.T, w *world) {
		w.signedIn("alice", "/")
		d := w.fetch(sessionPath)
		require.Equal(t, http.StatusOK, d.Status)
		require.Equal(t, edgeauth.Respond, d.Action)
		require.JSONEq(t, `{"authenticated":true,"subject":"alice","claims":{"name":"Alice","email":"alice@example.com"},"expires_at":"2026-03-01T10:00:00Z"}`, string(d.Body))
		require.Equal(t, "no-store", d.Header.Get("Cache-Control"))
		require.Equal(t, "nosniff", d.Header.Get("X-Content-Type-Options"))
		require.Equal(t, "application/json", d.Header.Get("Content-Type"))
		require.Equal(t, "same-origin", d.Header.Get("Cross-Origin-Resource-Policy"))
		for name := range d.Header {
			require.NotContains(t, name, "Access-Control")
		}
	})
}

func TestTheSessionPathTellsTheClaimsThatTheSiteChose(t *testing.T) {
	for name, test := range map[string]struct {
		claims []string
		want   string
	}{
		"chosen":         {[]string{"groups", "email_verified"}, `{"groups":["staff"],"email_verified":true}`},
		"none":           {[]string{}, `{}`},
		"not there":      {[]string{"phone"}, `{}`},
		"below a member": {[]string{"/address/country"}, `{"/address/country":"DE"}`},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, func(c *edgeauth.Config, o *devidp.Options) {
				c.Session.Claims = test.claims
				c.Rules = []edgeauth.Rule{{Path: "/x/", Claims: map[string]string{"department": "sales"}}}
				o.Users[0].Claims["address"] = map[string]any{"country": "DE", "street": "x"}
				o.Users[0].Claims["department"] = "sales"
			})
			w.signedIn("alice", "/x/")
			var answer struct{ Claims json.RawMessage }
			require.NoError(t, json.Unmarshal(w.fetch(sessionPath).Body, &answer))
			require.JSONEq(t, test.want, string(answer.Claims), "what a rule needs is kept, not shown")
			require.Equal(t, edgeauth.Allow, w.get("/x/").Action)
		})
	}
}

func TestTheSessionPathWithoutSession(t *testing.T) {
	modes(t, func(t *testing.T, w *world) {
		for _, get := range []func(string) edgeauth.Decision{w.fetch, w.get} {
			d := get(sessionPath)
			require.Equal(t, http.StatusUnauthorized, d.Status)
			require.JSONEq(t, `{"authenticated":false,"login":"/.auth/login"}`, string(d.Body))
			require.Empty(t, d.Cookies, "nobody is sent to sign in")
		}
		require.Equal(t, http.StatusMethodNotAllowed, w.do(http.MethodPost, sessionPath).Status)
	})
}

func TestTheSessionPathAnswersThisSiteAlone(t *testing.T) {
	modes(t, func(t *testing.T, w *world) {
		w.signedIn("alice", "/")
		for site, want := range map[string]int{"same-origin": 200, "none": 200, "": 200, "same-site": 403, "cross-site": 403, "x": 403} {
			w.Header = map[string]string{"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"}
			d := w.get(sessionPath)
			require.Equal(t, want, d.Status, site)
			if want == 403 {
				require.Equal(t, "cross_site", edgeauth.Code(d.Reason))
				require.NotContains(t, string(d.Body), "alice")
			}
		}
	})
}

func TestTheSessionPathRenewsWithoutARedirect(t *testing.T) {
	modes(t, func(t *testing.T, w *world) {
		w.CookiesOnAllow = false
		w.signedIn("alice", "/")
		w.Wait(2 * time.Hour)
		d := w.fetch(sessionPath)
		require.Equal(t, http.StatusOK, d.Status, "%v", d.Reason)
		require.NotEmpty(t, d.Cookies)
		require.Contains(t, string(d.Body), `"expires_at":"2026-03-01T12:00:00Z"`)
		require.Equal(t, edgeauth.Allow, w.fetch("/").Action)

		w.Wait(2 * time.Hour)
		w.IdP.FailAll(devidp.Down())
		require.Equal(t, http.StatusServiceUnavailable, w.fetch(sessionPath).Status, "which is not: signed out")
	})
}

func TestTheSessionPathSaysWhenItEnds(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*edgeauth.Session)
		want   string
	}{
		"with its evidence":     {func(*edgeauth.Session) {}, "2026-03-01T10:00:00Z"},
		"with its lifetime":     {func(s *edgeauth.Session) { s.Lifetime = 30 * time.Minute }, "2026-03-01T09:30:00Z"},
		"outliving its token":   {func(s *edgeauth.Session) { s.OutliveToken = true }, "2026-03-01T21:00:00Z"},
		"outliving for a while": {func(s *edgeauth.Session) { s.OutliveToken, s.Lifetime = true, 3*time.Hour }, "2026-03-01T12:00:00Z"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, func(c *edgeauth.Config, _ *devidp.Options) { test.change(&c.Session) })
			w.signedIn("alice", "/")
			require.Contains(t, string(w.fetch(sessionPath).Body), test.want)
		})
	}
}

// A page that polls must not ask the provider again and again about a session that the provider has ended.
func TestPollingClearsASessionThatHasEnded(t *testing.T) {
	modes(t, func(t *testing.T, w *world) {
		for _, carry := range []bool{true, false} {
			w.Jar, w.CookiesOnAllow = map[string]string{}, carry
			w.signedIn("alice", "/")
			w.IdP.EndSessions()
			w.Wait(2 * time.Hour)
			calls := w.tokenCalls(func() {
				for range 60 {
					for w.fetch(sessionPath).Action == edgeauth.Redirect { // as fetch follows it
					}
					w.Wait(time.Minute)
				}
			})
			require.LessOrEqual(t, calls, 2, "one, and one after a reload")
			require.Empty(t, w.session())
		}
	})
}
