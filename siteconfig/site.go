package siteconfig

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/provider"
)

// readSite reads the members of a site document.
func readSite(o *object, opts Options) edgeauth.Config {
	defer o.close()
	c := edgeauth.Config{
		Hosts:           o.texts("hosts"),
		OpenToEveryone:  o.flag("open_to_everyone"),
		ClientID:        o.text("client_id"),
		ClientSecret:    readSecret(o, "client_secret", opts),
		Scopes:          o.texts("scopes"),
		Audience:        o.texts("audience"),
		AuthorizeParams: o.pairs("authorize_params"),
		Proof: choice(o, "proof", map[string]provider.Proof{
			"id_token": provider.IDToken, "access_token": provider.AccessToken, "userinfo": provider.Userinfo,
		}),
		Cookie:  readCookie(o.child("cookie")),
		Leeway:  readLeeway(o),
		Paths:   readPaths(o.child("paths")),
		Forward: readForward(o.child("forward")),
		Index:   readIndex(o.child("index")),
	}
	for _, rule := range o.children("rules") {
		c.Rules = append(c.Rules, readRule(rule))
	}
	c.SiteID = opts.Site
	if opts.Site == "" && len(c.Hosts) > 0 {
		c.SiteID = strings.ToLower(c.Hosts[0])
	}
	if opts.Site != "" && !slices.ContainsFunc(c.Hosts, func(h string) bool { return strings.EqualFold(h, opts.Site) }) {
		o.fault("hosts", "lacks %q, the host this document was asked for", opts.Site)
	}
	c.Session = readSession(o.child("session"), opts)
	c.Provider = readProvider(o, &c, opts)
	return c
}

// readLeeway tells "0s", which is none, from a member that is not there.
func readLeeway(o *object) time.Duration {
	leeway := o.duration("leeway")
	switch {
	case leeway == 0 && o.filled("leeway"):
		return edgeauth.NoLeeway
	case leeway > 5*time.Minute:
		o.fault("leeway", "is %s; write up to 5m, clocks that differ by more need to be set", leeway)
		return 0 // the core need not say it again
	}
	return leeway
}

func readSession(o *object, opts Options) edgeauth.Session {
	defer o.close()
	s := edgeauth.Session{
		Mode: choice(o, "mode", map[string]edgeauth.SessionMode{
			"sealed": edgeauth.Sealed, "tokens": edgeauth.Tokens,
		}),
		Lifetime:     o.duration("lifetime"),
		Idle:         o.duration("idle"),
		Claims:       o.texts("claims"),
		OutliveToken: o.flag("outlive_token"),
	}
	for i, written := range o.texts("keys") {
		text, err := opts.secret(written)
		var key []byte
		if err == nil {
			key, err = parseKey(text)
		}
		if err != nil {
			o.faults.addError(o.line("keys"), at(join(o.path, "keys"), i), err)
		}
		s.Keys = append(s.Keys, key)
	}
	if s.Mode == edgeauth.Sealed && s.Keys == nil {
		s.Keys = opts.Keys // the core derives each site's own from them
	}
	return s
}

func readSecret(o *object, name string, opts Options) string {
	value, err := opts.secret(o.text(name))
	if err != nil {
		o.fault(name, "%w", err)
	}
	return value
}

func readCookie(o *object) edgeauth.Cookie {
	defer o.close()
	return edgeauth.Cookie{
		Domain: o.text("domain"),
		SameSite: choice(o, "same_site", map[string]http.SameSite{
			"lax": http.SameSiteLaxMode, "none": http.SameSiteNoneMode, "strict": http.SameSiteStrictMode,
		}),
	}
}

func readPaths(o *object) edgeauth.Paths {
	defer o.close()
	return edgeauth.Paths{
		Callback:  o.text("callback"),
		Login:     o.text("login"),
		Logout:    o.text("logout"),
		Session:   o.text("session"),
		SignedOut: o.text("signed_out"),
	}
}

func readRule(o *object) edgeauth.Rule {
	defer o.close()
	o.full("allow", "methods", "groups", "roles", "scopes", "claims")
	return edgeauth.Rule{
		Path:    o.text("path"),
		Anyone:  choice(o, "allow", map[string]bool{"anyone": true}),
		Methods: o.texts("methods"),
		Groups:  o.texts("groups"),
		Roles:   o.texts("roles"),
		Scopes:  o.texts("scopes"),
		Claims:  o.pairs("claims"),
	}
}

func readForward(o *object) edgeauth.ForwardRules {
	defer o.close()
	return edgeauth.ForwardRules{Headers: o.pairs("headers"), AccessToken: o.flag("access_token")}
}

func readIndex(o *object) edgeauth.Index {
	defer o.close()
	return edgeauth.Index{SPA: o.text("spa"), Folder: o.text("folder")}
}
