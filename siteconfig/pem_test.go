package siteconfig

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPublicKeyComesAsKeyOrCertificate(t *testing.T) {
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1)}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	require.NoError(t, err)
	public, err := x509.MarshalPKIXPublicKey(&private.PublicKey)
	require.NoError(t, err)

	var first string
	for _, text := range []string{
		block("PUBLIC KEY", public),
		block("RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(&private.PublicKey)),
		block("CERTIFICATE", certificate),
	} {
		set, err := fromPEM(text)
		require.NoError(t, err)
		require.Contains(t, string(set), `"e":"AQAB"`)
		if first == "" {
			first = string(set)
		}
		require.Equal(t, first, string(set))
	}

	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	other, err := x509.MarshalPKIXPublicKey(&curve.PublicKey)
	require.NoError(t, err)
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	require.NoError(t, err)
	for name, c := range map[string]struct{ text, want string }{
		"no PEM":           {"MIIB", "no PEM"},
		"two blocks":       {block("PUBLIC KEY", public) + block("PUBLIC KEY", public), "more than one"},
		"a private key":    {block("PRIVATE KEY", secret), `"PRIVATE KEY"; it must be PUBLIC KEY`},
		"a key not RSA":    {block("PUBLIC KEY", other), "must be RSA"},
		"a key cut short":  {block("PUBLIC KEY", public[:40]), "asn1"},
		"an odd chain end": {block("CERTIFICATE", certificate[:40]), "x509"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := fromPEM(c.text)
			require.ErrorContains(t, err, c.want)
		})
	}
}

func block(kind string, bytes []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: bytes}))
}
