package edgeauth

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/edgeauth/edgeauth/internal/cookies"
	"github.com/edgeauth/edgeauth/internal/oauth"
	"github.com/edgeauth/edgeauth/internal/reason"
	"github.com/edgeauth/edgeauth/internal/session"
)

const (
	maxAlsoExpired = 3 // each costs a call of the provider

	redirectCountLife = 10 * time.Second // in which redirects to the same URL are counted
	maxRedirectCount  = 3                // a renewal, a stamp, and one that another request was quicker with

	signInCountLife = time.Minute // in which sign-ins that ended well are counted
	maxSignInCount  = 3           // after so many, a request without a session means that the browser does not keep it
)

// retryRedirect asks for the same request once more: because this platform can set cookies only on an answer of its
// own, or because another request has just set newer ones.
type retryRedirect struct {
	cookies []*http.Cookie
	why     reason.Reason
}

func (r *retryRedirect) Error() string { return string(r.why) }
func (r *retryRedirect) Unwrap() error { return r.why }

// load reads the session from the cookies. With reason.Expired the session comes along, for a renewal.
func (g *Guard) load(ctx context.Context, v *visit) (*session.Session, error) {
	values, err := g.readSession(v)
	var s *session.Session
	if err == nil {
		s, err = g.loadValues(ctx, v, values, &v.session)
	}
	if err == nil || g.cfg.Cookie.Domain == "" {
		return s, err
	}
	// A sibling may have planted a cookie of this name, and an older one of this host alone may be there: the seal tells,
	// and what counts goes before what could count again.
	for _, value := range cookies.Others(v.r.Cookie, g.names.Session) {
		other, otherErr := g.loadValues(ctx, v, session.Values{Session: value}, new(session.Session))
		switch {
		case otherErr == nil:
			return other, nil
		case other != nil && (s == nil || errors.Is(otherErr, reason.Expired) && !errors.Is(err, reason.Expired)):
			s, err = other, otherErr
		}
	}
	return s, err
}

// loadValues reads one session into s, and returns it. It is nil where there is none that could count again.
func (g *Guard) loadValues(ctx context.Context, v *visit, values session.Values, s *session.Session) (*session.Session, error) {
	loaded, err := g.sessions.Load(ctx, values, v.now)
	if loaded.Who == nil {
		return nil, err
	}
	*s = loaded
	if cookies.Has(v.r.Cookie, g.names.SignedOut) && g.signedOutSince(v, s) {
		return nil, reason.SignedOutBefore
	}
	if err == nil {
		err = g.policy.Alive(s, v.now)
	}
	return s, err
}

// signedOutSince reports whether the browser remembers a sign-out of which the sign-in did not know.
func (g *Guard) signedOutSince(v *visit, s *session.Session) bool {
	own := *s // of its own, or every request's session would be
	marks := cookies.Every(v.r.Cookie, g.names.SignedOut)
	return slices.ContainsFunc(marks, func(mark string) bool { return g.sessions.SignedOut(mark, &own) })
}

// admit finds the session of a request and keeps it going. canSetCookies says that the answer can carry cookies; it then
// returns those to set. An error is either a *retryRedirect or the reason why there is no session that counts.
func (g *Guard) admit(ctx context.Context, v *visit, canSetCookies bool) (*session.Session, []*http.Cookie, error) {
	s, err := g.load(ctx, v)
	switch {
	case err == nil && (canSetCookies || g.mayRedirect(v, s)) && (g.due(v, s) || g.stampDue(v, s)):
		return g.renewAhead(ctx, v, s, canSetCookies)
	case err == nil || !errors.Is(err, reason.Expired) || s == nil || !g.client.CanRefresh(s):
		return s, nil, err
	case !canSetCookies && v.fetch().WebSocket(): // no browser follows the redirect, nor keeps its cookies
		return nil, nil, err
	}
	redirects := g.redirectCount(v)
	if redirects >= maxRedirectCount {
		return nil, nil, reason.Loop
	}
	next, err := g.renew(ctx, v, s)
	for _, other := range g.alsoExpired(ctx, v, s) { // the first may be planted
		if reason.IsRevoked(err) || reason.IsForOtherSession(err) {
			next, err = g.renew(ctx, v, other)
		}
	}
	if err == nil {
		return g.replaceSession(ctx, v, next, canSetCookies, reason.Refreshed)
	}
	return nil, nil, g.ended(ctx, v, s, err)
}

// alsoExpired are a few more sessions that could be renewed, where the cookies are shared with other hosts.
func (g *Guard) alsoExpired(ctx context.Context, v *visit, first *session.Session) (more []*session.Session) {
	if g.cfg.Cookie.Domain == "" {
		return nil
	}
	for _, value := range cookies.Others(v.r.Cookie, g.names.Session) {
		s, err := g.loadValues(ctx, v, session.Values{Session: value}, new(session.Session))
		if errors.Is(err, reason.Expired) && s != nil && g.client.CanRefresh(s) && s.Refresh != first.Refresh && len(more) < maxAlsoExpired {
			more = append(more, s)
		}
	}
	return more
}

// ended is how a session ends whose renewal failed. Another process may just have used this refresh token, and its answer
// has set newer cookies: so the browser is asked once more. A script's requests come many at a time, and have nobody who
// would sign in again: these wait for that answer.
func (g *Guard) ended(ctx context.Context, v *visit, s *session.Session, err error) error {
	if reason.IsRevoked(err) && !errors.Is(err, reason.SignedOutBefore) && g.redirectCount(v) == 0 {
		if !v.fetch().Navigation() {
			g.renewals.Yield(ctx, s)
		}
		return &retryRedirect{why: reason.ReloadOnce}
	}
	return err
}

// renewAhead renews or stamps a session that still counts. Where that does not work it still counts, unless the provider's
// answer is about another sign-in. Past the end of its evidence only the provider's silence may be outlived: whatever
// it says ends the session.
func (g *Guard) renewAhead(ctx context.Context, v *visit, s *session.Session, canSetCookies bool) (*session.Session, []*http.Cookie, error) {
	if g.due(v, s) {
		next, err := g.renew(ctx, v, s)
		switch {
		case err == nil:
			var set []*http.Cookie
			if next, set, err = g.replaceSession(ctx, v, next, canSetCookies, reason.Refreshed); !errors.Is(err, reason.SessionTooLarge) {
				return next, set, err
			}
		case reason.IsForOtherSession(err):
			return nil, nil, err
		case !reason.IsTransient(err) && g.evidenceOver(v, s):
			return nil, nil, g.ended(ctx, v, s, err)
		}
		g.trouble(ctx, v, err)
	}
	if !g.stampDue(v, s) {
		return s, nil, nil
	}
	return g.replaceSession(ctx, v, s, canSetCookies, reason.SeenAgain)
}

func (g *Guard) renew(ctx context.Context, v *visit, s *session.Session) (*session.Session, error) {
	ctx, cancel := oauth.WithReplyMargin(ctx)
	defer cancel()
	own := *s // the renewal may outlast the request
	return g.renewals.Renew(ctx, v.origin, &own)
}

// replaceSession puts next in the place of the session that came, stamped where that is due.
func (g *Guard) replaceSession(ctx context.Context, v *visit, next *session.Session, canSetCookies bool, why reason.Reason) (*session.Session, []*http.Cookie, error) {
	saved := *next
	if g.stampDue(v, next) {
		saved.Seen = v.now
	}
	set, err := g.save(ctx, v, &saved)
	if err != nil {
		return nil, nil, err
	}
	if v.renewed = why == reason.Refreshed; canSetCookies {
		return &saved, set, nil
	}
	v.who = Identity{saved.Who}
	return nil, nil, &retryRedirect{set, why}
}

// save returns the cookies that hold a session.
func (g *Guard) save(ctx context.Context, v *visit, s *session.Session) ([]*http.Cookie, error) {
	values, life, err := g.sessions.Save(ctx, s, v.now)
	if err != nil {
		return nil, err
	}
	return g.writeSession(v, values, life)
}

// due reports whether this request should renew a session that still counts. Only navigations do so, until its evidence is
// over.
func (g *Guard) due(v *visit, s *session.Session) bool {
	return g.policy.Due(s, v.now) && (v.fetch().Navigation() || g.evidenceOver(v, s)) && g.client.CanRefresh(s)
}

// mayRedirect reports whether a session that still counts may be renewed or stamped by way of a redirect: once, and past
// the end of its evidence until there is an answer.
func (g *Guard) mayRedirect(v *visit, s *session.Session) bool {
	n := g.redirectCount(v)
	return n == 0 || n < maxRedirectCount && g.evidenceOver(v, s)
}

func (g *Guard) evidenceOver(v *visit, s *session.Session) bool {
	return !v.now.Before(s.Expires.Add(g.policy.Leeway))
}

// stampDue reports whether the idle clock is to be set back.
func (g *Guard) stampDue(v *visit, s *session.Session) bool {
	return g.policy.StampDue(s, v.now) && v.fetch().ByPerson(v.r.Method)
}

// redirectCount is how often the browser was sent to the same URL again in the last seconds.
func (g *Guard) redirectCount(v *visit) int { return cookies.Count(v.r.Cookie, g.names.RedirectCount) }

// count adds one to a cookie that counts.
func (g *Guard) count(v *visit, name string, life time.Duration) *http.Cookie {
	return g.cookie(name, strconv.Itoa(cookies.Count(v.r.Cookie, name)+1), life)
}
