package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/edgeauth/edgeauth/internal/cloudfront"
	"github.com/edgeauth/edgeauth/internal/runtimeapi"
)

const edgeUsage = `Usage: edgeauth edge -zip function.zip (-dir SITE | -upstream URL) [flags]

Runs a packaged function on this machine the way CloudFront and Lambda do, in front of a folder or a server: the very
zip that will be deployed, in the runtime that it will be deployed for. It needs Linux on x86-64, as Lambda@Edge is.

It speaks HTTPS with a certificate of an authority that is made anew each time and good for this machine's own names
alone. Trust the file that it prints, or go past the browser's warning.

The distribution's domain name is the host that you ask for: a document with "hosts": ["cloudfront"] works here as it
is, with https://localhost:8443/.auth/callback registered at the provider.

A result that CloudFront would refuse is a 502 here, a function that fails is a 503, and the reason is printed. A
folder is served as a private bucket: index.html for /, and 403 for whatever is missing. An upstream server gets what
CloudFront sends with the policies CachingDisabled and AllViewerExceptHostHeader: the request with its cookies and its
query, under the server's own host name. Nothing is cached.

Flags:
`

type edgeOptions struct {
	zip, runtime, dir, upstream, addr string
	init, timeout                     time.Duration
	memory                            int
	viewerResponse                    bool
}

func runEdge(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var o edgeOptions
	flags := newFlags("edge", edgeUsage, stderr)
	flags.StringVar(&o.zip, "zip", "", "the function, a `file` that edgeauth package has made")
	flags.StringVar(&o.runtime, "runtime", "python", "start it by this `runtime`, python or node, where that is installed")
	flags.StringVar(&o.dir, "dir", "", "serve this `folder`")
	flags.StringVar(&o.upstream, "upstream", "", "pass requests on to the server at this `URL`")
	flags.StringVar(&o.addr, "addr", "127.0.0.1:8443", "listen on this loopback `address`")
	flags.DurationVar(&o.init, "init-timeout", runtimeapi.DefaultInit, "how long the function may take to start; Lambda@Edge has no other limit, but this machine may be slower")
	flags.DurationVar(&o.timeout, "timeout", runtimeapi.DefaultTimeout, "how long the function may take for one event")
	flags.IntVar(&o.memory, "memory", runtimeapi.DefaultMemory, "how many `MB` the function may take")
	flags.BoolVar(&o.viewerResponse, "viewer-response", false, "run the function at viewer-response too")
	if err := parse(flags, args); err != nil {
		return err
	}
	if err := o.check(); err != nil {
		return err
	}
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
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", o.addr)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "\n  Open       https://localhost:%s\n  Authority  %s\n  Function   %s, %s, %d MB, %s\n  Origin     %s\nlistening on %s\n",
		port(l, 0), caFile, o.zip, how, o.memory, o.timeout, o.dir+o.upstream, l.Addr())
	distribution := &cloudfront.Distribution{Function: function, Origin: origin, ViewerResponse: o.viewerResponse, Log: log}
	secure := tls.NewListener(l, &tls.Config{GetCertificate: ca.certificate, NextProtos: []string{"h2", "http/1.1"}, MinVersion: tls.VersionTLS12})
	// A browser that does not trust the authority says so itself, at every handshake.
	quiet := slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	return serve(ctx, secure, distribution, "", "", quiet)
}

func (o *edgeOptions) check() error {
	switch {
	case o.zip == "":
		return wrongUsage("-zip is missing: name the function; edgeauth package makes one")
	case (o.dir == "") == (o.upstream == ""):
		return wrongUsage("give either -dir or -upstream")
	case o.runtime != "python" && o.runtime != "node":
		return wrongUsage("-runtime is python or node, not %q", o.runtime)
	case !isLoopback(o.addr):
		return wrongUsage("a distribution for trying things stays on this machine; %q is no loopback address with a port", o.addr)
	case o.timeout <= 0 || o.timeout > 30*time.Second:
		return wrongUsage("-timeout is %s; CloudFront gives a function up to 30s", o.timeout)
	case o.init <= 0:
		return wrongUsage("-init-timeout is %s; Lambda gives a function 10s to start", o.init)
	case o.memory < 128 || o.memory > 10_240:
		return wrongUsage("-memory is %d; Lambda has 128 to 10240", o.memory)
	}
	return nil
}

// function unpacks the zip into task and says how it will be started.
func (o *edgeOptions) function(task string, output io.Writer) (function *runtimeapi.Function, how string, err error) {
	if err := unpack(o.zip, task); err != nil {
		return nil, "", fmt.Errorf("%s: %w", o.zip, err)
	}
	command, how := startCommand(o.runtime, task)
	return &runtimeapi.Function{
		Command: command, Dir: task, Handler: "index.handler", Memory: o.memory, Init: o.init, Timeout: o.timeout,
		Env: inherited(os.LookupEnv), Output: &prefixed{to: output, prefix: "function | "},
	}, how, nil
}

func (o *edgeOptions) origin(log *slog.Logger) (http.Handler, error) {
	if o.dir != "" {
		root, err := os.OpenRoot(o.dir) // no symbolic link leads out of it
		if err != nil {
			return nil, err
		}
		return cloudfront.Bucket{Files: root.FS(), Root: "index.html"}, nil
	}
	target, err := parseUpstream(o.upstream)
	if err != nil {
		return nil, err
	}
	return cloudfront.NewUpstream(target, log), nil
}
