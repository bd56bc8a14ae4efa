package operate

import (
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/internal/reason"
)

// seen is what becomes known of a request on its way: what was decided, and about whom.
type seen struct {
	code, subject, reference string
}

type seenKey struct{}

// Access writes one record for each request when it has been answered, and counts it. Of what came with the request it
// holds neither the query nor any header; of the person, the subject.
func Access(next http.Handler, proxies Proxies, log *slog.Logger, m *Metrics) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began, found, answered := time.Now(), &seen{code: "none"}, &recorder{ResponseWriter: w}
		m.begin()
		defer func() {
			took := time.Since(began)
			m.end(found.code, answered.final(), took)
			log.LogAttrs(r.Context(), slog.LevelInfo, "request",
				slog.String("method", reason.Clip(r.Method)), slog.String("host", reason.Clip(r.Host)), slog.String("path", reason.Clip(r.URL.EscapedPath())),
				slog.Int("status", answered.final()), slog.Int64("bytes", answered.written), slog.Float64("seconds", took.Seconds()),
				slog.String("code", found.code), slog.String("subject", found.subject), slog.String("client", proxies.Viewer(r)),
				slog.String("reference", found.reference))
		}()
		next.ServeHTTP(answered, r.WithContext(context.WithValue(r.Context(), seenKey{}, found)))
	})
}

// Observe tells Access what is decided.
func Observe(checker edgeauth.Checker, m *Metrics) edgeauth.Checker { return &observer{checker, m} }

type observer struct {
	checker edgeauth.Checker
	metrics *Metrics
}

func (o *observer) Check(ctx context.Context, r *edgeauth.Request) edgeauth.Decision {
	began := time.Now()
	if r.ID == "" {
		r.ID = rand.Text()[:10]
	}
	d := o.checker.Check(ctx, r)
	o.metrics.decided(time.Since(began))
	if found, ok := ctx.Value(seenKey{}).(*seen); ok {
		found.code, found.subject, found.reference = d.Code(), d.Identity.Subject(), r.ID
	}
	return d
}

// recorder is a response whose status and length are known afterwards.
type recorder struct {
	http.ResponseWriter
	status  int
	written int64
}

// final is the status that the viewer saw: net/http answers 200 for a handler that writes nothing.
func (w *recorder) final() int {
	if w.status == 0 {
		return http.StatusOK
	}
	return w.status
}

func (w *recorder) WriteHeader(status int) {
	// Informational responses come before the response; 101 takes its place (RFC 9110, 15.2).
	if w.status == 0 && (status >= 200 || status == http.StatusSwitchingProtocols) {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *recorder) Write(p []byte) (int, error) {
	n, err := w.ResponseWriter.Write(p)
	w.written += int64(n)
	return n, err
}

// ReadFrom lets the system send a file by itself.
func (w *recorder) ReadFrom(from io.Reader) (int64, error) {
	n, err := io.Copy(w.ResponseWriter, from)
	w.written += n
	return n, err
}

// Unwrap is for http.ResponseController.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// Flush is for handlers that use http.Flusher.
func (w *recorder) Flush() { _ = http.NewResponseController(w.ResponseWriter).Flush() }
