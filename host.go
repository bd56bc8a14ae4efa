package edgeauth

import (
	"net"
	"net/netip"
	"slices"
	"strings"
)

// hosts are the hosts of one site, each with the origin that self-redirects are built from. The request's own
// Host header is only ever looked up here; nothing is built from it.
type hosts struct {
	origins    map[string]string
	scheme     string
	cloudfront bool
}

func newHosts(entries []string, insecure bool) hosts {
	h := hosts{origins: make(map[string]string, len(entries)), scheme: "https"}
	if insecure {
		h.scheme = "http"
	}
	for _, entry := range entries {
		if entry == "cloudfront" {
			h.cloudfront = true
			continue
		}
		name := normalHost(entry, h.scheme)
		h.origins[name] = h.scheme + "://" + name
	}
	return h
}

// origin returns the origin that the request was sent to, if it is one of this site's.
func (h *hosts) origin(r *Request) (string, bool) {
	name := normalHost(r.Host, h.scheme)
	if origin, ok := h.origins[name]; ok {
		return origin, true
	}
	if h.cloudfront && r.Distribution != "" && validHost(r.Distribution) && name == normalHost(r.Distribution, h.scheme) {
		return h.scheme + "://" + name, true
	}
	return "", false
}

// listed reports whether the entries of a configuration name a host, which is normal.
func listed(entries []string, host string) bool {
	return slices.ContainsFunc(entries, func(entry string) bool { return normalHost(entry, "https") == host })
}

// normalHost is a host in the one form that hosts are compared in: lower case, without a trailing dot and without
// the scheme's default port.
func normalHost(host, scheme string) string {
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

// validHost reports whether host is a host name or address with an optional port, written the way URLs write it.
func validHost(host string) bool {
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

// loopback reports whether a host, with or without a port, is this machine: RFC 6761, 6.3 for localhost names.
func loopback(host string) bool {
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	name = strings.ToLower(strings.Trim(name, "[]"))
	if addr, err := netip.ParseAddr(name); err == nil {
		return addr.IsLoopback()
	}
	return name == "localhost" || strings.HasSuffix(name, ".localhost")
}
