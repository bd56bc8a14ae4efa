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
func (g *Guard) callback(ctx context.Context, v *visit) (Decision, error) {
	if v.r.Method != http.MethodGet {
		return v.methodNotAllowed("GET") // and the attempt stays
	}
	ctx, cancel := withReplyMargin(ctx)
	defer cancel()
	d, err := g.finishSignIn(ctx, v)
	query, _ := url.ParseQuery(v.r.RawQuery) // what can be read of it
	if name := g.attemptName(query.Get("state")); hasCookie(v.r.Cookie, name) {
		d.Cookies = append(d.Cookies, g.clear(name))
	}
	return d, err
}

func (g *Guard) finishSignIn(ctx context.Context, v *visit) (Decision, error) {
	params, err := callbackParams(v.r.RawQuery)
	if err != nil {
		return Decision{}, &signInError{err, "/"}
	}
	a, ok := g.findAttempt(v, params["state"])
	if !ok {
		return Decision{}, &signInError{g.strayCallback(ctx, v, params["state"]), "/"}
	}
	d, err := g.finishAttempt(ctx, v, &a, params)
	if err != nil {
		err = &signInError{err, a.Return}
	}
	return d, err
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

// strayCallback says what a callback is that no attempt of this browser belongs to: a reload, an old link, or a forgery.
func (g *Guard) strayCallback(ctx context.Context, v *visit, state string) error {
	why := fmt.Errorf("%w: no attempt of this browser has this state", reason.StateMismatch)
	if state == "" {
		why = fmt.Errorf("%w: the callback has no state", reason.StateMissing)
	}
	if _, err := g.load(ctx, v); err == nil {
		return fmt.Errorf("%w: %w", reason.AlreadySignedIn, why)
	}
	return why
}

// finishAttempt checks the callback in the order of the standards, redeems the code and makes the session.
func (g *Guard) finishAttempt(ctx context.Context, v *visit, a *attempt, params map[string]string) (Decision, error) {
	p, err := g.provider(ctx)
	if err != nil {
		return Decision{}, err
	}
	iss, hasIss := params["iss"]
	code := params["code"]
	switch failure, failed := params["error"]; {
	case v.now.Sub(time.Unix(a.Began, 0)) > attemptLife:
		return Decision{}, reason.AttemptExpired
	case a.Issuer != p.Issuer:
		return Decision{}, fmt.Errorf("%w: the attempt was sent to another provider", reason.CallbackIssuer)
	case hasIss && !callbackIssuer(p, iss):
		return Decision{}, fmt.Errorf("%w: iss is %q", reason.CallbackIssuer, reason.Clip(iss))
	case !hasIss && p.CallbackIssuerRequired:
		return Decision{}, fmt.Errorf("%w: iss is missing, which this provider sends (RFC 9207, 2.4)", reason.CallbackIssuer)
	case failed:
		return g.refusedAtProvider(ctx, v, p, a, failure, params["error_description"])
	case code == "":
		return Decision{}, fmt.Errorf("%w: neither code nor error", reason.CallbackMalformed)
	}
	form := url.Values{
		"grant_type": {"authorization_code"}, "code": {code},
		"redirect_uri": {v.origin + g.cfg.Paths.Callback}, "code_verifier": {a.Verifier},
	}
	t, err := g.redeem(ctx, p, p.CodeGrant, form, v.origin)
	if err != nil {
		if errors.Is(err, reason.CodeRefused) && a.Retries == 0 && v.navigation() {
			return g.startSignIn(ctx, v, attempt{Return: a.Return, Retries: 1, Interactive: a.Interactive}, err)
		}
		return Decision{}, err
	}
	e, err := g.prove(ctx, p, t, a.Nonce)
	if err != nil {
		return Decision{}, err
	}
	s, err := g.newSession(v, p, e, t, a.Nonce)
	if err != nil {
		return Decision{}, err
	}
	set, err := g.store(v, s)
	if err != nil {
		return Decision{}, err
	}
	set = append(set, g.cookie(g.names.signInCount, strconv.Itoa(counted(v, g.names.signInCount)+1), signInCountLife))
	return Decision{
		Action: Redirect, Status: http.StatusFound, Location: v.origin + g.returnTo(a.Return),
		Header: ownHeader(), Cookies: set, Reason: reason.SignedIn,
	}, nil
}

// callbackIssuer compares the callback's iss exactly (RFC 9207, 2.4).
func callbackIssuer(p *provider.Provider, iss string) bool {
	if len(p.CallbackIssuers) > 0 {
		return slices.Contains(p.CallbackIssuers, iss)
	}
	return iss == p.Issuer
}

// refusedAtProvider judges an error callback (RFC 6749, 4.1.2.1; OIDC Core 3.1.2.6). It never starts a new sign-in for
// an answer that a person has seen, because that would loop.
func (g *Guard) refusedAtProvider(ctx context.Context, v *visit, p *provider.Provider, a *attempt, failure, description string) (Decision, error) {
	if standard, ok := p.ErrorCodes[failure]; ok {
		failure = standard
	}
	why := func(r reason.Reason) error {
		return fmt.Errorf("%w: the provider answered error %q", r, reason.Clip(failure))
	}
	switch failure {
	case "access_denied":
		return Decision{}, why(reason.AccessDenied)
	case "login_required", "interaction_required", "consent_required", "account_selection_required":
		if g.cfg.AuthorizeParams["prompt"] == "none" && !a.Interactive && v.navigation() {
			return g.startSignIn(ctx, v, attempt{Return: a.Return, Interactive: true}, why(reason.SilentSignInFailed))
		}
		return Decision{}, why(reason.SilentSignInFailed)
	case "temporarily_unavailable", "server_error":
		// Keycloak says so where the person took too long, and means: start again.
		if description == "authentication_expired" && a.Retries == 0 && v.navigation() {
			return g.startSignIn(ctx, v, attempt{Return: a.Return, Retries: 1, Interactive: a.Interactive}, why(reason.ProviderBusy))
		}
		return Decision{}, why(reason.ProviderBusy)
	}
	return Decision{}, why(reason.ProviderError)
}
