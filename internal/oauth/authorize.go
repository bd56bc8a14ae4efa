package oauth

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/edgeauth/edgeauth/internal/address"
	"github.com/edgeauth/edgeauth/internal/reason"
	"github.com/edgeauth/edgeauth/provider"
)

// protected are the parameters of the authorization request that nothing but the sign-in itself sets.
var protected = []string{
	"client_id", "redirect_uri", "response_type", "response_mode", "scope", "state", "nonce",
	"code_challenge", "code_challenge_method", "request", "request_uri",
}

// Protected reports whether a parameter of the authorization request is for the sign-in itself to set.
func Protected(param string) bool { return named(protected, param) }

// named compares without case, as some providers read parameters.
func named(names []string, param string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return strings.EqualFold(name, param) })
}

// notHints are parameters that say how a person has to sign in or what for, and those of the login path itself.
var notHints = []string{
	"prompt", "approval_prompt", "max_age", "acr", "acr_values", "amr", "amr_values", "auth_type", "force_verify", "ForceAuthn", "reauth", "vtr", "claims", "id_token_hint", "kc_action", "resource", "audience", "authorization_details",
	"dpop_jkt", "p", "policy", "proof", "for", "return", "iss", "target_link_uri",
}

// Hint reports whether a parameter may be taken from the link that starts a sign-in.
func Hint(param string) bool {
	return param != "" && !Protected(param) && !named(notHints, param)
}

// IsIssuer reports whether text names the provider.
func (c *Client) IsIssuer(ctx context.Context, text string) bool {
	if text == c.c.Provider.Issuer {
		return true
	}
	p, err := c.provider(ctx)
	return err == nil && text == p.Issuer
}

// SignIn is what one authorization request carries.
type SignIn struct {
	State, Nonce, Challenge string
	RedirectURI             string
	Interactive             bool              // the person may be asked, whatever the site says
	SelectAccount           bool              // the person is asked for the account
	SignedOut               bool              // the person has just signed out: the same, where the provider knows how to
	Hints                   map[string]string // from the link that started the sign-in, of those that may
	ACR                     []string          // of rules: the sign-in is to be of any of these classes
	MaxAge                  time.Duration     // of rules: and not older; 0 for any
	Again                   bool              // the person is to sign in again
	UILocales               string            // the language of the provider's pages, where the site does not set it; "" for none
}

// AuthorizeURL is the authorization request (RFC 6749, 4.1.1): code flow, PKCE with S256, state, and a nonce where an
// ID token will come back (OIDC Core 3.1.2.1). SentTo is whom it is sent to; the callback has to come from there.
func (c *Client) AuthorizeURL(ctx context.Context, s SignIn) (location, sentTo string, err error) {
	p, err := c.provider(ctx)
	if err != nil {
		return "", "", err
	}
	q := url.Values{}
	for name, value := range p.AuthorizeParams {
		q.Set(name, value)
	}
	if p.AudienceParam != "" && len(c.c.Audience) > 0 {
		q.Set(p.AudienceParam, c.c.Audience[0])
	}
	for name, value := range c.c.AuthorizeParams {
		q.Set(name, value)
	}
	for name, value := range s.Hints {
		q.Set(name, value)
	}
	if s.Interactive && q.Get("prompt") == "none" {
		q.Del("prompt")
	}
	asks := q.Get("prompt") != "" && q.Get("prompt") != "none"
	if s.SelectAccount || s.SignedOut && p.SelectAccount != "" && !asks {
		q.Set("prompt", cmp.Or(p.SelectAccount, "login"))
	}
	s.askForStrength(q)
	if s.UILocales != "" && q.Get("ui_locales") == "" {
		q.Set("ui_locales", s.UILocales)
	}
	for _, name := range protected {
		q.Del(name)
	}
	q.Set("response_type", "code")
	q.Set("client_id", c.c.ClientID)
	q.Set("redirect_uri", s.RedirectURI)
	q.Set("state", s.State)
	if !p.NoPKCE {
		q.Set("code_challenge", s.Challenge)
		q.Set("code_challenge_method", "S256")
	}
	if len(c.c.Scopes) > 0 {
		q.Set("scope", strings.Join(c.c.Scopes, " "))
	}
	if c.idTokens != nil {
		q.Set("nonce", s.Nonce)
	}
	if p.ResponseMode != "" {
		q.Set("response_mode", string(p.ResponseMode))
	}
	if p.PushRequests {
		if q, err = c.push(ctx, p, q); err != nil {
			return "", "", err
		}
	}
	return address.WithParams(p.Endpoints.Authorize, q), shortName(p.Issuer), nil
}

// askForStrength asks for what rules want of the sign-in, beside what the site asks of every one.
func (s *SignIn) askForStrength(q url.Values) {
	if len(s.ACR) > 0 {
		q.Set("acr_values", strings.Join(s.ACR, " "))
	}
	if seconds, err := strconv.ParseInt(q.Get("max_age"), 10, 32); s.MaxAge > 0 && (err != nil || time.Duration(seconds)*time.Second > s.MaxAge) {
		q.Set("max_age", strconv.FormatInt(int64(s.MaxAge/time.Second), 10))
	}
	if s.Again && q.Get("max_age") == "" && (q.Get("prompt") == "" || q.Get("prompt") == "none") {
		q.Set("prompt", "login")
	}
}

// push hands the request over to the provider itself, and returns what is left for the browser to carry (RFC 9126).
func (c *Client) push(ctx context.Context, p *provider.Provider, q url.Values) (url.Values, error) {
	if p.Endpoints.PushedRequests == "" {
		return nil, fmt.Errorf("%w: the provider wants the request pushed (RFC 9126) and names no endpoint for it", reason.ProviderError)
	}
	ctx, cancel := WithReplyMargin(ctx)
	defer cancel()
	request, err := c.request(ctx, p, p.Endpoints.PushedRequests, q)
	if err != nil {
		return nil, err
	}
	status, body, err := c.call(request)
	if err != nil {
		return nil, err
	}
	var a map[string]json.RawMessage
	if err := json.Unmarshal(body, &a); err != nil || a == nil {
		return nil, fmt.Errorf("%w: status %d, not the JSON of an answer to a pushed request", reason.TokenAnswer, status)
	}
	if code, failed := failure(a); failed {
		err := newGrantError(p, a, code, false, secrets(q, c.c.ClientSecret))
		err.endpoint = "pushed request"
		return nil, err
	}
	uri := text(a["request_uri"])
	if status != http.StatusCreated && status != http.StatusOK || uri == "" || len(uri) > maxRequestURI {
		return nil, fmt.Errorf("%w: status %d, no request_uri for a pushed request", reason.TokenAnswer, status)
	}
	return url.Values{"client_id": {c.c.ClientID}, "request_uri": {uri}}, nil
}

const maxRequestURI = 2 << 10 // bytes

// shortName names an issuer in few bytes.
func shortName(issuer string) string {
	sum := sha256.Sum256([]byte(issuer))
	return hex.EncodeToString(sum[:8])
}
