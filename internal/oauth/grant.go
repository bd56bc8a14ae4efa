package oauth

import (
	"context"
	"net/url"
	"time"

	"github.com/edgeauth/edgeauth/internal/session"
	"github.com/edgeauth/edgeauth/provider"
)

// Sent is what is remembered of the authorization request that a callback answers.
type Sent struct {
	Issuer      string // whom it was sent to, as AuthorizeURL said
	Verifier    string // RFC 7636, 4.5
	RedirectURI string
	Nonce       string
	Origin      string // of the site
	Began       time.Time
	ACR         []string // that rules asked for, besides what the site asks of every sign-in
}

// Redeem checks a callback and turns its code into a grant (RFC 6749, 4.1.3). It works once for each code.
func (c *Client) Redeem(ctx context.Context, params Params, sent Sent) (session.Grant, error) {
	p, err := c.provider(ctx)
	if err != nil {
		return session.Grant{}, err
	}
	code, err := readCode(p, params, sent.Issuer)
	if err != nil {
		return session.Grant{}, err
	}
	form := url.Values{
		"grant_type": {"authorization_code"}, "code": {code},
		"redirect_uri": {sent.RedirectURI},
	}
	if !p.NoPKCE {
		form.Set("code_verifier", sent.Verifier)
	}
	t, err := c.grant(ctx, p, p.CodeGrant, form, sent.Origin)
	if err != nil {
		return session.Grant{}, err
	}
	grant, id, err := c.prove(ctx, p, t, sent.Nonce)
	if err == nil {
		asked := c.strength(p)
		if len(asked.acr) > 0 {
			asked.acr = append(asked.acr, sent.ACR...)
		}
		err = asked.check(id, sent.Began.Add(-c.c.Leeway))
	}
	if err != nil {
		return session.Grant{}, err
	}
	return grant, nil
}

// CanRefresh reports whether there is anything to renew a session with.
func (c *Client) CanRefresh(s *session.Session) bool {
	return s.Refresh != "" || c.c.Proof == provider.Userinfo && s.Access != ""
}

// Refresh gets new evidence for a session (RFC 6749, 6; OIDC Core 12). Where the answer brings none, as it may without
// an ID token, the grant's Who is nil.
func (c *Client) Refresh(ctx context.Context, s *session.Session, origin string) (session.Grant, error) {
	p, err := c.provider(ctx)
	if err != nil {
		return session.Grant{}, err
	}
	t := tokens{access: s.Access}
	if s.Refresh != "" {
		form := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {s.Refresh}}
		if t, err = c.grant(ctx, p, p.RefreshGrant, form, origin); err != nil {
			return session.Grant{}, err
		}
		if t.refresh == "" {
			t.refresh = s.Refresh // RFC 6749, 6: the old one stays
		}
	}
	if t.id == "" && c.c.Proof == provider.IDToken {
		return session.Grant{Access: t.access, Refresh: t.refresh, Life: t.life}, nil
	}
	grant, _, err := c.prove(ctx, p, t, "")
	return grant, err
}
