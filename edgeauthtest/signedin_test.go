package edgeauthtest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/edgeauth/edgeauth/edgeauthtest"
	"github.com/edgeauth/edgeauth/nethttp"
	"github.com/stretchr/testify/require"
)

func ExampleSignedIn() {
	hello := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "Hello %v", nethttp.Identity(r).Claim("name"))
	})
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	hello.ServeHTTP(w, edgeauthtest.SignedIn(r, map[string]any{"sub": "248", "name": "Ada"}))
	fmt.Println(w.Body)
	// Output: Hello Ada
}

func TestSignedInShowsWhatTheClaimsSay(t *testing.T) {
	r := edgeauthtest.SignedIn(httptest.NewRequest(http.MethodGet, "/", nil), map[string]any{
		"sub": "248", "groups": []string{"staff"}, "roles": []string{"reader"}, "scope": "a b", "iss": "https://login.example.com",
	})
	id := nethttp.Identity(r)
	require.Equal(t, "248", id.Subject())
	require.Equal(t, "https://login.example.com", id.Issuer())
	require.True(t, id.HasGroup("staff"))
	require.True(t, id.HasRole("reader"))
	require.True(t, id.HasScope("b"))
	require.False(t, id.HasGroup("admins"))
}

func TestSignedInNeedsASubject(t *testing.T) {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	for _, claims := range []map[string]any{nil, {"name": "x"}, {"sub": ""}, {"sub": 7}, {"sub": "x", "f": func() {}}} {
		require.Panics(t, func() { edgeauthtest.SignedIn(r, claims) }, "%v", claims)
	}
}
