// Package webserve serves a protected folder, or an upstream server, over HTTP.
package webserve

import (
	"bytes"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"time"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/cmd/edgeauth/internal/operate"
	"github.com/edgeauth/edgeauth/cmd/edgeauth/internal/sitefile"
	"github.com/edgeauth/edgeauth/forwardauth"
	"github.com/edgeauth/edgeauth/nethttp"
	"github.com/edgeauth/edgeauth/siteconfig"
)

// Options say what is served, and as which site or sites.
type Options struct {
	Config         string               // the site document, or a folder of them
	Keys           string               // a file of master keys; "" for none
	SecretEnv      []string             // DOCUMENT=VARIABLE: what a document of a folder may name as env:VARIABLE
	Networks       []netip.Prefix       // that providers of a folder's sites may be in besides public addresses
	Dir            string               // the folder that is served, or
	Upstream       *url.URL             // the server that requests are passed on to
	UpstreamHost   bool                 // that server is asked under its own host name
	TrustedProxies operate.Proxies      // whose word on a viewer's address counts
	ForwardAuth    bool                 // nothing is served: the trusted proxies ask
	InsecureHTTP   bool                 // the sites' own URLs are plain http
	Certificate    *operate.Certificate // that TLS is spoken with; nil for none
	Now            func() time.Time     // default time.Now
}

// Site is what is protected, ready to be served.
type Site struct {
	http.Handler
	Hosts []string      // at the start
	Live  *operate.Live // reads the documents, keys, secrets and the certificate again
}

// Open reads what the options name.
func (o Options) Open(log *slog.Logger, m *operate.Metrics) (*Site, error) {
	var s Site
	var err error
	var login string
	s.Live, err = operate.NewLive(func(from *operate.Sources) (edgeauth.Checker, error) {
		protect := o.site
		if sitefile.IsFolder(o.Config) {
			protect = o.sites
		}
		checker, hosts, path, err := protect(from, log)
		if s.Hosts == nil {
			s.Hosts, login = hosts, path
		}
		if o.Certificate != nil {
			err = errors.Join(err, o.Certificate.Load(from)) // whichever is right is taken
		}
		return checker, err
	}, log, m)
	if err != nil {
		return nil, err
	}
	handler, err := o.handler(operate.Observe(s.Live, m), login, log)
	s.Handler = operate.Access(handler, o.TrustedProxies, log, m)
	return &s, err
}

func (o Options) handler(checker edgeauth.Checker, login string, log *slog.Logger) (http.Handler, error) {
	if o.ForwardAuth {
		return forwardauth.Handler(checker, forwardauth.Options{
			TrustedProxies: o.TrustedProxies.Networks, TrustUnix: o.TrustedProxies.Unix, InsecureHTTP: o.InsecureHTTP, LoginPath: login, Logger: log,
		}), nil
	}
	next, err := o.content(log)
	return nethttp.Protect(checker, next), err
}

// site protects the one site that -config is the document of. It returns its login path too, "" for the usual one.
func (o Options) site(from *operate.Sources, log *slog.Logger) (checker edgeauth.Checker, hosts []string, login string, err error) {
	doc, options, err := o.document(from)
	if err != nil {
		return nil, nil, "", err
	}
	config, err := siteconfig.Parse(o.Config, doc, options)
	if err != nil {
		return nil, nil, "", err
	}
	config.InsecureHTTP = o.InsecureHTTP
	config.Logger = log
	guard, err := edgeauth.New(config)
	if err != nil {
		return nil, nil, "", siteconfig.Explain(o.Config, err)
	}
	return guard, config.Hosts, config.Paths.Login, nil
}

// document reads the document and what it may draw on.
func (o Options) document(from *operate.Sources) (doc []byte, options siteconfig.Options, err error) {
	if _, err = o.readKeys(from); err != nil {
		return nil, options, err
	}
	doc, err = from.Read(o.Config, func() (doc []byte, err error) {
		doc, options, err = sitefile.Read(o.Config, o.Keys)
		return doc, err
	})
	read := options.ReadFile
	options.ReadFile = func(name string) ([]byte, error) {
		return from.Read("file:"+name, func() ([]byte, error) { return read(name) })
	}
	return doc, options, err
}

// readKeys reads the master keys, so that a change of them shows.
func (o Options) readKeys(from *operate.Sources) ([]byte, error) {
	if o.Keys == "" {
		return nil, nil
	}
	return from.Read("keys:"+o.Keys, func() ([]byte, error) {
		keys, err := sitefile.Keys(o.Keys)
		return bytes.Join(keys, nil), err
	})
}

func (o Options) content(log *slog.Logger) (http.Handler, error) {
	if o.Dir != "" {
		// A root keeps symbolic links from leading out of the folder.
		root, err := os.OpenRoot(o.Dir)
		if err != nil {
			return nil, err
		}
		return Files{root.FS()}, nil
	}
	scheme := "https"
	if o.InsecureHTTP {
		scheme = "http"
	}
	return Upstream{Target: o.Upstream, Scheme: scheme, OwnHost: o.UpstreamHost, Proxies: o.TrustedProxies, Log: log}.Handler(), nil
}
