package session

import (
	"crypto/subtle"
	"fmt"
	"time"

	"github.com/edgeauth/edgeauth/internal/reason"
)

// follow makes the session that follows s by a grant, but for what only one kind of store knows. Nonce is the grant's
// in the form that s keeps it in.
func follow(s *Session, g Grant, nonce string, now time.Time) (*Session, error) {
	next := *s
	next.Refresh, next.Renewed = g.Refresh, now
	if g.Access != "" && s.Access != "" {
		next.Access = g.Access
	}
	if g.IDToken != "" && s.IDToken != "" {
		next.IDToken = g.IDToken
	}
	if g.Who == nil {
		return &next, nil
	}
	if !g.Who.same(s.Who) {
		return nil, fmt.Errorf("%w: the refresh answer is about somebody else", reason.WrongSubject)
	}
	if nonce != "" && s.Nonce != "" && subtle.ConstantTimeCompare([]byte(nonce), []byte(s.Nonce)) != 1 {
		return nil, fmt.Errorf("%w: the refreshed ID token is of another sign-in", reason.WrongNonce)
	}
	next.Who, next.Expires, next.Token = g.Who, g.Expires, g.Token
	return &next, nil
}
