package edgeauth

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/edgeauth/edgeauth/internal/access"
	"github.com/edgeauth/edgeauth/internal/address"
	"github.com/edgeauth/edgeauth/internal/cookies"
	"github.com/edgeauth/edgeauth/internal/oauth"
	"github.com/edgeauth/edgeauth/internal/page"
	"github.com/edgeauth/edgeauth/internal/seal"
	"github.com/edgeauth/edgeauth/provider"
)

// defaultClaims are those of OpenID Connect Core 5.1 that a page greets somebody with.
var defaultClaims = []string{"name", "email", "preferred_username"}

// withDefaults fills in what was left out.
func (c Config) withDefaults() Config {
	c.SiteID = c.siteID()
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

// validate returns every fault of a configuration whose defaults have been filled in.
func (c *Config) validate() error { return errors.Join(c.faults()...) }

func (c *Config) faults() []error {
	f := faults{config: c}
	c.checkClient(&f)
	for _, fault := range address.HostFaults(c.Hosts) {
		f.add(fault.Field, fault.Problem, fault.Remedy)
	}
	c.checkSession(&f)
	for _, host := range c.Hosts {
		if c.InsecureHTTP && !provider.Loopback(host) {
			f.add("InsecureHTTP", fmt.Sprintf("is set, but host %q is not loopback", host), "use https, or localhost for development")
		}
	}
	for _, fault := range cookies.Faults(c.Cookie.Domain, c.Cookie.SameSite, c.Cookie.Partitioned, c.InsecureHTTP, c.Hosts) {
		f.add("Cookie."+fault.Field, fault.Problem, fault.Remedy)
	}
	c.checkPaths(&f)
	c.checkRules(&f)
	for _, fault := range address.ForwardFaults(slices.Collect(maps.Keys(c.Forward.Headers)), c.Index.SPA, c.Index.Folder) {
		f.add(fault.Field, fault.Problem, fault.Remedy)
	}
	branding := page.Branding(c.Branding)
	for _, fault := range branding.Faults() {
		f.add("Branding."+fault.Field, fault.Problem, fault.Remedy)
	}
	if c.Leeway < 0 || c.Leeway > 5*time.Minute {
		f.add("Leeway", fmt.Sprintf("is %v", c.Leeway), "choose up to 5m, or NoLeeway; clocks that differ by more need to be set")
	}
	return f.list
}

// validateChoices returns every fault of a site with several providers: those of each provider, named as they stand in the
// site's configuration, and what is common to all of them once.
func (c *Config) validateChoices() error {
	f := faults{config: c}
	if c.Provider.Name != "" || c.ClientID != "" {
		f.add("Providers", "is set beside Provider", "give one provider, or a list of them, each with its ClientID")
	}
	if c.Cookie.Domain != "" {
		f.add("Cookie.Domain", "does not work with several providers", "leave it empty")
	}
	choices := make([]access.Choice, len(c.Providers))
	for i := range c.Providers {
		choices[i] = c.Providers[i].access()
	}
	for _, fault := range access.ChoiceFaults(choices, c.accessRules()) {
		f.add(fault.Field, fault.Problem, fault.Remedy)
	}
	said := map[string]bool{}
	for i, each := range c.PerProvider() {
		each = each.withDefaults()
		for _, err := range each.faults() {
			var fault *FieldError
			if !errors.As(err, &fault) {
				continue
			}
			field := fault.Field
			if ofChoice.MatchString(field) {
				field = fmt.Sprintf("Providers[%d].%s", i, field)
			}
			if !said[field+fault.Problem] {
				f.add(field, fault.Problem, fault.Remedy)
			}
			said[field+fault.Problem] = true
		}
	}
	if len(f.list) == 0 {
		return nil
	}
	return fmt.Errorf("edgeauth: site %q is not configured right:\n%w", c.siteID(), errors.Join(f.list...))
}

// ofChoice are the fields that each provider has of its own.
var ofChoice = regexp.MustCompile(`^(Provider|Client[A-Za-z]+|Scopes|Audience|Proof|ClaimsFrom|AuthorizeParams)\b`)

// client is what the configuration says of the site as a client, without what it needs to call.
func (c *Config) client() oauth.Config {
	return oauth.Config{
		Provider: c.Provider, ClientID: c.ClientID, Scopes: c.Scopes, Audience: c.Audience,
		ClientSecret: c.ClientSecret, ClientAssertion: c.ClientAssertion, ClientKey: c.ClientKey, ClientKeyID: c.ClientKeyID,
		ClientKeyAlgorithm: c.ClientKeyAlgorithm, ClientCertificate: c.ClientCertificate,
		Proof: c.Proof, AuthorizeParams: c.AuthorizeParams, UsesIDToken: c.usesIDToken(), AddUserinfo: len(c.ClaimsFrom) > 1, AskGroups: c.asksForGroups(),
		Leeway: c.Leeway, Now: c.Now,
	}
}

// wantedClaims are those that a session is to have and that not every token has.
func (c *Config) wantedClaims() []string {
	return slices.AppendSeq(slices.Concat(c.Session.Claims, access.ClaimNames(c.accessRules())), maps.Values(c.Forward.Headers))
}

// asksForGroups reports whether anything rests on groups. A token that is the session keeps none that are looked up.
func (c *Config) asksForGroups() bool {
	return c.Session.Mode == Sealed && (len(access.Groups(c.accessRules())) > 0 || slices.Contains(c.wantedClaims(), c.Provider.Mapping.Groups))
}

func (c *Config) checkClient(f *faults) {
	client := c.client()
	for _, fault := range client.Faults() {
		f.add(fault.Field, fault.Problem, fault.Remedy)
	}
	for i, name := range c.SignIn.Hints {
		if !oauth.Hint(name) {
			f.add(fmt.Sprintf("SignIn.Hints[%d]", i), fmt.Sprintf("%q is not for whoever makes a link to decide", name), "leave it out, or set it in AuthorizeParams")
		}
	}
	if n := len(c.ClaimsFrom); n > 2 || n > 0 && c.ClaimsFrom[0] != c.Proof || n == 2 && (c.ClaimsFrom[1] != provider.Userinfo || c.Proof == provider.Userinfo) {
		f.add("ClaimsFrom", fmt.Sprintf("is %q", c.ClaimsFrom), fmt.Sprintf("give %q, or [%q %q] to add the claims of userinfo", []provider.Proof{c.Proof}, c.Proof, provider.Userinfo))
	}
}

func (c *Config) checkSession(f *faults) {
	s := &c.Session
	for i, key := range s.Keys {
		if problem := seal.KeyProblem(key); problem != "" {
			f.add(fmt.Sprintf("Session.Keys[%d]", i), problem, "make one with: openssl rand -base64 32")
		}
	}
	if s.Mode == Sealed {
		if len(s.Keys) == 0 {
			f.add("Session.Keys", "is empty, but sealed sessions need a key", "make one with: openssl rand -base64 32; or choose the tokens mode, which needs none")
		}
		if s.Lifetime < 0 || s.Lifetime > 400*24*time.Hour {
			f.add("Session.Lifetime", fmt.Sprintf("is %v", s.Lifetime), "choose up to 400 days, the longest that browsers keep a cookie")
		}
		if s.Idle < 0 || s.Idle > 0 && s.Idle < time.Minute {
			f.add("Session.Idle", fmt.Sprintf("is %v", s.Idle), "choose a minute or more, or 0 for never")
		}
		return
	}
	for _, field := range []struct {
		name string
		set  bool
		why  string
	}{
		{"Session.Mode", s.Mode != Tokens, "choose sealed or tokens"},
		{"Cookie.Domain", c.Cookie.Domain != "", "sub-domains could plant a session; leave it empty, or use sealed sessions"},
		{"Session.Lifetime", s.Lifetime != 0, "the browser could change it; leave it out, or use sealed sessions"},
		{"Session.Idle", s.Idle != 0, "the browser could change it; leave it out, or use sealed sessions"},
		{"Session.Claims", len(s.Claims) > 0, "the token holds what it holds; leave it out, or use sealed sessions"},
		{"Session.OutliveToken", s.OutliveToken, "an expired token proves nothing; leave it out, or use sealed sessions"},
		{"Proof", c.Proof == provider.Userinfo, "such evidence cannot be verified later; use sealed sessions"},
		{"ClaimsFrom", len(c.ClaimsFrom) > 1, "the token holds what it holds; leave it out, or use sealed sessions"},
		{"Forward.AccessToken", c.Forward.AccessToken && c.Proof != provider.AccessToken, "the access token is not kept; make it the proof, or use sealed sessions"},
	} {
		if field.set {
			f.add(field.name, "does not work with sessions of tokens, which no secret protects", field.why)
		}
	}
}
