package nethttp_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/nethttp"
)

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

func TestRequireLetsInWhoMeetsTheRuleAlone(t *testing.T) {
	captureLog(t)
	admins := edgeauth.Rule{Groups: []string{"admins"}}
	for name, test := range map[string]struct {
		groups []any
		status int
	}{"an admin": {[]any{"admins"}, 200}, "a guest": {[]any{"guests"}, 403}, "a person whose groups are unknown": {nil, 403}} {
		t.Run(name, func(t *testing.T) {
			id := person(t, map[string]any{"sub": "ada"})
			if test.groups != nil {
				id = person(t, map[string]any{"sub": "ada", "groups": test.groups})
			}
			ok := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
			h := nethttp.Protect(decide{Action: edgeauth.Allow, Identity: id}, nethttp.Require(admins, ok))
			require.Equal(t, test.status, get(h).StatusCode)
		})
	}
}
