package session

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/edgeauth/edgeauth/internal/reason"
	"github.com/edgeauth/edgeauth/internal/seal"
	"github.com/edgeauth/edgeauth/provider"
)

// The first byte of what is sealed. Sessions of another version have to sign in again.
const (
	sealedVersion = 1
	afterSignOut  = 2 // the same, and the sign-outs that came before
	withIDToken   = 3 // the same, and the ID token
)

// maxIDToken is the longest ID token that is kept, in bytes: a session has to fit the cookies.
const maxIDToken = 6 << 10

// SealedConfig says how sealed sessions are made. Box and Name are required.
type SealedConfig struct {
	Box      *seal.Box
	Name     string // of the cookie: a value does not open under another
	Mapping  provider.Mapping
	Provider string // the name of one of several
	Kept     Kept
	Access   bool // the access token is kept
	IDToken  bool // the ID token is kept, unless it is too long
	Lifetime time.Duration
	Shared   bool // with other hosts, by the cookies' domain
}

// Sealed keeps whole sessions in the browser, encrypted: chosen claims, and what they are renewed with.
type Sealed struct {
	c       SealedConfig
	context []byte          // of sessions
	marks   []byte          // of marks of a sign-out
	groups  map[string]bool // the only ones that are kept; nil for all
}

// NewSealed returns a store that needs nothing but its keys.
func NewSealed(c SealedConfig) *Sealed {
	st := &Sealed{c: c, context: c.Box.Context(c.Name), marks: c.Box.Context(c.Name + " signed out")}
	if !slices.Contains(c.Kept.Claims, c.Mapping.Groups) {
		st.groups = map[string]bool{}
		maps.Copy(st.groups, c.Kept.Groups)
	}
	return st
}

// Start keeps the chosen claims.
func (st *Sealed) Start(g Grant, now time.Time) (*Session, error) {
	s := &Session{
		Who: g.Who, Expires: g.Expires, Began: now, Renewed: now, Seen: now,
		Refresh: g.Refresh, Access: g.Access, Nonce: nonceHash(g.Nonce), Token: g.Token,
	}
	if st.c.IDToken {
		s.IDToken = g.IDToken
	}
	if !st.c.Access {
		s.Access = ""
	}
	return s, st.choose(s, nil)
}

// Renew replaces the evidence where new evidence came. Where none did, the old one counts for one more life of the
// access token.
func (st *Sealed) Renew(s *Session, g Grant, now time.Time) (*Session, error) {
	next, err := follow(s, g, nonceHash(g.Nonce), now)
	switch {
	case err != nil:
		return nil, err
	case g.Who != nil:
		return next, st.choose(next, s.Who)
	}
	life := g.Life
	if life <= 0 {
		life = s.Expires.Sub(s.Renewed)
	}
	next.Expires = now.Add(life)
	return next, nil
}

func (st *Sealed) choose(s *Session, before *Person) error {
	claims, err := st.c.Kept.choose(s.Who, before)
	if err != nil {
		return err
	}
	s.Who = &Person{s.Who.Issuer, claims, s.Who.Mapping, st.c.Provider, st.groups}
	return nil
}

// Save seals the session. The layout is fixed: what browsers hold has to open after every change.
func (st *Sealed) Save(_ context.Context, s *Session, now time.Time) (Values, time.Duration, error) {
	b, texts := []byte{sealedVersion}, []string{s.Who.Issuer, s.Refresh, s.Access, s.Nonce}
	if s.After != "" {
		b[0], texts = afterSignOut, append(texts, s.After)
	}
	if s.IDToken != "" && len(s.IDToken) <= maxIDToken {
		b[0], texts = withIDToken, append(texts[:4], s.After, s.IDToken)
	}
	for _, t := range []time.Time{s.Expires, s.Began, s.Renewed, s.Seen} {
		b = binary.BigEndian.AppendUint64(b, uint64(t.Unix()))
	}
	b = append(b, seal.JoinLengthPrefixed("", texts...)...)
	b = append(b, s.Who.Claims.Raw()...)
	return Values{Session: st.c.Box.Seal(st.context, b)}, s.Began.Add(st.c.Lifetime).Sub(now), nil
}

// Load opens a session. It is bound to this site, issuer and client by the seal.
func (st *Sealed) Load(_ context.Context, v Values, _ time.Time) (Session, error) {
	plain, ok := st.c.Box.Open(st.context, v.Session)
	if !ok {
		return Session{}, reason.BadSession
	}
	if len(plain) < 1+4*8 || plain[0] < sealedVersion || plain[0] > withIDToken {
		return Session{}, fmt.Errorf("%w: of another version", reason.BadSession)
	}
	at := func(i int) time.Time { return time.Unix(int64(binary.BigEndian.Uint64(plain[1+8*i:])), 0) }
	s := Session{Expires: at(0), Began: at(1), Renewed: at(2), Seen: at(3)}
	rest := string(plain[1+4*8:])
	who := &Person{Mapping: st.c.Mapping, Provider: st.c.Provider, Kept: st.groups}
	texts := []*string{&who.Issuer, &s.Refresh, &s.Access, &s.Nonce, &s.After, &s.IDToken}
	texts = texts[:3+plain[0]]
	for _, text := range texts {
		if *text, rest, ok = seal.CutLengthPrefixed(rest); !ok {
			return Session{}, fmt.Errorf("%w: cut short", reason.BadSession)
		}
	}
	var err error
	if who.Claims, err = provider.ParseClaims([]byte(rest)); err != nil {
		return Session{}, fmt.Errorf("%w: %w", reason.BadSession, err)
	}
	s.Who = who
	return s, nil
}

// Delete has nothing to do: the browser holds everything.
func (st *Sealed) Delete(context.Context, Values) error { return nil }

// nonceHash is what a sealed session remembers of its nonce.
func nonceHash(nonce string) string {
	if nonce == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(nonce))
	return base64.RawURLEncoding.EncodeToString(sum[:12])
}
