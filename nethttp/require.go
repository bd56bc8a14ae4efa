package nethttp

import (
	"log/slog"
	"net/http"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/internal/answer"
)

// Require returns a handler, for use inside [Protect], that answers 403 to everybody who does not meet rule. It looks
// only at what the rule asks of the person; its Path and Methods are ignored, because the mux decides which requests
// come here.
//
// A claim that people can write about themselves restricts nothing (see provider.SelfWritten); nobody checks that here, as
// New does for the site's own rules.
//
// A sealed session keeps only the groups that the site's own rules name: if only this rule names a group, list the
// groups claim in [edgeauth.Session.Claims], which keeps them all.
func Require(rule edgeauth.Rule, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := rule.Permits(Identity(r)); err != nil {
			slog.InfoContext(r.Context(), "edgeauth: denied", slog.String("reason", err.Error()))
			write(w, r, answer.Plain(http.StatusForbidden, "This page is not open to you.\n"))
			return
		}
		next.ServeHTTP(w, r)
	})
}
