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
	Access   bool // the token is the access token
}

// Tokens keeps the provider's own tokens in the browser, and verifies them at every request. Verified tokens are
// remembered; their times are compared at every hit, and a change of the provider's keys forgets them.
type Tokens struct {
	c        TokensConfig
	verified *token.Cache[*Session]
}

// NewTokens returns a store that needs no secret.
func NewTokens(c TokensConfig) *Tokens { return &Tokens{c, token.NewCache[*Session](0)} }

// Start takes the token that proves the sign-in.
func (st *Tokens) Start(g Grant, now time.Time) (*Session, error) {
	return &Session{
		Who: g.Who, Expires: g.Expires, Began: now, Renewed: now, Seen: now,
		Refresh: g.Refresh, Access: g.Access, Nonce: g.Nonce, Token: g.Token,
	}, nil
}

// Renew wants a new token: the old one cannot be made to last longer.
func (st *Tokens) Renew(s *Session, g Grant, now time.Time) (*Session, error) {
	if g.Who == nil {
		return nil, fmt.Errorf("%w: the refresh answer has no id_token, which is the session", reason.NoEvidence)
	}
	return follow(s, g, g.Nonce, now)
}

// Save hands out the token itself. The browser forgets it when it is closed.
func (st *Tokens) Save(_ context.Context, s *Session, _ time.Time) (Values, time.Duration, error) {
	return Values{Session: s.Token, Refresh: s.Refresh}, 0, nil
}

// Load verifies the token that is the session.
func (st *Tokens) Load(ctx context.Context, v Values, now time.Time) (*Session, error) {
	key := st.c.Verifier.Digest(v.Session)
	generation, err := st.c.Verifier.Generation(ctx)
	if err != nil {
		return nil, err
	}
	if s, ok := st.verified.Get(key, now, generation); ok {
		if s.Refresh != v.Refresh { // browsers with the same token may be one refresh apart
			own := *s
			own.Refresh = v.Refresh
			s = &own
		}
		return s, nil
	}
	checked, err := st.c.Verifier.Verify(ctx, v.Session, token.Expect{})
	if err != nil && !errors.Is(err, reason.Expired) {
		return nil, err
	}
	if subject, _ := checked.Claims.Text(st.c.Mapping.Subject); subject == "" {
		return nil, fmt.Errorf("%w: nobody is named: the claim %q is missing", reason.NoEvidence, st.c.Mapping.Subject)
	}
	raw := strings.Clone(v.Session) // what is remembered must not keep a whole request in memory
	issuer, _ := checked.Claims.Text("iss")
	s := &Session{
		Who:     &Person{issuer, checked.Claims, st.c.Mapping},
		Expires: checked.Expiry, Renewed: checked.Issued, Token: raw, Refresh: strings.Clone(v.Refresh),
	}
	s.Nonce, _ = checked.Claims.Text("nonce")
	if st.c.Access {
		s.Access = raw
	}
	if err == nil {
		st.verified.Put(key, s, checked.From, checked.Until, checked.Generation)
	}
	return s, err
}

// Delete has nothing to do: the provider's token ends by itself, and the browser holds everything else.
func (st *Tokens) Delete(context.Context, Values) error { return nil }
