package nethttp

import (
	"bufio"
	"net"
	"net/http"
	"strconv"
	"strings"

	"github.com/edgeauth/edgeauth/internal/answer"
)

// write answers a request that is not passed on.
func write(w http.ResponseWriter, r *http.Request, a answer.Answer) {
	merge(w.Header(), a.Header)
	if len(a.Body) > 0 {
		w.Header().Set("Content-Length", strconv.Itoa(len(a.Body)))
	}
	w.WriteHeader(a.Status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(a.Body) // the viewer has gone: nobody is left to tell
	}
}

// merge adds a decision's headers to a response. They replace those of the handler, so that no wider caching survives;
// only Set-Cookie and Vary keep the values of both.
func merge(dst, src http.Header) {
	for name, values := range src {
		switch name {
		case "Set-Cookie", "Vary":
			dst[name] = append(dst[name], values...)
			continue
		case "Cache-Control":
			// RFC 9213: a cache may obey a header meant for it instead of Cache-Control.
			for other := range dst {
				if strings.HasSuffix(other, "-Cache-Control") || other == "Surrogate-Control" {
					delete(dst, other)
				}
			}
		}
		dst[name] = values
	}
}

// adder adds a header to a response at the last moment, so that what the handler sets cannot undo it.
type adder struct {
	http.ResponseWriter
	header http.Header
	added  bool
}

func (a *adder) add() {
	if !a.added {
		a.added = true
		merge(a.Header(), a.header)
	}
}

func (a *adder) WriteHeader(status int) {
	// Informational responses (RFC 9110, 15.2) come before the response; 101 takes its place.
	if status >= 200 || status == http.StatusSwitchingProtocols {
		a.add()
	}
	a.ResponseWriter.WriteHeader(status)
}

func (a *adder) Write(p []byte) (int, error) {
	a.add()
	return a.ResponseWriter.Write(p)
}

// Unwrap is for http.ResponseController.
func (a *adder) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// Flush is for handlers that use http.Flusher.
func (a *adder) Flush() { _ = a.FlushError() }

func (a *adder) FlushError() error {
	a.add()
	return http.NewResponseController(a.ResponseWriter).Flush()
}

// Hijack adds the header first: httputil.ReverseProxy writes its 101 from it.
func (a *adder) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	a.add()
	return http.NewResponseController(a.ResponseWriter).Hijack()
}
