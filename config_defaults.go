package edgeauth

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"

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
		c.Cookie.SameSite = http.SameSiteLaxMode
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

// usesIDToken reports whether the provider issues ID tokens: whoever can prove a sign-in by one does.
func (c *Config) usesIDToken() bool {
	return len(c.Provider.Proofs) == 0 || slices.Contains(c.Provider.Proofs, provider.IDToken)
}

// WithDefaults are the paths with the default of each that is left out.
func (p Paths) WithDefaults() Paths {
	return Paths{
		Callback:  cmp.Or(p.Callback, "/.auth/callback"),
		Login:     cmp.Or(p.Login, "/.auth/login"),
		Logout:    cmp.Or(p.Logout, "/.auth/logout"),
		Session:   cmp.Or(p.Session, "/.auth/session"),
		SignedOut: cmp.Or(p.SignedOut, "/.auth/signed-out"),
	}
}

// own reports whether a decoded path is one of the site's own.
func (p *Paths) own(path string) bool {
	return slices.Contains([]string{p.Callback, p.Login, p.Logout, p.Session, p.SignedOut}, path)
}
