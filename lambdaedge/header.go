package lambdaedge

import (
	"strings"

	"github.com/edgeauth/edgeauth/internal/answer"
)

// CloudFront answers 502 where a function breaks these rules: CloudFront Developer Guide, "Restrictions on edge
// functions", headers. Where it lists some names with a common prefix, every name with that prefix is refused.

// disallowed reports whether no function may set the header. The name is in lower case.
func disallowed(name string) bool {
	switch name {
	case "connection", "expect", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection",
		"trailer", "upgrade", "x-cache", "x-forwarded-proto", "x-real-ip":
		return true
	}
	return hasPrefix(name, "x-accel-", "x-amz-", "x-amzn-", "x-edge-")
}

// readOnly reports whether a viewer-request function may neither add nor change nor remove the header. The name is
// in lower case.
func readOnly(name string) bool {
	switch name {
	case "cdn-loop", "content-length", "host", "transfer-encoding", "via":
		return true
	}
	return false
}

// settable reports whether a decision may set the header of a request. CloudFront adds the headers with its own name
// later, and the header of the hand-over is ours.
func settable(name string) bool {
	name = strings.ReplaceAll(strings.ToLower(name), "_", "-") // many servers treat both as the same
	return !disallowed(name) && !readOnly(name) && !hasPrefix(name, "cloudfront-") && !answer.SameName(name, handoverHeader)
}

// settableLater is settable for the response of a viewer-response function.
func settableLater(name string) bool {
	name = strings.ToLower(name)
	switch name {
	case "warning", "via", "content-length", "content-encoding", "transfer-encoding":
		return false
	}
	return !disallowed(name)
}

func hasPrefix(name string, prefixes ...string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return false
}
