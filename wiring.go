package edgeauth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/edgeauth/edgeauth/internal/reason"
	"github.com/edgeauth/edgeauth/internal/seal"
	"github.com/edgeauth/edgeauth/internal/token"
	"github.com/edgeauth/edgeauth/provider"
)

// newSeals makes the seals of the cookies, bound to what a site may change while its id stays: material of one
// provider is void at another.
func (g *Guard) newSeals() (err error) {
	c := &g.cfg
	if len(c.Session.Keys) == 0 {
		return nil
	}
	binding := []string{c.Provider.Name, c.Provider.Issuer, c.ClientID}
	if c.Session.Mode == Sealed {
		if g.sessions, err = seal.New(c.Session.Keys, "session", c.SiteID, binding...); err != nil {
			return err
		}
		g.sessionName = g.sessions.Context(g.names.session)
	}
	g.attempts, err = seal.New(c.Session.Keys, "attempt", c.SiteID, binding...)
	return err
}

// newTokens makes the key set and the verifiers. Nothing is fetched before a request needs it.
func (g *Guard) newTokens(common *shared) (err error) {
	c := &g.cfg
	p := &c.Provider
	discovered := noDiscovery
	if p.Discovery != "" {
		g.metadata = common.discovery(p, g.client, c.Now)
		discovered = g.metadata.Get
	}
	// The closure holds no guard: the keys are shared and may outlive this one.
	address := p.Endpoints.Keys
	g.keys, err = common.keySet(p, token.KeysConfig{Client: g.client, Snapshot: c.KeySnapshot, Now: c.Now, URL: func(ctx context.Context) (string, error) {
		if address != "" {
			return address, nil
		}
		m, _, err := discovered(ctx)
		return m.Endpoints.Keys, err
	}})
	if err != nil {
		return err
	}
	verifier := func(kind provider.Proof) *token.Verifier {
		v, fault := token.New(token.Config{
			Provider: *p, Kind: kind, ClientID: c.ClientID, Audience: c.Audience, Params: c.AuthorizeParams,
			Keys: g.keys, Leeway: c.Leeway, Now: c.Now,
		})
		err = errors.Join(err, fault)
		return v
	}
	if c.usesIDToken() {
		g.idTokens = verifier(provider.IDToken)
	}
	if c.Proof == provider.AccessToken {
		g.accessTokens = verifier(provider.AccessToken)
	}
	if c.Session.Mode == Tokens {
		g.verified = token.NewCache[*session](0)
	}
	return err
}

func noDiscovery(context.Context) (provider.Metadata, uint64, error) {
	return provider.Metadata{}, 0, errors.New("no address of keys")
}

// resolved is the provider with one version of its metadata.
type resolved struct {
	version  uint64
	provider provider.Provider
}

// provider returns the provider with all its URLs, discovered where it says so.
func (g *Guard) provider(ctx context.Context) (*provider.Provider, error) {
	if g.metadata == nil {
		return &g.cfg.Provider, nil
	}
	m, version, err := g.metadata.Get(ctx)
	switch {
	case errors.Is(err, reason.ProviderError):
		return nil, fmt.Errorf("discovery: %w", err)
	case err != nil:
		return nil, fmt.Errorf("%w: discovery: %w", reason.ProviderDown, err)
	}
	r := g.resolved.Load()
	if r == nil || r.version != version {
		r = &resolved{version, g.cfg.Provider.WithMetadata(m)}
		g.resolved.Store(r)
	}
	return &r.provider, nil
}

// providerClient is the client for calls to the provider. It follows no redirect: a code, a secret or a token would
// go to wherever that points (RFC 9700, 4.12).
func providerClient(given *http.Client) *http.Client {
	client := http.Client{Timeout: flightDeadline}
	if given != nil {
		client = *given
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	client.Jar = nil
	return &client
}

// shownClaims are those that the session path tells.
func shownClaims(c *Config) []string {
	if c.Session.Mode == Tokens {
		return []string{"name", "email", "preferred_username"}
	}
	return c.Session.Claims
}

// droppedHeaders are headers that carry an identity and so must not come from outside.
func droppedHeaders(c *Config) []string {
	var names []string
	for name := range c.Forward.Headers {
		names = append(names, name)
	}
	if c.Forward.AccessToken {
		names = append(names, "Authorization")
	}
	slices.Sort(names)
	return names
}
