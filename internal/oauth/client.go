// Package oauth is the site's side of OAuth 2.0 and OpenID Connect: the client at its provider (RFC 6749, 1.1).
package oauth

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/edgeauth/edgeauth/internal/fresh"
	"github.com/edgeauth/edgeauth/internal/reason"
	"github.com/edgeauth/edgeauth/internal/token"
	"github.com/edgeauth/edgeauth/provider"
)

// Config says who the client is and what it asks for. Provider, ClientID, Proof, Keys and HTTPClient are required.
type Config struct {
	Provider        provider.Provider
	ClientID        string
	ClientSecret    string // "" for a public client, or where one of the next two says who it is
	ClientAssertion func(context.Context) (string, error)
	ClientKey       crypto.Signer
	// Of the key: its id and the algorithm, "" for the usual one of its kind, and its certificate (DER), nil for none.
	ClientKeyID, ClientKeyAlgorithm string
	ClientCertificate               []byte

	Scopes          []string
	Audience        []string
	Proof           provider.Proof
	AuthorizeParams map[string]string
	UsesIDToken     bool // the provider issues ID tokens
	AskGroups       bool // groups are looked up where the token does not say them
	AddUserinfo     bool // the claims of userinfo are added to those of the proof

	Metadata   *fresh.Doc[provider.Metadata] // nil where nothing is discovered
	Keys       *token.Keys
	Leeway     time.Duration
	HTTPClient *http.Client // see [HTTPClient]
	Now        func() time.Time
}

// Client is one site's client at its provider. It is safe for concurrent use.
type Client struct {
	c            Config
	auth         Authenticator
	idTokens     *token.Verifier // nil where the provider issues none
	accessTokens *token.Verifier // nil unless they are the proof
	userinfos    *token.Verifier // of signed userinfo; nil where the provider has no keys
	resolved     atomic.Pointer[resolved]
	calls        chan struct{} // under way
}

// resolved is the provider with one version of its metadata.
type resolved struct {
	version  uint64
	provider provider.Provider
}

// New makes no network call.
func New(c Config) (*Client, error) {
	client := &Client{c: c, auth: newAuthenticator(&c), calls: make(chan struct{}, maxCalls)}
	var faults []error
	verifier := func(kind provider.Proof) *token.Verifier {
		v, err := token.New(token.Config{
			Provider: c.Provider, Kind: kind, ClientID: c.ClientID, Audience: c.Audience, Params: c.AuthorizeParams,
			Keys: c.Keys, Listed: client.listed, Leeway: c.Leeway, Now: c.Now,
		})
		faults = append(faults, err)
		return v
	}
	if c.UsesIDToken {
		client.idTokens, client.userinfos = verifier(provider.IDToken), verifier(provider.Userinfo)
	}
	if c.Proof == provider.AccessToken {
		client.accessTokens = verifier(provider.AccessToken)
	}
	return client, errors.Join(faults...)
}

// Verifier is the verifier of the tokens that prove a sign-in.
func (c *Client) Verifier() *token.Verifier {
	if c.accessTokens != nil {
		return c.accessTokens
	}
	return c.idTokens
}

// provider returns the provider with all its URLs, discovered where it says so.
func (c *Client) provider(ctx context.Context) (*provider.Provider, error) {
	if c.c.Metadata == nil {
		return &c.c.Provider, nil
	}
	m, version, err := c.c.Metadata.Get(ctx)
	switch {
	case errors.Is(err, reason.ProviderError):
		return nil, fmt.Errorf("discovery: %w", err)
	case err != nil:
		return nil, fmt.Errorf("%w: discovery: %w", reason.ProviderDown, err)
	}
	r := c.resolved.Load()
	if r == nil || r.version != version {
		r = &resolved{version, c.c.Provider.WithMetadata(m)}
		c.resolved.Store(r)
	}
	return &r.provider, nil
}

// listed are the algorithms of the metadata; none where there is none.
func (c *Client) listed(ctx context.Context) ([]string, error) {
	if c.c.Metadata == nil {
		return nil, nil
	}
	m, _, err := c.c.Metadata.Get(ctx)
	return m.Algorithms, err
}

func (c *Client) now() time.Time { return c.c.Now().Round(0) }
