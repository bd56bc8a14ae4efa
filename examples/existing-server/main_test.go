package main

import (
	"net/http/httptest"
	"testing"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/nethttp"
	"github.com/stretchr/testify/require"
)

func TestThePageGreetsWhoeverHasSignedIn(t *testing.T) {
	ada, err := edgeauth.NewIdentity("https://login.example.com", map[string]any{"sub": "1", "name": "Ada"})
	require.NoError(t, err)
	w := httptest.NewRecorder()
	site().ServeHTTP(w, nethttp.WithIdentity(httptest.NewRequest("GET", "/", nil), ada))
	require.Equal(t, "Hello, Ada\n", w.Body.String())
}
