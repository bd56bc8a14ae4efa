package edgeauth

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/edgeauth/edgeauth/internal/address"
	"github.com/edgeauth/edgeauth/internal/reason"
	"github.com/edgeauth/edgeauth/provider"
)

// logout ends the session: here, at the revocation endpoint where there is one, and at the provider. It acts on a
// POST and on a navigation from this site's own pages; anything else, such as an image on a foreign page, gets a
// page with a button. It works with any session, a broken one too.
func (g *Guard) logout(ctx context.Context, v *visit) (Decision, error) {
	switch {
	case v.r.Method != http.MethodPost && !v.reads():
		return v.methodNotAllowed("GET, HEAD, POST")
	case !v.sameOrigin() || v.reads() && !v.navigation():
		return g.respond(v, page{
			status: http.StatusOK, code: "confirm_logout", title: "Sign out?", text: "You will be signed out of this site.",
			link: g.cfg.Paths.Logout, label: "Sign out", form: true,
		}, reason.ConfirmLogout), nil
	}
	ctx, cancel := withReplyMargin(ctx)
	defer cancel()
	s, _ := g.load(ctx, v)
	if s == nil { // a refresh token may be left of a broken session
		s = &session{refresh: g.refreshCookie(v)}
	}
	target := v.origin + g.cfg.Paths.SignedOut
	if p, err := g.provider(ctx); err == nil {
		g.revoke(ctx, v, p, s)
		target = g.endSessionURL(p, v.origin, s)
	} else {
		g.trouble(ctx, v, err)
	}
	return Decision{
		Action: Redirect, Status: http.StatusSeeOther, Location: target,
		Header: ownHeader(), Cookies: g.clearSession(v), Reason: reason.SignedOut,
	}, nil
}

// endSessionURL is the request to the provider's end-session endpoint (OpenID Connect RP-Initiated Logout 1.0, 2), or
// this site's own page where there is none. The client is named by client_id: an ID token would stand in the URL.
func (g *Guard) endSessionURL(p *provider.Provider, origin string, s *session) string {
	home := origin + g.cfg.Paths.SignedOut
	if p.Endpoints.EndSession == "" {
		return home
	}
	form := p.Logout
	q := url.Values{}
	for name, value := range form.Params {
		q.Set(name, value)
	}
	q.Set(or(form.ReturnParam, "post_logout_redirect_uri"), home)
	if name := or(form.ClientParam, "client_id"); name != "-" {
		q.Set(name, g.cfg.ClientID)
	}
	if claim := p.Mapping.LogoutHint; claim != "" && s != nil {
		if hint, ok := s.identity.Claim(claim).(string); ok {
			q.Set(or(form.HintParam, "logout_hint"), hint)
		}
	}
	return address.WithParams(p.Endpoints.EndSession, q)
}

// revoke withdraws the refresh token (RFC 7009). A failure is logged and holds nobody up: the session here is over
// in any case.
func (g *Guard) revoke(ctx context.Context, v *visit, p *provider.Provider, s *session) {
	if s == nil || s.refresh == "" || p.Endpoints.Revoke == "" {
		return
	}
	form := url.Values{"token": {s.refresh}, "token_type_hint": {"refresh_token"}}
	request, err := g.clientRequest(ctx, p, p.Endpoints.Revoke, form)
	if err == nil {
		if p.RefreshGrant.Origin {
			request.Header.Set("Origin", v.origin)
		}
		_, _, err = g.call(request)
	}
	if err != nil && !errors.Is(err, reason.TokenAnswer) { // some answer 200 with a text
		g.trouble(ctx, v, err)
	}
}

// signedOut is where the browser lands after a logout.
func (g *Guard) signedOut(v *visit) (Decision, error) {
	if !v.reads() {
		return v.methodNotAllowed("GET, HEAD")
	}
	return g.respond(v, page{
		status: http.StatusOK, code: "signed_out", title: "You are signed out", text: "You can close this window, or sign in again.",
		link: g.cfg.Paths.Login, label: "Sign in",
	}, reason.SignedOutPage), nil
}

func or(text, standard string) string {
	if text == "" {
		return standard
	}
	return text
}
