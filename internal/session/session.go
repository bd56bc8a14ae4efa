// Package session holds what is known about a signed-in browser, and where that is kept.
package session

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"time"

	"github.com/edgeauth/edgeauth/internal/seal"
)

// Session is a signed-in browser. A loaded session may be shared by requests and is never changed: what comes next is
// a copy.
type Session struct {
	Who *Person

	Expires time.Time // of its evidence
	Began   time.Time // of the sign-in; zero where the token is the session
	Renewed time.Time // when the evidence was given
	Seen    time.Time // the last navigation that was stamped, where there is an idle limit

	Refresh string
	Access  string // kept only where it is forwarded or is the evidence
	Nonce   string // of the sign-in, or its hash: a later ID token must not bring another (OIDC Core 12.2)
	Token   string // the token that is the session, where one is
	After   string // the sign-outs that came before the sign-in
	IDToken string // kept only where the provider wants it back at the sign-out
}

// Is reports whether both are one sign-in at one time.
func (s *Session) Is(other *Session) bool {
	return s.Nonce == other.Nonce && s.Refresh == other.Refresh && s.Began.Equal(other.Began)
}

// Grant is what the provider gave: at a sign-in, or for a refresh token.
type Grant struct {
	Who     *Person       // nil where a renewal brought no new evidence
	Expires time.Time     // when Who stops being proven; zero where Who is nil
	Life    time.Duration // of the access token; 0 where the answer did not say

	Token   string // the token that proves Who; "" for userinfo
	IDToken string // "" where none came
	Note    string // what the record of the sign-in is to say besides; "" for nothing
	Nonce   string // of the sign-in, or the one that a renewal's ID token holds
	Access  string
	Refresh string
}

// Values are what the browser keeps. How they are spread over cookies is not known here.
type Values struct {
	Session string
	Refresh string
	Beside  string // what a token does not say of its sign-in; "" where the session holds it itself
}

// Proof is what this site's own pages know of the browser's session, and a foreign page cannot. It says nothing of the values.
func (v Values) Proof() string {
	sum := sha256.Sum256([]byte(seal.JoinLengthPrefixed("proof", v.Session, v.Refresh)))
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}

// Store is where sessions are kept. A session that it returns is not changed by it or by the caller.
type Store interface {
	// Start makes the session that a sign-in proves.
	Start(g Grant, now time.Time) (*Session, error)
	// Renew makes the session that follows s. Who the grant is about, and of which sign-in, has to be the same.
	Renew(s *Session, g Grant, now time.Time) (*Session, error)
	// Load finds the session of a browser. The error is reason.Expired only together with the session, for a renewal; with
	// any other there is none, and nobody is named.
	Load(ctx context.Context, v Values, now time.Time) (Session, error)
	// Save returns what the browser is to keep from now on, and for how long: 0 until it is closed.
	Save(ctx context.Context, s *Session, now time.Time) (Values, time.Duration, error)
	// SignOut returns the mark that the browser keeps of a sign-out, and for how long: 0 until it is closed. It is "" where
	// none is of use. Ended are the sessions that could be read, and marks are those that the browser has.
	SignOut(ended []*Session, marks []string, now time.Time) (mark string, life time.Duration)
	// After is what a sign-in keeps of the marks that its browser has: at most 64 characters, "" for none.
	After(marks []string) string
	// Recent reports whether the sign-out was within the last day.
	Recent(mark string, now time.Time) bool
	// SignedOut reports whether the session is from before the sign-out that left the mark.
	SignedOut(mark string, s *Session) bool
	// Delete forgets a session that has ended, where there is something to forget beside what the browser keeps.
	Delete(ctx context.Context, v Values) error
}
