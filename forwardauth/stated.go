package forwardauth

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/internal/answer"
)

// A header that a proxy sends beside those of its own kind comes from the viewer, or from a proxy that asks at the wrong
// path. Which of the two says what was asked for is never guessed.
var (
	forwardedAlone = []string{"X-Forwarded-Method", "X-Forwarded-Uri"}
	originalAlone  = []string{"X-Original-Method", "X-Original-Uri", "X-Original-Url"}
)

// forwarded is the request that a viewer sent, as Caddy and Traefik state it.
func forwarded(r *http.Request, insecure bool) (*http.Request, error) {
	if err := lacks(r.Header, originalAlone); err != nil {
		return nil, err
	}
	method, err := only(r.Header, "X-Forwarded-Method", "the viewer's method")
	if err != nil {
		return nil, err
	}
	proto, err := only(r.Header, "X-Forwarded-Proto", "the scheme that the viewer used")
	if err != nil {
		return nil, err
	}
	host, err := only(r.Header, "X-Forwarded-Host", "the Host header as the viewer sent it")
	if err != nil {
		return nil, err
	}
	uri, err := only(r.Header, "X-Forwarded-Uri", "the path and query as the viewer sent them")
	if err != nil {
		return nil, err
	}
	if err := sameScheme("X-Forwarded-Proto", proto, insecure); err != nil {
		return nil, err
	}
	return stated(r, "X-Forwarded-Method", method, "X-Forwarded-Host", host, "X-Forwarded-Uri", uri)
}

// original is the request that a viewer sent, as nginx states it.
func original(r *http.Request, insecure bool) (*http.Request, error) {
	if err := lacks(r.Header, forwardedAlone); err != nil {
		return nil, err
	}
	method, err := only(r.Header, "X-Original-Method", "$request_method")
	if err != nil {
		return nil, err
	}
	hostHeader, host, uriHeader := "Host", r.Host, "X-Original-Uri"
	if _, absolute := r.Header["X-Original-Url"]; absolute {
		if err := lacks(r.Header, []string{"X-Original-Uri"}); err != nil {
			return nil, err
		}
		hostHeader, uriHeader = "X-Original-Url", "X-Original-Url"
	}
	uri, err := only(r.Header, uriHeader, "$request_uri")
	if err != nil {
		return nil, err
	}
	if uriHeader == "X-Original-Url" {
		scheme, rest, _ := strings.Cut(uri, "://")
		if err := sameScheme(uriHeader, scheme, insecure); err != nil {
			return nil, err
		}
		i := max(0, strings.IndexByte(rest, '/'))
		host, uri = rest[:i], rest[i:]
	}
	// A viewer may have sent these two; they never choose, but they may not contradict.
	if _, said := r.Header["X-Forwarded-Proto"]; said {
		proto, err := only(r.Header, "X-Forwarded-Proto", "the scheme that the viewer used")
		if err != nil {
			return nil, err
		}
		if err := sameScheme("X-Forwarded-Proto", proto, insecure); err != nil {
			return nil, err
		}
	}
	if _, said := r.Header["X-Forwarded-Host"]; said {
		other, err := only(r.Header, "X-Forwarded-Host", "$http_host")
		if err != nil {
			return nil, err
		}
		if !strings.EqualFold(other, host) {
			return nil, fmt.Errorf("X-Forwarded-Host and %s name two hosts: let the proxy set both to $http_host", hostHeader)
		}
	}
	return stated(r, "X-Original-Method", method, hostHeader, host, uriHeader, uri)
}

// stated puts a request together as if the viewer had sent it here, without its body.
func stated(r *http.Request, methodHeader, method, hostHeader, host, uriHeader, uri string) (*http.Request, error) {
	if !answer.ValidName(method) {
		return nil, fmt.Errorf("%s is no method (RFC 9110, 9.1): let the proxy set it to one, the viewer's", methodHeader)
	}
	if host == "" || strings.ContainsFunc(host, func(c rune) bool { return c <= ' ' || c >= 0x7f || strings.ContainsRune(`,/\?#@`, c) }) {
		return nil, fmt.Errorf("%s has no host in it, or several: let the proxy set it to the Host header as the viewer sent it", hostHeader)
	}
	// nginx takes what follows "#" off, and would serve another path than the one that was judged.
	if !strings.HasPrefix(uri, "/") || strings.ContainsFunc(uri, func(c rune) bool { return c <= ' ' || c == 0x7f || c == '#' }) {
		return nil, fmt.Errorf("%s has no path that begins with a slash, or bytes that no request target has (RFC 9112, 3.2.1): let the proxy set it to the target as the viewer sent it", uriHeader)
	}
	target, err := url.ParseRequestURI(uri)
	if err != nil {
		return nil, errors.New(uriHeader + " is not percent-encoded as a path is (RFC 3986, 2.1)")
	}
	asked := *r
	asked.Method, asked.Host, asked.URL, asked.RequestURI = method, host, target, uri
	asked.Body, asked.ContentLength = nil, 0
	return &asked, nil
}

// lacks returns an error if one of the headers is there.
func lacks(h http.Header, names []string) error {
	for _, name := range names {
		if _, there := h[name]; there {
			return fmt.Errorf("%s came with a request of another kind: let the proxy take it out of what viewers send", name)
		}
	}
	return nil
}

// only is the one value of a header that a proxy has to set.
func only(h http.Header, name, to string) (string, error) {
	switch values := h[name]; {
	case len(values) == 0:
		return "", fmt.Errorf("%s is missing: let the proxy set it to %s", name, to)
	case len(values) > 1:
		return "", fmt.Errorf("%s came %d times: let the proxy replace what viewers send, by %s", name, len(values), to)
	default:
		return values[0], nil
	}
}

// sameScheme compares the viewer's scheme with that of the site; a WebSocket's is the same (RFC 6455, 3).
func sameScheme(header, scheme string, insecure bool) error {
	want, socket := "https", "wss"
	if insecure {
		want, socket = "http", "ws"
	}
	if scheme != want && scheme != socket {
		return fmt.Errorf("%s does not say %s, as the site's URLs do: let the proxy set it to the scheme that the viewer used", header, want)
	}
	return nil
}

// misspelt returns an error if a viewer sent one of the headers that only the proxy may set, in a spelling that no proxy
// replaces and that a server behind may read as the same name.
func misspelt(h http.Header, f *edgeauth.Forward) error {
	for name := range h {
		odd := strings.ContainsFunc(name, func(c rune) bool {
			return c != '-' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z')
		})
		if odd && answer.Replaced(f, name) {
			return fmt.Errorf("a viewer sent %q, which a server behind may take for another name: let the proxy drop headers with such names", name)
		}
	}
	return nil
}
