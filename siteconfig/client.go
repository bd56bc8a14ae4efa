package siteconfig

import (
	"context"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/internal/strictjson"
)

// readClientKey reads the key by which a client says who it is, with its certificate where there is one.
func readClientKey(o *strictjson.Object, c *edgeauth.Config, opts Options) {
	c.ClientKeyID, c.ClientKeyAlgorithm = o.String("client_key_id"), o.String("client_key_algorithm")
	text := readSecret(o, "client_key", opts)
	if text == "" {
		return
	}
	var err error
	if c.ClientKey, c.ClientCertificate, err = parseClientKey([]byte(text)); err != nil {
		o.Fault("client_key", "%w; give a private key as PEM, with its certificate beside it for Entra ID", err)
	}
}

// parseClientKey reads PEM: one private key, and at most one certificate. Its errors hold nothing of the key.
func parseClientKey(text []byte) (key crypto.Signer, certificate []byte, err error) {
	for {
		block, rest := pem.Decode(text)
		if block == nil {
			break
		}
		text = rest
		var parsed any
		switch block.Type {
		case "PRIVATE KEY":
			parsed, err = x509.ParsePKCS8PrivateKey(block.Bytes)
		case "RSA PRIVATE KEY":
			parsed, err = x509.ParsePKCS1PrivateKey(block.Bytes)
		case "EC PRIVATE KEY":
			parsed, err = x509.ParseECPrivateKey(block.Bytes)
		case "EC PARAMETERS":
			continue
		case "CERTIFICATE":
			if certificate == nil {
				certificate = block.Bytes // the first of a chain is the key's own
			}
			continue
		default:
			return nil, nil, fmt.Errorf("PEM block %q is none of PRIVATE KEY, RSA PRIVATE KEY, EC PRIVATE KEY and CERTIFICATE", block.Type)
		}
		signer, ok := parsed.(crypto.Signer)
		switch {
		case err != nil || !ok:
			return nil, nil, fmt.Errorf("%s is not one that can sign", strings.ToLower(block.Type))
		case key != nil:
			return nil, nil, errors.New("two private keys")
		}
		key = signer
	}
	if key == nil {
		return nil, nil, errors.New("no PEM block of a private key")
	}
	if certificate == nil {
		return key, nil, nil
	}
	cert, err := x509.ParseCertificate(certificate)
	if err != nil {
		return nil, nil, errors.New("the certificate cannot be read")
	}
	if public, ok := cert.PublicKey.(interface{ Equal(crypto.PublicKey) bool }); !ok || !public.Equal(key.Public()) {
		return nil, nil, errors.New("the certificate is of another key")
	}
	return key, certificate, nil
}

// readAssertion reads where an assertion of the workload's own identity is: it is looked up at every call, because whoever
// puts it there replaces it.
func readAssertion(o *strictjson.Object, opts Options) func(context.Context) (string, error) {
	written := o.String("client_assertion")
	if written == "" {
		return nil
	}
	if !strings.HasPrefix(written, "file:") && !strings.HasPrefix(written, "env:") {
		o.Fault("client_assertion", "is no place; give file:NAME, which is read again at every call")
		return nil
	}
	if _, err := opts.secret(written); err != nil {
		o.Fault("client_assertion", "%w", err)
	}
	return func(context.Context) (string, error) { return opts.secret(written) }
}
