// Package localedge runs a packaged function on this machine as CloudFront and Lambda do.
//
// The platform itself is in internal/cloudfront and internal/runtimeapi of the module, because the tests of lambdaedge
// and of e2e run functions by them too, which are no part of this command.
package localedge

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/edgeauth/edgeauth/cmd/edgeauth/internal/webserve"
	"github.com/edgeauth/edgeauth/internal/cloudfront"
	"github.com/edgeauth/edgeauth/internal/runtimeapi"
)

// Options say which function runs in front of what.
type Options struct {
	Zip            string        // the function
	Runtime        string        // python or node: what starts it, where that is installed
	Dir            string        // the folder behind it, or
	Upstream       *url.URL      // the server behind it
	Addr           string        // where to listen
	Init, Timeout  time.Duration // how long the function may take to start, and for one event
	Memory         int           // in MB
	ViewerResponse bool          // run the function at viewer-response too
	IncludeBody    bool          // show the function the bodies of requests
}

// Run serves until ctx ends.
func Run(ctx context.Context, o Options, stdout, stderr io.Writer) error {
	work, err := os.MkdirTemp("", "edgeauth-edge-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	log := slog.New(slog.NewTextHandler(stderr, nil))

	function, how, err := o.function(filepath.Join(work, "task"), stderr)
	if err != nil {
		return err
	}
	defer function.Close()
	origin, err := o.origin(log)
	if err != nil {
		return err
	}
	ca, err := newAuthority()
	if err != nil {
		return err
	}
	caFile := filepath.Join(work, "ca.pem")
	if err := os.WriteFile(caFile, ca.pem, 0o644); err != nil {
		return err
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", o.Addr)
	if err != nil {
		return err
	}
	behind := o.Dir
	if o.Upstream != nil {
		behind = o.Upstream.String()
	}
	fmt.Fprintf(stdout, "\n  Open       https://localhost:%d\n  Authority  %s\n  Function   %s, %s, %d MB, %s\n  Origin     %s\nlistening on %s\n",
		l.Addr().(*net.TCPAddr).Port, caFile, o.Zip, how, o.Memory, o.Timeout, behind, l.Addr())
	distribution := &cloudfront.Distribution{Function: function, Origin: origin, ViewerResponse: o.ViewerResponse, IncludeBody: o.IncludeBody, Log: log}
	secure := tls.NewListener(l, &tls.Config{GetCertificate: ca.certificate, NextProtos: []string{"h2", "http/1.1"}, MinVersion: tls.VersionTLS12})
	// A browser that does not trust the authority says so itself, at every handshake.
	quiet := slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	return (&webserve.Server{Handler: distribution, Log: quiet}).Serve(ctx, secure)
}

// function unpacks the zip into task and says how it will be started.
func (o Options) function(task string, output io.Writer) (function *runtimeapi.Function, how string, err error) {
	if err := Unpack(o.Zip, task); err != nil {
		return nil, "", fmt.Errorf("%s: %w", o.Zip, err)
	}
	command, how := startCommand(o.Runtime, task)
	return &runtimeapi.Function{
		Command: command, Dir: task, Handler: "index.handler", Memory: o.Memory, Init: o.Init, Timeout: o.Timeout,
		Env: inherited(os.LookupEnv), Output: &prefixed{to: output, prefix: "function | "},
	}, how, nil
}

func (o Options) origin(log *slog.Logger) (http.Handler, error) {
	if o.Dir != "" {
		root, err := os.OpenRoot(o.Dir) // no symbolic link leads out of it
		if err != nil {
			return nil, err
		}
		return cloudfront.Bucket{Files: root.FS(), Root: "index.html"}, nil
	}
	return cloudfront.NewUpstream(o.Upstream, log), nil
}
