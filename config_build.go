package edgeauth

import (
	"fmt"
	"log/slog"
	"maps"
	"slices"

	"github.com/edgeauth/edgeauth/internal/access"
	"github.com/edgeauth/edgeauth/internal/address"
	"github.com/edgeauth/edgeauth/internal/attempt"
	"github.com/edgeauth/edgeauth/internal/cookies"
	"github.com/edgeauth/edgeauth/internal/oauth"
	"github.com/edgeauth/edgeauth/internal/page"
	"github.com/edgeauth/edgeauth/internal/registry"
	"github.com/edgeauth/edgeauth/internal/renewal"
	"github.com/edgeauth/edgeauth/internal/seal"
	"github.com/edgeauth/edgeauth/internal/session"
	"github.com/edgeauth/edgeauth/provider"
)

// newGuard builds the rooms of a site from its configuration. Common is what it shares with other sites.
func newGuard(config Config, common *registry.Registry) (*Guard, error) {
	if len(config.Providers) > 0 {
		return newChoices(config, common)
	}
	c := config.withDefaults()
	if err := c.validate(); err != nil {
		return nil, fmt.Errorf("edgeauth: site %q is not configured right:\n%w", c.SiteID, err)
	}
	g := &Guard{
		cfg: c, hosts: address.NewHosts(c.Hosts, c.InsecureHTTP), rules: access.New(c.accessRules()),
		names: cookies.NewNames(c.SiteID, c.Cookie.Domain, c.InsecureHTTP, c.Cookie.Partitioned), dropped: c.droppedHeaders(), design: page.New(page.Branding(c.Branding)),
		policy: session.Policy{Lifetime: c.Session.Lifetime, Idle: c.Session.Idle, Leeway: c.Leeway, Outlive: c.Session.OutliveToken},
	}
	for _, build := range []func(*registry.Registry) error{g.buildClient, g.buildAttempts, g.buildSessions} {
		if err := build(common); err != nil {
			return nil, fmt.Errorf("edgeauth: site %q: %w", c.SiteID, err)
		}
	}
	g.renewals = renewal.New(g.client, g.sessions, g.now)
	return g, nil
}

// newChoices builds the guards of a site with several providers, one each, and the one that finds out which of them answers.
func newChoices(config Config, common *registry.Registry) (*Guard, error) {
	if err := config.validateChoices(); err != nil {
		return nil, err
	}
	var guards []*Guard
	for _, each := range config.PerProvider() {
		g, err := newGuard(each, common)
		if err != nil {
			return nil, err
		}
		guards = append(guards, g)
	}
	for _, g := range guards {
		g.choices = guards
	}
	own := *guards[0]
	own.cfg.Version, own.cfg.SiteID, own.outer = config.Version, config.siteID(), true
	return &own, nil
}

func (g *Guard) buildClient(common *registry.Registry) error {
	c := &g.cfg
	calls := oauth.HTTPClient(c.HTTPClient)
	documents, err := common.Documents(c.SiteID, registry.Source{
		Provider: &c.Provider, Given: c.HTTPClient, Client: calls, Snapshot: c.KeySnapshot, Now: c.Now,
	})
	if err != nil {
		return err
	}
	client := c.client()
	client.Metadata, client.Keys, client.HTTPClient = documents.Metadata, documents.Keys, calls
	g.client, err = oauth.New(client)
	return err
}

func (g *Guard) buildAttempts(*registry.Registry) error {
	box, err := g.cfg.box("attempt")
	g.attempts = attempt.NewKeeper(box, g.names.Attempt)
	return err
}

// buildSessions chooses where sessions are kept. It is the one place that asks for the mode of a valid configuration.
func (g *Guard) buildSessions(common *registry.Registry) error {
	c := &g.cfg
	if c.Session.Mode == Tokens {
		g.shown = defaultClaims
		tokens := session.NewTokens(session.TokensConfig{
			Verifier: g.client.Verifier(), Mapping: c.Provider.Mapping, Provider: c.choice.name(), Access: c.Proof == provider.AccessToken,
		})
		g.sessions = tokens
		box, err := c.box("token")
		if box == nil {
			c.tellOfSharedTokens(common)
			return err
		}
		g.sessions = session.NewBound(tokens, box)
		common.Release(c.SiteID)
		return err
	}
	box, err := c.box("session")
	if err != nil {
		return err
	}
	g.shown, g.expects = c.Session.Claims, c.expectedClaims()
	g.sessions = session.NewSealed(session.SealedConfig{
		Box: box, Name: g.names.Session, Mapping: c.Provider.Mapping, Provider: c.choice.name(), Lifetime: c.Session.Lifetime,
		Kept:   session.Kept{Claims: c.keptClaims(), Groups: access.Groups(c.accessRules())},
		Access: c.Forward.AccessToken || c.Proof == provider.Userinfo, Shared: c.Cookie.Domain != "",
		IDToken: c.Provider.Logout.IDTokenHint && !c.Provider.Logout.Off,
	})
	common.Release(c.SiteID)
	return nil
}

// box seals one kind of cookie, bound to what a site may change while its id stays: what was
// sealed for one provider does not open at another. It is nil where there are no keys.
func (c *Config) box(purpose string) (*seal.Box, error) {
	if len(c.Session.Keys) == 0 {
		return nil, nil
	}
	return seal.New(c.Session.Keys, purpose, c.SiteID, c.Provider.Name, c.Provider.Issuer, c.ClientID)
}

// tellOfSharedTokens logs that another site takes tokens of the same audience, where no key binds a token to its site:
// then each accepts the other's. It is no fault of either, since no document may take another's site down.
func (c *Config) tellOfSharedTokens(common *registry.Registry) {
	claim := registry.NewClaim(c.Hosts, &c.Provider, c.ClientID, c.Proof == provider.AccessToken, c.Audience)
	if other, audience, alone := common.Claim(c.SiteID, claim); !alone {
		logger := c.Logger
		if logger == nil {
			logger = slog.Default()
		}
		logger.Warn("edgeauth configuration: two sites take each other's tokens; give master keys, or register a client for each",
			"site", c.SiteID, "other", other, "audience", audience)
	}
}

// keptClaims are the claims that a sealed session keeps: those that the site asks for, and those that the identity,
// the rules and the forwarded headers need.
func (c *Config) keptClaims() []string {
	m := &c.Provider.Mapping
	return append(c.wantedClaims(), "iss", m.Subject, m.Tenant, m.Roles, m.Scopes, m.LogoutHint)
}

// expectedClaims are those of which a sign-in is hoped to bring one at least: besides what every token has.
func (c *Config) expectedClaims() []string {
	names, m := c.wantedClaims(), &c.Provider.Mapping
	for i := range c.Rules {
		if len(c.Rules[i].Groups) > 0 {
			names = append(names, m.Groups)
		}
		if len(c.Rules[i].Roles) > 0 {
			names = append(names, m.Roles)
		}
	}
	slices.Sort(names)
	return slices.DeleteFunc(slices.Compact(names), func(name string) bool { return slices.Contains([]string{m.Subject, "sub", "iss", "aud"}, name) })
}

// droppedHeaders are headers that must not come from outside: those that carry an identity, and those by which a server
// behind may serve another request than the one that the rules have seen.
func (c *Config) droppedHeaders() []string {
	names := slices.AppendSeq(address.OtherRequest(), maps.Keys(c.Forward.Headers))
	if c.Forward.AccessToken {
		names = append(names, "Authorization")
	}
	slices.Sort(names)
	return names
}
