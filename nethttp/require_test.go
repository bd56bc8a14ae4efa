package nethttp_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/nethttp"
)

func TestOutsideProtectNobodyAsks(t *testing.T) {
	require.True(t, nethttp.Identity(httptest.NewRequest("GET", "/", nil)).IsZero())
}

func TestRequireRefusesNobody(t *testing.T) {
	captureLog(t)
	for name, rule := range map[string]edgeauth.Rule{
		"a sign-in": {}, "a group": {Groups: []string{"admins"}}, "a claim": {Claims: map[string]string{"a": ""}},
	} {
		t.Run(name, func(t *testing.T) {
			res := get(nethttp.Protect(allow, nethttp.Require(rule, forbidden(t))))
			require.Equal(t, 403, res.StatusCode)
			require.Equal(t, "no-store", res.Header.Get("Cache-Control"))
		})
	}
}

func TestRequireLetsAnyoneIn(t *testing.T) {
	reached := false
	get(nethttp.Protect(allow, nethttp.Require(edgeauth.Rule{Anyone: true}, http.HandlerFunc(
		func(http.ResponseWriter, *http.Request) { reached = true }))))
	require.True(t, reached)
}
