package oauth

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"

	"github.com/edgeauth/edgeauth/internal/reason"
	"github.com/edgeauth/edgeauth/provider"
)

// userinfo asks for the answers that are the evidence of a provider without checkable tokens.
func (c *Client) userinfo(ctx context.Context, p *provider.Provider, t tokens) (provider.Claims, error) {
	for _, scope := range p.Userinfo.ScopeRequired {
		if t.scopes != nil && !slices.Contains(t.scopes, scope) {
			return provider.Claims{}, fmt.Errorf("%w: the scope %q was not granted", reason.NoEvidence, scope)
		}
	}
	urls := p.Userinfo.URLs
	if len(urls) == 0 {
		urls = []string{p.Endpoints.Userinfo}
	}
	answers := make([]json.RawMessage, 0, len(urls))
	for _, target := range urls {
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
			return provider.Claims{}, fmt.Errorf("%w: %w", reason.NoEvidence, err)
		}
	}
	claims, err := provider.ParseClaims(raw)
	if err != nil {
		return provider.Claims{}, fmt.Errorf("%w: userinfo: %w", reason.NoEvidence, err)
	}
	if p.Check != nil {
		err := p.Check(provider.Token{Kind: provider.Userinfo, ClientID: c.c.ClientID, Claims: claims, Params: c.c.AuthorizeParams})
		if err != nil {
			return provider.Claims{}, fmt.Errorf("%w: %w", reason.ClaimRefused, err)
		}
	}
	return claims, nil
}

func (c *Client) ask(ctx context.Context, p *provider.Provider, target, access string) (json.RawMessage, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return nil, fmt.Errorf("%w: %q is not a URL", reason.ProviderError, target)
	}
	request.Header.Set("Authorization", "Bearer "+access)
	request.Header.Set("Accept", "application/json")
	for name, value := range p.Userinfo.Header {
		request.Header.Set(name, value)
	}
	status, body, err := c.call(request)
	switch {
	case err != nil:
		return nil, err
	case status == http.StatusUnauthorized:
		return nil, fmt.Errorf("%w: %s refused the access token", reason.RefreshRefused, target)
	case status != http.StatusOK:
		return nil, fmt.Errorf("%w: %s answered %d", reason.NoEvidence, target, status)
	}
	return body, nil
}
