package edgeauth

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"
	"time"
)

const (
	attemptLife    = 10 * time.Minute // how long a person may take at the provider
	attemptYoung   = time.Minute      // an attempt so young is never given up for another
	maxPendingSize = 6 << 10          // of attempts with long return targets; beyond it a new one returns to "/"
	maxAttempts    = 5                // pending at once, so that cookies do not pile up until requests grow too large
	maxCleared     = 32               // by one answer
)

// attempt is one sign-in in progress. It lives in a cookie of its own, so that tabs do not disturb each other.
type attempt struct {
	State       string `json:"s"`
	Nonce       string `json:"n"`
	Verifier    string `json:"v"` // PKCE
	Return      string `json:"r"` // where to go afterwards
	Issuer      string `json:"i"` // whom it was sent to, against mix-up (RFC 9700, 4.4)
	Began       int64  `json:"t"`
	Retries     int    `json:"a,omitempty"` // how many attempts of the same visit failed before
	Interactive bool   `json:"l,omitempty"` // without the site's prompt=none, which was not enough
}

func newAttempt(issuer, target string, now time.Time) attempt {
	return attempt{State: rand.Text(), Nonce: rand.Text(), Verifier: newVerifier(), Return: target, Issuer: issuer, Began: now.Unix()}
}

func (g *Guard) attemptName(state string) string {
	sum := sha256.Sum256([]byte(state))
	return g.names.attempt + hex.EncodeToString(sum[:5])
}

// keepAttempt writes the attempt's cookie. Without keys it is readable: a __Host- cookie can be read and written by
// nobody but this site and the person at the browser, whose own attempt it is.
func (g *Guard) keepAttempt(a attempt) *http.Cookie {
	name := g.attemptName(a.State)
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // six bytes for every "&" of a query would not fit the cookie
	_ = e.Encode(a)        // texts and numbers always do
	plain := b.Bytes()
	value := ""
	if g.attempts != nil {
		value = g.attempts.Seal(g.attempts.Context(name), plain)
	} else {
		value = base64.RawURLEncoding.EncodeToString(plain)
	}
	c := g.cookie(name, value, attemptLife)
	if c.SameSite == http.SameSiteDefaultMode {
		c.SameSite = http.SameSiteLaxMode
	}
	return c
}

func (g *Guard) readAttempt(name, value string) (attempt, bool) {
	var plain []byte
	ok := true
	if g.attempts != nil {
		plain, ok = g.attempts.Open(g.attempts.Context(name), value)
	} else {
		var err error
		plain, err = base64.RawURLEncoding.Strict().DecodeString(value)
		ok = err == nil
	}
	var a attempt
	if !ok || json.Unmarshal(plain, &a) != nil || g.attemptName(a.State) != name || a.State == "" || a.Nonce == "" || len(a.Verifier) < 43 {
		return attempt{}, false
	}
	return a, true
}

// findAttempt returns the attempt that a callback's state belongs to.
func (g *Guard) findAttempt(v *visit, state string) (attempt, bool) {
	name := g.attemptName(state)
	value, ok := cookie(v.r.Cookie, name)
	if !ok {
		return attempt{}, false
	}
	a, ok := g.readAttempt(name, value)
	return a, ok && subtle.ConstantTimeCompare([]byte(a.State), []byte(state)) == 1
}

// makeRoom returns the cookies to clear so that one more attempt can be kept, or false if all that are pending have
// only just begun. What cannot be read is cleared as well. Size is what stays pending, in bytes.
func (g *Guard) makeRoom(v *visit) (out []*http.Cookie, size int, ok bool) {
	type pending struct {
		name  string
		began int64
		size  int
	}
	var live []pending
	for name, value := range cookies(v.r.Cookie) {
		if !strings.HasPrefix(name, g.names.attempt) {
			continue
		}
		a, ok := g.readAttempt(name, value)
		if !ok || v.now.Sub(time.Unix(a.Began, 0)) > attemptLife {
			if c := g.clear(name); len(out) < maxCleared && c.Valid() == nil {
				out = append(out, c)
			}
			continue
		}
		live = append(live, pending{name, a.Began, len(name) + len(value)})
		size += len(name) + len(value)
	}
	for len(live) >= maxAttempts && len(out) < maxCleared {
		oldest := 0
		for i := range live {
			if live[i].began < live[oldest].began {
				oldest = i
			}
		}
		if v.now.Sub(time.Unix(live[oldest].began, 0)) < attemptYoung {
			return nil, size, false
		}
		out = append(out, g.clear(live[oldest].name))
		size -= live[oldest].size
		live = append(live[:oldest], live[oldest+1:]...)
	}
	return out, size, true
}
