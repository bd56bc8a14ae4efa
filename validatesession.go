package edgeauth

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/edgeauth/edgeauth/internal/address"
	"github.com/edgeauth/edgeauth/internal/seal"
	"github.com/edgeauth/edgeauth/provider"
)

func (c *Config) checkSession(f *faults) {
	s := &c.Session
	for i, key := range s.Keys {
		if len(key) != seal.KeySize {
			f.add(fmt.Sprintf("Session.Keys[%d]", i), fmt.Sprintf("has %d bytes, want %d", len(key), seal.KeySize), "make one with: openssl rand -base64 32")
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
