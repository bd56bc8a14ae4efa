package oauth

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/edgeauth/edgeauth/internal/reason"
	"github.com/edgeauth/edgeauth/internal/token"
	"github.com/edgeauth/edgeauth/provider"
)

// userinfo asks for the answers that are the evidence of a provider without checkable tokens.
func (c *Client) userinfo(ctx context.Context, p *provider.Provider, t tokens) (provider.Claims, error) {
	for _, scope := range p.Userinfo.ScopeRequired {
		if t.scopes != nil && !slices.Contains(t.scopes, scope) {
			return provider.Claims{}, fmt.Errorf("%w: the scope %q was not granted", reason.NoEvidence, scope)
		}
	}
	claims, err := c.askAll(ctx, p, t)
	if err == nil && p.Check != nil {
		err = p.Check(provider.Token{Kind: provider.Userinfo, ClientID: c.c.ClientID, Claims: claims, Params: c.c.AuthorizeParams})
		if err != nil {
			return provider.Claims{}, fmt.Errorf("%w: %w", reason.ClaimRefused, err)
		}
	}
	return claims, err
}

// ofTheSignIn are claims that say how and for whom a token was made. Userinfo says nothing about that.
var ofTheSignIn = []string{"iss", "aud", "exp", "nbf", "iat", "jti", "nonce", "azp", "acr", "amr", "auth_time", "sid", "at_hash", "c_hash", "events"}

// aboutOthers are claims that say something of another one (OIDC Core 5.1).
var aboutOthers = map[string]string{"email_verified": "email", "phone_number_verified": "phone_number"}

// addUserinfo adds the claims of userinfo to those of a token (OIDC Core 5.4). A claim of the token stays as it is.
func (c *Client) addUserinfo(ctx context.Context, p *provider.Provider, claims provider.Claims, t tokens) (provider.Claims, error) {
	if t.access == "" {
		return claims, fmt.Errorf("%w: no access_token to ask userinfo with", reason.NoEvidence)
	}
	more, err := c.askAll(ctx, p, t)
	if err != nil {
		return claims, err
	}
	mine, _ := claims.Text("sub")
	if theirs, _ := more.Text("sub"); theirs == "" || theirs != mine {
		return claims, fmt.Errorf("%w: userinfo is about another subject than the token (OIDC Core 5.3.2)", reason.WrongSubject)
	}
	var own, added map[string]json.RawMessage
	if err := errors.Join(json.Unmarshal(claims.Raw(), &own), json.Unmarshal(more.Raw(), &added)); err != nil {
		return claims, fmt.Errorf("%w: userinfo: %w", reason.NoEvidence, err)
	}
	for name, of := range aboutOthers { // said of the address beside it, and of no other
		if !bytes.Equal(own[of], added[of]) && own[of] != nil {
			delete(added, name)
		}
	}
	for name, value := range added {
		if _, there := own[name]; !there && !slices.Contains(ofTheSignIn, name) {
			own[name] = value
		}
	}
	raw, err := json.Marshal(own)
	if err != nil {
		return claims, fmt.Errorf("%w: userinfo: %w", reason.NoEvidence, err)
	}
	merged, err := provider.ParseClaims(raw)
	if err != nil {
		return claims, fmt.Errorf("%w: the ID token with the claims of userinfo: %w", reason.NoEvidence, err)
	}
	return merged, nil
}

// askAll asks every URL, and makes one set of claims of the answers.
func (c *Client) askAll(ctx context.Context, p *provider.Provider, t tokens) (provider.Claims, error) {
	urls := p.Userinfo.URLs
	if len(urls) == 0 {
		urls = []string{p.Endpoints.Userinfo}
	}
	answers := make([]json.RawMessage, 0, len(urls))
	for _, target := range urls {
		if target == "" {
			return provider.Claims{}, fmt.Errorf("%w: the provider has no userinfo endpoint", reason.ProviderError)
		}
		answer, err := c.ask(ctx, p, target, t.access)
		if err != nil {
			return provider.Claims{}, err
		}
		answers = append(answers, answer)
	}
	raw := answers[0]
	if p.Userinfo.Claims != nil {
		var err error
		if raw, err = p.Userinfo.Claims(answers); err != nil {
			return provider.Claims{}, fmt.Errorf("%w: %s", reason.NoEvidence, reason.Describe(err.Error(), t.access))
		}
	}
	claims, err := provider.ParseClaims(raw)
	if err != nil {
		return provider.Claims{}, fmt.Errorf("%w: userinfo: %w", reason.NoEvidence, err)
	}
	return claims, nil
}

func (c *Client) ask(ctx context.Context, p *provider.Provider, target, access string) (json.RawMessage, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return nil, fmt.Errorf("%w: %q is not a URL", reason.ProviderError, target)
	}
	request.Header.Set("Authorization", "Bearer "+access)
	request.Header.Set("Accept", "application/json, application/jwt")
	for name, value := range p.Userinfo.Header {
		request.Header.Set(name, value)
	}
	status, body, err := c.call(request)
	switch {
	case err != nil:
		return nil, err
	case status == http.StatusUnauthorized:
		return nil, fmt.Errorf("%w: %s refused the access token", reason.RefreshRefused, shown(request.URL))
	case status != http.StatusOK:
		return nil, fmt.Errorf("%w: %s answered %d", reason.NoEvidence, shown(request.URL), status)
	case !json.Valid(body) && c.userinfos != nil: // signed (OIDC Core 5.3.2)
		v, err := c.userinfos.Verify(ctx, strings.TrimSpace(string(body)), token.Expect{})
		if err != nil {
			return nil, fmt.Errorf("signed userinfo: %w", err)
		}
		return v.Claims.Raw(), nil
	}
	return body, nil
}

// shown is an address for the log: its query may name a person.
func shown(u *url.URL) string { return u.Host + reason.Clip(u.EscapedPath()) }
