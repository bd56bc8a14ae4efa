// Package nethttp protects a net/http handler.
//
//	http.ListenAndServe(addr, nethttp.Protect(guard, mux))
//
// Put [Protect], or [Middleware] where a router takes middleware, outermost: it has to see the path, the host and the
// cookies as the viewer sent them, so http.StripPrefix and the like belong inside. It never reads a forwarded header:
// behind a proxy, make sure that the proxy passes the viewer's Host header on.
package nethttp

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/internal/answer"
)

// Protect returns a handler that passes to next what checker allows, and answers everything else itself. A panic in
// checker denies the request; a panic in next is not recovered.
func Protect(checker edgeauth.Checker, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d := answer.Ask(checker, r, true)
		a, err := answer.Of(&d)
		if err != nil {
			// #nosec G706 -- the error names a field, and no value
			slog.ErrorContext(r.Context(), "edgeauth: denied, "+err.Error())
		}
		if !a.Pass {
			write(w, r, a)
			return
		}
		serve(w, forward(r, &d), a, next)
	})
}

// serve passes the request on. Nothing of the response to a public request is touched.
func serve(w http.ResponseWriter, r *http.Request, a answer.Answer, next http.Handler) {
	if a.Header == nil && !a.Private {
		next.ServeHTTP(w, r)
		return
	}
	if a.Remaining > 0 && lasts(r) {
		ctx, cancel := context.WithTimeoutCause(r.Context(), a.Remaining, errSessionOver)
		defer cancel()
		r = r.WithContext(ctx)
	}
	added := &adder{ResponseWriter: w, answer: a}
	next.ServeHTTP(added, r)
	added.add() // if next wrote nothing, net/http writes the header now
}

var errSessionOver = errors.New("the session that let this request through is over")

// lasts reports whether a request opens a connection that may outlive the session: a WebSocket (RFC 6455) or an event
// stream. Downloads come to their end by themselves.
func lasts(r *http.Request) bool {
	return r.Header.Get("Upgrade") != "" || strings.Contains(r.Header.Get("Accept"), "text/event-stream")
}
