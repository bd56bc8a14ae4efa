package edgeauth

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"runtime/debug"

	"github.com/edgeauth/edgeauth/internal/attempt"
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
	case !signInHelps(err):
		return g.respond(v, g.troublePage(v, err), err)
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
	var failed *signInError
	if errors.As(err, &failed) {
		return false
	}
	class := reason.ClassOf(err)
	return class == reason.SignIn || class == reason.Retry
}

// askForSignIn answers a request without a session: a person is sent to sign in, a program is told. A browser that has
// just signed in several times and still has no session does not keep it; signing in again would go round in circles.
func (g *Guard) askForSignIn(ctx context.Context, v *visit, why error) Decision {
	if !v.navigation() {
		return g.unauthorized(v, why)
	}
	if counted(v, g.names.signInCount) >= maxSignInCount {
		why = fmt.Errorf("%w: %d sign-ins within %v left no session: %w", reason.Loop, maxSignInCount, signInCountLife, why)
		return g.respond(v, g.troublePage(v, why), why)
	}
	d, err := g.startSignIn(ctx, v, attempt.Attempt{Return: g.here(v)}, why)
	if err != nil {
		return g.respond(v, g.troublePage(v, err), err)
	}
	return d
}

// unauthorized says that there is no session, and where to get one: to a script, or on a page where HTML is wanted but
// cannot be a redirect. Without CORS headers no other site's script can read it.
func (g *Guard) unauthorized(v *visit, why error) Decision {
	if !v.wantsPage() {
		d := denied(http.StatusUnauthorized, why, map[string]any{
			"error": "sign_in_required", "message": "Sign in to go on.", "login": g.cfg.Paths.Login, "reference": v.reference(),
		})
		if v.header("HX-Request") != "" { // htmx puts no answer of this status into its page, but goes where this header says
			d.Header.Set("HX-Redirect", g.loginLink(g.refererPath(v)))
		}
		return d
	}
	d := g.respond(v, page{
		status: http.StatusUnauthorized, code: "sign_in_required", title: "Please sign in",
		text: "Sign in to go on.", link: g.loginLink(g.here(v)), label: "Sign in", reference: true,
	}, why)
	d.Header.Set("WWW-Authenticate", challengeHeader)
	return d
}

// challengeHeader is what a 401 has to carry (RFC 9110, 15.5.2). No browser has a dialog for this scheme.
const challengeHeader = `Cookie realm="sign-in"`

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
		Header: ownHeader(), Cookies: append(again.cookies, g.count(v, g.names.redirectCount, redirectCountLife)), Reason: again.why,
	}
}

// panicked answers without looking at the request, which may be what panicked.
func (g *Guard) panicked(v *visit, p any) Decision {
	return g.respond(&visit{r: &Request{ID: v.reference()}}, page{
		status: http.StatusInternalServerError, code: "internal", reference: true,
		title: "Something went wrong", text: "Please try again later. If it happens again, tell the owner of this site, with this reference.",
	}, fmt.Errorf("%w: panic: %s\n%s", reason.Internal, reason.PanicText(p), debug.Stack()))
}

// troublePage is the page for an error: that of its reason where it has one of its own, else that of its class.
func (g *Guard) troublePage(v *visit, err error) page {
	target := "/"
	var signIn *signInError
	if errors.As(err, &signIn) {
		target = signIn.target
	}
	switch reason.Of(err) {
	case reason.UnknownHost:
		return page{
			status: http.StatusMisdirectedRequest, code: "unknown_host", title: "There is no site here",
			text: "Please check the address.", reference: true,
		}
	case reason.ConfigFailure:
		return page{
			status: http.StatusServiceUnavailable, code: "unavailable", retryAfter: "10", reference: true,
			title: "This site is not available right now", text: "Please try again in a moment.",
		}
	case reason.BadPath:
		return page{
			status: http.StatusBadRequest, code: "bad_path", title: "This address does not work",
			text: "Please check the address, or go to the start page.", link: "/", label: "Go to the start page",
		}
	case reason.BadRequest:
		return page{
			status: http.StatusMethodNotAllowed, code: "method_not_allowed",
			title: "This does not work here", text: "This address is not meant to be used that way.", link: "/", label: "Go to the start page",
		}
	case reason.Loop:
		return page{
			status: http.StatusBadRequest, code: "cookies_not_kept", title: "Your browser does not keep the sign-in",
			text: "Please allow cookies for this site, then try again.", link: g.loginLink(g.here(v)), label: "Sign in", reference: true,
		}
	case reason.AlreadySignedIn:
		return page{
			status: http.StatusBadRequest, code: "already_signed_in", title: "You are signed in already",
			text: "This sign-in was finished before. There is nothing more to do here.", link: "/", label: "Go to the start page",
		}
	case reason.AttemptsPending:
		return page{
			status: http.StatusTooManyRequests, code: "too_many_sign_ins", retryAfter: "60",
			title: "Several sign-ins are open", text: "Please finish one of those in your other tabs, or wait a minute and try again.",
			link: g.loginLink(target), label: "Try again",
		}
	case reason.AccessDenied:
		return page{
			status: http.StatusForbidden, code: "access_denied", title: "You were not signed in",
			text: "The sign-in was cancelled or not allowed.", link: g.loginLink(target), label: "Try again", reference: true,
		}
	case reason.ClaimRefused: // somebody of another organisation, say, who may want another account
		return page{
			status: http.StatusForbidden, code: "forbidden", title: "This site is not open to you",
			text: "The account that you signed in with has no access here.", link: g.cfg.Paths.Logout, label: "Sign out", reference: true,
		}
	}
	switch reason.ClassOf(err) {
	case reason.Transient:
		return page{
			status: http.StatusServiceUnavailable, code: "unavailable", retryAfter: "10", title: "Signing in is not possible right now",
			text: "The sign-in service does not answer. Please try again in a moment.", link: g.here(v), label: "Try again", reference: true,
		}
	case reason.Retry:
		return page{
			status: http.StatusBadRequest, code: "sign_in_failed", title: "The sign-in did not work",
			text: "It took too long, was started in another browser, or its link was used before.",
			link: g.loginLink(target), label: "Sign in again", reference: true,
		}
	case reason.Refused: // signing in again would not change it
		return page{
			status: http.StatusForbidden, code: "forbidden", title: "This page is not open to you",
			text: "You are signed in, but your account has no access here.", link: g.cfg.Paths.Logout, label: "Sign out", reference: true,
		}
	}
	return page{
		status: http.StatusInternalServerError, code: "sign_in_failed", title: "Signing in does not work",
		text: "Something about the sign-in of this site has to be repaired. Please tell its owner, with this reference.", reference: true,
	}
}
