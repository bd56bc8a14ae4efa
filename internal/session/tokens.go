package session

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/edgeauth/edgeauth/internal/reason"
	"github.com/edgeauth/edgeauth/internal/token"
	"github.com/edgeauth/edgeauth/provider"
)

// TokensConfig says whose tokens are sessions. Verifier is required.
type TokensConfig struct {
	Verifier *token.Verifier
	Mapping  provider.Mapping
	Provider string // the name of one of several
	Access   bool   // the token is the access token
}

// Tokens keeps the provider's own tokens in the browser, and verifies them at every request. Verified tokens are
// remembered; their times are compared at every hit, and a change of the provider's keys forgets them.
type Tokens struct {
	c        TokensConfig
	verified *token.Cache[*proven]
}

// NewTokens returns a store that needs no secret.
func NewTokens(c TokensConfig) *Tokens { return &Tokens{c, token.NewCache[*proven](0)} }

// Start takes the token that proves the sign-in.
func (st *Tokens) Start(g Grant, now time.Time) (*Session, error) {
	return &Session{
		Who: g.Who, Expires: g.Expires, Began: now, Renewed: now, Seen: now,
		Refresh: g.Refresh, Access: g.Access, Nonce: st.nonce(g), Token: g.Token,
	}, nil
}

// Renew wants a new token: the old one cannot be made to last longer.
func (st *Tokens) Renew(s *Session, g Grant, now time.Time) (*Session, error) {
	if g.Who == nil {
		return nil, fmt.Errorf("%w: the refresh answer has no id_token, which is the session", reason.NoEvidence)
	}
	return follow(s, g, st.nonce(g), now)
}

// nonce is that of the sign-in as a session has it. An access token does not say it: its hash is kept beside the token.
func (st *Tokens) nonce(g Grant) string {
	if st.c.Access {
		return nonceHash(g.Nonce)
	}
	return g.Nonce
}

// Save hands out the token itself. The browser forgets it when it is closed.
func (st *Tokens) Save(_ context.Context, s *Session, _ time.Time) (Values, time.Duration, error) {
	beside := s.After
	if st.c.Access && s.Nonce != "" {
		beside += "." + s.Nonce
	}
	return Values{Session: s.Token, Refresh: s.Refresh, Beside: beside}, 0, nil
}

// proven is what a verified token is remembered by: nothing of it that only the browser needs, and no refresh token, which
// nobody has verified.
type proven struct {
	who             *Person
	expires, issued time.Time
	nonce           string
}

// Load verifies the token that is the session.
func (st *Tokens) Load(ctx context.Context, v Values, now time.Time) (Session, error) {
	key := st.c.Verifier.Digest(v.Session)
	generation, err := st.c.Verifier.Generation(ctx)
	if err != nil {
		return Session{}, err
	}
	p, ok := st.verified.Get(key, now, generation)
	if !ok {
		var checked token.Verified
		checked, err = st.c.Verifier.Verify(ctx, v.Session, token.Expect{})
		if err != nil && !errors.Is(err, reason.Expired) {
			return Session{}, err
		}
		if subject, _ := checked.Claims.Text(st.c.Mapping.Subject); subject == "" {
			return Session{}, fmt.Errorf("%w: nobody is named: the claim %q is missing", reason.NoEvidence, st.c.Mapping.Subject)
		}
		issuer, _ := checked.Claims.Text("iss")
		p = &proven{who: &Person{Issuer: issuer, Claims: checked.Claims, Mapping: st.c.Mapping, Provider: st.c.Provider}, expires: checked.Expiry, issued: checked.Issued}
		p.nonce, _ = checked.Claims.Text("nonce")
		if err == nil {
			st.verified.Put(key, p, checked.From, checked.Until, checked.Generation)
		}
	}
	s := Session{Who: p.who, Expires: p.expires, Renewed: p.issued, Nonce: p.nonce, Token: v.Session, Refresh: v.Refresh}
	var nonce string
	if s.After, nonce, _ = strings.Cut(v.Beside, "."); st.c.Access {
		s.Access, s.Nonce = v.Session, nonce
	}
	return s, err
}

// Delete has nothing to do: the provider's token ends by itself, and the browser holds everything else.
func (st *Tokens) Delete(context.Context, Values) error { return nil }
