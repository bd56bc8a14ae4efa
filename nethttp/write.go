package nethttp

import (
	"bufio"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/edgeauth/edgeauth/internal/answer"
)

// bodyPatience is how long the body of a request that is not passed on may take to come.
const bodyPatience = 5 * time.Second

// write answers a request that is not passed on.
func write(w http.ResponseWriter, r *http.Request, a answer.Answer) {
	if r.ContentLength != 0 {
		// The server reads what is left of the body before it takes the next request. Nobody whom this is the answer for may
		// hold it up for long. Where the server cannot be told, its own time-outs count.
		_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(bodyPatience))
	}
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

// keepPrivate keeps a response out of caches that several people share, whatever the server behind says or leaves unsaid
// (RFC 9111, 3; RFC 9213). What the viewer's own browser may keep is the server's to say.
func keepPrivate(h http.Header) {
	for name := range h {
		if strings.HasSuffix(name, "-Cache-Control") || name == "Surrogate-Control" || name == "Edge-Control" || name == "X-Accel-Expires" {
			delete(h, name)
		}
	}
	said := h["Cache-Control"]
	var kept []string
	for _, line := range said {
		for directive := range strings.SplitSeq(line, ",") {
			directive = strings.TrimSpace(directive)
			switch name, _, _ := strings.Cut(strings.ToLower(directive), "="); name {
			case "no-store":
				return // by nobody at all
			case "", "public", "private", "s-maxage", "proxy-revalidate":
			default:
				kept = append(kept, directive)
			}
		}
	}
	h["Cache-Control"] = []string{strings.Join(append([]string{"private"}, kept...), ", ")}
}

// adder changes the header of a response at the last moment, so that what the handler sets cannot undo it.
type adder struct {
	http.ResponseWriter
	answer answer.Answer
	added  bool
}

func (a *adder) add() {
	if a.added {
		return
	}
	a.added = true
	merge(a.Header(), a.answer.Header)
	if a.answer.Private {
		keepPrivate(a.Header())
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

// Hijack adds the header first: httputil.ReverseProxy writes its 101 from it. The connection is closed when the session is
// over.
func (a *adder) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	a.add()
	c, buffered, err := http.NewResponseController(a.ResponseWriter).Hijack()
	if err != nil || a.answer.Remaining <= 0 {
		return c, buffered, err
	}
	return &bounded{c, time.AfterFunc(a.answer.Remaining, func() { c.Close() })}, buffered, nil
}

// bounded is a connection that ends by itself.
type bounded struct {
	net.Conn
	end *time.Timer
}

func (b *bounded) Close() error {
	b.end.Stop()
	return b.Conn.Close()
}
