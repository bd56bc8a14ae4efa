package token

import (
	"crypto"
	"fmt"

	"github.com/golang-jwt/jwt/v5"
)

// algorithm is a signature algorithm (RFC 7518, 3.1; RFC 8037, 3.1) and the keys that fit it.
type algorithm struct {
	name     string // of alg
	method   jwt.SigningMethod
	kty, crv string
	hash     crypto.Hash // of at_hash (OIDC Core 3.1.3.6)
}

// algorithms are all supported algorithms. "none" and the HS family are never accepted.
var algorithms = [...]algorithm{
	{"RS256", jwt.SigningMethodRS256, "RSA", "", crypto.SHA256},
	{"RS384", jwt.SigningMethodRS384, "RSA", "", crypto.SHA384},
	{"RS512", jwt.SigningMethodRS512, "RSA", "", crypto.SHA512},
	{"ES256", jwt.SigningMethodES256, "EC", "P-256", crypto.SHA256},
	{"ES384", jwt.SigningMethodES384, "EC", "P-384", crypto.SHA384},
	{"ES512", jwt.SigningMethodES512, "EC", "P-521", crypto.SHA512},
	{"EdDSA", jwt.SigningMethodEdDSA, "OKP", "Ed25519", crypto.SHA512},
	{"Ed25519", jwt.SigningMethodEdDSA, "OKP", "Ed25519", crypto.SHA512}, // the same by its newer name (RFC 9864, 2.2)
	{"PS256", strict(jwt.SigningMethodPS256), "RSA", "", crypto.SHA256},
	{"PS384", strict(jwt.SigningMethodPS384), "RSA", "", crypto.SHA384},
	{"PS512", strict(jwt.SigningMethodPS512), "RSA", "", crypto.SHA512},
}

// strict requires a salt as long as the hash (RFC 7518, 3.5); the library's own method accepts any length.
func strict(m *jwt.SigningMethodRSAPSS) *jwt.SigningMethodRSAPSS {
	return &jwt.SigningMethodRSAPSS{SigningMethodRSA: m.SigningMethodRSA, Options: m.Options}
}

// Algorithms are the names of all supported algorithms.
func Algorithms() []string {
	names := make([]string, len(algorithms))
	for i := range algorithms {
		names[i] = algorithms[i].name
	}
	return names
}

// fits reports whether a key may be used with this algorithm (RFC 7517, 4.4; RFC 8725, 3.1).
func (a *algorithm) fits(k *Key) bool {
	if k.kty != a.kty || a.crv != "" && k.crv != a.crv {
		return false
	}
	own := find(k.alg)
	return k.alg == "" || own != nil && own.method == a.method
}

// allowed are the algorithms with these names.
func allowed(names []string) ([]*algorithm, error) {
	var list []*algorithm
	for _, name := range names {
		a := find(name)
		if a == nil {
			return nil, fmt.Errorf("algorithm %q is not supported: use one of %q", name, Algorithms())
		}
		list = append(list, a)
	}
	return list, nil
}

func find(name string) *algorithm {
	for i := range algorithms {
		if algorithms[i].name == name {
			return &algorithms[i]
		}
	}
	return nil
}
