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
	s.Live, err = operate.NewLive(func(from *operate.Sources) (edgeauth.Checker, error) {
		protect := o.site
		if sitefile.IsFolder(o.Config) {
			protect = o.sites
		}
		checker, hosts, err := protect(from, log)
		if s.Hosts == nil {
			s.Hosts = hosts
		}
		if o.Certificate != nil {
			err = errors.Join(err, o.Certificate.Load(from)) // whichever is right is taken
		}
		return checker, err
	}, log, m)
	if err != nil {
		return nil, err
	}
	next, err := o.content(log)
	if err != nil {
		return nil, err
	}
	s.Handler = operate.Access(nethttp.Protect(operate.Observe(s.Live, m), next), o.TrustedProxies, log, m)
	return &s, nil
}

// site protects the one site that -config is the document of.
func (o Options) site(from *operate.Sources, log *slog.Logger) (edgeauth.Checker, []string, error) {
	doc, options, err := o.document(from)
	if err != nil {
		return nil, nil, err
	}
	config, err := siteconfig.Parse(o.Config, doc, options)
	if err != nil {
		return nil, nil, err
	}
	config.InsecureHTTP = o.InsecureHTTP
	config.Logger = log
	guard, err := edgeauth.New(config)
	if err != nil {
		return nil, nil, siteconfig.Explain(o.Config, err)
	}
	return guard, config.Hosts, nil
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
