package cloudfront

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// hidden reports whether functions can neither see nor add the header. Names are in lower case throughout.
func hidden(name string) bool {
	switch name {
	case "connection", "expect", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "trailer",
		"upgrade", "x-accel-buffering", "x-accel-charset", "x-accel-limit-rate", "x-accel-redirect", "x-amzn-auth",
		"x-amzn-cf-billing", "x-amzn-cf-id", "x-amzn-cf-xff", "x-amzn-errortype", "x-amzn-fle-profile", "x-amzn-header-count",
		"x-amzn-header-order", "x-amzn-lambda-integration-tag", "x-amzn-requestid", "x-cache", "x-forwarded-proto", "x-real-ip":
		return true
	}
	return strings.HasPrefix(name, "x-amz-cf-") || strings.HasPrefix(name, "x-edge-")
}

var (
	readOnlyAtRequest  = []string{"cdn-loop", "content-length", "host", "transfer-encoding", "via"}
	readOnlyAtResponse = []string{"content-encoding", "content-length", "transfer-encoding", "via", "warning"}
)

// check reports every entry that breaks a rule. Old are the headers before the function ran, nil for a response that
// the function makes.
func (h headers) check(old headers, readOnly []string) error {
	var faults []error
	for name, values := range h {
		if len(values) == 0 {
			faults = append(faults, fmt.Errorf("headers: %q has no entry", name))
		}
		if hidden(name) && old[name] == nil {
			faults = append(faults, fmt.Errorf("headers: no function may set %q", name))
		}
		if strings.HasPrefix(name, "cloudfront-") && old[name] == nil {
			faults = append(faults, fmt.Errorf("headers: %q is CloudFront's own", name))
		}
		for _, value := range values {
			faults = append(faults, value.check(name))
		}
	}
	for _, name := range readOnly {
		if !slices.EqualFunc(h[name], old[name], func(a, b entry) bool { return a.Value == b.Value }) {
			faults = append(faults, fmt.Errorf("headers: %q is read-only here, and is not as it came", name))
		}
	}
	return errors.Join(faults...)
}

func (e entry) check(name string) error {
	if e.Key != "" && strings.ToLower(e.Key) != name {
		return fmt.Errorf("headers: an entry of %q has the key %q", name, e.Key)
	}
	if name == "" || strings.ContainsFunc(name, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || strings.ContainsRune("!#$%&'*+-.^_`|~", r))
	}) {
		return fmt.Errorf("headers: %q is no name of a header in lower case", name)
	}
	if strings.ContainsFunc(e.Value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) {
		return fmt.Errorf("headers: a value of %q has a control character", name)
	}
	return nil
}

// size is the number of bytes of the headers as they are sent.
func (h headers) size() (bytes int) {
	for name, values := range h {
		for _, value := range values {
			bytes += len(name) + len(value.Value) + len(": \r\n")
		}
	}
	return bytes
}
