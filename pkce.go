package edgeauth

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
)

// newVerifier makes a PKCE code verifier. RFC 7636, 4.1 wants 43 to 128 unreserved characters; two rand.Text
// values give 52 with 260 random bits.
func newVerifier() string { return rand.Text() + rand.Text() }

// challenge is the S256 code challenge of a verifier (RFC 7636, 4.2). The method "plain" is never used.
func challenge(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
