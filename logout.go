package edgeauth

import (
	"context"
	"errors"
	"net/http"

	"github.com/edgeauth/edgeauth/internal/oauth"
	"github.com/edgeauth/edgeauth/internal/page"
	"github.com/edgeauth/edgeauth/internal/reason"
	"github.com/edgeauth/edgeauth/internal/session"
)

// logout ends the session: here, at the revocation endpoint where there is one, and at the provider. It acts on a
// POST and on a navigation from this site's own pages; anything else, such as an image on a foreign page, gets a
// page with a button. It works with any session, a broken one too.
func (g *Guard) logout(ctx context.Context, v *visit) (Decision, error) {
	switch {
	case v.r.Method != http.MethodPost && !v.reads():
		return v.methodNotAllowed("GET, HEAD, POST")
	case !v.sameOrigin() || v.reads() && !v.navigation():
		return g.respond(v, page.ConfirmLogout, reason.ConfirmLogout, way{page.SignOut, g.cfg.Paths.Logout, true}), nil
	}
	ctx, cancel := oauth.WithReplyMargin(ctx)
	defer cancel()
	values, _ := g.readSession(v)
	s := &session.Session{Refresh: values.Refresh} // it may be left of a broken session
	if loaded, _ := g.load(ctx, v); loaded != nil {
		*s = *loaded
	}
	left := append(g.renewals.End(s), s)
	target, err := g.client.EndSessionURL(ctx, v.origin+g.cfg.Paths.SignedOut, s)
	for _, s := range left {
		if err == nil {
			err = g.client.Revoke(ctx, s, v.origin)
		}
	}
	// A failure holds nobody up: the session here is over in any case.
	if err = errors.Join(err, g.sessions.Delete(ctx, values)); err != nil {
		g.trouble(ctx, v, err)
	}
	gone := g.clearSession(v)
	if len(gone) > 0 {
		gone = append(gone, g.markSignOut(v, s)...)
	}
	return Decision{
		Action: Redirect, Status: http.StatusSeeOther, Location: target,
		Header: ownHeader(), Cookies: gone, Reason: reason.SignedOut,
	}, nil
}

// markSignOut lets the browser remember the sign-out: an answer that left before may arrive after this one.
func (g *Guard) markSignOut(v *visit, s *session.Session) []*http.Cookie {
	if s.Who == nil {
		s = nil
	}
	mark, life := g.sessions.SignOut(s, v.now)
	if mark == "" {
		return nil
	}
	return []*http.Cookie{g.cookie(g.names.signedOut, mark, life)}
}

// signedOut is where the browser lands after a logout.
func (g *Guard) signedOut(v *visit) (Decision, error) {
	if !v.reads() {
		return v.methodNotAllowed("GET, HEAD")
	}
	return g.respond(v, page.SignedOut, reason.SignedOutPage, way{page.SignIn, g.cfg.Paths.Login, false}), nil
}
