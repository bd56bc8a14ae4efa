package oauth

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/edgeauth/edgeauth/internal/reason"
	"github.com/edgeauth/edgeauth/internal/session"
	"github.com/edgeauth/edgeauth/internal/token"
	"github.com/edgeauth/edgeauth/provider"
)

// prove verifies a token answer and says whom it is about. Every token that came is verified, not only the one that is
// the proof: an ID token binds the answer to this sign-in by its nonce (OIDC Core 3.1.3.7, rule 11). Its claims are id.
func (c *Client) prove(ctx context.Context, p *provider.Provider, t tokens, nonce string) (grant session.Grant, id provider.Claims, err error) {
	grant = session.Grant{Nonce: nonce, Access: t.access, Refresh: t.refresh, Life: t.life, IDToken: t.id}
	var claims provider.Claims
	var subject string
	if t.id != "" && c.idTokens != nil {
		v, err := c.idTokens.Verify(ctx, t.id, token.Expect{Nonce: nonce, AccessToken: t.access})
		if err != nil {
			return session.Grant{}, id, err
		}
		subject, _ = v.Claims.Text("sub")
		id, claims, grant.Token, grant.Expires = v.Claims, v.Claims, t.id, v.Expiry
		if nonce == "" {
			grant.Nonce, _ = v.Claims.Text("nonce")
		}
	} else if c.idTokens != nil && nonce != "" {
		return session.Grant{}, id, fmt.Errorf("%w: no id_token although openid was asked for", reason.NoEvidence)
	}
	switch c.c.Proof {
	case provider.IDToken:
		if t.id == "" {
			return session.Grant{}, id, fmt.Errorf("%w: no id_token", reason.NoEvidence)
		}
	case provider.AccessToken:
		if t.access == "" {
			return session.Grant{}, id, fmt.Errorf("%w: no access_token", reason.NoEvidence)
		}
		v, err := c.accessTokens.Verify(ctx, t.access, token.Expect{})
		if err != nil {
			return session.Grant{}, id, fmt.Errorf("the access token: %w", err)
		}
		if subject != "" && !samePerson(p, id, v.Claims) {
			return session.Grant{}, id, fmt.Errorf("%w: the access token is about another subject than the ID token", reason.WrongSubject)
		}
		claims, grant.Token, grant.Expires = v.Claims, t.access, v.Expiry
	case provider.Userinfo:
		if claims, err = c.userinfo(ctx, p, t); err != nil {
			return session.Grant{}, id, err
		}
		if got, _ := claims.Text(p.Mapping.Subject); got == "" || subject != "" && got != subject {
			return session.Grant{}, id, fmt.Errorf("%w: userinfo is about another subject than the ID token (OIDC Core 5.3.2)", reason.WrongSubject)
		}
		grant.Token, grant.Expires = "", c.now().Add(recheckAge(p))
	}
	if c.c.AddUserinfo && c.c.Proof != provider.Userinfo {
		if claims, err = c.addUserinfo(ctx, p, claims, t); err != nil {
			return session.Grant{}, id, err
		}
	}
	if claims, grant.Note, err = c.addGroups(ctx, p, claims, t.access); err != nil {
		return session.Grant{}, id, err
	}
	if subject, _ := claims.Text(p.Mapping.Subject); subject == "" { // everybody would be the same person
		return session.Grant{}, id, fmt.Errorf("%w: nobody is named: the claim %q is missing", reason.NoEvidence, p.Mapping.Subject)
	}
	issuer, _ := claims.Text("iss")
	if issuer == "" || c.c.Proof == provider.Userinfo {
		issuer = p.Issuer
	}
	grant.Who = &session.Person{Issuer: issuer, Claims: claims, Mapping: p.Mapping}
	return grant, id, nil
}

// samePerson reports whether the tokens of one answer are about one person.
func samePerson(p *provider.Provider, id, access provider.Claims) bool {
	sub, _ := id.Text("sub")
	for _, claim := range []string{"sub", p.Mapping.Subject} {
		if text, _ := access.Text(claim); text == sub {
			return true
		}
	}
	return slices.ContainsFunc(p.AccessToken.SamePerson, func(claim string) bool {
		a, _ := id.Text(claim)
		b, _ := access.Text(claim)
		return a != "" && a == b
	})
}

// recheckAge is how long the answers of userinfo prove something: they do not say so themselves.
func recheckAge(p *provider.Provider) time.Duration {
	if p.Userinfo.RecheckSeconds > 0 {
		return time.Duration(p.Userinfo.RecheckSeconds) * time.Second
	}
	return time.Hour
}
