package edgeauth

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/edgeauth/edgeauth/internal/reason"
	"github.com/edgeauth/edgeauth/internal/token"
	"github.com/edgeauth/edgeauth/provider"
)

// evidence is what a token answer proves.
type evidence struct {
	claims  provider.Claims
	issuer  string
	raw     string    // the token that proves it; "" for userinfo
	expires time.Time // when it stops proving anything
	nonce   string    // of the ID token, where one came
}

// prove verifies a token answer. Every token that came is verified, not only the one that is the proof: an ID token
// binds the answer to this sign-in by its nonce (OIDC Core 3.1.3.7, rule 11).
func (g *Guard) prove(ctx context.Context, p *provider.Provider, t tokens, nonce string) (evidence, error) {
	var e evidence
	var subject string
	if t.id != "" && g.idTokens != nil {
		v, err := g.idTokens.Verify(ctx, t.id, token.Expect{Nonce: nonce, AccessToken: t.access})
		if err != nil {
			return evidence{}, err
		}
		subject, _ = v.Claims.Text("sub")
		nonce, _ := v.Claims.Text("nonce")
		e = evidence{claims: v.Claims, raw: t.id, expires: v.Expiry, nonce: nonce}
	} else if g.idTokens != nil && nonce != "" {
		return evidence{}, fmt.Errorf("%w: no id_token although openid was asked for", reason.NoEvidence)
	}
	switch g.cfg.Proof {
	case provider.IDToken:
		if t.id == "" {
			return evidence{}, fmt.Errorf("%w: no id_token", reason.NoEvidence)
		}
	case provider.AccessToken:
		if t.access == "" {
			return evidence{}, fmt.Errorf("%w: no access_token", reason.NoEvidence)
		}
		v, err := g.accessTokens.Verify(ctx, t.access, token.Expect{})
		if err != nil {
			return evidence{}, fmt.Errorf("the access token: %w", err)
		}
		e.claims, e.raw, e.expires = v.Claims, t.access, v.Expiry
	case provider.Userinfo:
		claims, err := g.userinfo(ctx, p, t)
		if err != nil {
			return evidence{}, err
		}
		if got, _ := claims.Text(p.Mapping.Subject); got == "" || subject != "" && got != subject {
			return evidence{}, fmt.Errorf("%w: userinfo is about another subject than the ID token (OIDC Core 5.3.2)", reason.WrongSubject)
		}
		age := time.Duration(p.Userinfo.RecheckSeconds) * time.Second
		if age <= 0 {
			age = time.Hour
		}
		e.claims, e.raw, e.expires = claims, "", g.now().Add(age)
	}
	if subject, _ := e.claims.Text(p.Mapping.Subject); subject == "" { // everybody would be the same person
		return evidence{}, fmt.Errorf("%w: nobody is named: the claim %q is missing", reason.NoEvidence, p.Mapping.Subject)
	}
	if e.issuer, _ = e.claims.Text("iss"); e.issuer == "" || g.cfg.Proof == provider.Userinfo {
		e.issuer = p.Issuer
	}
	return e, nil
}

// userinfo asks for the answers that are the evidence of a provider without checkable tokens.
func (g *Guard) userinfo(ctx context.Context, p *provider.Provider, t tokens) (provider.Claims, error) {
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
		answer, err := g.ask(ctx, p, target, t.access)
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
		err := p.Check(provider.Token{Kind: provider.Userinfo, ClientID: g.cfg.ClientID, Claims: claims, Params: g.cfg.AuthorizeParams})
		if err != nil {
			return provider.Claims{}, fmt.Errorf("%w: %w", reason.ClaimRefused, err)
		}
	}
	return claims, nil
}

func (g *Guard) ask(ctx context.Context, p *provider.Provider, target, access string) (json.RawMessage, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return nil, fmt.Errorf("%w: %q is no URL", reason.ProviderError, target)
	}
	request.Header.Set("Authorization", "Bearer "+access)
	request.Header.Set("Accept", "application/json")
	for name, value := range p.Userinfo.Header {
		request.Header.Set(name, value)
	}
	status, body, err := g.call(request)
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
