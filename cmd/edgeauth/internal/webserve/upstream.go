package webserve

import (
	"errors"
	"log/slog"
	"net/http"
	"net/http/httputil"
	"net/url"
	"time"
)

// upstreamTimeout is how long the upstream server may take to begin its answer.
const upstreamTimeout = time.Minute

// NewUpstream returns a proxy to the server at target. It asks under the server's own host name and says in
// X-Forwarded-For, -Host and -Proto who asked for what; whatever a viewer sent under those names is gone.
func NewUpstream(target *url.URL, scheme string, log *slog.Logger) http.Handler {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.ResponseHeaderTimeout = upstreamTimeout
	return &httputil.ReverseProxy{
		Transport: transport,
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.SetXForwarded()
			// Behind a proxy that ends TLS, plain HTTP comes in for what the viewer asked by https.
			r.Out.Header.Set("X-Forwarded-Proto", scheme)
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

// ParseUpstream reads the URL of an upstream server: a scheme, a host and perhaps a path.
func ParseUpstream(text string) (*url.URL, error) {
	target, err := url.Parse(text)
	if err != nil || target.Host == "" || target.Scheme != "http" && target.Scheme != "https" ||
		target.User != nil || target.RawQuery != "" || target.Fragment != "" {
		return nil, errors.New("must be a URL such as http://127.0.0.1:3000")
	}
	return target, nil
}
