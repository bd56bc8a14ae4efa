package nethttp_test

import (
	"testing"

	"github.com/edgeauth/edgeauth/edgeauthtest/platformtest"
	"github.com/edgeauth/edgeauth/nethttp"
)

func TestPlatform(t *testing.T) {
	captureLog(t)
	platformtest.Test(t, platformtest.NetHTTP(nethttp.Protect))
}
