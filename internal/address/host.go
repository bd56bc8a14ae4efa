package address

import (
	"net"
	"net/netip"
	"slices"
	"strings"
)

// Hosts are the hosts of one site, each with the origin that redirects to the site itself are built from. The
// request's own Host header is only ever looked up here; nothing is built from it.
type Hosts struct {
	origins    map[string]string
	scheme     string
	cloudfront bool
}

// NewHosts reads the entries of a configuration. Insecure says that the site is served over plain http.
func NewHosts(entries []string, insecure bool) Hosts {
	h := Hosts{origins: make(map[string]string, len(entries)), scheme: "https"}
	if insecure {
		h.scheme = "http"
	}
	for _, entry := range entries {
		if entry == "cloudfront" {
			h.cloudfront = true
			continue
		}
		name := NormalHost(entry, h.scheme)
		h.origins[name] = h.scheme + "://" + name
	}
	return h
}

// Origin returns the origin that a request for host was sent to, if it is one of this site's. Distribution is the
// name that the platform vouches for; the entry "cloudfront" stands for it.
func (h *Hosts) Origin(host, distribution string) (string, bool) {
	name := NormalHost(host, h.scheme)
	if origin, ok := h.origins[name]; ok {
		return origin, true
	}
	if h.cloudfront && distribution != "" && ValidHost(distribution) && name == NormalHost(distribution, h.scheme) {
		return h.scheme + "://" + name, true
	}
	return "", false
}

// Lists reports whether the entries of a configuration name a host, which is in its normal form.
func Lists(entries []string, host string) bool {
	return slices.ContainsFunc(entries, func(entry string) bool { return NormalHost(entry, "https") == host })
}

// NormalHost is a host in the one form that hosts are compared in: lower case, without a trailing dot and without
// the scheme's default port.
func NormalHost(host, scheme string) string {
	host = strings.ToLower(host) // no allocation where nothing changes
	if scheme == "http" {
		host = strings.TrimSuffix(host, ":80")
	} else {
		host = strings.TrimSuffix(host, ":443")
	}
	if strings.HasSuffix(host, ".") {
		return host[:len(host)-1]
	}
	if name, port, ok := strings.Cut(host, ".:"); ok {
		return name + ":" + port
	}
	return host
}

// ValidHost reports whether host is a host name or address with an optional port, written the way URLs write it.
func ValidHost(host string) bool {
	name := host
	if h, port, err := net.SplitHostPort(host); err == nil {
		if port == "" || strings.Trim(port, "0123456789") != "" {
			return false
		}
		name = h
		if strings.HasPrefix(host, "[") {
			_, err := netip.ParseAddr(name)
			return err == nil && strings.Contains(name, ":")
		}
	} else if inner, ok := strings.CutPrefix(host, "["); ok {
		inner, ok = strings.CutSuffix(inner, "]")
		_, err := netip.ParseAddr(inner)
		return ok && err == nil && strings.Contains(inner, ":")
	}
	if name == "" || len(name) > 253 {
		return false
	}
	for _, label := range strings.Split(name, ".") {
		if label == "" || len(label) > 63 {
			return false
		}
		for _, c := range []byte(label) {
			if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_') {
				return false
			}
		}
	}
	return true
}
