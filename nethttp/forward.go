package nethttp

import (
	"maps"
	"net/http"
	"net/url"
	"strings"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/internal/answer"
)

// forward returns the request to pass on. It never changes r, and copies only what has to differ.
func forward(r *http.Request, d *edgeauth.Decision) *http.Request {
	out := r
	// An identity that an outer middleware has set must not show on a page that this decision made public.
	if !d.Identity.IsZero() || r.Context().Value(identityKey{}) != nil {
		out = WithIdentity(r, d.Identity)
	}
	header := forwardHeader(r.Header, &d.Forward)
	target := forwardURL(r.URL, d.Forward.Path)
	if out == r && (header != nil || target != nil) {
		out = r.WithContext(r.Context()) // a shallow copy
	}
	if header != nil {
		out.Header = header
	}
	if target != nil {
		out.URL = target
	}
	return out
}

// forwardHeader returns the header to pass on, or nil if it is unchanged.
func forwardHeader(in http.Header, f *edgeauth.Forward) http.Header {
	var out http.Header
	change := func() http.Header {
		if out == nil {
			out = maps.Clone(in) // the slices of values are replaced and never changed, so they may be shared
			if out == nil {
				out = http.Header{}
			}
		}
		return out
	}
	if len(f.Drop) > 0 || len(f.Set) > 0 {
		for name := range in {
			if answer.Replaced(f, name) {
				delete(change(), name)
			}
		}
	}
	if !isWebSocket(in["Upgrade"]) {
		dropUpgrade(in, change)
	}
	// A reverse proxy deletes the headers that Connection names (RFC 9110, 7.6.1). A viewer must not be able to make it
	// delete these.
	if len(f.Set) > 0 && len(in["Connection"]) > 0 {
		keepConnection(change(), func(token string) bool { return token == "upgrade" || token == "close" })
	}
	for name, values := range f.Set {
		change()[http.CanonicalHeaderKey(name)] = values
	}
	switch cookie := in["Cookie"]; {
	case f.Cookie == "" && cookie != nil:
		delete(change(), "Cookie")
	case f.Cookie != "" && (len(cookie) != 1 || cookie[0] != f.Cookie):
		change()["Cookie"] = []string{f.Cookie}
	}
	return out
}

// isWebSocket reports whether a request asks for a WebSocket and for nothing else (RFC 6455, 4.1), or for no upgrade.
func isWebSocket(upgrade []string) bool {
	return len(upgrade) == 0 || len(upgrade) == 1 && strings.EqualFold(upgrade[0], "websocket")
}

// dropUpgrade takes out the request for another protocol (RFC 9110, 7.8). A server that then spoke HTTP/2 on this
// connection (h2c, RFC 9113, 3.1) would be asked for anything, past every rule, by whoever was let through to one
// public page.
func dropUpgrade(in http.Header, change func() http.Header) {
	delete(change(), "Upgrade")
	delete(change(), "Http2-Settings")
	if len(in["Connection"]) > 0 {
		keepConnection(change(), func(token string) bool { return token != "upgrade" && token != "http2-settings" })
	}
}

// keepConnection leaves those tokens in Connection that keep reports, in lower case.
func keepConnection(h http.Header, keep func(token string) bool) {
	lines := h["Connection"]
	delete(h, "Connection")
	for _, line := range lines {
		for token := range strings.SplitSeq(line, ",") {
			if token = strings.TrimSpace(token); token != "" && keep(strings.ToLower(token)) {
				h["Connection"] = append(h["Connection"], token)
			}
		}
	}
}

// forwardURL returns the URL with another path, or nil if the path stays.
func forwardURL(in *url.URL, path string) *url.URL {
	if path == "" {
		return nil
	}
	out := *in
	out.Path, _ = url.PathUnescape(path) // answer.Of has refused every path that this would refuse
	out.RawPath = ""
	if out.EscapedPath() != path {
		out.RawPath = path
	}
	return &out
}
