package siteconfig

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
)

// fromPEM makes a key set (RFC 7517) of one public key or certificate. Tokens are signed with RS256 unless the
// program says otherwise, so that the key has to be RSA.
func fromPEM(text string) (json.RawMessage, error) {
	block, rest := pem.Decode([]byte(text))
	if block == nil {
		return nil, errors.New(`no PEM; paste all of it, from "-----BEGIN" on, with \n for each line's end`)
	}
	if next, _ := pem.Decode(rest); next != nil {
		return nil, errors.New("more than one PEM block; keep the signer's, or put several keys into jwks")
	}
	key, err := publicKey(block)
	if err != nil {
		return nil, err
	}
	public, ok := key.(*rsa.PublicKey)
	if !ok {
		return nil, fmt.Errorf("the key is a %T; it must be RSA", key)
	}
	number := func(n *big.Int) string { return base64.RawURLEncoding.EncodeToString(n.Bytes()) }
	return json.Marshal(map[string]any{"keys": []map[string]string{{
		"kty": "RSA", "use": "sig", "n": number(public.N), "e": number(big.NewInt(int64(public.E))),
	}}})
}

func publicKey(block *pem.Block) (any, error) {
	switch block.Type {
	case "PUBLIC KEY":
		return x509.ParsePKIXPublicKey(block.Bytes)
	case "RSA PUBLIC KEY":
		return x509.ParsePKCS1PublicKey(block.Bytes)
	case "CERTIFICATE":
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, err
		}
		return certificate.PublicKey, nil
	}
	return nil, fmt.Errorf("a PEM block of type %q; it must be PUBLIC KEY or CERTIFICATE", block.Type)
}
