// Package webserve serves a protected folder, or an upstream server, over HTTP.
package webserve

import (
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"time"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/cmd/edgeauth/internal/sitefile"
	"github.com/edgeauth/edgeauth/nethttp"
	"github.com/edgeauth/edgeauth/siteconfig"
)

// Options say what is served, and as which site or sites.
type Options struct {
	Config       string           // the site document, or a folder of them
	Keys         string           // a file of master keys; "" for none
	SecretEnv    []string         // DOCUMENT=VARIABLE: what a document of a folder may name as env:VARIABLE
	Networks     []netip.Prefix   // that providers of a folder's sites may be in besides public addresses
	Dir          string           // the folder that is served, or
	Upstream     *url.URL         // the server that requests are passed on to
	UpstreamHost bool             // that server is asked under its own host name
	InsecureHTTP bool             // the sites' own URLs are plain http
	Now          func() time.Time // default time.Now
}

// Handler returns the protected site or sites, and their hosts.
func (o Options) Handler(log *slog.Logger) (http.Handler, []string, error) {
	protect := o.site
	if sitefile.IsFolder(o.Config) {
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
func (o Options) site(log *slog.Logger) (edgeauth.Checker, []string, error) {
	doc, options, err := sitefile.Read(o.Config, o.Keys)
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
	return Upstream{Target: o.Upstream, Scheme: scheme, OwnHost: o.UpstreamHost, Log: log}.Handler(), nil
}
