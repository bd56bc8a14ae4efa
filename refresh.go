package edgeauth

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/edgeauth/edgeauth/internal/reason"
	"github.com/edgeauth/edgeauth/internal/seal"
	"github.com/edgeauth/edgeauth/provider"
)

const (
	redirectCountLife = 10 * time.Second // in which redirects to the same URL are counted
	maxRedirectCount  = 3

	signInCountLife = time.Minute // in which sign-ins that ended well are counted
	maxSignInCount  = 3           // then a request without a session means that the browser does not keep it
)

// retryRedirect asks for the same request once more: because this platform can set cookies only on an answer of its
// own, or because another request has just set newer ones.
type retryRedirect struct {
	cookies []*http.Cookie
	why     reason.Reason
}

func (r *retryRedirect) Error() string { return string(r.why) }
func (r *retryRedirect) Unwrap() error { return r.why }

// admit finds the session of a request and keeps it going. canSetCookies says that the answer can canSetCookies cookies; it then
// returns those to set. An error is either an *retryRedirect or the reason why there is no session to go on with.
func (g *Guard) admit(ctx context.Context, v *visit, canSetCookies bool) (*session, []*http.Cookie, error) {
	s, err := g.load(ctx, v)
	switch {
	case err == nil && (canSetCookies || g.redirectCount(v) == 0) && (g.due(v, s) || g.stampDue(v, s)):
		return g.renewAhead(ctx, v, s, canSetCookies)
	case err == nil || !errors.Is(err, reason.Expired) || s == nil || !s.renewable(g):
		return s, nil, err
	}
	redirects := g.redirectCount(v)
	if redirects >= maxRedirectCount {
		return nil, nil, reason.Loop
	}
	next, err := g.renew(ctx, v.origin, s)
	if err == nil {
		return g.replaceSession(v, next, canSetCookies, reason.Refreshed)
	}
	if reason.IsRevoked(err) && redirects == 0 {
		// Another process may just have used this refresh token; its answer has set newer cookies.
		return nil, nil, &retryRedirect{why: reason.ReloadOnce}
	}
	return nil, nil, err
}

// renewAhead renews or stamps a session that still counts. Where that does not work nobody is bothered, unless the
// provider's answer is about another sign-in.
func (g *Guard) renewAhead(ctx context.Context, v *visit, s *session, canSetCookies bool) (*session, []*http.Cookie, error) {
	if g.due(v, s) {
		next, err := g.renew(ctx, v.origin, s)
		switch {
		case err == nil:
			var set []*http.Cookie
			if next, set, err = g.replaceSession(v, next, canSetCookies, reason.Refreshed); !errors.Is(err, reason.SessionTooLarge) {
				return next, set, err
			}
		case reason.IsForOtherSession(err):
			return nil, nil, err
		}
		g.trouble(ctx, v, err)
	}
	if !g.stampDue(v, s) {
		return s, nil, nil
	}
	return g.replaceSession(v, s, canSetCookies, reason.SeenAgain)
}

// replaceSession puts next in the place of the session that came, stamped where that is due.
func (g *Guard) replaceSession(v *visit, next *session, canSetCookies bool, why reason.Reason) (*session, []*http.Cookie, error) {
	if g.stampDue(v, next) {
		stamped := *next
		stamped.seen = v.now
		next = &stamped
	}
	set, err := g.store(v, next)
	if err != nil {
		return nil, nil, err
	}
	if canSetCookies {
		return next, set, nil
	}
	return nil, nil, &retryRedirect{set, why}
}

// stampDue reports whether the idle clock is to be set back: by navigations alone, since a page that polls is not
// a person, and not at each, since a cookie has to be written.
func (g *Guard) stampDue(v *visit, s *session) bool {
	idle := g.cfg.Session.Idle
	return idle > 0 && v.navigation() && v.now.Sub(s.seen) > idle/4
}

// redirectCount is how often the browser was sent to the same URL again in the last seconds.
func (g *Guard) redirectCount(v *visit) int { return counted(v, g.names.redirectCount) }

// counted reads a cookie that counts.
func counted(v *visit, name string) int {
	value, ok := cookie(v.r.Cookie, name)
	if !ok {
		return 0 // as at nearly every request
	}
	n, _ := strconv.Atoi(value)
	return max(n, 0)
}

// renew returns the session with new evidence. All requests of this process with the same refresh token share one
// call: a provider that rotates refresh tokens takes the second use of one for theft.
func (g *Guard) renew(ctx context.Context, origin string, s *session) (*session, error) {
	ctx, cancel := withReplyMargin(ctx)
	defer cancel()
	secret := s.refresh
	if secret == "" {
		secret = s.access
	}
	// Whoever brings another session with the same token gets no share in this one's result.
	who := seal.JoinLengthPrefixed("", s.identity.Issuer(), s.identity.Subject())
	key := sha256.Sum256([]byte(seal.JoinLengthPrefixed(who, secret, s.nonce, s.began.String())))
	return g.flights.do(ctx, key, sha256.Sum256([]byte(who)), g.now, func(ctx context.Context) (*session, error) {
		p, err := g.provider(ctx)
		if err != nil {
			return nil, err
		}
		t := tokens{access: s.access}
		if s.refresh != "" {
			form := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {s.refresh}}
			if t, err = g.redeem(ctx, p, p.RefreshGrant, form, origin); err != nil {
				return nil, err
			}
			if t.refresh == "" {
				t.refresh = s.refresh // RFC 6749, 6: the old one stays
			}
		}
		return g.extend(ctx, p, s, t)
	})
}

// extend makes the session that a refresh answer proves (OIDC Core 12.2).
func (g *Guard) extend(ctx context.Context, p *provider.Provider, s *session, t tokens) (*session, error) {
	now := g.now()
	next := *s
	next.refresh, next.renewed = t.refresh, now
	if t.access != "" && s.access != "" {
		next.access = t.access
	}
	if t.id == "" && g.cfg.Proof == provider.IDToken {
		if g.cfg.Session.Mode == Tokens {
			return nil, fmt.Errorf("%w: the refresh answer has no id_token, which is the session", reason.NoEvidence)
		}
		life := t.life
		if life <= 0 {
			life = s.expires.Sub(s.renewed)
		}
		next.expires = now.Add(life)
		return &next, nil
	}
	e, err := g.prove(ctx, p, t, "")
	if err != nil {
		return nil, err
	}
	fresh := Identity{&person{e.issuer, e.claims, p.Mapping}}
	if fresh.Issuer() != s.identity.Issuer() || fresh.Subject() != s.identity.Subject() {
		return nil, fmt.Errorf("%w: the refresh answer is about somebody else", reason.WrongSubject)
	}
	if nonce := e.nonce; nonce != "" && s.nonce != "" {
		if g.cfg.Session.Mode == Sealed {
			nonce = nonceHash(nonce)
		}
		if subtle.ConstantTimeCompare([]byte(nonce), []byte(s.nonce)) != 1 {
			return nil, fmt.Errorf("%w: the refreshed ID token is of another sign-in", reason.WrongNonce)
		}
	}
	next.expires, next.token, next.identity = e.expires, e.raw, fresh
	if g.cfg.Session.Mode == Sealed {
		claims, err := g.chosen(fresh)
		if err != nil {
			return nil, err
		}
		next.identity = Identity{&person{e.issuer, claims, p.Mapping}}
	}
	return &next, nil
}

// protected turns a panic into an error: nothing else would catch one in a goroutine.
func protected(ctx context.Context, work func(context.Context) (*session, error)) (s *session, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: panic: %s\n%s", reason.Internal, reason.PanicText(p), debug.Stack())
		}
	}()
	return work(ctx)
}
