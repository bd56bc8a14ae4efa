package provider_test

import (
	"testing"

	"github.com/edgeauth/edgeauth/provider"
	"github.com/stretchr/testify/require"
)

func TestLoopbackIsThisMachineAlone(t *testing.T) {
	for host, want := range map[string]bool{
		"localhost": true, "LOCALHOST:80": true, "a.localhost": true, "127.0.0.1": true, "127.9.9.9:80": true, "[::1]": true, "[::1]:80": true, "::1": true,
		"localhost.example.com": false, "127.0.0.1.example": false, "notlocalhost": false, "0.0.0.0": false, "10.0.0.1": false, "": false, "[::]": false,
	} {
		require.Equal(t, want, provider.Loopback(host), host)
	}
}
