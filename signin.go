package edgeauth

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/edgeauth/edgeauth/internal/address"
	"github.com/edgeauth/edgeauth/internal/attempt"
	"github.com/edgeauth/edgeauth/internal/cookies"
	"github.com/edgeauth/edgeauth/internal/oauth"
	"github.com/edgeauth/edgeauth/internal/page"
	"github.com/edgeauth/edgeauth/internal/reason"
)

// signInError is why a sign-in did not work out, and where it was to end.
type signInError struct {
	error
	target string
}

func (e *signInError) Unwrap() error { return e.error }

// login answers the login path: it starts a sign-in that ends at the path named by return.
func (g *Guard) login(ctx context.Context, v *visit) (Decision, error) {
	if !v.reads() {
		return v.methodNotAllowed("GET, HEAD")
	}
	if v.header("Sec-Fetch-Mode") != "" && !v.fetch().Navigation() {
		return Decision{}, reason.NoSession
	}
	if issuer := address.Param(v.r.RawQuery, "iss"); issuer != "" && !g.client.IsIssuer(ctx, issuer) { // OIDC Core 4
		return Decision{}, fmt.Errorf("%w: a sign-in at %q, which is not this site's provider", reason.BadRequest, reason.Clip(issuer))
	}
	return g.startSignIn(ctx, v, attempt.Attempt{Return: g.wanted(v)}, reason.LoginStarted)
}

// startSignIn sends the browser to the provider with an authorization request. The running session is left alone until
// another one takes its place. From like it takes the target and what went before.
func (g *Guard) startSignIn(ctx context.Context, v *visit, like attempt.Attempt, why error) (Decision, error) {
	if v.fetch().Previews() {
		return g.openInBrowser(v, like.Return), nil
	}
	if v.apart() && !g.cfg.Cookie.Partitioned {
		return g.signInElsewhere(v, why, like.Return), nil
	}
	if g.choices != nil && !v.chosen {
		return g.chooser(v, like.Return, why), nil
	}
	foreign := v.header("Sec-Fetch-Site") == "cross-site"
	drop, ok := g.attempts.MakeRoom(cookies.All(v.r.Cookie), v.now, foreign)
	if !ok { // a click of the person makes room
		return Decision{}, fmt.Errorf("%w: a page of another site asks for it, and there are others", reason.AttemptsPending)
	}
	marks := cookies.Every(v.r.Cookie, g.names.SignedOut)
	after, signedOut := g.sessions.After(marks), false
	if slices.ContainsFunc(marks, func(mark string) bool { return g.sessions.Recent(mark, v.now) }) {
		s, _ := g.load(ctx, v) // one of later, be it over
		signedOut = s == nil
	}
	target, cut := attempt.Fit(like.Return, after)
	if cut || len(v.r.Path)+len(v.r.RawQuery) > address.MaxReturn {
		g.trouble(ctx, v, fmt.Errorf("%w: the address is too long to come back to; the sign-in will end at %s", reason.LoginStarted, reason.Clip(target)))
	}
	a := attempt.New(target, v.now)
	a.Retries, a.Interactive, a.Foreign, a.After = like.Retries, like.Interactive, foreign, after
	strength := g.needsOf(like.Return).Strength()
	if of := address.Param(v.r.RawQuery, strengthParam); of != "" && v.clean && v.path == g.cfg.Paths.Login {
		strength = g.needsOf(g.returnTo(of)).Strength()
	}
	location, sentTo, err := g.client.AuthorizeURL(ctx, oauth.SignIn{
		State: a.State, Nonce: a.Nonce, Challenge: challenge(a.Verifier), RedirectURI: v.origin + g.cfg.Paths.Callback, Interactive: a.Interactive,
		SelectAccount: v.clean && v.path == g.cfg.Paths.Login && address.Param(v.r.RawQuery, "prompt") == "select_account",
		SignedOut:     signedOut,
		Hints:         g.hints(v),
		UILocales:     g.design.UILocales(v.header("Accept-Language")),
		ACR:           strength.ACR, MaxAge: strength.MaxAge, Again: strength.Again && errors.Is(why, reason.WeakSession),
	})
	if err != nil {
		return Decision{}, &signInError{err, like.Return}
	}
	a.Issuer = sentTo
	d := Decision{Action: Redirect, Status: http.StatusFound, Location: location, Header: ownHeader(), Reason: why}
	if !v.reads() {
		d.Status = http.StatusSeeOther // RFC 9110, 15.4.4: the browser follows with GET
	}
	for _, name := range drop {
		d.Cookies = append(d.Cookies, g.clear(name))
	}
	name, value := g.attempts.Encode(a)
	d.Cookies = append(d.Cookies, g.cookie(name, value, attempt.Kept))
	return d, nil
}

// strengthParam of the login path names the path whose rules say how strong the sign-in has to be, where that is not the one
// to return to: a script's.
const strengthParam = "for"

// chooser asks which provider. It keeps the target of the sign-in that has not begun.
func (g *Guard) chooser(v *visit, target string, why error) Decision {
	p := g.page(v, page.ChooseProvider, nil)
	next := url.Values{"return": {target}}
	if of := address.Param(v.r.RawQuery, strengthParam); of != "" {
		next.Set(strengthParam, of)
	} else if errors.Is(why, reason.WeakSession) {
		next.Set(strengthParam, strings.TrimPrefix(v.url(), v.origin))
	}
	domains := false
	for _, each := range g.choices {
		choice := each.cfg.choice
		query := url.Values{"provider": {choice.Name}}
		for name, values := range next {
			query[name] = values
		}
		p.Ways = append(p.Ways, page.Way{Label: cmp.Or(choice.Label, choice.Name), Href: g.cfg.Paths.Login + "?" + query.Encode()})
		domains = domains || len(choice.EmailDomains) > 0
	}
	if domains {
		p.Ask(g.cfg.Paths.Login, "email", next)
	}
	d := Decision{Action: Respond, Status: http.StatusOK, Header: ownHeader(), Reason: why}
	if v.path != g.cfg.Paths.Login {
		d.Action, d.Status = Deny, http.StatusUnauthorized
		d.Header.Set("WWW-Authenticate", challengeHeader)
	}
	d.html(g.render(v, p))
	return d
}

// hints are the parameters of the login path that go on to the provider.
func (g *Guard) hints(v *visit) map[string]string {
	hints := make(map[string]string)
	for _, name := range g.cfg.SignIn.Hints {
		if value := address.Param(v.r.RawQuery, name); v.clean && v.path == g.cfg.Paths.Login && value != "" && len(value) <= 256 {
			hints[name] = value
		}
	}
	return hints
}

// openInBrowser is for a program that follows redirects and hands the last address on: a browser would come to the provider
// with somebody else's request. It names the address that was asked for.
func (g *Guard) openInBrowser(v *visit, target string) Decision {
	p := g.page(v, page.OpenInBrowser, nil)
	if own := strings.TrimPrefix(v.url(), v.origin); v.path == g.cfg.Paths.Login && len(own) <= address.MaxReturn {
		target = own // with what else it says; a callback is for one browser alone
	}
	p.Ways = []page.Way{{Label: v.origin + target, Href: target}}
	d := Decision{Action: Respond, Status: p.Status, Header: ownHeader(), Reason: reason.LinkPreview}
	d.html(g.render(v, p))
	return d
}

// signInElsewhere is for a frame, in which no provider shows itself: the sign-in gets a window of its own.
func (g *Guard) signInElsewhere(v *visit, why error, target string) Decision {
	p := g.page(v, page.SignInElsewhere, []way{{page.SignIn, g.loginLink(target), false}})
	d := Decision{Action: Deny, Status: p.Status, Header: ownHeader(), Reason: why}
	d.Header.Set("WWW-Authenticate", challengeHeader)
	d.html(g.design.Framed(p, g.cfg.Paths.Session))
	return d
}

// keepFragment answers with a page that starts the sign-in itself, because only the browser knows the fragment of its
// address.
func (g *Guard) keepFragment(v *visit, why error) Decision {
	target := g.here(v)
	p := g.page(v, page.SignInRequired, []way{{page.SignIn, g.loginLink(target), false}})
	d := Decision{Action: Deny, Status: p.Status, Header: ownHeader(), Reason: why}
	d.Header.Set("WWW-Authenticate", challengeHeader)
	d.html(g.design.Forward(p, g.cfg.Paths.Login+"?return="+url.QueryEscape(target)))
	return d
}

func (g *Guard) loginLink(target string) string {
	if target = g.returnTo(target); target == "/" {
		return g.cfg.Paths.Login
	}
	return g.cfg.Paths.Login + "?return=" + url.QueryEscape(target)
}

// accountLink is loginLink for a sign-in at which the provider asks for the account.
func (g *Guard) accountLink(target string) string {
	return g.cfg.Paths.Login + "?prompt=select_account&return=" + url.QueryEscape(g.returnTo(target))
}
