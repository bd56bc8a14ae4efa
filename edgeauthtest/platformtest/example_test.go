package platformtest_test

import (
	"testing"

	"github.com/edgeauth/edgeauth/edgeauthtest/platformtest"
	"github.com/edgeauth/edgeauth/nethttp"
)

// The author of an adapter writes one test function. Another platform than net/http fills in a [platformtest.Platform].
func ExampleTest() {
	var t *testing.T // the one that go test gives to TestPlatform
	_ = func() { platformtest.Test(t, platformtest.NetHTTP(nethttp.Protect)) }
}
