package oauth

import (
	"context"
	"encoding/base64"
	"net/http"
	"net/url"

	"github.com/edgeauth/edgeauth/provider"
)

// Authenticator authenticates the client at the provider's endpoints (RFC 6749, 2.3).
type Authenticator interface {
	// Authenticate adds to the header or the form of a request. What is signed for it is for audience, the URL of the token
	// endpoint, whatever endpoint the request is for (RFC 9126, 2).
	Authenticate(ctx context.Context, audience string, header http.Header, form url.Values) error
}

func newAuthenticator(c *Config) Authenticator {
	switch {
	case c.ClientKey != nil && c.Provider.SecretIssuer != "":
		return signedSecret{c}
	case c.ClientKey != nil:
		return privateKey{c}
	case c.ClientAssertion != nil:
		return assertion{c.ClientID, c.ClientAssertion}
	case c.ClientSecret == "":
		return none{c.ClientID}
	case c.Provider.ClientAuth == provider.ClientSecretPost:
		return post{c.ClientID, c.ClientSecret}
	}
	return basic{c.ClientID, c.ClientSecret}
}

// none is a public client: it only says who it is.
type none struct{ id string }

func (a none) Authenticate(_ context.Context, _ string, _ http.Header, form url.Values) error {
	form.Set("client_id", a.id)
	return nil
}

// post sends the secret in the form.
type post struct{ id, secret string }

func (a post) Authenticate(_ context.Context, _ string, _ http.Header, form url.Values) error {
	form.Set("client_id", a.id)
	form.Set("client_secret", a.secret)
	return nil
}

// basic sends the secret by HTTP Basic, both parts encoded as in a form (RFC 6749, 2.3.1).
type basic struct{ id, secret string }

func (a basic) Authenticate(_ context.Context, _ string, header http.Header, _ url.Values) error {
	pair := url.QueryEscape(a.id) + ":" + url.QueryEscape(a.secret)
	header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(pair)))
	return nil
}
