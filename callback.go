package edgeauth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/edgeauth/edgeauth/internal/attempt"
	"github.com/edgeauth/edgeauth/internal/cookies"
	"github.com/edgeauth/edgeauth/internal/oauth"
	"github.com/edgeauth/edgeauth/internal/reason"
)

// callback finishes a sign-in (RFC 6749, 4.1.2). Whatever comes of it, its attempt is over.
func (g *Guard) callback(ctx context.Context, v *visit) (Decision, error) {
	switch posted := g.cfg.posted(); {
	case posted && v.r.Method == http.MethodPost:
		return g.postedCallback(v)
	case v.r.Method == http.MethodGet:
	case posted:
		return v.methodNotAllowed("GET, POST")
	default:
		return v.methodNotAllowed("GET") // and the attempt stays
	}
	ctx, cancel := oauth.WithReplyMargin(ctx)
	defer cancel()
	d, err := g.finishSignIn(ctx, v)
	query, _ := url.ParseQuery(v.r.RawQuery) // what can be read of it
	if name := g.attempts.Name(query.Get("state")); cookies.Has(v.r.Cookie, name) {
		d.Cookies = append(d.Cookies, g.clear(name))
	}
	return d, err
}

// postedCallback has the browser ask again with the answer that it posted, by GET: with a post of another site it sends no
// cookie that is Lax, so no attempt can be found yet (Form Post Response Mode; RFC 6265bis, 5.6.7.1).
func (g *Guard) postedCallback(v *visit) (Decision, error) {
	query, err := oauth.PostedQuery(v.r.Body)
	if err != nil {
		return Decision{}, &signInError{err, "/"}
	}
	return Decision{
		Action: Redirect, Status: http.StatusSeeOther, Location: v.origin + g.cfg.Paths.Callback + "?" + query,
		Header: ownHeader(), Reason: reason.CallbackPosted,
	}, nil
}

// finishSignIn makes a session of a callback, or starts over where that alone is likely to help.
func (g *Guard) finishSignIn(ctx context.Context, v *visit) (Decision, error) {
	params, err := oauth.ParseCallback(v.r.RawQuery)
	if err != nil {
		return Decision{}, &signInError{err, "/"}
	}
	value, _ := cookies.First(v.r.Cookie, g.attempts.Name(params["state"]))
	a, ok := g.attempts.Find(value, params["state"])
	if !ok {
		err := g.strayCallback(ctx, v, params["state"])
		if v.fetch().Navigation() && attempt.Late(params["state"], v.now) && !errors.Is(err, reason.AlreadySignedIn) {
			return g.startSignIn(ctx, v, attempt.Attempt{Return: "/", Retries: 1}, err)
		}
		return Decision{}, &signInError{err, "/"}
	}
	set, done, err := g.redeem(ctx, v, &a, params)
	switch {
	case err == nil:
		return Decision{
			Action: Redirect, Status: http.StatusFound, Location: v.origin + g.returnTo(a.Return),
			Header: ownHeader(), Cookies: append(set, g.count(v, g.names.SignInCount, signInCountLife)), Reason: done,
		}, nil
	case v.fetch().Navigation() && a.Retries == 0 && (oauth.TooLate(err) || errors.Is(err, reason.AttemptExpired) || errors.Is(err, reason.SignedOutBefore)):
		return g.startSignIn(ctx, v, attempt.Attempt{Return: a.Return, Retries: 1, Interactive: a.Interactive}, err)
	case v.fetch().Navigation() && !a.Interactive && g.cfg.AuthorizeParams["prompt"] == "none" && errors.Is(err, reason.SilentSignInFailed):
		// Nobody has seen this answer. One that a person has seen is never asked for again, because that would loop.
		return g.startSignIn(ctx, v, attempt.Attempt{Return: a.Return, Interactive: true}, err)
	}
	return Decision{Cookies: set}, &signInError{err, a.Return}
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

// redeem checks the callback, redeems its code and returns the cookies of the session, and what the record is to say.
func (g *Guard) redeem(ctx context.Context, v *visit, a *attempt.Attempt, params oauth.Params) (set []*http.Cookie, done, err error) {
	if a.Over(v.now) {
		return nil, nil, reason.AttemptExpired
	}
	needs := g.needsOf(a.Return)
	grant, err := g.client.Redeem(ctx, params, oauth.Sent{
		Issuer: a.Issuer, Verifier: a.Verifier, RedirectURI: v.origin + g.cfg.Paths.Callback, Nonce: a.Nonce, Origin: v.origin, Began: time.Unix(a.Began, 0),
		ACR: needs.Strength().ACR,
	})
	if err != nil {
		return nil, nil, err
	}
	s, err := g.sessions.Start(grant, v.now)
	if err != nil {
		return nil, nil, err
	}
	if s.After = a.After; g.signedOutSince(v, s) {
		s.Access = grant.Access // kept or not
		if err := g.client.Revoke(ctx, s, v.origin); err != nil {
			g.trouble(ctx, v, err)
		}
		return nil, nil, reason.SignedOutBefore
	}
	done = reason.SignedIn
	if len(g.expects) > 0 && !slices.ContainsFunc(g.expects, grant.Who.Claims.Has) {
		done = fmt.Errorf("%w: it came with none of the claims that are wanted, %q; the provider may have them at userinfo (claims_from), or want another scope or setting", done, g.expects)
	}
	if grant.Note != "" {
		done = fmt.Errorf("%w: %s", done, grant.Note)
	}
	if set, err = g.save(ctx, v, s); err == nil {
		v.who = Identity{grant.Who}
		if weak := needs.Permits(grant.Who, v.now.Add(-g.cfg.Leeway)); errors.Is(weak, reason.WeakSession) { // it would be asked for again and again
			err = weak
		}
	}
	return set, done, err
}
