package devidp

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"maps"
	"math/big"
	"net/http"
	"slices"

	"github.com/golang-jwt/jwt/v5"
)

// Key signs tokens.
type Key struct {
	ID        string // kid; "" for none
	Algorithm string // as in RFC 7518, 3.1; "none" signs nothing
	Private   any    // a private key that fits, or []byte for HS256
	// Members are added to the published key, such as Entra's issuer; a nil value removes a member.
	Members map[string]any
}

// NewKey makes a key for RS256, PS256, ES256, EdDSA and the like, with a random id.
func NewKey(algorithm string) (*Key, error) {
	var private any
	var err error
	switch algorithm {
	case "RS256", "RS384", "RS512", "PS256", "PS384", "PS512":
		private, err = rsa.GenerateKey(rand.Reader, 2048)
	case "ES256":
		private, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case "ES384":
		private, err = ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	case "ES512":
		private, err = ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	case "EdDSA":
		_, private, err = ed25519.GenerateKey(rand.Reader)
	default:
		err = fmt.Errorf("devidp: no key can be made for algorithm %q", algorithm)
	}
	return &Key{ID: rand.Text(), Algorithm: algorithm, Private: private}, err
}

// PublicPEM is the public key as a PEM block, which a confused verifier uses as an HMAC secret.
func (k *Key) PublicPEM() []byte {
	signer, ok := k.Private.(crypto.Signer)
	if !ok {
		return nil
	}
	der, err := x509.MarshalPKIXPublicKey(signer.Public())
	if err != nil {
		return nil
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
}

func (k *Key) sign(text string) (string, error) {
	method, private := jwt.GetSigningMethod(k.Algorithm), k.Private
	if method == nil {
		return "", fmt.Errorf("devidp: unknown algorithm %q", k.Algorithm)
	}
	if k.Algorithm == "none" {
		private = jwt.UnsafeAllowNoneSignatureType
	}
	signature, err := method.Sign(text, private)
	return text + "." + base64.RawURLEncoding.EncodeToString(signature), err
}

// JWK is the key as published (RFC 7517, 4). It is nil for a key that has no public half.
func (k *Key) JWK() map[string]any {
	jwk := map[string]any{"use": "sig", "alg": k.Algorithm}
	switch private := k.Private.(type) {
	case *rsa.PrivateKey:
		jwk["kty"] = "RSA"
		jwk["n"] = encode(private.N.Bytes())
		jwk["e"] = encode(big.NewInt(int64(private.E)).Bytes())
	case *ecdsa.PrivateKey:
		point, err := private.PublicKey.Bytes() // 0x04, then both coordinates at full length
		if err != nil {
			return nil
		}
		half := len(point) / 2
		jwk["kty"], jwk["crv"] = "EC", private.Curve.Params().Name
		jwk["x"], jwk["y"] = encode(point[1:1+half]), encode(point[1+half:])
	case ed25519.PrivateKey:
		jwk["kty"], jwk["crv"] = "OKP", "Ed25519"
		jwk["x"] = encode(private.Public().(ed25519.PublicKey))
	default:
		return nil
	}
	if k.ID != "" {
		jwk["kid"] = k.ID
	}
	maps.Copy(jwk, k.Members)
	maps.DeleteFunc(jwk, func(_ string, v any) bool { return v == nil })
	return jwk
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// Keys are the keys that are published now.
func (s *Server) Keys() []*Key {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.keys)
}

// SetKeys replaces all keys, as a provider does after a theft. See [Options.Keys] for which one signs.
func (s *Server) SetKeys(keys ...*Key) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keys = keys
}

// Rotate signs with a new key from now on; the old ones stay published.
func (s *Server) Rotate() error {
	key, err := NewKey("RS256")
	if err != nil {
		return err
	}
	// Only the first and the last key sign tokens, and both must be the new one.
	s.SetKeys(append(append([]*Key{key}, s.Keys()...), key)...)
	return nil
}

func (s *Server) jwks(w http.ResponseWriter, r *http.Request) {
	keys := []map[string]any{}
	seen := map[*Key]bool{}
	for _, key := range s.Keys() {
		if jwk := key.JWK(); jwk != nil && !seen[key] {
			keys = append(keys, jwk)
		}
		seen[key] = true
	}
	set := map[string]any{"keys": keys}
	for _, b := range s.tampers() {
		if b.Keys != nil {
			b.Keys(set)
		}
	}
	writeJSON(w, http.StatusOK, set)
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store") // RFC 6749, 5.1
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}
