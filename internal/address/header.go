package address

import (
	"slices"
	"strings"
)

// StatesRequest reports whether a server behind may read a header as a part of the request itself: its path, method,
// host, scheme, body or connection, or the address and certificate of whoever asks. No claim may stand there, since one
// site's claims would then speak for another site, or for another request. Case, and any sign in the place of "-", make no
// difference to such a server.
func StatesRequest(header string) bool {
	name := strings.Map(func(r rune) rune {
		switch {
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			return r
		}
		return '-'
	}, header)
	return slices.Contains(stating, name) || slices.ContainsFunc(statingPrefixes, func(p string) bool { return strings.HasPrefix(name, p) })
}

// Names such as X-Forwarded-User and X-Forwarded-Email say who asks, and are what claims are for.
var stating = []string{
	"accept", "authorization", "cache-control", "connection", "cookie", "date", "expect", "forwarded", "from", "host", "keep-alive", "max-forwards",
	"origin", "pragma", "range", "referer", "set-cookie", "te", "trailer", "transfer-encoding", "true-client-ip", "upgrade", "user-agent", "via",
	"x-forwarded", "x-forwarded-by", "x-forwarded-client-cert", "x-forwarded-for", "x-forwarded-host", "x-forwarded-method", "x-forwarded-path",
	"x-forwarded-port", "x-forwarded-prefix", "x-forwarded-proto", "x-forwarded-protocol", "x-forwarded-scheme", "x-forwarded-server",
	"x-forwarded-ssl", "x-forwarded-uri", "x-forwarded-url",
	"x-client-ip", "x-cluster-client-ip", "x-host", "x-http-host-override", "x-method-override", "x-override-url", "x-real-ip", "x-remote-addr", "x-remote-ip",
	"x-script-name", "x-sendfile-type", "x-url-scheme", "client-ip", "fastly-client-ip", "front-end-https",
}

var statingPrefixes = []string{
	"accept-", "access-control-", "cf-", "cloudfront-", "content-", "if-", "proxy-", "sec-",
	"x-accel-", "x-amz-", "x-edge-", "x-envoy-", "x-http-method", "x-original-", "x-rewrite-",
}
