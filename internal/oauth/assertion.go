package oauth

import (
	"cmp"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"net/url"
	"time"

	"github.com/edgeauth/edgeauth/internal/reason"
)

// bearerAssertion is the type of an assertion (RFC 7523, 2.2).
//
// #nosec G101 -- a name, and no secret
const bearerAssertion = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

// assertionLife is how long an assertion counts: it is sent at once, to a server whose clock may be another.
const assertionLife = 2 * time.Minute

// privateKey signs an assertion for each request (private_key_jwt, OIDC Core 9).
type privateKey struct{ c *Config }

func (a privateKey) Authenticate(_ context.Context, audience string, _ http.Header, form url.Values) error {
	audience = cmp.Or(a.c.Provider.AssertionAudience, audience)
	text, err := sign(a.c, map[string]any{"iss": a.c.ClientID, "sub": a.c.ClientID, "aud": audience, "jti": rand.Text()})
	setAssertion(form, a.c.ClientID, text)
	return err
}

func setAssertion(form url.Values, id, text string) {
	form.Set("client_id", id)
	form.Set("client_assertion_type", bearerAssertion)
	form.Set("client_assertion", text)
}

// assertion sends an assertion that somebody else has signed, which is asked for anew each time.
type assertion struct {
	id    string
	fetch func(context.Context) (string, error)
}

func (a assertion) Authenticate(ctx context.Context, _ string, _ http.Header, form url.Values) error {
	text, err := a.fetch(ctx)
	if err != nil {
		return fmt.Errorf("%w: the client assertion cannot be had: %w", reason.ProviderDown, err)
	}
	setAssertion(form, a.id, text)
	return nil
}

// signedSecret sends a client secret that is itself a token, as Apple wants it.
type signedSecret struct{ c *Config }

func (a signedSecret) Authenticate(_ context.Context, _ string, _ http.Header, form url.Values) error {
	p := &a.c.Provider
	text, err := sign(a.c, map[string]any{"iss": p.SecretIssuer, "sub": a.c.ClientID, "aud": cmp.Or(p.AssertionAudience, p.Issuer)})
	form.Set("client_id", a.c.ClientID)
	form.Set("client_secret", text)
	return err
}

// sign makes a token (RFC 7515, 7.1) with the client's key.
func sign(c *Config, claims map[string]any) (string, error) {
	alg, err := KeyAlgorithm(c.ClientKey, c.ClientKeyAlgorithm)
	if err != nil {
		return "", fmt.Errorf("%w: %w", reason.ProviderError, err)
	}
	header := map[string]any{"alg": alg, "typ": "JWT"}
	if c.ClientKeyID != "" {
		header["kid"] = c.ClientKeyID
	}
	if len(c.ClientCertificate) > 0 { // by which Entra knows the key (RFC 7515, 4.1.8)
		sum := sha256.Sum256(c.ClientCertificate)
		header["x5t#S256"] = base64.RawURLEncoding.EncodeToString(sum[:])
	}
	now := c.Now()
	claims["iat"], claims["exp"] = now.Unix(), now.Add(assertionLife).Unix()
	text := part(header) + "." + part(claims)
	signature, err := signature(c.ClientKey, alg, []byte(text))
	if err != nil {
		return "", fmt.Errorf("%w: the client key does not sign: %w", reason.ProviderDown, err)
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(signature), nil
}

func part(members map[string]any) string {
	raw, _ := json.Marshal(members) // of texts and numbers
	return base64.RawURLEncoding.EncodeToString(raw)
}

// KeyAlgorithm is the algorithm that a client key signs with: the one asked for, where it fits the key, else RS256, ES256,
// ES384 or EdDSA by its kind (RFC 7518, 3.1; RFC 8037, 3.1).
func KeyAlgorithm(key crypto.Signer, asked string) (string, error) {
	var fit []string
	switch public := key.Public().(type) {
	case *rsa.PublicKey:
		if bits := public.N.BitLen(); bits < 2048 {
			return "", fmt.Errorf("an RSA key of %d bits, want 2048 or more", bits)
		}
		fit = []string{"RS256", "PS256"}
	case *ecdsa.PublicKey:
		switch public.Curve {
		case elliptic.P256():
			fit = []string{"ES256"}
		case elliptic.P384():
			fit = []string{"ES384"}
		}
	case ed25519.PublicKey:
		fit = []string{"EdDSA", "Ed25519"}
	}
	if len(fit) == 0 {
		return "", errors.New("a key that is none for RS256, PS256, ES256, ES384 or EdDSA")
	}
	if asked == "" {
		return fit[0], nil
	}
	for _, alg := range fit {
		if alg == asked {
			return alg, nil
		}
	}
	return "", fmt.Errorf("a key for %q, not for %q", fit, asked)
}

func signature(key crypto.Signer, alg string, text []byte) ([]byte, error) {
	switch alg {
	case "EdDSA", "Ed25519":
		return key.Sign(rand.Reader, text, crypto.Hash(0))
	case "RS256":
		sum := sha256.Sum256(text)
		return key.Sign(rand.Reader, sum[:], crypto.SHA256)
	case "PS256":
		sum := sha256.Sum256(text)
		return key.Sign(rand.Reader, sum[:], &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: crypto.SHA256})
	}
	hash, size := crypto.SHA256, 32
	if alg == "ES384" {
		hash, size = crypto.SHA384, 48
	}
	h := hash.New()
	h.Write(text)
	der, err := key.Sign(rand.Reader, h.Sum(nil), hash)
	if err != nil {
		return nil, err
	}
	var point struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(der, &point); err != nil {
		return nil, err
	}
	if point.R.Sign() < 0 || point.S.Sign() < 0 || point.R.BitLen() > 8*size || point.S.BitLen() > 8*size {
		return nil, errors.New("a signature that is none")
	}
	out := make([]byte, 2*size) // RFC 7518, 3.4
	point.R.FillBytes(out[:size])
	point.S.FillBytes(out[size:])
	return out, nil
}
