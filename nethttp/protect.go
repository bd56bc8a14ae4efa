// Package nethttp protects a net/http handler.
//
//	http.ListenAndServe(addr, nethttp.Protect(guard, mux))
//
// Put [Protect], or [Middleware] where a router takes middleware, outermost: it has to see the path, the host and the
// cookies as the viewer sent them, so http.StripPrefix and the like belong inside. It never reads a forwarded header:
// behind a proxy, make sure that the proxy passes the viewer's Host header on.
package nethttp

import (
	"log/slog"
	"net/http"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/internal/answer"
	"github.com/edgeauth/edgeauth/internal/reason"
)

// Protect returns a handler that passes to next what checker allows, and answers everything else itself. A panic in
// checker denies the request; a panic in next is not recovered.
func Protect(checker edgeauth.Checker, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d := check(checker, r)
		a, err := answer.Of(&d)
		if err != nil {
			slog.ErrorContext(r.Context(), "edgeauth: denied, "+err.Error())
		}
		if !a.Pass {
			write(w, r, a)
			return
		}
		serve(w, forward(r, &d), a.Header, next)
	})
}

func check(checker edgeauth.Checker, r *http.Request) (d edgeauth.Decision) {
	defer func() {
		if v := recover(); v != nil {
			slog.ErrorContext(r.Context(), "edgeauth: the checker panicked", slog.String("panic", reason.PanicText(v)))
			d = edgeauth.Decision{}
		}
	}()
	return checker.Check(r.Context(), &edgeauth.Request{
		Method:         r.Method,
		Host:           r.Host,
		Path:           r.URL.EscapedPath(),
		RawQuery:       r.URL.RawQuery,
		Cookie:         r.Header["Cookie"],
		Header:         r.Header.Get,
		CookiesOnAllow: true,
	})
}

// serve passes the request on. Only a header for the viewer needs a wrapper around w.
func serve(w http.ResponseWriter, r *http.Request, header http.Header, next http.Handler) {
	if header == nil {
		next.ServeHTTP(w, r)
		return
	}
	added := &adder{ResponseWriter: w, header: header}
	next.ServeHTTP(added, r)
	added.add() // if next wrote nothing, net/http writes the header now
}
