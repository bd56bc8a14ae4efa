package devidp

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// Transport delivers requests for the provider's URLs straight to it, without a socket. It refuses other hosts,
// so that a test cannot reach a real provider by mistake, and plain http to an https URL.
func (s *Server) Transport() http.RoundTripper { return transport{s} }

type transport struct{ server *Server }

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	body := r.Body
	if body == nil {
		body = http.NoBody
	}
	defer body.Close()
	scheme, ok := t.server.schemes[host(r.URL.Host)]
	switch {
	case r.Context().Err() != nil:
		return nil, r.Context().Err()
	case !ok:
		return nil, fmt.Errorf("devidp: %q is no host of this provider", r.URL.Host)
	case scheme != r.URL.Scheme:
		return nil, fmt.Errorf("devidp: %q was asked over %s, want %s", r.URL.Host, r.URL.Scheme, scheme)
	}
	in := r.Clone(r.Context())
	in.Body, in.RequestURI = body, r.URL.RequestURI()
	if in.Host == "" {
		in.Host = r.URL.Host
	}
	w := &answered{header: http.Header{}}
	if err := w.from(t.server, in); err != nil {
		return nil, err
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return w.response(r), nil
}

// answered records an answer. (httptest's recorder would add its command-line flag to the program.)
type answered struct {
	header http.Header
	status int
	sent   http.Header
	body   bytes.Buffer
}

func (w *answered) Header() http.Header { return w.header }

func (w *answered) WriteHeader(status int) {
	if w.status == 0 {
		w.status, w.sent = status, w.header.Clone()
	}
}

func (w *answered) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.body.Write(p)
}

var errConnection = errors.New("devidp: connection closed without an answer")

func (w *answered) from(h http.Handler, r *http.Request) (err error) {
	defer func() {
		switch cause := recover(); {
		case cause == nil:
		case cause != http.ErrAbortHandler:
			panic(cause)
		case r.Context().Err() != nil:
			err = r.Context().Err()
		default:
			err = errConnection
		}
	}()
	h.ServeHTTP(w, r)
	w.WriteHeader(http.StatusOK)
	return nil
}

func (w *answered) response(r *http.Request) *http.Response {
	return &http.Response{
		Status:     fmt.Sprintf("%d %s", w.status, http.StatusText(w.status)),
		StatusCode: w.status,
		Proto:      "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:        w.sent,
		Body:          io.NopCloser(&w.body),
		ContentLength: int64(w.body.Len()),
		Request:       r,
	}
}
