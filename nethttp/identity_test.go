package nethttp_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/nethttp"
)

func person(t testing.TB, claims map[string]any) edgeauth.Identity {
	id, err := edgeauth.NewIdentity("https://idp.example", claims)
	require.NoError(t, err)
	return id
}

func TestOutsideProtectNobodyAsks(t *testing.T) {
	require.True(t, nethttp.Identity(httptest.NewRequest("GET", "/", nil)).IsZero())
}

func TestInsideProtectTheHandlerKnowsWhoAsks(t *testing.T) {
	ada := person(t, map[string]any{"sub": "ada"})
	var came, seen *http.Request
	h := nethttp.Protect(decide{Action: edgeauth.Allow, Identity: ada},
		http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { seen = r }))
	get(h, func(r *http.Request) { came = r })
	require.Equal(t, "ada", nethttp.Identity(seen).Subject())
	require.True(t, nethttp.Identity(came).IsZero(), "the request that came must not change")
}

func TestAnIdentityFromFurtherOutDoesNotShowOnAPublicPage(t *testing.T) {
	seen := false
	h := nethttp.Protect(allow, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		seen = true
		require.True(t, nethttp.Identity(r).IsZero())
	}))
	h.ServeHTTP(httptest.NewRecorder(), nethttp.WithIdentity(httptest.NewRequest("GET", "/", nil), person(t, map[string]any{"sub": "eve"})))
	require.True(t, seen)
}
