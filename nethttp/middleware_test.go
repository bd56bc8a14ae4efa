package nethttp_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/edgeauthtest/platformtest"
	"github.com/edgeauth/edgeauth/nethttp"
)

func TestMiddlewareIsAPlatformLikeProtect(t *testing.T) {
	captureLog(t)
	platformtest.Test(t, platformtest.NetHTTP(func(checker edgeauth.Checker, next http.Handler) http.Handler {
		return nethttp.Middleware(checker)(next)
	}))
}

func TestRequireMiddlewareLetsInWhoMeetsTheRuleAlone(t *testing.T) {
	captureLog(t)
	admins := nethttp.RequireMiddleware(edgeauth.Rule{Groups: []string{"admins"}})
	for group, status := range map[string]int{"admins": 200, "guests": 403} {
		guard := nethttp.Middleware(decide{Action: edgeauth.Allow, Identity: person(t, map[string]any{"sub": "ada", "groups": []any{group}})})
		require.Equal(t, status, get(guard(admins(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})))).StatusCode)
	}
}
