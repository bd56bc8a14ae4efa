package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/edgeauth/edgeauth/cmd/edgeauth/internal/operate"
	"github.com/edgeauth/edgeauth/cmd/edgeauth/internal/sitefile"
	"github.com/edgeauth/edgeauth/cmd/edgeauth/internal/webserve"
)

const serveUsage = `Usage: edgeauth serve -config FILE|DIR [-keys FILE] (-dir SITE | -upstream URL | -forward-auth) [flags]

Protects a folder of files, or an upstream server, as the site document in FILE says. It answers the hosts that
the document lists and no others. With DIR it protects many sites, one for each *.json file in it, and notices within
seconds when a document is added, changed or removed.

There are three ways to put it on the network:
  - behind a proxy that ends TLS: nothing to set. It speaks plain HTTP on -addr, and every URL it makes is https.
    The proxy has to hand on the Host header as the viewer sent it.
  - by itself: -tls-cert and -tls-key.
  - on this machine only, to try things: -insecure-http, with hosts such as "localhost:8080" in the document.

An upstream server is asked under the host that the viewer asked for, or with -upstream-host under its own; a Location of
its own origin is then made one of the site's. It learns the viewer's address, host and scheme from X-Forwarded-For (and
X-Real-IP), X-Forwarded-Host and X-Forwarded-Proto. What a viewer says in such headers is never handed on.

Secrets in the document FILE may be env:NAME or file:NAME; files are looked for beside the document. With DIR, whoever
writes one document is not trusted with more than that site: file:NAME in HOST.json is the file NAME in the folder HOST
beside it, and env:NAME has to be given to that document with -secret-env HOST=NAME. Providers are at public addresses,
or in a network that -provider-network lists.

With -forward-auth it serves nothing and is asked by a proxy that does: nginx (auth_request), Caddy (forward_auth), Traefik
(ForwardAuth). Only a proxy that -trusted-proxy lists gets an answer. See docs/behind-a-proxy.md.

One line is logged for each request, and one for what people do. The document, the keys, secrets in files and the
certificate are read again when they change, and on SIGHUP; what is wrong is refused, and what counted before goes on.
SIGTERM ends it: /ready says 503 at once, and after -drain no more connections are taken.

Flags:
`

func runServe(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var o serveOptions
	flags := newFlags("serve", serveUsage, stderr)
	flags.StringVar(&o.Config, "config", "", "the site document, a JSON `file`, or a folder of them")
	flags.StringVar(&o.Keys, "keys", "", "master keys, a `file` with one in base64 per line, for a document without session.keys")
	flags.Func("secret-env", "with DIR: lets one document name one environment variable, as `DOCUMENT=VARIABLE`; may be repeated", list(&o.SecretEnv))
	flags.Func("provider-network", "with DIR: "+networkUsage, networks(&o.Networks))
	flags.StringVar(&o.Dir, "dir", "", "serve this `folder`")
	flags.StringVar(&o.upstream, "upstream", "", "pass requests on to the server at this `URL`")
	flags.BoolVar(&o.UpstreamHost, "upstream-host", false, "ask the upstream server under its own host name, not the viewer's")
	flags.DurationVar(&o.hsts, "hsts", 365*24*time.Hour, "with -tls-cert: how long browsers are to come by https alone (RFC 6797); 0 for never")
	flags.StringVar(&o.addr, "addr", "127.0.0.1:8080", "listen on this `address`: HOST:PORT, where port 0 takes a free one, or unix:PATH")
	flags.StringVar(&o.cert, "tls-cert", "", "speak TLS with this certificate, a PEM `file`")
	flags.StringVar(&o.key, "tls-key", "", "the certificate's key, a PEM `file`")
	flags.BoolVar(&o.ForwardAuth, "forward-auth", false, "serve nothing: answer a proxy that asks whether a request may pass")
	flags.Func("trusted-proxy", "believe this peer what X-Forwarded-For says of the viewer: a `network` such as 10.1.0.0/16, or unix for the peers of a socket; may be repeated", o.TrustedProxies.Add)
	flags.StringVar(&o.health, "health", "", "answer /live, /ready and Prometheus' /metrics on this `address` of its own")
	flags.DurationVar(&o.drain, "drain", 0, "after SIGTERM: how long requests are still taken while /ready says 503")
	flags.StringVar(&o.log, "log", "text", "write the log as `text or json`")
	flags.TextVar(&o.level, "log-level", slog.LevelInfo, "the least `level` that is logged: debug has the decision on each allowed request, info each request and what people do, warn what is refused, error what needs a repair")
	flags.BoolVar(&o.InsecureHTTP, "insecure-http", false, "the site's own URLs are plain http; for loopback hosts only")
	if err := parse(flags, args); err != nil {
		return err
	}
	if err := o.check(); err != nil {
		return err
	}
	log := o.logger(stderr)
	metrics := operate.NewMetrics(version())
	site, err := o.Open(log, metrics)
	if err != nil {
		return err
	}
	if o.Certificate != nil {
		metrics.Gauge("edgeauth_certificate_end_seconds", func() float64 { return float64(o.Certificate.Ends().Unix()) })
	}
	l, err := webserve.Listen(ctx, o.addr)
	if err != nil {
		return err
	}
	health := &operate.Health{Metrics: metrics}
	healthy := func() error { return nil }
	if o.health != "" {
		if healthy, err = serveHealth(ctx, o.health, health, log, stdout); err != nil {
			l.Close()
			return err
		}
	}
	if o.Certificate == nil && !webserve.IsLoopback(o.addr) {
		log.Warn("plain HTTP beyond this machine: let nothing but your TLS proxy reach it", "addr", l.Addr().String())
	}
	what := o.Dir + o.upstream
	if o.ForwardAuth {
		what = "what proxies ask about"
	}
	fmt.Fprintf(stdout, "Protecting %s for %s\nlistening on %s\n", what, enumerate(site.Hosts), l.Addr())
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	defer signal.Stop(hangups)
	go site.Live.Watch(ctx, hangups)
	server := &webserve.Server{Handler: o.secured(site), Certificate: o.Certificate, Ending: health.End, Drain: o.drain, Log: log}
	return errors.Join(server.Serve(ctx, l), healthy())
}

// serveHealth answers orchestrators until the returned function is called, which is after the last request of a viewer.
func serveHealth(ctx context.Context, addr string, health *operate.Health, log *slog.Logger, stdout io.Writer) (end func() error, err error) {
	l, err := webserve.Listen(ctx, addr)
	if err != nil {
		return nil, fmt.Errorf("-health: %w", err)
	}
	fmt.Fprintf(stdout, "health at http://%s/ready\n", l.Addr())
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan error, 1)
	go func() { done <- (&webserve.Server{Handler: health, Log: log}).Serve(ctx, l) }()
	return func() error {
		cancel()
		return <-done
	}, nil
}

// serveOptions are the flags of serve.
type serveOptions struct {
	webserve.Options
	upstream, addr, cert, key string
	health, log               string
	level                     slog.Level
	hsts, drain               time.Duration
}

func (o *serveOptions) logger(w io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: o.level}
	if o.log == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}

func (o *serveOptions) secured(next http.Handler) http.Handler {
	if o.Certificate == nil || o.hsts == 0 {
		return next
	}
	return webserve.HSTS(next, o.hsts)
}

func (o *serveOptions) check() (err error) {
	switch {
	case o.Config == "":
		return wrongUsage("-config is missing: name the site document")
	case o.ForwardAuth && o.Dir+o.upstream != "" || !o.ForwardAuth && (o.Dir == "") == (o.upstream == ""):
		return wrongUsage("give either -dir or -upstream, or -forward-auth alone")
	case o.ForwardAuth && o.TrustedProxies.None():
		return wrongUsage("-forward-auth trusts nobody yet: name your proxy's network in -trusted-proxy")
	case (o.cert == "") != (o.key == ""):
		return wrongUsage("-tls-cert and -tls-key go together")
	case len(o.SecretEnv) > 0 && !sitefile.IsFolder(o.Config):
		return wrongUsage("-secret-env goes with a folder of documents; one alone may name every variable")
	case o.Networks != nil && !sitefile.IsFolder(o.Config):
		return wrongUsage("-provider-network goes with a folder of documents; one alone may name any provider")
	case o.UpstreamHost && o.upstream == "":
		return wrongUsage("-upstream-host goes with -upstream")
	case o.log != "text" && o.log != "json":
		return wrongUsage("-log is %q; give text or json", o.log)
	case o.drain < 0:
		return wrongUsage("-drain is %v; give a time such as 10s", o.drain)
	case o.hsts < 0:
		return wrongUsage("-hsts is %v; give a time such as 8760h, or 0 for never", o.hsts)
	case o.InsecureHTTP && o.cert != "":
		return wrongUsage("-insecure-http and -tls-cert exclude each other")
	case o.InsecureHTTP && !webserve.IsLoopback(o.addr):
		return wrongUsage("-insecure-http listens on this machine only; %q is open to others", o.addr)
	}
	if o.cert != "" {
		o.Certificate = &operate.Certificate{CertFile: o.cert, KeyFile: o.key}
	}
	o.Upstream, err = parseUpstream(o.upstream)
	return err
}

// list collects the values of a flag that may be repeated.
func list(values *[]string) func(string) error {
	return func(value string) error {
		*values = append(*values, value)
		return nil
	}
}

const networkUsage = "lets providers be in this `network` too, such as 10.1.0.0/16, or 127.0.0.0/8 to try things; may be repeated"

// networks collects the values of -provider-network.
func networks(values *[]netip.Prefix) func(string) error {
	return func(value string) error {
		n, err := netip.ParsePrefix(value)
		if err == nil {
			*values = append(*values, n)
		}
		return err
	}
}

// enumerate names some hosts and counts the rest.
func enumerate(hosts []string) string {
	const some = 10
	switch {
	case len(hosts) == 0:
		return "no site yet"
	case len(hosts) <= some:
		return strings.Join(hosts, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(hosts[:some], ", "), len(hosts)-some)
}
