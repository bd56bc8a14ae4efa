package devidp

import (
	"bytes"
	"net/http"
	"strconv"
)

// Fault makes an endpoint fail. It may call the endpoint that it wraps.
type Fault func(endpoint http.Handler) http.Handler

// Fail wraps an endpoint in a fault. Nil removes the fault.
func (s *Server) Fail(e Endpoint, f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults[e] = f
}

// FailAll wraps every endpoint in a fault. Nil removes all faults.
func (s *Server) FailAll(f Fault) {
	for _, e := range Endpoints() {
		s.Fail(e, f)
	}
}

// Down breaks the connection without an answer.
func Down() Fault {
	return answer(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
}

// Hang answers when release is closed, unless the caller has gone by then.
func Hang(release <-chan struct{}) Fault {
	return func(endpoint http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			select {
			case <-release:
				endpoint.ServeHTTP(w, r)
			case <-r.Context().Done():
				panic(http.ErrAbortHandler)
			}
		})
	}
}

// Status answers with an HTTP status and no body. With 429 and 503 comes a Retry-After.
func Status(status int) Fault {
	return answer(func(w http.ResponseWriter, _ *http.Request) {
		if status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable {
			w.Header().Set("Retry-After", "30")
		}
		w.WriteHeader(status)
	})
}

// HTML answers 200 with a page, as a proxy in maintenance does.
func HTML() Fault {
	return answer(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte("<!doctype html><title>Maintenance</title><p>Please come back later."))
	})
}

// Huge answers 200 with JSON of at least size bytes.
func Huge(size int) Fault {
	return answer(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", strconv.Itoa(size+len(`{"padding":""}`)))
		_, _ = w.Write([]byte(`{"padding":"`))
		_, _ = w.Write(bytes.Repeat([]byte("x"), size))
		_, _ = w.Write([]byte(`"}`))
	})
}

// ContentType gives the right answer with a wrong content type.
func ContentType(contentType string) Fault {
	return func(endpoint http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			endpoint.ServeHTTP(retyped{w, contentType}, r)
		})
	}
}

type retyped struct {
	http.ResponseWriter
	contentType string
}

func (w retyped) WriteHeader(status int) {
	w.Header().Set("Content-Type", w.contentType)
	w.ResponseWriter.WriteHeader(status)
}

// RedirectTo answers 302.
func RedirectTo(location string) Fault {
	return answer(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", location)
		w.WriteHeader(http.StatusFound)
	})
}

func answer(f http.HandlerFunc) Fault { return func(http.Handler) http.Handler { return f } }
