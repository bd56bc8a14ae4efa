package edgeauth

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/edgeauth/edgeauth/internal/reason"
)

// sessionInfo tells the site's own scripts who is signed in. It shows chosen claims and never a token.
func (g *Guard) sessionInfo(ctx context.Context, v *visit) Decision {
	if !v.reads() {
		return g.methodNotAllowed(v, "GET, HEAD")
	}
	switch v.header("Sec-Fetch-Site") {
	case "", "same-origin", "none":
	default:
		d := Decision{Action: Deny, Status: http.StatusForbidden, Header: ownHeader(), Reason: reason.CrossSite}
		d.json(map[string]any{"error": "cross_site"})
		return d
	}
	s, set, err := g.admit(ctx, v, true)
	var once *again
	switch {
	case errors.As(err, &once):
		return g.sendAgain(v, once)
	case err != nil && reason.IsTransient(err):
		return g.failed(ctx, v, err)
	case err != nil:
		d := Decision{Action: Deny, Status: http.StatusUnauthorized, Header: ownHeader(), Reason: err}
		d.json(map[string]any{"authenticated": false, "login": g.cfg.Paths.Login})
		return d
	}
	claims := make(map[string]any)
	for _, name := range g.shown {
		if value := s.identity.Claim(name); value != nil {
			claims[name] = value
		}
	}
	d := Decision{Action: Respond, Status: http.StatusOK, Header: ownHeader(), Cookies: set, Reason: reason.SessionInfo}
	d.json(map[string]any{
		"authenticated": true, "subject": s.identity.Subject(), "claims": claims,
		"expires_at": g.ends(s).UTC().Format(time.RFC3339),
	})
	return d
}

// ends is when the session is over unless it is renewed.
func (g *Guard) ends(s *session) time.Time {
	if g.cfg.Session.Mode == Tokens {
		return s.expires
	}
	over := s.began.Add(g.cfg.Session.Lifetime)
	if !g.cfg.Session.OutliveToken && s.expires.Before(over) {
		return s.expires
	}
	return over
}
