package webserve

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/edgeauth/edgeauth/cmd/edgeauth/internal/operate"
)

// shutdownTime is how long running requests may still take once the process is asked to end.
const shutdownTime = 10 * time.Second

// Server answers on a listener.
type Server struct {
	Handler     http.Handler
	Certificate *operate.Certificate // that it speaks TLS with; nil for plain HTTP
	Ending      func()               // is called when the process is asked to end; nil for nothing
	Drain       time.Duration        // how long it goes on as before then, until load balancers have noticed
	Log         *slog.Logger
}

// Serve answers on l until ctx ends, goes on while it drains, then lets running requests finish.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	var ending atomic.Bool
	open := newConnections()
	server := &http.Server{
		ConnState: open.note,
		Handler:   leaving(Patient(s.Handler), &ending),
		// Answers take the time they take: downloads and event streams are the site's business.
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10, // a session has up to 16 KiB of cookies
		ErrorLog:          slog.NewLogLogger(s.Log.Handler(), slog.LevelWarn),
	}
	done := make(chan error, 1)
	go func() {
		if s.Certificate != nil {
			server.TLSConfig = s.Certificate.Config()
			done <- server.ServeTLS(l, "", "")
			return
		}
		done <- server.Serve(l)
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	ending.Store(true)
	if s.Ending != nil {
		s.Ending()
	}
	select {
	case err := <-done:
		return err
	case <-time.After(s.Drain):
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTime)
	defer cancel()
	stopListening(l)
	<-done // now every connection is known
	open.wait(grace)
	err := server.Shutdown(grace)
	if errors.Is(err, context.DeadlineExceeded) {
		err = server.Close()
	}
	if errors.Is(err, net.ErrClosed) { // the listener is
		return nil
	}
	return err
}

// connections are those on which a request is to come or under way. [http.Server.Shutdown] drops a request that it has not
// read yet, and one that came is not to be lost.
type connections struct {
	mu    sync.Mutex
	busy  map[net.Conn]bool
	quiet chan struct{} // is sent to when none is left
}

func newConnections() *connections {
	return &connections{busy: make(map[net.Conn]bool), quiet: make(chan struct{}, 1)}
}

// note is [http.Server.ConnState].
func (c *connections) note(conn net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if state == http.StateNew || state == http.StateActive {
		c.busy[conn] = true
		return
	}
	if delete(c.busy, conn); len(c.busy) == 0 {
		select {
		case c.quiet <- struct{}{}:
		default:
		}
	}
}

// wait waits until no connection is busy, for as long as ctx allows.
func (c *connections) wait(ctx context.Context) {
	for {
		c.mu.Lock()
		left := len(c.busy)
		c.mu.Unlock()
		if left == 0 {
			return
		}
		select {
		case <-c.quiet:
		case <-ctx.Done():
			return
		}
	}
}

// leaving closes each connection after its next answer once the server is ending, so that no proxy sends a request on one
// that is being closed.
func leaving(next http.Handler, ending *atomic.Bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if ending.Load() {
			w.Header().Set("Connection", "close")
		}
		next.ServeHTTP(w, r)
	})
}
