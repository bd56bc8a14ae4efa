package edgeauth

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/edgeauth/edgeauth/provider"
)

// FieldError is one fault of a configuration. [New] reports all of them, joined (see errors.Join).
type FieldError struct {
	Field   string // as in [Config]: "Session.Keys[0]"
	Problem string // what is wrong, with the value seen unless it is a secret
	Remedy  string // what to do about it
}

func (e *FieldError) Error() string { return e.Field + ": " + e.Problem + "; " + e.Remedy }

// faults collects every fault of a configuration.
type faults []error

func (f *faults) add(field, problem, remedy string) {
	*f = append(*f, &FieldError{field, problem, remedy})
}

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
	if c.Session.Mode == Sealed && c.Session.Lifetime == 0 {
		c.Session.Lifetime = 12 * time.Hour
	}
	if c.Session.Mode == Sealed && c.Session.Claims == nil {
		c.Session.Claims = []string{"name", "email", "preferred_username"}
	}
	if c.Cookie.SameSite == 0 || c.Cookie.SameSite == http.SameSiteDefaultMode {
		c.Cookie.SameSite = http.SameSiteLaxMode
	}
	c.Cookie.Domain = strings.TrimPrefix(c.Cookie.Domain, ".")
	for path, standard := range c.Paths.defaults() {
		if *path == "" {
			*path = standard
		}
	}
	if c.Leeway == 0 {
		c.Leeway = time.Minute
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

func (p *Paths) defaults() map[*string]string {
	return map[*string]string{
		&p.Callback: "/.auth/callback", &p.Login: "/.auth/login", &p.Logout: "/.auth/logout",
		&p.Session: "/.auth/session", &p.SignedOut: "/.auth/signed-out",
	}
}

// validate returns every fault of a configuration whose defaults have been filled in.
func (c *Config) validate() error {
	var f faults
	c.checkClient(&f)
	c.checkHosts(&f)
	c.checkProvider(&f)
	c.checkSession(&f)
	c.checkCookie(&f)
	c.checkPaths(&f)
	c.checkRules(&f)
	c.checkForward(&f)
	if c.Leeway < 0 || c.Leeway > 5*time.Minute {
		f.add("Leeway", fmt.Sprintf("is %v", c.Leeway), "choose 0 to 5m; clocks that differ by more need to be set")
	}
	return errors.Join(f...)
}

func (c *Config) checkClient(f *faults) {
	if c.ClientID == "" {
		f.add("ClientID", "is empty", "copy the application (client) id from the provider's console")
	}
	switch c.Provider.Secret {
	case provider.Required:
		if c.ClientSecret == "" {
			f.add("ClientSecret", "is empty, but "+c.Provider.Name+" wants one for this kind of client", "create a client secret at the provider, or choose its kind of client that has none")
		}
	case provider.Forbidden:
		if c.ClientSecret != "" {
			f.add("ClientSecret", "is set, but "+c.Provider.Name+" refuses one for this kind of client", "remove it, or choose the provider's kind of client that has one")
		}
	}
	for name := range c.AuthorizeParams {
		if slices.Contains(protectedParams, name) {
			f.add("AuthorizeParams", fmt.Sprintf("sets %q, which the sign-in itself sets", name), "remove it")
		}
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
		case !validHost(host):
			f.add(field, fmt.Sprintf("%q is not a host name", host), "give a name such as app.example.com, with a port only if it is not the default one; write other scripts as A-labels (xn--…)")
		}
		if c.InsecureHTTP && !loopback(host) {
			f.add("InsecureHTTP", fmt.Sprintf("is set, but host %q is not loopback", host), "use https, or localhost for development")
		}
	}
}

func (c *Config) checkProvider(f *faults) {
	p := &c.Provider
	if p.Name == "" || p.Issuer == "" {
		f.add("Provider", "has no name or no issuer", "build it with a provider package, such as provider.OIDC(issuer)")
	}
	proofs := p.Proofs
	if len(proofs) == 0 {
		proofs = []provider.Proof{provider.IDToken}
	}
	if !slices.Contains(proofs, c.Proof) {
		f.add("Proof", fmt.Sprintf("is %q, but %s can prove a sign-in only by %q", c.Proof, p.Name, proofs), "choose one of these")
	}
	if c.Proof == provider.AccessToken && len(c.Audience) == 0 && len(p.AccessToken.Audience) == 0 && !p.AccessToken.AudienceOptional {
		f.add("Audience", "is empty, but an access token is the proof", "name the API that the access token is for")
	}
	required := map[string]string{"Authorize": p.Endpoints.Authorize, "Token": p.Endpoints.Token}
	if c.usesIDToken() && len(p.JWKS) == 0 {
		required["Keys"] = p.Endpoints.Keys
	}
	for name, value := range required {
		if value == "" && p.Discovery == "" {
			f.add("Provider.Endpoints."+name, "is empty and nothing is discovered", "set it, or set Discovery")
		}
	}
	for name, value := range map[string]string{
		"Provider.Discovery": p.Discovery, "Provider.Endpoints.Authorize": p.Endpoints.Authorize, "Provider.Endpoints.Token": p.Endpoints.Token,
		"Provider.Endpoints.Keys": p.Endpoints.Keys, "Provider.Endpoints.Userinfo": p.Endpoints.Userinfo,
		"Provider.Endpoints.Revoke": p.Endpoints.Revoke, "Provider.Endpoints.EndSession": p.Endpoints.EndSession,
	} {
		checkURL(f, name, value)
	}
	for i, value := range p.Userinfo.URLs {
		checkURL(f, fmt.Sprintf("Provider.Userinfo.URLs[%d]", i), value)
	}
	for _, alg := range slices.Concat(p.IDToken.Algorithms, p.AccessToken.Algorithms) {
		if !slices.Contains(signatureAlgorithms, alg) {
			f.add("Provider.IDToken.Algorithms", fmt.Sprintf("holds %q", alg), fmt.Sprintf("choose from %q", signatureAlgorithms))
		}
	}
}

// signatureAlgorithms are those of RFC 7518, 3.1 and RFC 8037 that need no shared secret.
var signatureAlgorithms = []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}

// checkURL wants https everywhere but on this machine: a code or a secret that travels in clear is lost.
func checkURL(f *faults, field, value string) {
	if value == "" {
		return
	}
	u, err := url.Parse(value)
	switch {
	case err != nil || u.Host == "" || u.User != nil || u.Fragment != "":
		f.add(field, fmt.Sprintf("%q is not a plain URL", value), "give one like https://idp.example.com/path")
	case u.Scheme == "https" || u.Scheme == "http" && loopback(u.Host):
	default:
		f.add(field, fmt.Sprintf("%q is not https", value), "use https; http is accepted for loopback hosts only")
	}
}

func (c *Config) checkSession(f *faults) {
	s := &c.Session
	for i, key := range s.Keys {
		if len(key) != keySize {
			f.add(fmt.Sprintf("Session.Keys[%d]", i), fmt.Sprintf("has %d bytes, want %d", len(key), keySize), "make one with: openssl rand -base64 32")
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
	if !strings.Contains(c.Cookie.Domain, ".") || !validHost(c.Cookie.Domain) {
		f.add("Cookie.Domain", fmt.Sprintf("%q is not a domain of yours", c.Cookie.Domain), "name the parent domain of the hosts, such as example.com")
	}
}

func (c *Config) checkPaths(f *faults) {
	names := map[string]string{"Callback": c.Paths.Callback, "Login": c.Paths.Login, "Logout": c.Paths.Logout, "Session": c.Paths.Session, "SignedOut": c.Paths.SignedOut}
	used := make(map[string]string, len(names))
	for _, name := range []string{"Callback", "Login", "Logout", "Session", "SignedOut"} {
		path := names[name]
		decoded, clean := cleanPath(path)
		if hostilePath(path) || !clean || decoded != path || strings.HasSuffix(path, "/") || asciiURL(path) != path {
			f.add("Paths."+name, fmt.Sprintf("%q is not a plain path", path), `give one like "/.auth/callback": no escapes, no slash at the end`)
		}
		if other, taken := used[path]; taken {
			f.add("Paths."+name, fmt.Sprintf("%q is also Paths.%s", path, other), "give each its own path")
		}
		used[path] = name
		for i := range c.Rules {
			// What "/" may do is said with the rules.
			if r := &c.Rules[i]; r.Path != "" && r.Path != "/" && r.Anyone && r.covers(path) {
				f.add(fmt.Sprintf("Rules[%d].Path", i), fmt.Sprintf("%q lets anyone in and covers the own path %q", r.Path, path), "narrow the rule, or move the path; own paths need no rule")
			}
		}
	}
}

func (c *Config) checkRules(f *faults) {
	for i := range c.Rules {
		rule := &c.Rules[i]
		field := fmt.Sprintf("Rules[%d]", i)
		decoded, clean := cleanPath(rule.Path)
		if hostilePath(strings.ReplaceAll(rule.Path, " ", "_")) || !clean || decoded != rule.Path {
			f.add(field+".Path", fmt.Sprintf("%q is not a plain path", rule.Path), `write it decoded, like "/admin/" or "/robots.txt"; a slash at the end makes it a prefix`)
			continue
		}
		if rule.Anyone && rule.Path == "/" && len(rule.Methods) == 0 {
			f.add(field+".Path", `"/" lets anyone in everywhere`, "name what is public, such as \"/public/\"; a rule for the home page alone is not possible, because \"/\" is a prefix")
		} else if rule.Anyone && rule.Path == "/" && slices.ContainsFunc(rule.Methods, func(m string) bool { return m != http.MethodOptions }) {
			f.add(field+".Path", fmt.Sprintf(`"/" lets anyone in everywhere with %q`, rule.Methods), "for the whole site only OPTIONS can be public")
		}
		for name, empty := range map[string]bool{
			".Groups": rule.Groups != nil && len(rule.Groups) == 0, ".Roles": rule.Roles != nil && len(rule.Roles) == 0,
			".Scopes": rule.Scopes != nil && len(rule.Scopes) == 0, ".Claims": rule.Claims != nil && len(rule.Claims) == 0,
		} {
			if empty { // read as "nobody" by one and as "no restriction" by another
				f.add(field+name, "is empty", "name what is asked for, or leave it out")
			}
		}
		if rule.Anyone && rule.restricts() {
			f.add(field, "lets anyone in and asks for groups, roles, scopes or claims", "choose one")
		}
		if !rule.Anyone && len(rule.Methods) > 0 {
			f.add(field+".Methods", "is set on a rule that is not for anyone", "remove it: other rules hold for every method")
		}
		m := &c.Provider.Mapping
		for kind, list := range map[string][]string{m.Groups: rule.Groups, m.Roles: rule.Roles, m.Scopes: rule.Scopes} {
			if len(list) > 0 && slices.Contains(c.Provider.MutableClaims, kind) {
				f.add(field, fmt.Sprintf("rests on %q, which others than you can set at %s", kind, c.Provider.Name), "use a claim that only you control")
			}
		}
		for name := range rule.Claims {
			name := plainName(name)
			switch {
			case slices.Contains(c.Provider.MutableClaims, name):
				f.add(field+".Claims", fmt.Sprintf("rests on %q, which %s lets people change", name, c.Provider.Name), "use groups, roles, or a claim that only you control")
			case name == "email" && rule.Claims["email_verified"] != "true" && rule.Claims["/email_verified"] != "true":
				f.add(field+".Claims", `rests on "email" alone, which may be unproven`, `add "email_verified": "true", or use groups or roles`)
			}
		}
	}
	c.checkOpenness(f)
}

// checkOpenness wants a restriction on every path where anybody could sign up: a rule for "/" that restricts, and
// no rule before it that only asks for a sign-in.
func (c *Config) checkOpenness(f *faults) {
	if !c.Provider.OpenSignup || c.OpenToEveryone {
		return
	}
	for i := range c.Rules {
		rule := &c.Rules[i]
		if !rule.Anyone && !rule.tellsApart() {
			break
		}
		if rule.Path == "/" && !rule.Anyone {
			return
		}
	}
	f.add("OpenToEveryone", "anybody can get an account at "+c.Provider.Name+", and not every path asks for more than that",
		`restrict the provider (tenants, organisations), end the rules with {"path": "/", …} that asks for groups, roles or claims, or set it to say that everybody may enter`)
}

// tellsApart reports whether a rule asks for what not everybody who can sign up has: scopes are for the asking, and a
// proven address of one's own is easily had.
func (rule *Rule) tellsApart() bool {
	for name := range rule.Claims {
		if plainName(name) != "email_verified" {
			return true
		}
	}
	return len(rule.Groups)+len(rule.Roles) > 0
}

// plainName is the member that a JSON Pointer of one step names.
func plainName(name string) string {
	if path := pointerPath(name); len(path) == 1 {
		return path[0]
	}
	return name
}

func (c *Config) checkForward(f *faults) {
	for name := range c.Forward.Headers {
		if !validHeaderName(name) || slices.Contains([]string{"cookie", "host", "authorization", "content-length", "transfer-encoding", "connection", "via", "upgrade"}, strings.ToLower(name)) {
			f.add("Forward.Headers", fmt.Sprintf("%q is not a header that can carry a claim", name), `use a name like "X-Auth-Subject"`)
		}
	}
	for name, path := range map[string]string{"Index.SPA": c.Index.SPA, "Index.Folder": "/" + c.Index.Folder} {
		decoded, clean := cleanPath(path)
		if path != "" && path != "/" && (hostilePath(path) || !clean || decoded != path || strings.HasSuffix(path, "/")) {
			f.add(name, fmt.Sprintf("%q is not the name of a file", strings.TrimPrefix(path, "/")), `give one like "index.html"; for Index.SPA with a slash in front`)
		}
	}
	if c.Index.SPA != "" && c.Index.Folder != "" {
		f.add("Index", "has both SPA and Folder", "choose one")
	}
}

func validHeaderName(name string) bool {
	for i := 0; i < len(name); i++ {
		c := name[i]
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_') {
			return false
		}
	}
	return name != ""
}
