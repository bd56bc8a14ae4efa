package webserve

import (
	"errors"
	"log/slog"
	"net/http"
	"net/http/httputil"
	"net/url"
	"slices"
	"time"

	"github.com/edgeauth/edgeauth/cmd/edgeauth/internal/operate"
	"github.com/edgeauth/edgeauth/internal/address"
	"github.com/edgeauth/edgeauth/internal/answer"
)

// upstreamTimeout is how long the upstream server may take to begin its answer.
const upstreamTimeout = time.Minute

// Upstream is a server that requests are passed on to.
type Upstream struct {
	Target  *url.URL
	Scheme  string          // of the site's own URLs, which need not be that of the connection
	OwnHost bool            // it is asked under the host name in Target, not under the viewer's
	Proxies operate.Proxies // whose word on the viewer's address counts
	Log     *slog.Logger
}

// Handler returns a proxy. It says in X-Forwarded-For, -Host and -Proto and in X-Real-IP who asked for what; whatever a
// viewer sent under those and their like is gone.
func (u Upstream) Handler() http.Handler {
	target, log := u.Target, u.Log
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.ResponseHeaderTimeout = upstreamTimeout
	return &httputil.ReverseProxy{
		Transport: transport,
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			dropAsker(r.Out.Header)
			r.SetXForwarded()
			// Behind a proxy that ends TLS, plain HTTP comes in for what the viewer asked by https.
			r.Out.Header.Set("X-Forwarded-Proto", u.Scheme)
			if viewer := u.Proxies.Viewer(r.In); viewer != "" {
				r.Out.Header.Set("X-Forwarded-For", viewer)
				r.Out.Header.Set("X-Real-IP", viewer)
			}
			if !u.OwnHost {
				r.Out.Host = r.In.Host
			}
		},
		ModifyResponse: func(r *http.Response) error {
			if u.OwnHost {
				u.relocate(r.Header)
			}
			return nil
		},
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn),
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			log.LogAttrs(r.Context(), slog.LevelError, "upstream failed",
				slog.String("upstream", target.Host), slog.Any("error", err))
			w.Header().Set("Cache-Control", "no-store")
			http.Error(w, "The server behind this page does not answer. Try again later.", http.StatusBadGateway)
		},
	}
}

// dropAsker deletes what a viewer says of itself, in every spelling that a server may read as the same name.
func dropAsker(h http.Header) {
	for name := range h {
		if slices.ContainsFunc(forged, func(f string) bool { return answer.SameName(f, name) }) {
			delete(h, name)
		}
	}
}

var forged = append(address.Asker(), "X-Forwarded-For", "X-Forwarded-Proto", "X-Real-IP")

// relocate makes a Location of the upstream's own origin one of the site's: no viewer can reach the other.
func (u Upstream) relocate(h http.Header) {
	to, err := url.Parse(h.Get("Location"))
	if err != nil || to.Host != u.Target.Host || to.Scheme != u.Target.Scheme {
		return
	}
	to.Scheme, to.Host = "", "" // relative to the address that was asked for (RFC 9110, 10.2.2)
	if to.Path == "" {
		to.Path = "/"
	}
	h.Set("Location", to.String())
}

// ParseUpstream reads the URL of an upstream server: a scheme, a host and perhaps a path.
func ParseUpstream(text string) (*url.URL, error) {
	target, err := url.Parse(text)
	if err != nil || target.Host == "" || target.Scheme != "http" && target.Scheme != "https" ||
		target.User != nil || target.RawQuery != "" || target.Fragment != "" {
		return nil, errors.New("must be a URL such as http://127.0.0.1:3000")
	}
	return target, nil
}
