package webserve

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// shutdownTime is how long running requests may still take once the process is asked to end.
const shutdownTime = 10 * time.Second

// Serve answers on l until ctx ends, then lets running requests finish. With a certificate it speaks TLS.
func Serve(ctx context.Context, l net.Listener, handler http.Handler, certFile, keyFile string, log *slog.Logger) error {
	server := &http.Server{
		Handler: Patient(handler),
		// Answers take the time they take: downloads and event streams are the site's business.
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10, // a session has up to 16 KiB of cookies
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	done := make(chan error, 1)
	go func() {
		if certFile != "" {
			done <- server.ServeTLS(l, certFile, keyFile)
			return
		}
		done <- server.Serve(l)
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTime)
	defer cancel()
	err := server.Shutdown(grace)
	if errors.Is(err, context.DeadlineExceeded) {
		err = server.Close()
	}
	<-done
	return err
}

// IsLoopback reports whether only this machine can reach addr.
func IsLoopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
