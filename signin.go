package edgeauth

import (
	"context"
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
func (g *Guard) login(ctx context.Context, v *visit) (Decision, error) {
	if !v.reads() {
		return v.methodNotAllowed("GET, HEAD")
	}
	if v.header("Sec-Fetch-Mode") != "" && !v.navigation() {
		return Decision{}, reason.NoSession
	}
	return g.startSignIn(ctx, v, attempt{Return: g.returnTo(first(v.r.RawQuery, "return"))}, reason.LoginStarted)
}

// startSignIn sends the browser to the provider with an authorization request (RFC 6749, 4.1.1). The running session
// is left alone until another one takes its place. From like it takes the target and what went before.
func (g *Guard) startSignIn(ctx context.Context, v *visit, like attempt, why error) (Decision, error) {
	p, err := g.provider(ctx)
	if err != nil {
		return Decision{}, &signInError{err, like.Return}
	}
	set, size, ok := g.makeRoom(v)
	if !ok {
		return Decision{}, &signInError{reason.AttemptsPending, like.Return}
	}
	if size > maxPendingSize {
		like.Return = "/"
	}
	a := newAttempt(p.Issuer, like.Return, v.now)
	a.Retries, a.Interactive = like.Retries, like.Interactive
	status := http.StatusFound
	if !v.reads() {
		status = http.StatusSeeOther // RFC 9110, 15.4.4: go on with GET
	}
	return Decision{
		Action: Redirect, Status: status, Location: g.authorizeURL(p, v.origin, &a),
		Header: ownHeader(), Cookies: append(set, g.keepAttempt(a)), Reason: why,
	}, nil
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
	if a.Interactive && q.Get("prompt") == "none" {
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

func (g *Guard) loginLink(target string) string {
	if target = g.returnTo(target); target == "/" {
		return g.cfg.Paths.Login
	}
	return g.cfg.Paths.Login + "?return=" + url.QueryEscape(target)
}

// first is the first value of a query parameter; "" where the query cannot be read.
func first(query, name string) string {
	values, err := url.ParseQuery(query)
	if err != nil {
		return ""
	}
	return values.Get(name)
}
