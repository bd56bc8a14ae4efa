package edgeauth

import (
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

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

// defaultClaims are those of OpenID Connect Core 5.1 that a page greets somebody with.
var defaultClaims = []string{"name", "email", "preferred_username"}

// withDefaults fills in what was left out.
func (c Config) withDefaults() Config {
	if c.SiteID == "" && len(c.Hosts) > 0 {
		c.SiteID = strings.ToLower(c.Hosts[0])
	}
	if c.Proof == "" {
		if c.Proof = c.Provider.Proof; c.Proof == "" {
			c.Proof = provider.IDToken
		}
	}
	if c.ClaimsFrom == nil && c.Session.Mode == Sealed && c.Proof != provider.Userinfo {
		c.ClaimsFrom = c.Provider.ClaimsFrom
	}
	if c.Scopes == nil {
		c.Scopes = c.Provider.Scopes
	}
	if c.usesIDToken() && !slices.Contains(c.Scopes, "openid") {
		c.Scopes = append([]string{"openid"}, c.Scopes...)
	}
	if c.Session.Mode == Sealed {
		if c.Session.Lifetime == 0 {
			c.Session.Lifetime = 12 * time.Hour
		}
		if c.Session.Claims == nil {
			c.Session.Claims = defaultClaims
		}
	}
	if c.Cookie.SameSite == 0 || c.Cookie.SameSite == http.SameSiteDefaultMode {
		if c.Cookie.SameSite = http.SameSiteLaxMode; c.Cookie.Partitioned {
			c.Cookie.SameSite = http.SameSiteNoneMode
		}
	}
	c.Cookie.Domain = strings.TrimPrefix(c.Cookie.Domain, ".")
	c.Paths = c.Paths.WithDefaults()
	switch c.Leeway {
	case 0:
		c.Leeway = time.Minute
	case NoLeeway:
		c.Leeway = 0
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	c.Provider.Mapping = c.Provider.Mapping.WithDefaults()
	return c
}

// newGuard builds the rooms of a site from its configuration. Common is what it shares with other sites.
func newGuard(config Config, common *registry.Registry) (*Guard, error) {
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
			Verifier: g.client.Verifier(), Mapping: c.Provider.Mapping, Access: c.Proof == provider.AccessToken,
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
	g.shown, g.expects = c.Session.Claims, c.wantedClaims()
	g.sessions = session.NewSealed(session.SealedConfig{
		Box: box, Name: g.names.Session, Mapping: c.Provider.Mapping, Lifetime: c.Session.Lifetime,
		Kept:   session.Kept{Claims: c.keptClaims(), Groups: c.namedGroups()},
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
	names := []string{"iss", m.Subject, m.Tenant, m.Roles, m.Scopes, m.LogoutHint}
	names = append(names, c.Session.Claims...)
	for i := range c.Rules {
		names = append(names, access.Rule(c.Rules[i]).ClaimNames()...)
	}
	for _, name := range c.Forward.Headers {
		names = append(names, name)
	}
	slices.Sort(names)
	names = slices.Compact(names)
	return slices.DeleteFunc(names, func(name string) bool { return name == "" })
}

// wantedClaims are those that a sealed session is to have and that not every token has.
func (c *Config) wantedClaims() []string {
	names := slices.Clone(c.Session.Claims)
	for i := range c.Rules {
		rule, m := &c.Rules[i], &c.Provider.Mapping
		names = append(names, access.Rule(*rule).ClaimNames()...)
		if len(rule.Groups) > 0 {
			names = append(names, m.Groups)
		}
		if len(rule.Roles) > 0 {
			names = append(names, m.Roles)
		}
	}
	names = slices.AppendSeq(names, maps.Values(c.Forward.Headers))
	slices.Sort(names)
	protocol := []string{c.Provider.Mapping.Subject, "sub", "iss", "aud", ""}
	return slices.DeleteFunc(slices.Compact(names), func(name string) bool { return slices.Contains(protocol, name) })
}

func (c *Config) namedGroups() map[string]bool {
	named := make(map[string]bool)
	for i := range c.Rules {
		for _, group := range c.Rules[i].Groups {
			named[group] = true
		}
	}
	return named
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
