// Package attempt keeps sign-ins in progress: each in a cookie of its own, so that tabs do not disturb each other.
package attempt

import (
	"crypto/rand"
	"time"
)

// Life is how long a person may take at the provider.
const Life = 10 * time.Minute

const minVerifier = 43 // characters of a PKCE verifier (RFC 7636, 4.1)

// Attempt is one sign-in in progress. The names of its JSON members are short because it lives in a cookie, and fixed
// because browsers hold them.
type Attempt struct {
	State       string `json:"s"`
	Nonce       string `json:"n"`
	Verifier    string `json:"v"` // PKCE
	Return      string `json:"r"` // where to go afterwards
	Issuer      string `json:"i"` // whom it was sent to, against mix-up (RFC 9700, 4.4)
	Began       int64  `json:"t"`
	Retries     int    `json:"a,omitempty"` // how many attempts of the same visit failed before
	Interactive bool   `json:"l,omitempty"` // without the site's prompt=none, which was not enough
}

// New returns an attempt with a state and a nonce of its own. Its issuer is known once the request is made.
func New(target, verifier string, now time.Time) Attempt {
	return Attempt{State: rand.Text(), Nonce: rand.Text(), Verifier: verifier, Return: target, Began: now.Unix()}
}

// Over reports whether the person took too long.
func (a *Attempt) Over(now time.Time) bool { return now.Sub(time.Unix(a.Began, 0)) > Life }
