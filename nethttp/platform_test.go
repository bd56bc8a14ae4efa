package nethttp_test

import (
	"testing"

	"github.com/edgeauth/edgeauth/edgeauthtest"
	"github.com/edgeauth/edgeauth/nethttp"
)

func TestPlatform(t *testing.T) {
	captureLog(t)
	edgeauthtest.TestPlatform(t, edgeauthtest.HandlerPlatform(nethttp.Protect))
}
