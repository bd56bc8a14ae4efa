package lambdaedge_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth/edgeauthtest"
	"github.com/edgeauth/edgeauth/lambdaedge"
)

// expired is a site where alice has signed in and her session has to be renewed at the next request.
func expired(t *testing.T, o lambdaedge.Options, origin http.HandlerFunc) (*edgeauthtest.World, *cloudFront) {
	w, c := newSite(t, o, origin, nil)
	require.NoError(t, w.Browser.Navigate(appURL+"/page"))
	require.NoError(t, w.Browser.SubmitForm(map[string]string{"user": "alice"}))
	require.Equal(t, appURL+"/page", w.Browser.URL())
	w.Clock.Advance(2 * time.Hour)
	return w, c
}

var withHandover = lambdaedge.Options{ViewerResponse: true, Keys: [][]byte{handoverKey}}

func session(w *edgeauthtest.World) string {
	for _, c := range w.Browser.Cookies() {
		if strings.HasPrefix(c.Name, "__Host-edgeauth-") {
			return c.Value
		}
	}
	return ""
}

func TestAFetchRenewsTheSessionOnItsWay(t *testing.T) {
	w, c := expired(t, withHandover, nil)
	before, calls := session(w), w.IdP.Calls("token")
	for range 2 {
		a, err := w.Browser.Fetch("GET", "/api", "")
		require.NoError(t, err)
		require.Equal(t, 200, a.Status)
		require.False(t, a.Redirected)
		require.Contains(t, a.Body, "GET /api cookies []", "the session never goes to the origin")
	}
	require.Equal(t, 1, w.IdP.Calls("token")-calls, "once is enough")
	require.NotEqual(t, before, session(w))
	require.NotContains(t, string(c.results[len(c.results)-1]), "Set-Cookie", "the second response has nothing to add")
}

func TestARenewedResponseIsNotForCaches(t *testing.T) {
	w, _ := expired(t, withHandover, nil)
	a, err := w.Browser.Fetch("GET", "/api", "")
	require.NoError(t, err)
	require.Equal(t, []string{"private, no-store"}, a.Header.Values("Cache-Control"))
	a, err = w.Browser.Fetch("GET", "/api", "")
	require.NoError(t, err)
	require.Equal(t, []string{"public, max-age=60"}, a.Header.Values("Cache-Control"), "others are the origin's own")
}

func TestNavigationsAndLargeCookiesTakeTheRedirect(t *testing.T) {
	w, _ := expired(t, withHandover, nil)
	require.NoError(t, w.Browser.Navigate(appURL+"/page"))
	require.Len(t, w.Browser.History(), 2)

	w, _ = expired(t, withHandover, nil)
	for _, name := range []string{"a", "b", "c"} {
		w.Browser.SetScriptCookie(name + "=" + strings.Repeat("x", 1500))
	}
	a, err := w.Browser.Fetch("POST", "/api", "hello")
	require.NoError(t, err)
	require.True(t, a.Redirected)
	require.Contains(t, a.Body, "hello")
}

func TestWithoutTheOptionAFetchTakesTheRedirect(t *testing.T) {
	w, _ := expired(t, lambdaedge.Options{}, nil)
	a, err := w.Browser.Fetch("POST", "/api", "hello")
	require.NoError(t, err)
	require.True(t, a.Redirected)
	require.Contains(t, a.Body, "hello")
}

// CloudFront runs no viewer-response function for such a response, so the renewed session never reaches the browser.
func TestAnOriginsErrorCostsTheRenewedSession(t *testing.T) {
	status := http.StatusNotFound
	w, _ := expired(t, withHandover, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
	fetch := func() int {
		a, err := w.Browser.Fetch("GET", "/api", "")
		require.NoError(t, err)
		return a.Status
	}
	before := session(w)
	require.Equal(t, 404, fetch())
	require.Equal(t, before, session(w))

	status = http.StatusOK
	w.Clock.Advance(5 * time.Second)
	require.Equal(t, 200, fetch(), "in the same process the renewal is still known")
	require.NotEqual(t, before, session(w))

	w, _ = expired(t, withHandover, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
	status = http.StatusNotFound
	require.Equal(t, 404, fetch())
	w.Clock.Advance(time.Minute)
	require.Equal(t, 401, fetch(), "the refresh token has been used, and its successor is lost")
}
