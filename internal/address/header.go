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

// OtherRequest are headers by which a server behind may take the request for one with another path, method or host. What a
// rule has let through would then not be what is served: they are never handed on. No application is asked for them by a
// browser. Only what stands in front of the server could mean them well, and that is this program.
func OtherRequest() []string { return slices.Clone(otherRequest) }

var otherRequest = []string{
	// The path: IIS and ISAPI rewriting, Symfony and Zend, Spring, Rack, Envoy, Azure, and proxies that tell what they cut off.
	"X-Original-URL", "X-Original-URI", "X-Original-Path", "X-Original-Uri-Path", "X-Rewrite-URL", "X-Rewrite-URI", "X-Rewrite-Path",
	"X-Override-URL", "X-HTTP-Path-Override", "X-Envoy-Original-Path", "X-WAWS-Unencoded-URL", "X-Request-URI", "X-Script-Name", "X-Proxy-URL",
	"X-Forwarded-Prefix", "X-Forwarded-Path", "X-Forwarded-Uri", "X-Forwarded-Url", "X-Forwarded-Request-Uri", "X-Forwarded-PathBase", "X-Sendfile-Type",
	// The method: WebSphere, Rails, Laravel, Symfony, Express with method-override, Google APIs.
	"X-HTTP-Method", "X-HTTP-Method-Override", "X-Method-Override", "X-Method", "X-Original-Method", "X-Forwarded-Method",
	// The host and port.
	"X-Forwarded-Host", "X-Forwarded-Server", "X-Forwarded-Port", "X-Host", "X-Original-Host", "X-Envoy-Original-Host", "X-HTTP-Host-Override", "X-Rewrite-Host",
	"Forwarded",
}

// Asker are headers by which a server behind may take somebody else for who asks, or for how. Whatever stands in front of all
// others replaces them by its own.
func Asker() []string { return slices.Clone(asker) }

var asker = []string{
	"True-Client-IP", "Client-IP", "X-Client-IP", "X-Cluster-Client-IP", "X-Remote-IP", "X-Remote-Addr", "X-ProxyUser-IP", "X-Azure-ClientIP",
	"X-Azure-SocketIP", "X-Original-For", "X-Original-Remote-Addr", "X-Original-Proto", "CF-Connecting-IP", "CF-Connecting-IPv6", "Fastly-Client-IP", "Fly-Client-IP",
	"X-Envoy-External-Address", "X-Appengine-User-IP", "X-Forwarded", "Forwarded-For", "X-Forwarded-By", "X-Forwarded-Scheme", "X-Forwarded-Protocol", "X-Forwarded-Ssl",
	"X-Forwarded-Client-Cert", "X-Url-Scheme", "Front-End-Https", "X-Client-Cert", "X-SSL-Client-Cert", "X-ARR-ClientCert", "X-ARR-SSL", "X-ARR-LOG-ID",
}

// ValidHeaderName reports whether every server takes a name for a header's.
func ValidHeaderName(name string) bool {
	for i := 0; i < len(name); i++ {
		c := name[i]
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_') {
			return false
		}
	}
	return name != ""
}
