package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/nethttp"
	"github.com/edgeauth/edgeauth/siteconfig"
)

const serveUsage = `Usage: edgeauth serve -config FILE|DIR [-keys FILE] (-dir SITE | -upstream URL) [flags]

Protects a folder of files, or an upstream server, as the site document in FILE says. It answers the hosts that
the document lists and no others. With DIR it protects many sites, one for each *.json file in it, and notices within
seconds when a document is added, changed or removed.

There are three ways to put it on the network:
  - behind a proxy that ends TLS: nothing to set. It speaks plain HTTP on -addr, and every URL it makes is https.
    The proxy has to hand on the Host header as the viewer sent it.
  - by itself: -tls-cert and -tls-key.
  - on this machine only, to try things: -insecure-http, with hosts such as "localhost:8080" in the document.

An upstream server is asked under its own host name. It learns the viewer's address, host and scheme from
X-Forwarded-For, X-Forwarded-Host and X-Forwarded-Proto.

Secrets in a document may be env:NAME or file:NAME; files are looked for beside the document.

Flags:
`

func runServe(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var o serveOptions
	flags := newFlags("serve", serveUsage, stderr)
	flags.StringVar(&o.config, "config", "", "the site document, a JSON `file`, or a folder of them")
	flags.StringVar(&o.keys, "keys", "", "master keys, a `file` with one in base64 per line, for a document without session.keys")
	flags.StringVar(&o.dir, "dir", "", "serve this `folder`")
	flags.StringVar(&o.upstream, "upstream", "", "pass requests on to the server at this `URL`")
	flags.StringVar(&o.addr, "addr", "127.0.0.1:8080", "listen on this `address`; port 0 takes a free one")
	flags.StringVar(&o.cert, "tls-cert", "", "speak TLS with this certificate, a PEM `file`")
	flags.StringVar(&o.key, "tls-key", "", "the certificate's key, a PEM `file`")
	flags.BoolVar(&o.insecure, "insecure-http", false, "the site's own URLs are plain http; for loopback hosts only")
	if err := parse(flags, args); err != nil {
		return err
	}
	if err := o.check(); err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(stderr, nil))
	handler, hosts, err := o.handler(log)
	if err != nil {
		return err
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", o.addr)
	if err != nil {
		return err
	}
	if o.cert == "" && !isLoopback(l.Addr().String()) {
		log.Warn("plain HTTP beyond this machine: let nothing but your TLS proxy reach it", "addr", l.Addr().String())
	}
	fmt.Fprintf(stdout, "Protecting %s for %s\nlistening on %s\n", o.dir+o.upstream, enumerate(hosts), l.Addr())
	return serve(ctx, l, handler, o.cert, o.key, log)
}

// serveOptions are the flags of serve.
type serveOptions struct {
	config, keys, dir, upstream, addr, cert, key string
	insecure                                     bool
	now                                          func() time.Time // default time.Now
}

func (o serveOptions) check() error {
	switch {
	case o.config == "":
		return wrongUsage("-config is missing: name the site document")
	case (o.dir == "") == (o.upstream == ""):
		return wrongUsage("give either -dir or -upstream")
	case (o.cert == "") != (o.key == ""):
		return wrongUsage("-tls-cert and -tls-key go together")
	case o.insecure && o.cert != "":
		return wrongUsage("-insecure-http and -tls-cert exclude each other")
	case o.insecure && !isLoopback(o.addr):
		return wrongUsage("-insecure-http listens on this machine only; %q is open to others", o.addr)
	}
	return nil
}

// handler returns the protected site or sites, and their hosts.
func (o serveOptions) handler(log *slog.Logger) (http.Handler, []string, error) {
	protect := o.site
	if isFolder(o.config) {
		protect = o.sites
	}
	checker, hosts, err := protect(log)
	if err != nil {
		return nil, nil, err
	}
	next, err := o.content(log)
	if err != nil {
		return nil, nil, err
	}
	return nethttp.Protect(checker, next), hosts, nil
}

// site protects the one site that -config is the document of.
func (o serveOptions) site(log *slog.Logger) (edgeauth.Checker, []string, error) {
	doc, options, err := readDocument(o.config, o.keys)
	if err != nil {
		return nil, nil, err
	}
	config, err := siteconfig.Parse(o.config, doc, options)
	if err != nil {
		return nil, nil, err
	}
	config.InsecureHTTP = o.insecure
	config.Logger = log
	guard, err := edgeauth.New(config)
	if err != nil {
		return nil, nil, siteconfig.Explain(o.config, err)
	}
	return guard, config.Hosts, nil
}

func (o serveOptions) content(log *slog.Logger) (http.Handler, error) {
	if o.dir != "" {
		// A root keeps symbolic links from leading out of the folder.
		root, err := os.OpenRoot(o.dir)
		if err != nil {
			return nil, err
		}
		return files{root.FS()}, nil
	}
	target, err := parseUpstream(o.upstream)
	if err != nil {
		return nil, err
	}
	scheme := "https"
	if o.insecure {
		scheme = "http"
	}
	return newUpstream(target, scheme, log), nil
}

// maxFile bounds the documents, keys and secrets that are read.
const maxFile = 1 << 20

func readFile(name string) ([]byte, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	content, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err == nil && len(content) > maxFile {
		err = fmt.Errorf("%s has more than %d bytes", name, maxFile)
	}
	return content, err
}
