package edgeauth

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"net/http"
	"strings"
	"time"

	"github.com/edgeauth/edgeauth/internal/reason"
	"github.com/edgeauth/edgeauth/internal/token"
	"github.com/edgeauth/edgeauth/provider"
)

// session is a signed-in browser. A loaded session may be shared by requests and is never changed.
type session struct {
	identity Identity
	expires  time.Time // of its evidence
	began    time.Time // of the sign-in; zero in tokens mode
	renewed  time.Time // when the evidence was had
	seen     time.Time // stamped by navigations where there is an idle limit
	refresh  string
	access   string // kept only where it is forwarded or is the evidence
	nonce    string // of the sign-in, or its hash: a later ID token must not bring another (OIDC Core 12.2)
	token    string // tokens mode: the token that is the session
}

// load reads the session from the cookies. With reason.Expired the session comes along, for a refresh.
func (g *Guard) load(ctx context.Context, v *visit) (*session, error) {
	value, ok := chunked(v.r.Cookie, g.names.session)
	if !ok {
		if _, some := cookie(v.r.Cookie, g.names.session); some {
			return nil, fmt.Errorf("%w: chunks are missing", reason.BadSession)
		}
		return nil, reason.NoSession
	}
	var s *session
	var err error
	if g.cfg.Session.Mode == Tokens {
		s, err = g.loadTokens(ctx, v, value)
	} else {
		s, err = g.loadSealed(value)
	}
	if err != nil {
		return s, err
	}
	return s, g.alive(v, s)
}

// alive reports why a session that is ours no longer counts.
func (g *Guard) alive(v *visit, s *session) error {
	sealed := g.cfg.Session.Mode == Sealed
	switch {
	case sealed && !v.now.Before(s.began.Add(g.cfg.Session.Lifetime)):
		return reason.LifetimeOver
	case sealed && g.cfg.Session.Idle > 0 && !v.now.Before(s.seen.Add(g.cfg.Session.Idle)):
		return reason.IdleTooLong
	case !v.now.Before(s.expires.Add(g.cfg.Leeway)) && !g.cfg.Session.OutliveToken:
		return reason.Expired
	}
	return nil
}

// due reports whether a session that still counts should be renewed by this request. Only navigations do so, in a
// window before the end that differs from session to session, so that a crowd that signed in together does not
// come back together.
func (g *Guard) due(v *visit, s *session) bool {
	if !s.renewable(g) || !v.navigation() {
		return false
	}
	window := min(5*time.Minute, s.expires.Sub(s.renewed)/5)
	if window <= 0 || v.now.Sub(s.renewed) < 10*time.Second {
		return false
	}
	h := fnv.New32a()
	h.Write([]byte(s.refresh))
	h.Write([]byte(s.identity.Subject()))
	window -= window / 2 * time.Duration(h.Sum32()%1024) / 1024
	return !v.now.Before(s.expires.Add(-window))
}

// renewable reports whether there is anything to renew the session with.
func (s *session) renewable(g *Guard) bool {
	return s.refresh != "" || g.cfg.Proof == provider.Userinfo && s.access != ""
}

// store returns the cookies that hold the session, and those that clear whatever else of a session is there.
func (g *Guard) store(v *visit, s *session) ([]*http.Cookie, error) {
	var out []*http.Cookie
	var err error
	if g.cfg.Session.Mode == Tokens {
		if out, err = g.setChunked(v, g.names.session, s.token, 0); err != nil {
			return nil, err
		}
		if s.refresh != "" {
			more, err := g.setChunked(v, g.names.refresh, cookieText(s.refresh), 0)
			if err != nil {
				return nil, err
			}
			out = append(out, more...)
		}
	} else {
		life := s.began.Add(g.cfg.Session.Lifetime).Sub(v.now)
		if out, err = g.setChunked(v, g.names.session, g.sealSession(s), life); err != nil {
			return nil, err
		}
	}
	written := make(map[string]bool, len(out))
	total := 0
	for _, c := range out {
		written[c.Name] = true
		total += len(c.Value)
	}
	if total > maxSession {
		return nil, fmt.Errorf("%w: %d bytes, at most %d fit; ask for fewer claims or groups", reason.SessionTooLarge, total, maxSession)
	}
	for _, c := range g.clearSession(v) {
		if !written[c.Name] && c.Name != g.names.redirectCount && c.Name != g.names.signInCount {
			out = append(out, c)
		}
	}
	return out, nil
}

// loadTokens verifies the token that is the session. Verified tokens are remembered; their times are compared at
// every hit, and a change of the provider's keys forgets them.
func (g *Guard) loadTokens(ctx context.Context, v *visit, raw string) (*session, error) {
	verifier := g.idTokens
	if g.cfg.Proof == provider.AccessToken {
		verifier = g.accessTokens
	}
	refresh := g.refreshCookie(v)
	key := verifier.Digest(raw)
	generation, err := g.keys.Generation(ctx)
	if err != nil {
		return nil, err
	}
	if s, ok := g.verified.Get(key, v.now, generation); ok {
		if s.refresh != refresh { // browsers with the same token may be one refresh apart
			own := *s
			own.refresh = refresh
			s = &own
		}
		return s, nil
	}
	checked, err := verifier.Verify(ctx, raw, token.Expect{})
	if err != nil && !errors.Is(err, reason.Expired) {
		return nil, err
	}
	if subject, _ := checked.Claims.Text(g.cfg.Provider.Mapping.Subject); subject == "" {
		return nil, fmt.Errorf("%w: nobody is named: the claim %q is missing", reason.NoEvidence, g.cfg.Provider.Mapping.Subject)
	}
	raw, refresh = strings.Clone(raw), strings.Clone(refresh) // what is remembered must not keep a whole request in memory
	issuer, _ := checked.Claims.Text("iss")
	s := &session{
		identity: Identity{&person{issuer, checked.Claims, g.cfg.Provider.Mapping}},
		expires:  checked.Expiry, renewed: checked.Issued, token: raw, refresh: refresh,
	}
	s.nonce, _ = checked.Claims.Text("nonce")
	if g.cfg.Proof == provider.AccessToken {
		s.access = raw
	}
	if err == nil {
		g.verified.Put(key, s, checked.From, checked.Until, checked.Generation)
	}
	return s, err
}

func (g *Guard) refreshCookie(v *visit) string {
	value, _ := chunked(v.r.Cookie, g.names.refresh)
	text, _ := fromCookieText(value)
	return text
}
