package edgeauth

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/edgeauth/edgeauth/internal/address"
	"github.com/edgeauth/edgeauth/internal/cookies"
	"github.com/edgeauth/edgeauth/internal/oauth"
	"github.com/edgeauth/edgeauth/internal/page"
	"github.com/edgeauth/edgeauth/internal/reason"
	"github.com/edgeauth/edgeauth/internal/session"
)

// logout ends the session: here, at the revocation endpoint where there is one, and at the provider. It acts on a
// POST and on a navigation from this site's own pages; anything else, such as an image on a foreign page, gets a
// page with a button, whose proof counts where a worker hides who sends. It works with any session, a broken one too.
func (g *Guard) logout(ctx context.Context, v *visit) (Decision, error) {
	values, _ := g.readSession(v)
	button := way{page.SignOut, g.cfg.Paths.Logout, true}
	own := v.fetch().SameOrigin(v.origin)
	if !own && v.fetch().HandedOn() {
		if values == (session.Values{}) {
			return g.respond(v, page.SignedOut, reason.SignedOutPage, way{page.SignIn, g.cfg.Paths.Login, false}), nil
		}
		button.href += "?proof=" + values.Proof()
		own = address.Param(v.r.RawQuery, "proof") == values.Proof()
	}
	switch {
	case v.r.Method != http.MethodPost && !v.reads():
		return v.methodNotAllowed("GET, HEAD, POST")
	case !own || v.reads() && !v.fetch().Navigation():
		return g.respond(v, page.ConfirmLogout, reason.ConfirmLogout, button), nil
	}
	ctx, cancel := oauth.WithReplyMargin(ctx)
	defer cancel()
	ended := g.everySession(ctx, v, values)
	shown := *ended[0]
	v.who = Identity{shown.Who}
	if !v.fetch().WantsPage() { // a script cannot go on by a form
		shown.IDToken = ""
	}
	target, form, err := g.client.EndSession(ctx, v.origin+g.cfg.Paths.SignedOut, &shown)
	gone := g.end(ctx, v, values, ended, err)
	d := Decision{Action: Redirect, Status: http.StatusSeeOther, Location: target, Header: v.clearCache(ownHeader()), Cookies: gone, Reason: reason.SignedOut}
	if form != nil {
		d.Action, d.Status, d.Location = Respond, http.StatusOK, ""
		d.html(g.design.Post(g.page(v, page.ConfirmLogout, nil), page.SignOut, target, form))
	}
	return d, nil
}

// end ends sessions here and at the revocation endpoint, and sign-ins that have begun. A failure, also one from before, holds
// nobody up: the session here is over in any case.
func (g *Guard) end(ctx context.Context, v *visit, values session.Values, ended []*session.Session, err error) []*http.Cookie {
	for _, s := range ended {
		for _, left := range append(g.renewals.End(s), s) {
			err = errors.Join(err, g.client.Revoke(ctx, left, v.origin))
		}
	}
	if err = errors.Join(err, g.sessions.Delete(ctx, values)); err != nil {
		g.trouble(ctx, v, err)
	}
	gone := g.clearSession(v)
	if mark, life := g.sessions.SignOut(ended, cookies.Every(v.r.Cookie, g.names.SignedOut), v.now); mark != "" {
		gone = append(gone, g.cookie(g.names.SignedOut, mark, life))
	}
	return gone
}

// everySession returns the session that a sign-out ends, or what is left of a broken one, and where other hosts could have
// planted it in front of another, every one that can be read.
func (g *Guard) everySession(ctx context.Context, v *visit, values session.Values) []*session.Session {
	ended := []*session.Session{{Refresh: values.Refresh}}
	if loaded, _ := g.load(ctx, v); loaded != nil {
		*ended[0] = *loaded
	} else if dead, _ := g.sessions.Load(ctx, values, v.now); dead.Who != nil { // such as one from before another sign-out
		*ended[0] = dead
	}
	if g.cfg.Cookie.Domain == "" {
		return ended
	}
	for _, value := range cookies.Others(v.r.Cookie, g.names.Session) {
		other, _ := g.sessions.Load(ctx, session.Values{Session: value}, v.now)
		if other.Who != nil && !slices.ContainsFunc(ended, other.Is) {
			ended = append(ended, &other)
		}
	}
	return ended
}

// signedOut is where the browser lands after a logout.
func (g *Guard) signedOut(v *visit) (Decision, error) {
	if !v.reads() {
		return v.methodNotAllowed("GET, HEAD")
	}
	d := g.respond(v, page.SignedOut, reason.SignedOutPage, way{page.SignIn, g.cfg.Paths.Login, false})
	v.clearCache(d.Header)
	return d, nil
}

// clearCache empties the browser's cache of this site, where pages wait for the button that leads back. Browsers want it on
// both answers: one empties what it keeps of pages at the first, another at the second. None is for images and frames of a
// foreign page, nor for a worker: WebKit then waits for ever.
func (v *visit) clearCache(h http.Header) http.Header {
	if dest := v.header("Sec-Fetch-Dest"); dest == "" || dest == "document" {
		h.Set("Clear-Site-Data", `"cache"`)
	}
	return h
}
