package localedge

import (
	"crypto/tls"
	"crypto/x509"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheAuthorityVouchesForThisMachineAlone(t *testing.T) {
	ca, err := newAuthority()
	require.NoError(t, err)
	roots := x509.NewCertPool()
	roots.AddCert(ca.cert)
	for asked, verified := range map[string]string{"": "127.0.0.1", "localhost": "localhost", "App.localhost": "app.localhost", "localhost.": "localhost"} {
		c, err := ca.certificate(&tls.ClientHelloInfo{ServerName: asked})
		require.NoError(t, err)
		leaf, err := x509.ParseCertificate(c.Certificate[0])
		require.NoError(t, err)
		_, err = leaf.Verify(x509.VerifyOptions{Roots: roots, DNSName: verified})
		require.NoError(t, err, asked)
		again, err := ca.certificate(&tls.ClientHelloInfo{ServerName: asked})
		require.NoError(t, err)
		require.Equal(t, c, again, "a browser that accepts a certificate once has to meet it again")
	}
	_, err = ca.certificate(&tls.ClientHelloInfo{ServerName: "bank.example"})
	require.Error(t, err)
	require.Equal(t, []string{"localhost"}, ca.cert.PermittedDNSDomains, "whoever trusts it trusts it for other names")
}
