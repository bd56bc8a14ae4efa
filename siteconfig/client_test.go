package siteconfig

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth"
)

var clientKeys = sync.OnceValue(func() map[string]crypto.Signer {
	p256, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	p521, _ := ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	_, ed, _ := ed25519.GenerateKey(rand.Reader)
	long, _ := rsa.GenerateKey(rand.Reader, 2048)
	return map[string]crypto.Signer{"EC": p256, "P-521": p521, "Ed25519": ed, "RSA": long}
})

func pemOf(t *testing.T, key crypto.Signer) string {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

func certificateOf(t *testing.T, key crypto.Signer) string {
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}, &x509.Certificate{}, key.Public(), key)
	require.NoError(t, err)
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

// clientFiles are the files of a client that shows a key and an assertion.
func clientFiles(t *testing.T) func(string) ([]byte, error) {
	return func(name string) ([]byte, error) {
		switch name {
		case "key":
			return []byte(pemOf(t, clientKeys()["EC"])), nil
		case "assertion":
			return []byte("a.b.c"), nil
		}
		return nil, os.ErrNotExist
	}
}

func TestAClientKeyIsPEM(t *testing.T) {
	ec, long := clientKeys()["EC"], clientKeys()["RSA"]
	sec1, err := x509.MarshalECPrivateKey(ec.(*ecdsa.PrivateKey))
	require.NoError(t, err)
	old := func(kind string, der []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	for name, c := range map[string]struct {
		text, fault string
		certificate bool
	}{
		"PKCS 8, EC":              {pemOf(t, ec), "", false},
		"PKCS 8, RSA":             {pemOf(t, long), "", false},
		"PKCS 8, Ed25519":         {pemOf(t, clientKeys()["Ed25519"]), "", false},
		"PKCS 1":                  {old("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(long.(*rsa.PrivateKey))), "", false},
		"SEC 1, as openssl":       {old("EC PARAMETERS", []byte{6, 8}) + old("EC PRIVATE KEY", sec1), "", false},
		"with its certificate":    {pemOf(t, ec) + certificateOf(t, ec), "", true},
		"after its certificate":   {certificateOf(t, ec) + pemOf(t, ec), "", true},
		"with a chain":            {pemOf(t, ec) + certificateOf(t, ec) + certificateOf(t, long), "", true},
		"another's certificate":   {pemOf(t, ec) + certificateOf(t, long), "the certificate is of another key", false},
		"a certificate alone":     {certificateOf(t, ec), "no PEM block of a private key", false},
		"two keys":                {pemOf(t, ec) + pemOf(t, long), "two private keys", false},
		"a public key":            {old("PUBLIC KEY", []byte{1}), `PEM block "PUBLIC KEY"`, false},
		"encrypted":               {old("ENCRYPTED PRIVATE KEY", []byte{1}), `PEM block "ENCRYPTED PRIVATE KEY"`, false},
		"damaged":                 {old("PRIVATE KEY", []byte{1, 2, 3}), "private key is not one that can sign", false},
		"no PEM":                  {"hush-hush", "no PEM block", false},
		"a certificate's damaged": {pemOf(t, ec) + old("CERTIFICATE", []byte{1}), "the certificate cannot be read", false},
	} {
		t.Run(name, func(t *testing.T) {
			config, err := Parse("a", site(`"hosts": ["a.example"], "client_id": "c", "session": {"mode": "tokens"}, "client_key": "file:key"`), Options{ReadFile: func(string) ([]byte, error) { return []byte(c.text), nil }})
			if c.fault != "" {
				require.ErrorContains(t, err, "client_key: "+c.fault)
				require.ErrorContains(t, err, "give a private key as PEM")
				require.NotContains(t, err.Error(), "hush-hush")
				return
			}
			require.NoError(t, err)
			require.NotNil(t, config.ClientKey)
			require.Equal(t, c.certificate, config.ClientCertificate != nil)
			_, err = edgeauth.New(config)
			require.NoError(t, err)
		})
	}
	config, err := Parse("a", site(`"hosts": ["a.example"], "client_id": "c", "session": {"mode": "tokens"}, "client_key": "file:key"`), Options{ReadFile: func(string) ([]byte, error) { return []byte(pemOf(t, clientKeys()["P-521"])), nil }})
	require.NoError(t, err)
	_, err = edgeauth.New(config)
	require.ErrorContains(t, err, "client_key: is a key that is none for RS256")
}

func TestAnAssertionIsReadAtEveryCall(t *testing.T) {
	reads := 0
	config, err := Parse("a", site(`"client_assertion": "file:token"`), Options{ReadFile: func(name string) ([]byte, error) {
		if reads++; reads == 3 {
			return nil, errors.New("gone for a moment")
		}
		return fmt.Appendf(nil, "%s-%d\n", name, reads), nil
	}})
	require.NoError(t, err)
	text, err := config.ClientAssertion(t.Context())
	require.NoError(t, err)
	require.Equal(t, "token-2", text)
	_, err = config.ClientAssertion(t.Context())
	require.ErrorContains(t, err, "gone for a moment")
	text, err = config.ClientAssertion(t.Context())
	require.NoError(t, err)
	require.Equal(t, "token-4", text)
	_, err = Parse("a", site(`"client_assertion": "eyJ"`), Options{})
	require.ErrorContains(t, err, "client_assertion: is no place; give file:NAME")
	_, err = Parse("a", site(`"client_assertion": "file:none"`), Options{ReadFile: func(string) ([]byte, error) { return nil, os.ErrNotExist }})
	require.ErrorContains(t, err, "client_assertion: the secret's file")
	require.False(t, strings.Contains(err.Error(), "eyJ"))
}
