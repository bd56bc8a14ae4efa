package devidp

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"maps"
	"time"
)

// grant is one sign-in at one client: the family of its code and its tokens.
type grant struct {
	client                              Client
	user                                User
	redirectURI, scope, nonce, audience string
	at                                  time.Time // of the sign-in
	revoked                             bool
}

type code struct {
	*grant
	challenge string
	expires   time.Time
	redeemed  bool
}

type refreshToken struct {
	*grant
	expires time.Time // zero: never
	rotated time.Time // zero: still the newest
}

type accessToken struct {
	*grant
	expires time.Time
}

type session struct {
	user User
	at   time.Time
}

// grants is what the provider remembers, guarded by Server.mu.
type grants struct {
	codes    map[string]*code
	refresh  map[string]*refreshToken
	access   map[string]accessToken
	sessions map[string]session
}

func newGrants() grants {
	return grants{map[string]*code{}, map[string]*refreshToken{}, map[string]accessToken{}, map[string]session{}}
}

func (s *Server) newCode(g *grant, challenge string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.opts.Now()
	maps.DeleteFunc(s.grants.codes, func(_ string, c *code) bool { return now.After(c.expires.Add(time.Hour)) })
	text := rand.Text()
	s.grants.codes[text] = &code{grant: g, challenge: challenge, expires: now.Add(s.opts.CodeLife)}
	return text
}

// redeem exchanges a code, which works once (RFC 6749, 4.1.2 and 4.1.3; RFC 7636, 4.6).
func (s *Server) redeem(text, redirectURI, verifier string, c Client) (*grant, *oauthError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, ok := s.grants.codes[text]
	switch {
	case !ok:
		return nil, invalidGrant("no such code")
	case found.client.ID != c.ID:
		return nil, invalidGrant("the code belongs to another client")
	case found.redeemed:
		found.revoked = true
		return nil, invalidGrant("the code was used before; what it gave is revoked")
	case !s.opts.Now().Before(found.expires):
		return nil, invalidGrant("the code has expired")
	case found.redirectURI != redirectURI:
		return nil, invalidGrant("redirect_uri differs from the authorization request's")
	case s.opts.Provider.NoPKCE && verifier != "": // as LinkedIn answers
		return nil, &oauthError{Code: "invalid_client", Description: "a client with a secret has no code_verifier"}
	case s.opts.Provider.NoPKCE:
	case len(verifier) < 43 || len(verifier) > 128:
		return nil, invalidGrant("code_verifier must have 43 to 128 characters")
	case subtle.ConstantTimeCompare([]byte(challenge(verifier)), []byte(found.challenge)) == 0:
		return nil, invalidGrant("code_verifier does not fit the code_challenge")
	}
	found.redeemed = true
	return found.grant, nil
}

func challenge(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return encode(sum[:])
}

// renew uses a refresh token. The second result is the refresh token for the answer, "" for none.
func (s *Server) renew(text string, c Client) (*grant, string, *oauthError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.opts.Now()
	old, ok := s.grants.refresh[text]
	switch {
	case !ok:
		return nil, "", invalidGrant("no such refresh token")
	case old.client.ID != c.ID:
		return nil, "", invalidGrant("the refresh token belongs to another client")
	case old.revoked:
		return nil, "", invalidGrant("the refresh token was revoked")
	case !old.expires.IsZero() && !now.Before(old.expires):
		return nil, "", invalidGrant("the refresh token has expired")
	case !old.rotated.IsZero() && now.Sub(old.rotated) >= s.opts.RefreshGrace:
		old.revoked = true // RFC 9700, 4.14.2: one of the two users is a thief
		return nil, "", invalidGrant("the refresh token was used before; its family is revoked")
	}
	if s.opts.Refresh == Static {
		return old.grant, "", nil
	}
	if s.opts.Refresh == RotateOnce && old.rotated.IsZero() {
		old.rotated = now
	}
	return old.grant, s.addRefresh(old.grant), nil
}

func (s *Server) newRefresh(g *grant) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.addRefresh(g)
}

func (s *Server) addRefresh(g *grant) string {
	token := refreshToken{grant: g}
	if s.opts.RefreshLife > 0 {
		token.expires = g.at.Add(s.opts.RefreshLife)
	}
	text := rand.Text() + rand.Text()
	s.grants.refresh[text] = &token
	return text
}

func (s *Server) addAccess(text string, g *grant) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.opts.Now()
	maps.DeleteFunc(s.grants.access, func(_ string, t accessToken) bool { return now.After(t.expires) })
	s.grants.access[text] = accessToken{g, now.Add(s.opts.TokenLife)}
}

// EndSessions signs everybody out at the provider and revokes every refresh token.
func (s *Server) EndSessions() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.grants.codes {
		c.revoked = true
	}
	for _, t := range s.grants.refresh {
		t.revoked = true
	}
	clear(s.grants.sessions)
}
