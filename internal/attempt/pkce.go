package attempt

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
)

// minVerifier is the length of the shortest code verifier (RFC 7636, 4.1).
const minVerifier = 43

// newVerifier makes a PKCE code verifier. RFC 7636, 4.1 wants 43 to 128 unreserved characters; two rand.Text
// values give 52 with 260 random bits.
func newVerifier() string { return rand.Text() + rand.Text() }

// Challenge is the S256 code challenge of the attempt's verifier (RFC 7636, 4.2). The method "plain" is never used.
func (a *Attempt) Challenge() string {
	sum := sha256.Sum256([]byte(a.Verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
