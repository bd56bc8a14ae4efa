package edgeauth

import (
	"cmp"
	"context"
	"crypto"
	"encoding/json"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/edgeauth/edgeauth/internal/access"
	"github.com/edgeauth/edgeauth/provider"
)

// Config is one site. Provider, ClientID and Hosts are required; with a sealed session so are its keys.
type Config struct {
	// Provider signs people in: entraid.New(…), oidc settings from provider.OIDC, or your own.
	Provider provider.Provider
	// ClientID names this site at the provider (RFC 6749, 2.2).
	ClientID string
	// Hosts are the hosts this site answers to, such as "app.example.com" or "localhost:8080". Any other host gets
	// 421. An entry without a port means the scheme's default port. The entry "cloudfront" means the distribution's
	// own domain name, as the platform vouches for it.
	Hosts []string

	// ClientSecret makes the site a confidential client. PKCE is used with and without it. Default none.
	ClientSecret string
	// ClientKey, in the place of a secret, signs an assertion for each call to the provider (private_key_jwt: OIDC Core 9,
	// RFC 7523, 2.2): RSA of 2048 bits or more, P-256, P-384 or Ed25519. Default none.
	ClientKey crypto.Signer
	// ClientKeyID is the key's kid at the provider, default none. ClientKeyAlgorithm is RS256 or PS256, ES256, ES384 or EdDSA;
	// default: the first that fits the key.
	ClientKeyID, ClientKeyAlgorithm string
	// ClientCertificate is the key's certificate in DER, by which Entra ID knows it. Default none.
	ClientCertificate []byte
	// ClientAssertion, in the place of both, is asked for an assertion at each call to the provider (RFC 7523, 2.2): that of a
	// workload's own identity, say. Default none. (For tls_client_auth, RFC 8705, give an HTTPClient with the certificate.)
	ClientAssertion func(ctx context.Context) (string, error)
	// Scopes replaces the provider's scopes. "openid" is added wherever an ID token is the proof.
	Scopes []string
	// Audience replaces the provider's accepted audiences of an access token.
	Audience []string
	// Proof replaces the provider's choice of what proves a sign-in.
	Proof provider.Proof
	// ClaimsFrom replaces the provider's choice of where claims come from: the proof alone, or provider.IDToken and
	// provider.Userinfo, whose claims are then asked for at each sign-in and renewal. Those of the ID token go before. It
	// needs sealed sessions. Default: the provider's.
	ClaimsFrom []provider.Proof
	// AuthorizeParams adds to the authorization request, and replaces what the provider adds.
	AuthorizeParams map[string]string

	// Providers are several ways to sign in, in the place of Provider and of what belongs to it. Whoever needs to sign in chooses
	// on a page, by ?provider=NAME at the login path, or by the domain of an address. A session counts for the provider that it
	// is of. The redirect URI of each is the callback's path, a slash and its name (RFC 9700, 4.4.2.2). Default: one, as above.
	Providers []ProviderChoice

	// KeySnapshot is the provider's key set (RFC 7517, 5) to begin with, so that a cold start needs no fetch. It turns
	// stale after a minute in use, and the keys are then fetched as ever. Default none.
	KeySnapshot json.RawMessage

	Session Session
	Cookie  Cookie
	Paths   Paths
	// Rules say what a path asks for; the first that matches wins. A path without a rule asks for a sign-in.
	Rules   []Rule
	Forward ForwardRules
	Index   Index
	SignIn  SignIn
	// Branding makes the pages the site's own. Default: plain pages with the host's name.
	Branding Branding
	// OpenToEveryone admits everybody who can sign up at the provider. Without it, a provider where anybody can
	// needs a restriction on every path.
	OpenToEveryone bool

	// SiteID tells sites with the same keys apart: a cookie of one site cannot be decrypted by another. Default: the
	// first host.
	SiteID string
	// Version names this state of a configuration that comes from a [ConfigSource]: while it stays the same, nothing
	// is built again. Default "": it is built at every look.
	Version string
	// InsecureHTTP serves plain http. Only loopback hosts may have it. Without it every URL made is https,
	// whatever the server itself speaks.
	InsecureHTTP bool
	// Leeway is how far the provider's clock may be from this one: a token is accepted for so long before and after
	// its own times. Default 60 s, at most 5 min; [NoLeeway] for none.
	Leeway time.Duration
	// HTTPClient calls the provider. Its redirects are never followed. The default has a timeout of 10 s; the
	// platform's own deadline counts before that.
	HTTPClient *http.Client
	// Now is the clock. Default time.Now.
	Now func() time.Time
	// Locator says where the fields of this configuration were written, for the faults that [New] reports.
	// siteconfig.Parse sets it. Default nil: faults name the field alone.
	Locator Locator
	// Logger gets one record per decision. Default slog.Default().
	Logger *slog.Logger
	// OnDecision, where set, sees every decision after it is made. It must not change it or keep it.
	OnDecision func(ctx context.Context, r *Request, d *Decision)
	// Page, where set, makes the page that a viewer gets to read: its HTML and its Content-Security-Policy, "" for none.
	// Where it fails or panics, the page is the one that there would be without it. At the edge a page has at most 40 KB.
	Page func(Page) (body []byte, policy string, err error)
	// choice is the one of several providers that this is the configuration of; nil where there is one.
	choice *ProviderChoice

	// Check, where set, may refuse an identity that every rule has let through. It must not keep r, whose Path is decoded: a
	// path that servers read in different ways is refused before. Its case is as sent.
	Check func(ctx context.Context, r *Request, id Identity) error
}

// ProviderChoice is one of several providers of a site. Its fields are those of [Config] that belong to a provider.
type ProviderChoice struct {
	// Name is what links and rules call it, such as "staff": small letters, digits and "-". Required.
	Name string
	// Label is what people read. Default Name.
	Label string
	// EmailDomains are those whose people sign in here: where there are any, the page asks for an address too.
	EmailDomains []string

	Provider                        provider.Provider
	ClientID, ClientSecret          string
	ClientKey                       crypto.Signer
	ClientKeyID, ClientKeyAlgorithm string
	ClientCertificate               []byte
	ClientAssertion                 func(ctx context.Context) (string, error)
	Scopes, Audience                []string
	Proof                           provider.Proof
	ClaimsFrom                      []provider.Proof
	AuthorizeParams                 map[string]string
}

// PerProvider are the configurations of the site, one for each of its providers: itself where it has one alone.
func (c Config) PerProvider() []Config {
	if len(c.Providers) == 0 {
		return []Config{c}
	}
	list := make([]Config, len(c.Providers))
	site := c.siteID()
	c.Paths = c.Paths.WithDefaults()
	for i := range c.Providers {
		p, each := &c.Providers[i], c
		each.Paths.Callback += "/" + p.Name // RFC 9700, 4.4.2.2: a code that comes there is that provider's
		each.Providers, each.choice, each.SiteID, each.Locator, each.KeySnapshot = nil, p, site+"/"+p.Name, nil, nil
		each.Provider, each.ClientID, each.ClientSecret, each.ClientKey, each.ClientKeyID = p.Provider, p.ClientID, p.ClientSecret, p.ClientKey, p.ClientKeyID
		each.ClientKeyAlgorithm, each.ClientCertificate, each.ClientAssertion = p.ClientKeyAlgorithm, p.ClientCertificate, p.ClientAssertion
		each.Scopes, each.Audience, each.Proof, each.ClaimsFrom, each.AuthorizeParams = p.Scopes, p.Audience, p.Proof, p.ClaimsFrom, p.AuthorizeParams
		list[i] = each
	}
	return list
}

// access is what the choice rests on.
func (p *ProviderChoice) access() access.Choice {
	return access.Choice{Name: p.Name, Domains: p.EmailDomains, Issuer: p.Provider.Issuer, ClientID: p.ClientID, Key: p.ClientKey}
}

// name is "" where there is no choice.
func (p *ProviderChoice) name() string {
	if p == nil {
		return ""
	}
	return p.Name
}

// NoLeeway, as [Config.Leeway], trusts both clocks to the second.
const NoLeeway time.Duration = -1

// siteID tells the site from others.
func (c *Config) siteID() string {
	if c.SiteID == "" && len(c.Hosts) > 0 {
		return strings.ToLower(c.Hosts[0])
	}
	return c.SiteID
}

// usesIDToken reports whether the provider issues ID tokens: whoever can prove a sign-in by one does.
func (c *Config) usesIDToken() bool {
	return len(c.Provider.Proofs) == 0 || slices.Contains(c.Provider.Proofs, provider.IDToken)
}

// posted reports whether the provider has its answer posted.
func (c *Config) posted() bool { return c.Provider.ResponseMode == provider.FormPost }

// SessionMode says what the session cookies hold.
type SessionMode int

const (
	// Sealed cookies are encrypted and hold chosen claims. They need keys.
	Sealed SessionMode = iota
	// Tokens cookies are the provider's own tokens, verified on every request. They need no secret anywhere; the
	// price is a refresh token that lies readable in the browser's cookie store.
	Tokens
)

// Session says how a session is kept and how long it lasts.
type Session struct {
	Mode SessionMode
	// Keys are 32 random bytes each. The first seals, all of them open: put a new one in front to rotate.
	Keys [][]byte
	// Lifetime ends a sealed session, however often it is refreshed. Default 12 h.
	Lifetime time.Duration
	// Idle ends a sealed session that is not used for so long, up to a twentieth of it later. A navigation is use, and
	// so is a POST, PUT, PATCH or DELETE of the page's script; its GET is not, since a page that polls is not a person.
	// Default 0: never.
	Idle time.Duration
	// Claims are kept in a sealed session and shown by the session path. What rules need is kept anyway.
	// Default: name, email, preferred_username.
	Claims []string
	// OutliveToken lets a sealed session count after its evidence has expired, until Lifetime.
	OutliveToken bool
}

// Cookie says where the cookies go.
type Cookie struct {
	// Domain shares a sealed session with sub-domains; New wants keys used nowhere else. Default: this host alone.
	Domain string
	// SameSite is http.SameSiteLaxMode (default) or http.SameSiteNoneMode. Strict cookies do not come back from the
	// provider, so New refuses them.
	SameSite http.SameSite
	// Partitioned is for a site that others embed on purpose (CHIPS): each of them has a session of its own, and the sign-in
	// takes place in the frame, which the provider has to allow. SameSite is then none. Default off.
	Partitioned bool
}

// Paths are the site's own paths.
type Paths struct {
	Callback  string // default /.auth/callback
	Login     string // default /.auth/login
	Logout    string // default /.auth/logout
	Session   string // default /.auth/session
	SignedOut string // default /.auth/signed-out
}

// WithDefaults are the paths, with the default of each that is left out.
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

// Rule says what a path asks for. All that is set must hold.
type Rule struct {
	// Path, where it ends with a slash, stands for all that is below it too. A rule for anyone holds for exactly that. Every
	// other rule also holds for what is below any path, and for what a server may read as that: in another case, say.
	Path string
	// Anyone lets everybody in, signed in or not. Nothing below may then be set, except Methods.
	Anyone bool
	// Methods limits a rule for anyone to these methods. Default all.
	Methods []string
	// Groups and Roles ask for any of these; Scopes asks for all.
	Groups, Roles, Scopes []string
	// Claims asks for these values, compared as text. A list claim matches where one of its entries does.
	Claims map[string]string
	// ClaimsAnyOf asks, of each of these claims, for any of the values; ClaimsSuffix for one that ends with any of these,
	// which begin with a sign that is no letter or digit: "@example.com", ".ops".
	ClaimsAnyOf, ClaimsSuffix map[string][]string
	// Emails and EmailDomains ask for the claim email, as one of these addresses or in one of these domains, each without
	// case, and for email_verified beside it.
	Emails, EmailDomains []string
	// ACR asks for a sign-in of any of these classes (acr), AMR for one by any of these methods (amr, RFC 8176), and MaxAge
	// for one that is not older (auth_time; OIDC Core 2). Whoever has a session that is weaker is sent to sign in once more, with
	// acr_values and max_age; a script gets the challenge of RFC 9470. Default: any sign-in.
	ACR, AMR []string
	MaxAge   time.Duration
	// Providers asks for a sign-in by any of these, by their names in [Config.Providers]: what groups and claims mean differs
	// from one to the other, so that a rule that asks for any names them. Default: all of them.
	Providers []string
}

// ForwardRules say what an allowed request tells whatever serves it.
type ForwardRules struct {
	// Headers maps header names to the claims they carry. Copies that the viewer sends are removed, always.
	Headers map[string]string
	// AccessToken sets Authorization: Bearer with the access token, which then has to be kept in the session.
	AccessToken bool
}

// Index says which path serves a GET or HEAD for one that names no file.
type Index struct {
	// SPA serves every page whose path has no dot in its last segment, such as "/index.html". A request that asks for
	// no page, such as a script's for JSON, gets what it asks for; so does a path that everybody may have while SPA is
	// not for everybody. Default off.
	SPA string
	// Folder is added to a path that ends with a slash, such as "index.html". A page asked for without the slash is
	// sent to it first. Default off.
	Folder string
}

// SignIn says how a sign-in starts.
type SignIn struct {
	// KeepFragment keeps what follows the "#" of a deep link, which browsers tell no server: a page without a session gets
	// a page of ours, with status 401, whose script starts the sign-in. Nothing of it is seen; without scripts it
	// is a page with a link. Default: a redirect, which loses the fragment.
	KeepFragment bool
	// Hints are parameters of the login path that are handed on to the provider, such as "login_hint" (OIDC Core 4),
	// "domain_hint" or "ui_locales", of at most 256 bytes each. Default none.
	Hints []string
}

// Branding makes the pages the site's own. Every field has a default.
type Branding struct {
	// Name is shown above each page and in its title. Default: the host.
	Name string
	// Logo is an SVG, PNG, JPEG or WebP image of at most 12 KiB, shown beside the name. Default none.
	Logo []byte
	// Contact is whom to ask: an address of mail, or an https URL. Default none.
	Contact string
	// Accent is the colour of buttons, such as "#2456c8". The text on it is black or white, whichever can be read
	// better. Default: a blue.
	Accent string
	// Languages are those that the pages may be in: "en", "de", "fr", "es", "pt" and "ja". A browser that asks for none of
	// them gets the first. Where it is set, the provider is told the language too (ui_locales, OIDC Core 3.1.2.1).
	// Default: all of them, English first.
	Languages []string
}

// Page is what a viewer is to be told, for [Config.Page]. All of it is plain text: whoever makes HTML of it escapes it.
type Page struct {
	Code        string // what it is about, such as "forbidden"; stable
	Status      int    // of the answer
	Language    string // of the texts, such as "en" (RFC 5646)
	Title, Text string
	Ways        []Way  // on from here, the best first; there may be none
	Site        string // the name of the site, or its host
	Account     string // of whoever is refused; else ""
	Contact     string // whom to ask; "" for nobody
	Reference   string // names the request in the log; "" where there is nothing to report
}

// Way is a way on from a [Page].
type Way struct {
	Label string
	Href  string // a path of this site
	Post  bool   // a form that posts, rather than a link
}

// FieldError is one fault of a configuration. [New] reports all of them, joined (see errors.Join).
type FieldError struct {
	Field   string // as in [Config]: "Session.Keys[0]"
	Problem string // what is wrong, with the value seen unless it is a secret
	Remedy  string // what to do about it
	Place   string // where the field was written, where [Config.Locator] knows: `site "app": line 7: session.keys[0]`
}

func (e *FieldError) Error() string {
	return cmp.Or(e.Place, e.Field) + ": " + e.Problem + "; " + e.Remedy
}

// Locator says where the fields of a [Config] were written.
type Locator interface {
	// Locate returns the place of a field, such as `site "app": line 7: session.keys[0]`; "" where it knows none. The
	// field is named as in [FieldError].
	Locate(field string) string
}

// fault is a fault of a field, with its place.
func (c *Config) fault(field, problem, remedy string) *FieldError {
	e := &FieldError{Field: field, Problem: problem, Remedy: remedy}
	if c.Locator != nil {
		e.Place = c.Locator.Locate(field)
	}
	return e
}

// faults collects every fault of a configuration.
type faults struct {
	config *Config
	list   []error
}

func (f *faults) add(field, problem, remedy string) {
	f.list = append(f.list, f.config.fault(field, problem, remedy))
}
