package edgeauth

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/edgeauth/edgeauth/internal/address"
	"github.com/edgeauth/edgeauth/internal/oauth"
	"github.com/edgeauth/edgeauth/internal/page"
	"github.com/edgeauth/edgeauth/internal/seal"
	"github.com/edgeauth/edgeauth/provider"
)

// validate returns every fault of a configuration whose defaults have been filled in.
func (c *Config) validate() error {
	f := faults{config: c}
	c.checkClient(&f)
	c.checkHosts(&f)
	c.checkSession(&f)
	c.checkCookie(&f)
	c.checkPaths(&f)
	c.checkRules(&f)
	c.checkForward(&f)
	branding := page.Branding(c.Branding)
	for _, fault := range branding.Faults() {
		f.add("Branding."+fault.Field, fault.Problem, fault.Remedy)
	}
	if c.Leeway < 0 || c.Leeway > 5*time.Minute {
		f.add("Leeway", fmt.Sprintf("is %v", c.Leeway), "choose up to 5m, or NoLeeway; clocks that differ by more need to be set")
	}
	return errors.Join(f.list...)
}

// client is what the configuration says of the site as a client, without what it needs to call.
func (c *Config) client() oauth.Config {
	return oauth.Config{
		Provider: c.Provider, ClientID: c.ClientID, Scopes: c.Scopes, Audience: c.Audience,
		ClientSecret: c.ClientSecret, ClientAssertion: c.ClientAssertion, ClientKey: c.ClientKey, ClientKeyID: c.ClientKeyID,
		ClientKeyAlgorithm: c.ClientKeyAlgorithm, ClientCertificate: c.ClientCertificate,
		Proof: c.Proof, AuthorizeParams: c.AuthorizeParams, UsesIDToken: c.usesIDToken(), AddUserinfo: len(c.ClaimsFrom) > 1,
		Leeway: c.Leeway, Now: c.Now,
	}
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

func (c *Config) checkHosts(f *faults) {
	if len(c.Hosts) == 0 {
		f.add("Hosts", "is empty", `list the hosts that people type, such as "app.example.com"`)
	}
	for i, host := range c.Hosts {
		field := fmt.Sprintf("Hosts[%d]", i)
		switch {
		case host == "cloudfront":
		case strings.Contains(host, "://") || strings.Contains(host, "/"):
			f.add(field, fmt.Sprintf("%q is a URL", host), "give the host alone")
		case !address.ValidHost(host):
			f.add(field, fmt.Sprintf("%q is not a host name", host), "give a name such as app.example.com, with a port only if it is not the default one; write other scripts as A-labels (xn--…)")
		}
		if c.InsecureHTTP && !provider.Loopback(host) {
			f.add("InsecureHTTP", fmt.Sprintf("is set, but host %q is not loopback", host), "use https, or localhost for development")
		}
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

func (c *Config) checkCookie(f *faults) {
	switch c.Cookie.SameSite {
	case http.SameSiteLaxMode:
	case http.SameSiteNoneMode:
		if c.InsecureHTTP {
			f.add("Cookie.SameSite", "is none, which browsers accept on https only", "use lax, or https")
		}
	case http.SameSiteStrictMode:
		f.add("Cookie.SameSite", "is strict: such cookies do not come back from the provider, so that every sign-in would loop", "use lax")
	default:
		f.add("Cookie.SameSite", fmt.Sprintf("is %d", c.Cookie.SameSite), "use lax or none")
	}
	if c.Cookie.Partitioned && c.Cookie.SameSite != http.SameSiteNoneMode {
		f.add("Cookie.Partitioned", "is set, but Cookie.SameSite keeps the cookies out of other sites' frames", "leave SameSite out, or make it none")
	}
	if c.Cookie.Domain == "" {
		return
	}
	if c.InsecureHTTP {
		f.add("Cookie.Domain", "is set without https", "leave it empty, or use https")
	}
	for _, host := range c.Hosts {
		name, _, _ := strings.Cut(strings.ToLower(host), ":")
		if name != c.Cookie.Domain && !strings.HasSuffix(name, "."+c.Cookie.Domain) {
			f.add("Cookie.Domain", fmt.Sprintf("%q does not cover host %q", c.Cookie.Domain, host), "name a parent of every host")
		}
	}
	if !strings.Contains(c.Cookie.Domain, ".") || !address.ValidHost(c.Cookie.Domain) {
		f.add("Cookie.Domain", fmt.Sprintf("%q is not a domain of yours", c.Cookie.Domain), "name the parent domain of the hosts, such as example.com")
	}
}
