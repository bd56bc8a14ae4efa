package siteconfig

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/internal/strictjson"
	"github.com/edgeauth/edgeauth/provider"
)

// maxHosts bounds the hosts of one document: each is a site to hold in memory.
const maxHosts = 100

// readSite reads the members of a site document.
func readSite(o *strictjson.Object, opts Options) edgeauth.Config {
	defer o.Close()
	c := edgeauth.Config{
		Hosts:          o.Strings("hosts"),
		OpenToEveryone: o.Bool("open_to_everyone"),
		Cookie:         readCookie(o.Object("cookie")),
		Leeway:         readLeeway(o),
		Paths:          readPaths(o.Object("paths")),
		Forward:        readForward(o.Object("forward")),
		Index:          readIndex(o.Object("index")),
		SignIn:         readSignIn(o.Object("sign_in")),
	}
	c.Branding = readBranding(o.Object("page"), opts)
	for _, rule := range o.Objects("rules") {
		c.Rules = append(c.Rules, readRule(rule))
	}
	c.SiteID = opts.Site
	if opts.Site == "" && len(c.Hosts) > 0 {
		c.SiteID = strings.ToLower(c.Hosts[0])
	}
	if opts.Site != "" && !slices.ContainsFunc(c.Hosts, func(h string) bool { return strings.EqualFold(h, opts.Site) }) {
		o.Fault("hosts", "lacks %q, the host this document was asked for", opts.Site)
	}
	if len(c.Hosts) > maxHosts {
		o.Fault("hosts", "has %d entries, at most %d; write further documents", len(c.Hosts), maxHosts)
	}
	o.String("$schema") // for editors
	c.Session = readSession(o.Object("session"), opts)
	readClient(o, &c, opts)
	for _, entry := range o.Objects("providers") {
		c.Providers = append(c.Providers, readChoice(entry, &c, opts))
	}
	return c
}

// readClient reads what belongs to a provider, and that provider.
func readClient(o *strictjson.Object, c *edgeauth.Config, opts Options) {
	c.ClientID, c.ClientSecret, c.ClientAssertion = o.String("client_id"), readSecret(o, "client_secret", opts), readAssertion(o, opts)
	readClientKey(o, c, opts)
	c.Scopes, c.Audience, c.ClaimsFrom = o.Strings("scopes"), o.Strings("audience"), readProofs(o.Strings("claims_from"))
	c.AuthorizeParams = o.Map("authorize_params")
	c.Proof = strictjson.Choice(o, "proof", map[string]provider.Proof{
		"id_token": provider.IDToken, "access_token": provider.AccessToken, "userinfo": provider.Userinfo,
	})
	c.Provider = readProvider(o, c, opts)
}

// readChoice reads one of several providers.
func readChoice(o *strictjson.Object, site *edgeauth.Config, opts Options) edgeauth.ProviderChoice {
	defer o.Close()
	c := edgeauth.Config{Session: site.Session, OpenToEveryone: site.OpenToEveryone}
	readClient(o, &c, opts)
	return edgeauth.ProviderChoice{
		Name: o.String("name"), Label: o.String("label"), EmailDomains: o.Strings("email_domains"),
		Provider: c.Provider, ClientID: c.ClientID, ClientSecret: c.ClientSecret, ClientKey: c.ClientKey, ClientKeyID: c.ClientKeyID,
		ClientKeyAlgorithm: c.ClientKeyAlgorithm, ClientCertificate: c.ClientCertificate, ClientAssertion: c.ClientAssertion,
		Scopes: c.Scopes, Audience: c.Audience, Proof: c.Proof, ClaimsFrom: c.ClaimsFrom, AuthorizeParams: c.AuthorizeParams,
	}
}

func readProofs(names []string) (proofs []provider.Proof) {
	for _, name := range names {
		proofs = append(proofs, provider.Proof(name))
	}
	return proofs
}

// readLeeway distinguishes "0s", which is no leeway, from an absent member, which is the default.
func readLeeway(o *strictjson.Object) time.Duration {
	leeway := o.Duration("leeway")
	switch {
	case leeway == 0 && o.Filled("leeway"):
		return edgeauth.NoLeeway
	case leeway > 5*time.Minute:
		o.Fault("leeway", "is %s; write up to 5m, clocks that differ by more need to be set", leeway)
		return 0 // so that the core does not report it again
	}
	return leeway
}

func readSession(o *strictjson.Object, opts Options) edgeauth.Session {
	defer o.Close()
	s := edgeauth.Session{
		Mode: strictjson.Choice(o, "mode", map[string]edgeauth.SessionMode{
			"sealed": edgeauth.Sealed, "tokens": edgeauth.Tokens,
		}),
		Lifetime:     o.Duration("lifetime"),
		Idle:         o.Duration("idle"),
		Claims:       o.Strings("claims"),
		OutliveToken: o.Bool("outlive_token"),
	}
	for i, written := range o.Strings("keys") {
		text, err := opts.secret(written)
		var key []byte
		if err == nil {
			key, err = parseKey(text)
		}
		if err != nil {
			o.FaultAt("keys", i, err)
		}
		s.Keys = append(s.Keys, key)
	}
	// With many sites, a key also binds a token to its site.
	if s.Keys == nil && (s.Mode == edgeauth.Sealed || opts.owner != "") {
		s.Keys = opts.Keys // the core derives each site's own from them
	}
	return s
}

func readSecret(o *strictjson.Object, name string, opts Options) string {
	value, err := opts.secret(o.String(name))
	if err != nil {
		o.Fault(name, "%w", err)
	}
	return value
}

func readCookie(o *strictjson.Object) edgeauth.Cookie {
	defer o.Close()
	return edgeauth.Cookie{
		Domain: o.String("domain"),
		SameSite: strictjson.Choice(o, "same_site", map[string]http.SameSite{
			"lax": http.SameSiteLaxMode, "none": http.SameSiteNoneMode, "strict": http.SameSiteStrictMode,
		}),
		Partitioned: o.Bool("partitioned"),
	}
}

func readPaths(o *strictjson.Object) edgeauth.Paths {
	defer o.Close()
	return edgeauth.Paths{
		Callback:  o.String("callback"),
		Login:     o.String("login"),
		Logout:    o.String("logout"),
		Session:   o.String("session"),
		SignedOut: o.String("signed_out"),
	}
}

func readRule(o *strictjson.Object) edgeauth.Rule {
	defer o.Close()
	o.NotEmpty("allow", "methods", "groups", "roles", "scopes", "claims", "claims_any_of", "claims_suffix", "emails", "email_domains", "acr", "amr", "max_age", "providers")
	return edgeauth.Rule{
		Path:    o.String("path"),
		Anyone:  strictjson.Choice(o, "allow", map[string]bool{"anyone": true}),
		Methods: o.Strings("methods"),
		Groups:  o.Strings("groups"),
		Roles:   o.Strings("roles"),
		Scopes:  o.Strings("scopes"),
		Claims:  o.Map("claims"),

		ClaimsAnyOf:  o.Lists("claims_any_of"),
		ClaimsSuffix: o.Lists("claims_suffix"),
		Emails:       o.Strings("emails"),
		EmailDomains: o.Strings("email_domains"),
		ACR:          o.Strings("acr"),
		AMR:          o.Strings("amr"),
		MaxAge:       o.Duration("max_age"),
		Providers:    o.Strings("providers"),
	}
}

func readForward(o *strictjson.Object) edgeauth.ForwardRules {
	defer o.Close()
	return edgeauth.ForwardRules{Headers: o.Map("headers"), AccessToken: o.Bool("access_token")}
}

func readIndex(o *strictjson.Object) edgeauth.Index {
	defer o.Close()
	return edgeauth.Index{SPA: o.String("spa"), Folder: o.String("folder")}
}

func readSignIn(o *strictjson.Object) edgeauth.SignIn {
	defer o.Close()
	return edgeauth.SignIn{KeepFragment: o.Bool("keep_fragment"), Hints: o.Strings("hints")}
}

func readBranding(o *strictjson.Object, opts Options) edgeauth.Branding {
	defer o.Close()
	logo, err := opts.image(o.String("logo"))
	if err != nil {
		o.Fault("logo", "%w", err)
	}
	return edgeauth.Branding{
		Name: o.String("name"), Logo: logo, Contact: o.String("contact"), Accent: o.String("accent"), Languages: o.Strings("languages"),
	}
}
