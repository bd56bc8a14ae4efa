package answer

import (
	"io"
	"log/slog"
	"net/http"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/internal/reason"
)

// Ask asks checker about r, as every server of this module does. A panic in checker denies the request, and a nil Body is
// none that could be read.
func Ask(checker edgeauth.Checker, r *http.Request, cookiesOnAllow bool) (d edgeauth.Decision) {
	defer func() {
		if v := recover(); v != nil {
			slog.ErrorContext(r.Context(), "edgeauth: the checker panicked", slog.String("panic", reason.PanicText(v)))
			d = edgeauth.Decision{}
		}
	}()
	var body func() ([]byte, error)
	if r.Method == http.MethodPost && r.Body != nil {
		body = func() ([]byte, error) { return io.ReadAll(http.MaxBytesReader(nil, r.Body, edgeauth.MaxBody)) }
	}
	return checker.Check(r.Context(), &edgeauth.Request{
		Method:         r.Method,
		Host:           r.Host,
		Path:           r.URL.EscapedPath(),
		RawQuery:       r.URL.RawQuery,
		Cookie:         r.Header["Cookie"],
		Header:         r.Header.Get,
		CookiesOnAllow: cookiesOnAllow,
		Body:           body,
	})
}
