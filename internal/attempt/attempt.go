// Package attempt holds sign-ins in progress. Each has a cookie of its own, so that tabs do not disturb each other.
package attempt

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
	"time"
)

const (
	// Life is how long a sign-in may take.
	Life = 10 * time.Minute
	// Kept is how long it is remembered where it was to end, for whoever comes back late.
	Kept = time.Hour
)

const minVerifier = 43 // characters of a PKCE verifier (RFC 7636, 4.1)

// Attempt is one sign-in in progress. What the provider gets to see follows from one seed.
type Attempt struct {
	State    string
	Nonce    string
	Verifier string // PKCE

	Return      string // where to go afterwards
	Issuer      string // whom it was sent to, against mix-up (RFC 9700, 4.4)
	Began       int64  // Unix seconds
	Retries     int    // how many attempts of the same visit failed before
	Interactive bool   // without the site's prompt=none, which was not enough
	Foreign     bool   // begun by a page of another site
	After       string // the sign-outs that came before: at most 255 bytes

	seed [32]byte
}

// New returns an attempt of now that ends at target.
func New(target string, now time.Time) Attempt {
	a := Attempt{Return: target, Began: now.Unix()}
	_, _ = rand.Read(a.seed[:]) // it never fails
	a.grow()
	return a
}

// grow derives what follows from the seed. The state tells when it began, for whoever comes back when the cookie is
// gone.
func (a *Attempt) grow() {
	a.State = a.derive("state")[:22] + "." + strconv.FormatInt(a.Began, 36)
	a.Nonce = a.derive("nonce")[:22]
	a.Verifier = a.derive("verifier") // 43 characters (RFC 7636, 4.1)
}

func (a *Attempt) derive(what string) string {
	mac := hmac.New(sha256.New, a.seed[:])
	mac.Write([]byte("edgeauth/v2/attempt/" + what))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// Over reports whether the attempt has taken too long.
func (a *Attempt) Over(now time.Time) bool { return a.age(now) > Life }

func (a *Attempt) age(now time.Time) time.Duration { return now.Sub(time.Unix(a.Began, 0)) }

// Late reports whether a state is of an attempt that is not remembered any longer. Nothing vouches for it.
func Late(state string, now time.Time) bool {
	_, began, ok := strings.Cut(state, ".")
	n, err := strconv.ParseInt(began, 36, 64)
	return ok && err == nil && n > 0 && now.Sub(time.Unix(n, 0)) > Kept
}
