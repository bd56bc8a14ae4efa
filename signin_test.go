package edgeauth_test

import (
	"net/http"
	"net/url"
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
		for name := range w.jar {
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
			w.jar = map[string]string{}
			w.carry = carry
			w.signedIn("alice", "/")
			before := w.idp.Calls(devidp.Token)
			w.wait(62 * time.Minute)
			d := w.fetch("/data.json")
			if !carry {
				require.Equal(t, http.StatusTemporaryRedirect, d.Status, "%v", d.Reason)
				require.Equal(t, appURL+"/data.json", d.Location)
				d = w.fetch("/data.json")
			} else {
				require.Equal(t, "private, no-store", d.Header.Get("Cache-Control"))
			}
			require.Equal(t, edgeauth.Allow, d.Action, "%v", d.Reason)
			require.Equal(t, 1, w.idp.Calls(devidp.Token)-before)
		}
	})
}
