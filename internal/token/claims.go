package token

import (
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/edgeauth/edgeauth/internal/reason"
	"github.com/edgeauth/edgeauth/provider"
)

const (
	maxTime    = 253402300799 // the end of the year 9999
	maxSubject = 255          // OIDC Core 2
)

// audience are the accepted audiences of an access token.
func audience(site, provider []string, client string) []string {
	if len(site) > 0 {
		return site
	}
	list := slices.Clone(provider)
	for i := range list {
		list[i] = strings.ReplaceAll(list[i], "{client_id}", client)
	}
	return list
}

func (v *Verifier) checkIssuer(c provider.Claims) error {
	if v.kind == provider.Userinfo && !c.Has("iss") { // which it should have, and need not (OIDC Core 5.3.2)
		return nil
	}
	iss, _ := c.Text("iss")
	if !slices.ContainsFunc(v.issuers, func(i issuer) bool { return i.accepts(iss, c) }) {
		return refuse(reason.WrongIssuer, "iss %s", shown(iss))
	}
	return nil
}

func (v *Verifier) checkTimes(c provider.Claims) (times Verified, expired bool, err error) {
	if times.Expiry, err = moment(c, "exp", v.kind != provider.Userinfo); err != nil {
		return Verified{}, false, err
	}
	if times.From, err = moment(c, "nbf", false); err != nil {
		return Verified{}, false, err
	}
	if times.Issued, err = moment(c, "iat", v.kind == provider.IDToken); err != nil {
		return Verified{}, false, err
	}
	times.Until = times.Expiry.Add(v.leeway)
	if !times.From.IsZero() {
		times.From = times.From.Add(-v.leeway)
	}
	now := v.now().Round(0)
	if now.Before(times.From) { // iat says how old a token is, and nothing says that it may not be ahead (RFC 7519, 4.1.6)
		return Verified{}, false, refuse(reason.NotYetValid, "nbf is %s ahead of the clock, with the leeway", times.From.Sub(now))
	}
	return times, !times.Expiry.IsZero() && !now.Before(times.Until), nil
}

// moment is a claim in Unix seconds (RFC 7519, 2). An optional claim that is absent is the zero time.
func moment(c provider.Claims, name string, required bool) (time.Time, error) {
	seconds, ok := c.Number(name)
	switch {
	case ok && 0 <= seconds && seconds <= maxTime:
		return time.Unix(seconds, 0), nil
	case !required && !c.Has(name):
		return time.Time{}, nil
	}
	return time.Time{}, refuse(reason.TokenMalformed, "%s is missing or no time", name)
}

// checkClaims says whether the token is for us and for this use.
func (v *Verifier) checkClaims(t *jws, want Expect) error {
	if err := v.checkAudience(t.claims); err != nil {
		return err
	}
	if err := v.checkRules(t.claims); err != nil {
		return err
	}
	if t.claims.Has("events") { // a security event is no session: that of a logout least of all (Back-Channel Logout 1.0, 2.4)
		return refuse(reason.BadType, "a token with events")
	}
	if sub, _ := t.claims.Text("sub"); sub == "" || len(sub) > maxSubject {
		return refuse(reason.TokenMalformed, "sub is missing or not a text of 1 to %d bytes", maxSubject)
	}
	if v.kind == provider.IDToken {
		return checkBinding(t, want)
	}
	return nil
}

// checkAudience follows OIDC Core 3.1.3.7, rules 3 to 5, for ID tokens, and the provider's rules for access tokens.
func (v *Verifier) checkAudience(c provider.Claims) error {
	count, ours := 0, false
	for aud := range c.Strings("aud") {
		count++
		ours = ours || slices.Contains(v.audience, aud)
	}
	if v.kind == provider.AccessToken && v.rules.AudienceOptional && !v.named && len(v.rules.ClientClaims) > 0 && !c.Has("aud") {
		ours = true
	}
	ours = ours || v.kind == provider.Userinfo && !c.Has("aud") // as for iss
	if _, one := c.Text("aud"); !one && oddEntries(c, count) {
		return refuse(reason.WrongAudience, "aud holds something else than texts (RFC 7519, 4.1.3)")
	}
	if !ours {
		return refuse(reason.WrongAudience, "none of the %d audiences is ours", count)
	}
	if v.kind == provider.IDToken && (count > 1 || c.Has("azp")) {
		if azp, _ := c.Text("azp"); azp != v.client {
			return refuse(reason.WrongClient, "azp %s", shown(azp))
		}
	}
	return nil
}

// oddEntries reports whether the audience is a list that holds something else than this many texts.
func oddEntries(c provider.Claims, texts int) bool {
	list, _ := c.Value("aud").([]any)
	return len(list) > texts
}

// checkRules checks the provider's own rules.
func (v *Verifier) checkRules(c provider.Claims) error {
	if len(v.rules.ClientClaims) > 0 {
		i := slices.IndexFunc(v.rules.ClientClaims, c.Has)
		if i < 0 {
			return refuse(reason.WrongClient, "none of %q", v.rules.ClientClaims)
		}
		if id, _ := c.Text(v.rules.ClientClaims[i]); id != v.client {
			return refuse(reason.WrongClient, "%s %s", v.rules.ClientClaims[i], shown(id))
		}
	}
	for _, name := range v.equal {
		if text, ok := c.Text(name); !ok || !slices.Contains(v.rules.Equal[name], text) {
			return refuse(reason.ClaimRefused, "%s %s, want one of %q", name, shown(text), v.rules.Equal[name])
		}
	}
	if i := slices.IndexFunc(v.rules.Forbidden, c.Has); i >= 0 {
		return refuse(reason.ClaimRefused, "%s must not be there", v.rules.Forbidden[i])
	}
	if v.rules.ScopeRequired && v.kind == provider.AccessToken {
		for range c.Words(v.scopes) {
			return nil
		}
		return refuse(reason.ClaimRefused, "%s is missing or empty", v.scopes)
	}
	return nil
}

// checkBinding checks that an ID token belongs to the sign-in and to the access token (OIDC Core 3.1.3.7, rule 11, and
// 3.1.3.8).
func checkBinding(t *jws, want Expect) error {
	nonce, _ := t.claims.Text("nonce")
	if want.Nonce != "" && !equal(nonce, want.Nonce) {
		return refuse(reason.WrongNonce, "nonce is missing or differs")
	}
	if want.AccessToken != "" && t.claims.Has("at_hash") {
		hash := t.algorithm.hash.New()
		hash.Write([]byte(want.AccessToken))
		half := hash.Sum(nil)[:hash.Size()/2]
		if atHash, _ := t.claims.Text("at_hash"); !equal(atHash, base64.RawURLEncoding.EncodeToString(half)) {
			return refuse(reason.WrongTokenHash, "at_hash is of another access token")
		}
	}
	return nil
}

func equal(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

func refuse(r reason.Reason, format string, args ...any) error {
	return fmt.Errorf("%w: %s", r, fmt.Sprintf(format, args...))
}

// shown quotes a value that is not secret, but that anybody can have written.
func shown(s string) string {
	const most = 120
	if len(s) > most {
		s = s[:most] + "…"
	}
	return fmt.Sprintf("%q", s)
}
