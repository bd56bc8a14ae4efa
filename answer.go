package edgeauth

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"

	"github.com/edgeauth/edgeauth/internal/attempt"
	"github.com/edgeauth/edgeauth/internal/cookies"
	"github.com/edgeauth/edgeauth/internal/page"
	"github.com/edgeauth/edgeauth/internal/reason"
)

// answer turns an error into a decision. Only this file does so, once in a request: whoever finds trouble says what it
// is, not what the viewer sees. The cookies and headers of partial are added, whatever the answer is.
func (g *Guard) answer(ctx context.Context, v *visit, err error, partial Decision) Decision {
	d := g.answerTo(ctx, v, err)
	d.Cookies = append(d.Cookies, partial.Cookies...)
	maps.Copy(d.Header, partial.Header)
	return d
}

func (g *Guard) answerTo(ctx context.Context, v *visit, err error) Decision {
	var again *retryRedirect
	var nobody *noSessionInfo
	switch {
	case errors.As(err, &again):
		return g.redirectToSelf(v, again)
	case errors.As(err, &nobody):
		d := denied(http.StatusUnauthorized, nobody.why, map[string]any{"authenticated": false, "login": g.cfg.Paths.Login})
		d.Cookies = g.clearEnded(v, err)
		return d
	case reason.Of(err) == reason.CrossSite: // not one that a program's own hook wraps
		return denied(http.StatusForbidden, err, map[string]any{"error": "cross_site"})
	case errors.Is(err, reason.WeakSession) && !fromSignIn(err): // once: then the callback says so
		return g.askForSignIn(ctx, v, err)
	case !signInHelps(err):
		return g.troublePage(v, err)
	}
	d := g.askForSignIn(ctx, v, err)
	d.Cookies = append(g.clearEnded(v, err), d.Cookies...)
	return d
}

// clearEnded clears a session that is over for good, so that nobody asks the provider about it again.
func (g *Guard) clearEnded(v *visit, err error) []*http.Cookie {
	if reason.IsRevoked(err) || reason.IsForOtherSession(err) {
		return g.clearSession(v)
	}
	return nil
}

// signInHelps reports whether signing in could cure an error, which it cannot where the error comes from a sign-in.
func signInHelps(err error) bool {
	class := reason.ClassOf(err)
	return !fromSignIn(err) && (class == reason.SignIn || class == reason.Retry)
}

func fromSignIn(err error) bool {
	var failed *signInError
	return errors.As(err, &failed)
}

// askForSignIn answers a request without a session: a person is sent to sign in, a program is told. A browser that has
// just signed in several times and still has no session does not keep it; signing in again would go round in circles.
func (g *Guard) askForSignIn(ctx context.Context, v *visit, why error) Decision {
	if !v.fetch().Navigation() {
		return g.unauthorized(v, why)
	}
	if cookies.Count(v.r.Cookie, g.names.SignInCount) >= maxSignInCount {
		why = fmt.Errorf("%w: %d sign-ins within %v left no session: %w", reason.Loop, maxSignInCount, signInCountLife, why)
		return g.troublePage(v, why)
	}
	if g.cfg.SignIn.KeepFragment && v.reads() && !v.apart() {
		return g.keepFragment(v, why)
	}
	d, err := g.startSignIn(ctx, v, attempt.Attempt{Return: g.here(v)}, why)
	if err != nil {
		return g.troublePage(v, err)
	}
	return d
}

// unauthorized says that there is no session, and where to get one: to a script, or on a page where HTML is wanted but
// cannot be a redirect. Without CORS headers no other site's script can read it.
func (g *Guard) unauthorized(v *visit, why error) Decision {
	if !v.fetch().WantsPage() {
		d := denied(http.StatusUnauthorized, why, map[string]any{
			"error": "sign_in_required", "message": page.English(page.SignInRequired), "login": g.cfg.Paths.Login, "reference": v.reference(),
		})
		if errors.Is(why, reason.WeakSession) {
			g.challenge(v, &d)
		}
		if v.header("HX-Request") != "" { // htmx puts no answer of this status into its page, but goes where this header says
			d.Header.Set("HX-Redirect", g.loginLink(g.refererPath(v)))
		}
		return d
	}
	login := g.loginLink(g.here(v))
	if errors.Is(why, reason.WeakSession) {
		login = g.strongLink(v, g.here(v))
	}
	d := g.respond(v, page.SignInRequired, why, way{page.SignIn, login, false})
	d.Header.Set("WWW-Authenticate", challengeHeader)
	return d
}

// challenge tells a script that a stronger sign-in is needed, and which (RFC 9470, 3).
func (g *Guard) challenge(v *visit, d *Decision) {
	d.Header.Set("WWW-Authenticate", g.needs(v).Strength().Challenge())
	d.json(map[string]any{
		"error": "insufficient_user_authentication", "message": page.English(page.SignInRequired), "reference": v.reference(),
		"login": g.strongLink(v, g.refererPath(v)),
	})
}

// strongLink is loginLink for a sign-in that is strong enough for this request.
func (g *Guard) strongLink(v *visit, target string) string {
	return g.cfg.Paths.Login + "?" + url.Values{"return": {target}, strengthParam: {strings.TrimPrefix(v.url(), v.origin)}}.Encode()
}

// denied is a refusal for a script.
func denied(status int, why error, body map[string]any) Decision {
	d := Decision{Action: Deny, Status: status, Header: ownHeader(), Reason: why}
	if status == http.StatusUnauthorized {
		d.Header.Set("WWW-Authenticate", challengeHeader)
	}
	d.json(body)
	return d
}

// redirectToSelf answers with 307: method and body survive, and a script's fetch follows it (RFC 9110, 15.4.8).
func (g *Guard) redirectToSelf(v *visit, again *retryRedirect) Decision {
	return Decision{
		Action: Redirect, Status: http.StatusTemporaryRedirect, Location: v.url(),
		Header: ownHeader(), Cookies: append(again.cookies, g.count(v, g.names.RedirectCount, redirectCountLife)), Reason: again.why,
	}
}

// panicked answers without looking at the request, which may be what panicked.
func (g *Guard) panicked(v *visit, p any) Decision {
	err := fmt.Errorf("%w: panic: %s\n%s", reason.Internal, reason.PanicText(p), debug.Stack())
	return g.respond(&visit{r: &Request{ID: v.reference()}}, page.Internal, err)
}

// troublePage answers an error with the page of its reason where it has one of its own, else with that of its class.
func (g *Guard) troublePage(v *visit, err error) Decision {
	target := "/"
	var signIn *signInError
	if errors.As(err, &signIn) {
		target = signIn.target
	}
	here := g.here(v)
	if signIn != nil {
		here = target
	}
	login, start := g.loginLink(target), way{page.StartPage, "/", false}
	switch reason.Of(err) {
	case reason.UnknownHost:
		return g.respond(v, page.UnknownHost, err)
	case reason.ConfigFailure:
		return g.respond(v, page.SiteUnavailable, err)
	case reason.BadPath:
		return g.respond(v, page.BadPath, err, start)
	case reason.BadRequest:
		return g.respond(v, page.MethodNotAllowed, err, start)
	case reason.Loop:
		return g.respond(v, page.CookiesNotKept, err, way{page.SignIn, g.loginLink(g.here(v)), false})
	case reason.StateMismatch:
		if !cookies.Any(v.r.Cookie, cookies.Family) { // it was given one when the sign-in began
			return g.respond(v, page.CookiesNotKept, err, way{page.SignIn, login, false})
		}
	case reason.SignedOutBefore: // once more, after it has started over
		return g.respond(v, page.SignInFailed, err, way{page.SignInAgain, login, false})
	case reason.AlreadySignedIn:
		return g.respond(v, page.AlreadySignedIn, err, start)
	case reason.AttemptsPending:
		return g.unauthorized(v, err)
	case reason.AccessDenied:
		return g.respond(v, page.AccessDenied, err, way{page.TryAgain, login, false})
	case reason.ClaimRefused: // somebody of another organisation, say, who may want another account
		return g.respond(v, page.AccountRefused, err, way{page.AnotherAccount, g.accountLink(target), false}, way{page.SignOut, g.cfg.Paths.Logout, false})
	}
	switch reason.ClassOf(err) {
	case reason.Transient:
		again := g.here(v)
		if signIn != nil {
			again = login
		}
		return g.respond(v, page.SignInUnavailable, err, way{page.TryAgain, again, false})
	case reason.Retry:
		return g.respond(v, page.SignInFailed, err, way{page.SignInAgain, login, false})
	case reason.Refused: // signing in again as the same person would not change it
		return g.respond(v, page.Forbidden, err,
			way{page.AnotherAccount, g.accountLink(here), false}, way{page.SignOut, g.cfg.Paths.Logout, false}, start)
	}
	return g.respond(v, page.SignInBroken, err)
}
