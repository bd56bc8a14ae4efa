package token

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"

	"github.com/MicahParks/jwkset"
)

// FromPEM makes a key set of PEM public keys and certificates, to be used as [provider.Provider.JWKS]. Its keys have no
// kid, so they fit every kid.
func FromPEM(text []byte) (json.RawMessage, error) {
	var set jwkset.JWKSMarshal
	for rest := text; len(bytes.TrimSpace(rest)) > 0; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return nil, errors.New("public key: not PEM, want a block that begins with -----BEGIN PUBLIC KEY-----")
		}
		key, err := publicKey(block)
		if err != nil {
			return nil, fmt.Errorf("public key: %w", err)
		}
		k, err := jwkset.NewJWKFromKey(key, jwkset.JWKOptions{})
		if err != nil {
			return nil, fmt.Errorf("public key: %w", err)
		}
		set.Keys = append(set.Keys, k.Marshal())
	}
	raw, err := json.Marshal(set)
	if err != nil {
		return nil, err
	}
	_, err = ParseSet(raw)
	return raw, err
}

func publicKey(block *pem.Block) (any, error) {
	switch block.Type {
	case "PUBLIC KEY":
		return x509.ParsePKIXPublicKey(block.Bytes)
	case "RSA PUBLIC KEY":
		return x509.ParsePKCS1PublicKey(block.Bytes)
	case "CERTIFICATE":
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, err
		}
		return c.PublicKey, nil
	}
	return nil, fmt.Errorf("PEM block %q, want PUBLIC KEY, RSA PUBLIC KEY or CERTIFICATE", block.Type)
}
