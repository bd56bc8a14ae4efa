package oauth

import (
	"cmp"
	"context"
	"errors"
	"net/url"

	"github.com/edgeauth/edgeauth/internal/address"
	"github.com/edgeauth/edgeauth/internal/reason"
	"github.com/edgeauth/edgeauth/internal/session"
)

// Revoke withdraws a session's refresh token (RFC 7009), where the provider has an endpoint for that; where there is no
// refresh token, its access token (RFC 7009, 2.1).
func (c *Client) Revoke(ctx context.Context, s *session.Session, origin string) error {
	p, err := c.provider(ctx)
	if err != nil || s.Refresh == "" && s.Access == "" || p.Endpoints.Revoke == "" {
		return err
	}
	form := url.Values{"token": {s.Refresh}, "token_type_hint": {"refresh_token"}}
	if s.Refresh == "" {
		form = url.Values{"token": {s.Access}, "token_type_hint": {"access_token"}}
	}
	request, err := c.request(ctx, p, p.Endpoints.Revoke, form)
	if err != nil {
		return err
	}
	if p.RefreshGrant.Origin {
		request.Header.Set("Origin", origin)
	}
	if _, _, err = c.call(request); errors.Is(err, reason.TokenAnswer) {
		return nil // some answer 200 with text
	}
	return err
}

// EndSession is the request to the provider's end-session endpoint (OpenID Connect RP-Initiated Logout 1.0, 2), or returnTo
// where there is none. Where the ID token goes along, the request is a form to post, because it would stand in the URL: the
// parameters are then apart. The session's Who may be nil.
func (c *Client) EndSession(ctx context.Context, returnTo string, s *session.Session) (location string, form url.Values, err error) {
	p, err := c.provider(ctx)
	if err != nil || p.Endpoints.EndSession == "" || p.Logout.Off {
		return returnTo, nil, err
	}
	names := p.Logout
	q := url.Values{}
	for name, value := range names.Params {
		q.Set(name, value)
	}
	q.Set(cmp.Or(names.ReturnParam, "post_logout_redirect_uri"), returnTo)
	if name := cmp.Or(names.ClientParam, "client_id"); name != "-" {
		q.Set(name, c.c.ClientID)
	}
	if claim := p.Mapping.LogoutHint; claim != "" && s.Who != nil {
		if hint, ok := s.Who.Claims.Text(claim); ok {
			q.Set(cmp.Or(names.HintParam, "logout_hint"), hint)
		}
	}
	if names.IDTokenHint && s.IDToken != "" {
		if q.Set("id_token_hint", s.IDToken); !names.Get {
			return p.Endpoints.EndSession, q, nil
		}
	}
	return address.WithParams(p.Endpoints.EndSession, q), nil, nil
}
