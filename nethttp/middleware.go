package nethttp

import (
	"net/http"

	"github.com/edgeauth/edgeauth"
)

// Middleware is [Protect] for routers and chains that take middleware:
//
//	r := chi.NewRouter()
//	r.Use(nethttp.Middleware(guard))
//
// Use it first, so that it is outermost.
func Middleware(checker edgeauth.Checker) func(next http.Handler) http.Handler {
	return func(next http.Handler) http.Handler { return Protect(checker, next) }
}

// RequireMiddleware is [Require] for routers and chains that take middleware:
//
//	r.With(nethttp.RequireMiddleware(edgeauth.Rule{Groups: []string{"admins"}})).Get("/admin/", admin)
func RequireMiddleware(rule edgeauth.Rule) func(next http.Handler) http.Handler {
	return func(next http.Handler) http.Handler { return Require(rule, next) }
}
