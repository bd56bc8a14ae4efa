package edgeauth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/edgeauth/edgeauth/internal/reason"
	"github.com/edgeauth/edgeauth/provider"
)

// maxParam is the longest callback parameter in bytes. Entra's codes take about 1.5 KB.
const maxParam = 8 << 10

// callback finishes a sign-in (RFC 6749, 4.1.2). Whatever comes of it, its attempt is over.
func (g *Guard) callback(ctx context.Context, v *visit) Decision {
	if v.r.Method != http.MethodGet {
		return g.methodNotAllowed(v, "GET") // and the attempt goes on
	}
	ctx, cancel := hurried(ctx)
	defer cancel()
	d := g.answerCallback(ctx, v)
	query, _ := url.ParseQuery(v.r.RawQuery) // what can be read of it
	if name := g.attemptName(query.Get("state")); hasCookie(v.r.Cookie, name) {
		d.Cookies = append(d.Cookies, g.clear(name))
	}
	return d
}

func (g *Guard) answerCallback(ctx context.Context, v *visit) Decision {
	params, err := callbackParams(v.r.RawQuery)
	if err != nil {
		return g.notSignedIn(v, err, "/")
	}
	a, ok := g.findAttempt(v, params["state"])
	if !ok {
		return g.strayCallback(ctx, v, params["state"])
	}
	return g.finish(ctx, v, &a, params)
}

// callbackParams reads the query. A parameter that comes twice is refused (RFC 6749, 3.1), and so is one that would
// hand over a token outside the token call (RFC 9700, 2.1.2).
func callbackParams(query string) (map[string]string, error) {
	values, err := url.ParseQuery(query)
	if err != nil {
		return nil, fmt.Errorf("%w: the query cannot be read", reason.CallbackMalformed)
	}
	params := make(map[string]string, len(values))
	for name, list := range values {
		switch {
		case len(list) > 1:
			return nil, fmt.Errorf("%w: %s comes %d times", reason.CallbackMalformed, reason.Clip(name), len(list))
		case len(list[0]) > maxParam || strings.ContainsFunc(list[0], func(c rune) bool { return c < ' ' || c == 0x7f }):
			return nil, fmt.Errorf("%w: %s is too long or holds control characters", reason.CallbackMalformed, reason.Clip(name))
		case slices.Contains([]string{"id_token", "access_token", "token", "response"}, name):
			return nil, fmt.Errorf("%w: %s does not belong here", reason.CallbackMalformed, name)
		}
		params[name] = list[0]
	}
	return params, nil
}

// strayCallback answers a callback that no attempt of this browser belongs to: a reload, an old link, or a forgery.
func (g *Guard) strayCallback(ctx context.Context, v *visit, state string) Decision {
	why := fmt.Errorf("%w: no attempt of this browser has this state", reason.StateMismatch)
	if state == "" {
		why = fmt.Errorf("%w: the callback has no state", reason.StateMissing)
	}
	if _, err := g.load(ctx, v); err == nil {
		return g.respond(v, page{
			status: http.StatusBadRequest, code: "already_signed_in", title: "You are signed in already",
			text: "This sign-in was finished before. There is nothing more to do here.", link: "/", label: "Go to the start page",
		}, fmt.Errorf("%w: %w", reason.AlreadySignedIn, why))
	}
	return g.notSignedIn(v, why, "/")
}

// finish checks the callback in the order of the standards, redeems the code and makes the session.
func (g *Guard) finish(ctx context.Context, v *visit, a *attempt, params map[string]string) Decision {
	p, err := g.provider(ctx)
	if err != nil {
		return g.failed(ctx, v, err)
	}
	iss, hasIss := params["iss"]
	code, hasCode := params["code"]
	switch failure, failed := params["error"]; {
	case v.now.Sub(time.Unix(a.Began, 0)) > attemptLife:
		return g.notSignedIn(v, reason.AttemptExpired, a.Return)
	case a.Issuer != p.Issuer:
		return g.notSignedIn(v, fmt.Errorf("%w: the attempt was sent to another provider", reason.CallbackIssuer), a.Return)
	case hasIss && !callbackIssuer(p, iss):
		return g.notSignedIn(v, fmt.Errorf("%w: iss is %q", reason.CallbackIssuer, reason.Clip(iss)), a.Return)
	case !hasIss && p.CallbackIssuerRequired:
		return g.notSignedIn(v, fmt.Errorf("%w: iss is missing, which this provider sends (RFC 9207, 2.4)", reason.CallbackIssuer), a.Return)
	case failed:
		return g.refusedAtProvider(ctx, v, p, a, failure, params["error_description"])
	case !hasCode || code == "":
		return g.notSignedIn(v, fmt.Errorf("%w: neither code nor error", reason.CallbackMalformed), a.Return)
	}
	form := url.Values{
		"grant_type": {"authorization_code"}, "code": {code},
		"redirect_uri": {v.origin + g.cfg.Paths.Callback}, "code_verifier": {a.Verifier},
	}
	t, err := g.redeem(ctx, p, p.CodeGrant, form, v.origin)
	if err != nil {
		if errors.Is(err, reason.CodeRefused) && a.Again == 0 && v.navigation() {
			return g.startSignIn(ctx, v, attempt{Return: a.Return, Again: a.Again + 1, Loud: a.Loud}, err)
		}
		return g.failed(ctx, v, err)
	}
	e, err := g.prove(ctx, p, t, a.Nonce)
	if err != nil {
		return g.failed(ctx, v, err)
	}
	s, err := g.newSession(v, p, e, t, a.Nonce)
	if err != nil {
		return g.failed(ctx, v, err)
	}
	set, err := g.store(v, s)
	if err != nil {
		return g.failed(ctx, v, err)
	}
	set = append(set, g.cookie(g.names.endings, strconv.Itoa(counted(v, g.names.endings)+1), endingsLife))
	return Decision{
		Action: Redirect, Status: http.StatusFound, Location: v.origin + g.returnTo(a.Return),
		Header: ownHeader(), Cookies: set, Reason: reason.SignedIn,
	}
}

// callbackIssuer compares the callback's iss exactly (RFC 9207, 2.4).
func callbackIssuer(p *provider.Provider, iss string) bool {
	if len(p.CallbackIssuers) > 0 {
		return slices.Contains(p.CallbackIssuers, iss)
	}
	return iss == p.Issuer
}

// refusedAtProvider answers an error callback (RFC 6749, 4.1.2.1; OIDC Core 3.1.2.6). It never starts a new sign-in
// for an answer that a person has seen, because that would loop.
func (g *Guard) refusedAtProvider(ctx context.Context, v *visit, p *provider.Provider, a *attempt, failure, description string) Decision {
	if standard, ok := p.ErrorCodes[failure]; ok {
		failure = standard
	}
	detail := func(r reason.Reason) error {
		return fmt.Errorf("%w: the provider answered error %q", r, reason.Clip(failure))
	}
	switch failure {
	case "access_denied":
		return g.respond(v, page{
			status: http.StatusForbidden, code: "access_denied", title: "You were not signed in",
			text: "The sign-in was cancelled or not allowed.", link: g.loginLink(a.Return), label: "Try again", reference: true,
		}, detail(reason.AccessDenied))
	case "login_required", "interaction_required", "consent_required", "account_selection_required":
		if g.cfg.AuthorizeParams["prompt"] == "none" && !a.Loud && v.navigation() {
			return g.startSignIn(ctx, v, attempt{Return: a.Return, Loud: true}, detail(reason.SilentSignInFailed))
		}
		return g.notSignedIn(v, detail(reason.SilentSignInFailed), a.Return)
	case "temporarily_unavailable", "server_error":
		// Keycloak says so where the person took too long, and means: start again.
		if description == "authentication_expired" && a.Again == 0 && v.navigation() {
			return g.startSignIn(ctx, v, attempt{Return: a.Return, Again: 1, Loud: a.Loud}, detail(reason.ProviderBusy))
		}
		return g.failed(ctx, v, detail(reason.ProviderBusy))
	}
	return g.failed(ctx, v, detail(reason.ProviderError))
}

// notSignedIn is the page for a sign-in that did not work out and that the person can try again.
func (g *Guard) notSignedIn(v *visit, why error, target string) Decision {
	return g.respond(v, page{
		status: http.StatusBadRequest, code: "sign_in_failed", title: "The sign-in did not work",
		text: "It took too long, was started in another browser, or its link was used before.",
		link: g.loginLink(target), label: "Sign in again", reference: true,
	}, why)
}

// failed is the answer to trouble with the provider or the configuration. It never redirects: signing in again
// would not help.
func (g *Guard) failed(ctx context.Context, v *visit, why error) Decision {
	switch {
	case reason.IsTransient(why):
		return g.respond(v, page{
			status: http.StatusServiceUnavailable, code: "unavailable", retryAfter: "10", title: "Signing in is not possible right now",
			text: "The sign-in service does not answer. Please try again in a moment.", link: g.here(v), label: "Try again", reference: true,
		}, why)
	case errors.Is(why, reason.CodeRefused):
		return g.notSignedIn(v, why, "/")
	case errors.Is(why, reason.ClaimRefused): // somebody of another organisation, say, who may want another account
		return g.respond(v, page{
			status: http.StatusForbidden, code: "forbidden", title: "This site is not open to you",
			text: "The account that you signed in with has no access here.", link: g.cfg.Paths.Logout, label: "Sign out", reference: true,
		}, why)
	}
	return g.respond(v, page{
		status: http.StatusInternalServerError, code: "sign_in_failed", title: "Signing in does not work",
		text: "Something about the sign-in of this site has to be mended. Please tell its owner, with this reference.", reference: true,
	}, why)
}
