package main

import (
	"context"
	"io"
	"time"

	"github.com/edgeauth/edgeauth/cmd/edgeauth/internal/localedge"
	"github.com/edgeauth/edgeauth/cmd/edgeauth/internal/webserve"
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
	localedge.Options
	upstream string
}

func runEdge(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var o edgeOptions
	flags := newFlags("edge", edgeUsage, stderr)
	flags.StringVar(&o.Zip, "zip", "", "the function, a `file` that edgeauth package has made")
	flags.StringVar(&o.Runtime, "runtime", "python", "start it by this `runtime`, python or node, where that is installed")
	flags.StringVar(&o.Dir, "dir", "", "serve this `folder`")
	flags.StringVar(&o.upstream, "upstream", "", "pass requests on to the server at this `URL`")
	flags.StringVar(&o.Addr, "addr", "127.0.0.1:8443", "listen on this loopback `address`")
	flags.DurationVar(&o.Init, "init-timeout", runtimeapi.DefaultInit, "how long the function may take to start; Lambda@Edge has no other limit, but this machine may be slower")
	flags.DurationVar(&o.Timeout, "timeout", runtimeapi.DefaultTimeout, "how long the function may take for one event")
	flags.IntVar(&o.Memory, "memory", runtimeapi.DefaultMemory, "how many `MB` the function may take")
	flags.BoolVar(&o.ViewerResponse, "viewer-response", false, "run the function at viewer-response too")
	flags.BoolVar(&o.IncludeBody, "include-body", false, "show the function the bodies of requests, as providers that answer by form_post need it")
	if err := parse(flags, args); err != nil {
		return err
	}
	if err := o.check(); err != nil {
		return err
	}
	return localedge.Run(ctx, o.Options, stdout, stderr)
}

func (o *edgeOptions) check() (err error) {
	switch {
	case o.Zip == "":
		return wrongUsage("-zip is missing: name the function; edgeauth package makes one")
	case (o.Dir == "") == (o.upstream == ""):
		return wrongUsage("give either -dir or -upstream")
	case o.Runtime != "python" && o.Runtime != "node":
		return wrongUsage("-runtime is python or node, not %q", o.Runtime)
	case !webserve.IsLoopback(o.Addr):
		return wrongUsage("a distribution for trying things stays on this machine; %q is no loopback address with a port", o.Addr)
	case o.Timeout <= 0 || o.Timeout > 30*time.Second:
		return wrongUsage("-timeout is %s; CloudFront gives a function up to 30s", o.Timeout)
	case o.Init <= 0:
		return wrongUsage("-init-timeout is %s; Lambda gives a function 10s to start", o.Init)
	case o.Memory < 128 || o.Memory > 10_240:
		return wrongUsage("-memory is %d; Lambda has 128 to 10240", o.Memory)
	}
	o.Upstream, err = parseUpstream(o.upstream)
	return err
}
