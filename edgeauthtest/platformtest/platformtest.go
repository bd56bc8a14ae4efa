// Package platformtest tests an adapter that carries edgeauth's decisions to a platform: it sends requests through the
// adapter and compares what comes out with a table of rules.
//
//	func TestPlatform(t *testing.T) {
//		platformtest.Test(t, platformtest.NetHTTP(nethttp.Protect))
//	}
package platformtest

import (
	"net/http"
	"testing"

	"github.com/edgeauth/edgeauth"
)

// Platform is an adapter under test.
type Platform struct {
	// CookiesOnAllow is what the adapter says in [edgeauth.Request.CookiesOnAllow].
	CookiesOnAllow bool
	// Carry sends a request through an adapter that asks checker, and reports what happened. Where the adapter passes
	// the request on, Carry plays the application behind the adapter; with CookiesOnAllow it answers as [Application]
	// does. An error fails the test.
	Carry func(checker edgeauth.Checker, in Request) (Result, error)
}

// Request is a request on its way into an adapter, or out of it to what it protects.
type Request struct {
	Method   string
	Host     string
	Path     string // percent-encoded
	RawQuery string
	// Header are the header lines in their order and spelling, with Cookie and without Host.
	Header []HeaderLine
}

// HeaderLine is one line of a header.
type HeaderLine struct{ Name, Value string }

// Result is what happened to a request.
type Result struct {
	// Passed is the request that was passed on, or nil where the adapter answered it.
	Passed *Request
	// Status, Header and Body are what the viewer saw. Where the request was passed on they count only on a platform
	// with CookiesOnAllow.
	Status int
	Header http.Header
	Body   string
}

// Application serves a request that was passed on. Its answer may be cached, and sets a cookie.
func Application(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Cache-Control", "public, max-age=60")
	w.Header().Add("Set-Cookie", "application=1")
	_, _ = w.Write([]byte("the application"))
}

// Test checks that an adapter tells its checker the truth about requests and carries out its decisions. The name of a
// failing subtest is the rule that the adapter breaks. The adapters of this module pass.
func Test(t *testing.T, p Platform) {
	for _, rule := range rules {
		if rule.declared && !p.CookiesOnAllow {
			continue
		}
		t.Run(rule.name, func(t *testing.T) {
			for _, fault := range rule.run(p) {
				t.Error(fault)
			}
		})
	}
}
