package token

import (
	"crypto"
	"fmt"

	"github.com/golang-jwt/jwt/v5"
)

// algorithm is a signature algorithm (RFC 7518, 3.1; RFC 8037, 3.1) and the keys that fit it.
type algorithm struct {
	method   jwt.SigningMethod
	kty, crv string
	hash     crypto.Hash // of at_hash (OIDC Core 3.1.3.6)
}

// algorithms are all supported algorithms. "none" and the HS family are never accepted.
var algorithms = [...]algorithm{
	{jwt.SigningMethodRS256, "RSA", "", crypto.SHA256},
	{jwt.SigningMethodRS384, "RSA", "", crypto.SHA384},
	{jwt.SigningMethodRS512, "RSA", "", crypto.SHA512},
	{jwt.SigningMethodES256, "EC", "P-256", crypto.SHA256},
	{jwt.SigningMethodES384, "EC", "P-384", crypto.SHA384},
	{jwt.SigningMethodES512, "EC", "P-521", crypto.SHA512},
	{jwt.SigningMethodEdDSA, "OKP", "Ed25519", crypto.SHA512},
	{strict(jwt.SigningMethodPS256), "RSA", "", crypto.SHA256},
	{strict(jwt.SigningMethodPS384), "RSA", "", crypto.SHA384},
	{strict(jwt.SigningMethodPS512), "RSA", "", crypto.SHA512},
}

// strict requires a salt as long as the hash (RFC 7518, 3.5); the library's own method accepts any length.
func strict(m *jwt.SigningMethodRSAPSS) *jwt.SigningMethodRSAPSS {
	return &jwt.SigningMethodRSAPSS{SigningMethodRSA: m.SigningMethodRSA, Options: m.Options}
}

func (a *algorithm) name() string { return a.method.Alg() }

// fits reports whether a key may be used with this algorithm (RFC 7517, 4.4; RFC 8725, 3.1).
func (a *algorithm) fits(k *Key) bool {
	return k.kty == a.kty && (a.crv == "" || k.crv == a.crv) && (k.alg == "" || k.alg == a.name())
}

// allowed are the algorithms with these names.
func allowed(names []string) ([]*algorithm, error) {
	var list []*algorithm
	for _, name := range names {
		a := find(name)
		if a == nil {
			return nil, fmt.Errorf("algorithm %q is not supported: use RS256, RS384, RS512, ES256, ES384, ES512, EdDSA, PS256, PS384 or PS512", name)
		}
		list = append(list, a)
	}
	return list, nil
}

func find(name string) *algorithm {
	for i := range algorithms {
		if algorithms[i].name() == name {
			return &algorithms[i]
		}
	}
	return nil
}
