package siteconfig

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/auth0"
	"github.com/edgeauth/edgeauth/cognito"
	"github.com/edgeauth/edgeauth/entraid"
	"github.com/edgeauth/edgeauth/github"
	"github.com/edgeauth/edgeauth/internal/strictjson"
	"github.com/edgeauth/edgeauth/internal/token"
	"github.com/edgeauth/edgeauth/provider"
)

// builtin are the provider types. Each function reads the members of its type; those that all types have are in
// overrides.
var builtin = map[string]func(o *strictjson.Object, with overrides) (provider.Provider, error){
	"oidc":     readOIDC,
	"entraid":  readEntraID,
	"auth0":    readAuth0,
	"cognito":  readCognito,
	"github":   readGitHub,
	"okta":     readOkta,
	"google":   readGoogle,
	"keycloak": readKeycloak,

	"adfs":      readPlain(provider.ADFS, ""),
	"authelia":  readPlain(provider.Authelia, ""),
	"authentik": readPlain(provider.Authentik, ""),
	"gitlab":    readPlain(provider.GitLab, "https://gitlab.com"),
	"jumpcloud": readPlain(provider.JumpCloud, "https://oauth.id.jumpcloud.com/"),
	"onelogin":  readPlain(provider.OneLogin, ""),
	"pingone":   readPlain(provider.PingOne, ""),
	"zitadel":   readPlain(provider.Zitadel, ""),
	"apple":     readApple,
	"discord":   readDiscord,
	"linkedin":  readLinkedIn,
	"slack":     readSlack,
}

// overrides are the members that every built-in type takes.
type overrides struct {
	issuer    string
	endpoints provider.Endpoints
	anyone    bool           // the site is open to everyone
	proof     provider.Proof // that the site asks for
}

func readProvider(site *strictjson.Object, c *edgeauth.Config, opts Options) provider.Provider {
	o := site.Object("provider")
	if !o.Exists() {
		if !site.Has("provider") && !site.Has("providers") {
			site.Fault("provider", `missing; give {"type": "entraid", …} or another type`)
		}
		return provider.Provider{}
	}
	name := o.String("type")
	if register, ok := opts.Providers[name]; ok {
		p, err := register(o.Raw())
		if err != nil {
			site.FaultError("provider", err)
		}
		return p
	}
	read, ok := builtin[name]
	if !ok {
		types := slices.Sorted(maps.Keys(builtin))
		types = slices.Concat(types, slices.Sorted(maps.Keys(opts.Providers)))
		o.Unknown("type", name, types)
		return provider.Provider{}
	}
	defer o.Close()
	p, err := read(o, overrides{
		issuer: o.String("issuer"), endpoints: readEndpoints(o.Object("endpoints")), anyone: c.OpenToEveryone, proof: c.Proof,
	})
	if err != nil {
		o.FaultSelf(err)
	}
	p.JWKS = readKeySet(o)
	logout := o.Object("logout")
	p.Logout.Off = p.Logout.Off || logout.Bool("off")
	if logout.Bool("id_token_hint") {
		if p.Logout.IDTokenHint = true; c.Session.Mode == edgeauth.Tokens {
			logout.Fault("id_token_hint", "needs a session that keeps the ID token; use sealed sessions, or leave it out")
		}
	}
	if get := logout.Bool("get"); get && !p.Logout.IDTokenHint {
		logout.Fault("get", "is how the ID token goes back, and none does; set id_token_hint, or leave it out")
	} else {
		p.Logout.Get = p.Logout.Get || get
	}
	logout.Close()
	p.PushRequests = p.PushRequests || o.Bool("push_requests")
	if mode := strictjson.Choice(o, "response_mode", map[string]provider.ResponseMode{"query": "", "form_post": provider.FormPost}); o.Filled("response_mode") {
		p.ResponseMode = mode
	}
	if names := o.Strings("algorithms"); names != nil {
		p.IDToken.Algorithms, p.IDToken.AlgorithmsListed = names, false
		p.AccessToken.Algorithms, p.AccessToken.AlgorithmsListed = names, false
	}
	return p
}

func readEndpoints(o *strictjson.Object) provider.Endpoints {
	defer o.Close()
	return provider.Endpoints{
		Authorize:  o.String("authorize"),
		Token:      o.String("token"),
		Keys:       o.String("keys"),
		Userinfo:   o.String("userinfo"),
		Revoke:     o.String("revoke"),
		EndSession: o.String("end_session"),

		PushedRequests: o.String("pushed_requests"),
	}
}

// readKeySet reads the keys given inline: a JWK set, or one public key or certificate as PEM.
func readKeySet(o *strictjson.Object) json.RawMessage {
	jwks := o.ObjectLike("jwks", `{"keys": […]}`)
	pem, hasPEM := o.StringLike("public_key", `"-----BEGIN PUBLIC KEY-----…"`)
	switch {
	case jwks.Exists() && hasPEM:
		o.Fault("public_key", "excludes jwks; put the key into one of them")
	case jwks.Exists():
		return jwks.Raw()
	case hasPEM:
		set, err := token.FromPEM([]byte(pem))
		if err != nil {
			o.Fault("public_key", "%w", err)
		}
		return set
	}
	return nil
}

func readOIDC(o *strictjson.Object, with overrides) (provider.Provider, error) {
	return discovered(o, provider.OIDC(requireIssuer(o, with)), with), nil
}

// readPlain reads a provider of which only the issuer is to be known; usual is the one that need not be written.
func readPlain(made func(issuer string) provider.Provider, usual string) func(*strictjson.Object, overrides) (provider.Provider, error) {
	return func(o *strictjson.Object, with overrides) (provider.Provider, error) {
		if with.issuer == "" {
			with.issuer = usual
		}
		return discovered(o, made(requireIssuer(o, with)), with), nil
	}
}

func readApple(o *strictjson.Object, with overrides) (provider.Provider, error) {
	team := o.String("team_id")
	if team == "" {
		o.Fault("team_id", `missing; give the id of the developer team, such as "1A2B3C4D5E"`)
	}
	p := provider.Apple(team)
	if with.issuer != "" {
		p.Issuer, p.AssertionAudience, p.Discovery = with.issuer, with.issuer, provider.DiscoveryURL(with.issuer)
	}
	return discovered(o, p, with), nil
}

func readDiscord(o *strictjson.Object, with overrides) (provider.Provider, error) {
	return replaced(provider.Discord(checkIDs(o, "servers", serverID, `take the server's number, which "Copy Server ID" gives: anybody can take a name`)...), with), nil
}

func readLinkedIn(_ *strictjson.Object, with overrides) (provider.Provider, error) {
	return replaced(provider.LinkedIn(), with), nil
}

func readSlack(o *strictjson.Object, with overrides) (provider.Provider, error) {
	p := provider.Slack(checkIDs(o, "workspaces", workspaceID, `take the workspace's, such as "T0123ABCD": a name can change hands`)...)
	if with.issuer != "" {
		p.Issuer, p.Discovery = with.issuer, provider.DiscoveryURL(with.issuer)
	}
	return discovered(o, p, with), nil
}

var (
	serverID    = regexp.MustCompile(`^[1-9][0-9]*$`)
	workspaceID = regexp.MustCompile(`^[A-Z][A-Z0-9]+$`)
)

// checkIDs reads a list of ids. Nobody could enter by what is none.
func checkIDs(o *strictjson.Object, member string, id *regexp.Regexp, remedy string) []string {
	ids := o.Strings(member)
	for i, text := range ids {
		if !id.MatchString(text) {
			o.Fault(fmt.Sprintf("%s[%d]", member, i), "%q is no id; %s", text, remedy)
		}
	}
	return ids
}

// replaced sets what a document says about a provider without discovery.
func replaced(p provider.Provider, with overrides) provider.Provider {
	if own := with.endpoints.Userinfo; own != "" {
		for i, url := range p.Userinfo.URLs {
			p.Userinfo.URLs[i] = own + strings.TrimPrefix(url, p.Endpoints.Userinfo)
		}
	}
	p.Endpoints = with.endpoints.Merge(p.Endpoints)
	if with.issuer != "" {
		p.Issuer = with.issuer
	}
	return p
}

func readOkta(o *strictjson.Object, with overrides) (provider.Provider, error) {
	proof := with.proof
	if proof == "" {
		proof = provider.IDToken
	}
	return discovered(o, provider.Okta(requireIssuer(o, with), proof), with), nil
}

func readKeycloak(o *strictjson.Object, with overrides) (provider.Provider, error) {
	return discovered(o, provider.Keycloak(requireIssuer(o, with)), with), nil
}

func readGoogle(o *strictjson.Object, with overrides) (provider.Provider, error) {
	p := provider.Google(o.Strings("domains")...)
	if o.Bool("workspace_groups") {
		p = provider.WithWorkspaceGroups(p)
	}
	if with.issuer != "" {
		p.Issuer, p.TokenIssuers, p.Discovery = with.issuer, nil, provider.DiscoveryURL(with.issuer)
	}
	return discovered(o, p, with), nil
}

// requireIssuer is the issuer of a provider whose settings name nothing else.
func requireIssuer(o *strictjson.Object, with overrides) string {
	if with.issuer == "" {
		o.Fault("issuer", `missing; give the provider's issuer, such as "https://id.example.com"`)
	}
	return with.issuer
}

// discovered sets what a document says about a provider with discovery. If the document names enough endpoints for a
// sign-in, nothing is discovered.
func discovered(o *strictjson.Object, p provider.Provider, with overrides) provider.Provider {
	p.Endpoints = with.endpoints
	inline := o.Has("jwks") || o.Has("public_key")
	if e := with.endpoints; e.Authorize != "" && e.Token != "" && (e.Keys != "" || inline) {
		p.Discovery = ""
	}
	if auth := strictjson.Choice(o, "client_auth", map[string]provider.ClientAuth{
		"client_secret_basic": provider.ClientSecretBasic, "client_secret_post": provider.ClientSecretPost,
	}); auth != "" {
		p.ClientAuth = auth
	}
	return p
}

func readEntraID(o *strictjson.Object, with overrides) (provider.Provider, error) {
	return entraid.New(entraid.Config{
		Tenant:    o.String("tenant"),
		Tenants:   o.Strings("tenants"),
		AnyTenant: with.anyone,
		Platform:  entraid.Platform(o.String("platform")),
		Cloud:     entraid.Cloud(o.String("cloud")),
		External:  o.String("external"),

		GroupsFromGraph: o.Bool("groups_from_graph"),

		V1AccessTokens: o.Bool("v1_access_tokens"),
		Issuer:         with.issuer,
		Endpoints:      with.endpoints,
	})
}

func readAuth0(o *strictjson.Object, with overrides) (provider.Provider, error) {
	return auth0.New(auth0.Config{
		Domain:        o.String("domain"),
		FormerDomains: o.Strings("former_domains"),
		Organization:  o.String("organization"),
		Organizations: o.Strings("organizations"),
		Namespace:     o.String("namespace"),
		Permissions:   o.Bool("permissions"),
		OIDCLogout:    o.Bool("oidc_logout"),
		Issuer:        with.issuer,
		Endpoints:     with.endpoints,
	})
}

func readCognito(o *strictjson.Object, with overrides) (provider.Provider, error) {
	return cognito.New(cognito.Config{
		UserPoolID: o.String("user_pool_id"), Domain: o.String("domain"), Issuer: with.issuer, Endpoints: with.endpoints,
		ReadOnlyAttributes: o.Strings("read_only_attributes"),
	})
}

func readGitHub(o *strictjson.Object, with overrides) (provider.Provider, error) {
	p, err := github.New(github.Config{Host: o.String("host"), Orgs: o.Strings("orgs"), Teams: o.Strings("teams"), Endpoints: with.endpoints})
	if with.issuer != "" {
		p.Issuer = with.issuer
	}
	return p, err
}
