package edgeauth

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/edgeauth/edgeauth/internal/address"
	"github.com/edgeauth/edgeauth/internal/reason"
	"github.com/edgeauth/edgeauth/provider"
)

// protectedParams are the parameters of the authorization request that nothing but the sign-in itself sets.
var protectedParams = []string{
	"client_id", "redirect_uri", "response_type", "response_mode", "scope", "state", "nonce",
	"code_challenge", "code_challenge_method", "request", "request_uri",
}

// login answers the login path: it starts a sign-in that ends at the path named by return.
func (g *Guard) login(ctx context.Context, v *visit) Decision {
	if !v.reads() {
		return g.methodNotAllowed(v, "GET, HEAD")
	}
	if v.header("Sec-Fetch-Mode") != "" && !v.navigation() {
		return g.unauthorized(v, reason.NoSession)
	}
	return g.startSignIn(ctx, v, attempt{Return: g.returnTo(first(v.r.RawQuery, "return"))}, reason.LoginStarted)
}

// startSignIn sends the browser to the provider with an authorization request (RFC 6749, 4.1.1). The running session
// is left alone until another one takes its place. From like it takes the target and what went before.
func (g *Guard) startSignIn(ctx context.Context, v *visit, like attempt, why error) Decision {
	p, err := g.provider(ctx)
	if err != nil {
		return g.failed(ctx, v, err)
	}
	set, size, ok := g.makeRoom(v)
	if !ok {
		return g.respond(v, page{
			status: http.StatusTooManyRequests, code: "too_many_sign_ins", retryAfter: "60",
			title: "Several sign-ins are open", text: "Please finish one of those in your other tabs, or wait a minute and try again.",
			link: g.loginLink(like.Return), label: "Try again",
		}, reason.AttemptsPending)
	}
	if size > maxPendingSize {
		like.Return = "/"
	}
	a := newAttempt(p.Issuer, like.Return, v.now)
	a.Again, a.Loud = like.Again, like.Loud
	status := http.StatusFound
	if !v.reads() {
		status = http.StatusSeeOther // RFC 9110, 15.4.4: go on with GET
	}
	return Decision{
		Action: Redirect, Status: status, Location: g.authorizeURL(p, v.origin, &a),
		Header: ownHeader(), Cookies: append(set, g.keepAttempt(a)), Reason: why,
	}
}

// authorizeURL is the authorization request: code flow, PKCE with S256, state, and a nonce where an ID token will
// come back (OIDC Core 3.1.2.1).
func (g *Guard) authorizeURL(p *provider.Provider, origin string, a *attempt) string {
	q := url.Values{}
	for name, value := range p.AuthorizeParams {
		q.Set(name, value)
	}
	if p.AudienceParam != "" && len(g.cfg.Audience) > 0 {
		q.Set(p.AudienceParam, g.cfg.Audience[0])
	}
	for name, value := range g.cfg.AuthorizeParams {
		q.Set(name, value)
	}
	if a.Loud && q.Get("prompt") == "none" {
		q.Del("prompt")
	}
	for _, name := range protectedParams {
		q.Del(name)
	}
	q.Set("response_type", "code")
	q.Set("client_id", g.cfg.ClientID)
	q.Set("redirect_uri", origin+g.cfg.Paths.Callback)
	q.Set("state", a.State)
	q.Set("code_challenge", challenge(a.Verifier))
	q.Set("code_challenge_method", "S256")
	if len(g.cfg.Scopes) > 0 {
		q.Set("scope", strings.Join(g.cfg.Scopes, " "))
	}
	if g.idTokens != nil {
		q.Set("nonce", a.Nonce)
	}
	return address.WithParams(p.Endpoints.Authorize, q)
}

// needSignIn answers a request without a session: a person is sent to sign in, a program is told.
func (g *Guard) needSignIn(ctx context.Context, v *visit, why error) Decision {
	if !v.navigation() {
		return g.unauthorized(v, why)
	}
	if counted(v, g.names.endings) >= maxEndings {
		return g.notKept(v, why)
	}
	return g.startSignIn(ctx, v, attempt{Return: g.here(v)}, why)
}

// unauthorized tells a script that there is no session, and where one is to be had. Without CORS headers no other
// site's script can read it.
func (g *Guard) unauthorized(v *visit, why error) Decision {
	d := Decision{Action: Deny, Status: http.StatusUnauthorized, Header: ownHeader(), Reason: why}
	d.json(map[string]any{
		"error": "sign_in_required", "message": "Sign in to go on.", "login": g.cfg.Paths.Login, "reference": v.reference(),
	})
	return d
}

func (g *Guard) loginLink(target string) string {
	if target = g.returnTo(target); target == "/" {
		return g.cfg.Paths.Login
	}
	return g.cfg.Paths.Login + "?return=" + url.QueryEscape(target)
}

func (g *Guard) methodNotAllowed(v *visit, allowed string) Decision {
	d := g.respond(v, page{
		status: http.StatusMethodNotAllowed, code: "method_not_allowed",
		title: "This does not work here", text: "This address is not meant to be used that way.", link: "/", label: "Go to the start page",
	}, fmt.Errorf("%w: method %s, want %s", reason.BadRequest, reason.Clip(v.r.Method), allowed))
	d.Header.Set("Allow", allowed)
	return d
}

// first is the first value of a query parameter; "" where the query cannot be read.
func first(query, name string) string {
	values, err := url.ParseQuery(query)
	if err != nil {
		return ""
	}
	return values.Get(name)
}
