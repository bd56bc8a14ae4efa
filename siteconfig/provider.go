package siteconfig

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/auth0"
	"github.com/edgeauth/edgeauth/cognito"
	"github.com/edgeauth/edgeauth/entraid"
	"github.com/edgeauth/edgeauth/github"
	"github.com/edgeauth/edgeauth/internal/token"
	"github.com/edgeauth/edgeauth/provider"
)

// builtin are the provider types. Each reads the members of its own; what is common to all is in overrides.
var builtin = map[string]func(o *object, with overrides) (provider.Provider, error){
	"oidc":     readOIDC,
	"entraid":  readEntraID,
	"auth0":    readAuth0,
	"cognito":  readCognito,
	"github":   readGitHub,
	"okta":     readOkta,
	"google":   readGoogle,
	"keycloak": readKeycloak,
}

// overrides are the members that every built-in type takes.
type overrides struct {
	issuer    string
	endpoints provider.Endpoints
	anyone    bool           // the site is open to everyone
	proof     provider.Proof // that the site asks for
}

func readProvider(site *object, c *edgeauth.Config, opts Options) provider.Provider {
	o := site.child("provider")
	if o.node == nil {
		if !site.has("provider") {
			site.fault("provider", `missing; give {"type": "entraid", …} or another type`)
		}
		return provider.Provider{}
	}
	name := o.text("type")
	if register, ok := opts.Providers[name]; ok {
		p, err := register(o.node.raw)
		if err != nil {
			site.fault("provider", "%w", err)
		}
		return p
	}
	read, ok := builtin[name]
	if !ok {
		types := slices.Sorted(maps.Keys(builtin))
		types = slices.Concat(types, slices.Sorted(maps.Keys(opts.Providers)))
		o.fault("type", "%q is unknown; take %s%s", name, list(types), didYouMean(name, types))
		return provider.Provider{}
	}
	defer o.close()
	p, err := read(o, overrides{
		issuer: o.text("issuer"), endpoints: readEndpoints(o.child("endpoints")), anyone: c.OpenToEveryone, proof: c.Proof,
	})
	if err != nil {
		o.faults.addError(o.node.line, o.path, err)
	}
	p.JWKS = readKeySet(o)
	return p
}

func readEndpoints(o *object) provider.Endpoints {
	defer o.close()
	return provider.Endpoints{
		Authorize:  o.text("authorize"),
		Token:      o.text("token"),
		Keys:       o.text("keys"),
		Userinfo:   o.text("userinfo"),
		Revoke:     o.text("revoke"),
		EndSession: o.text("end_session"),
	}
}

// readKeySet reads the keys given inline: a JWK set, or one public key or certificate as PEM.
func readKeySet(o *object) json.RawMessage {
	jwks := o.get("jwks", isObject, `{"keys": […]}`)
	pem := o.get("public_key", isText, `"-----BEGIN PUBLIC KEY-----…"`)
	switch {
	case jwks != nil && pem != nil:
		o.fault("public_key", "excludes jwks; put the key into one of them")
	case jwks != nil:
		return jwks.raw
	case pem != nil:
		set, err := token.FromPEM([]byte(pem.text))
		if err != nil {
			o.fault("public_key", "%w", err)
		}
		return set
	}
	return nil
}

func readOIDC(o *object, with overrides) (provider.Provider, error) {
	return o.discovered(provider.OIDC(o.issuer(with)), with), nil
}

func readOkta(o *object, with overrides) (provider.Provider, error) {
	proof := with.proof
	if proof == "" {
		proof = provider.IDToken
	}
	return o.discovered(provider.Okta(o.issuer(with), proof), with), nil
}

func readKeycloak(o *object, with overrides) (provider.Provider, error) {
	return o.discovered(provider.Keycloak(o.issuer(with)), with), nil
}

func readGoogle(o *object, with overrides) (provider.Provider, error) {
	p := provider.Google(o.texts("domains")...)
	if with.issuer != "" {
		p.Issuer, p.TokenIssuers, p.Discovery = with.issuer, nil, provider.DiscoveryURL(with.issuer)
	}
	return o.discovered(p, with), nil
}

// issuer is the issuer of a provider that is found by it alone.
func (o *object) issuer(with overrides) string {
	if with.issuer == "" {
		o.fault("issuer", `missing; give the provider's issuer, such as "https://id.example.com"`)
	}
	return with.issuer
}

// discovered lays the document's members over a provider that is discovered. Endpoints that suffice for a sign-in say
// that nothing is to be discovered.
func (o *object) discovered(p provider.Provider, with overrides) provider.Provider {
	p.Endpoints = with.endpoints
	inline := o.has("jwks") || o.has("public_key")
	if e := with.endpoints; e.Authorize != "" && e.Token != "" && (e.Keys != "" || inline) {
		p.Discovery = ""
	}
	p.ClientAuth = choice(o, "client_auth", map[string]provider.ClientAuth{
		"client_secret_basic": provider.ClientSecretBasic, "client_secret_post": provider.ClientSecretPost,
	})
	return p
}

func readEntraID(o *object, with overrides) (provider.Provider, error) {
	return entraid.New(entraid.Config{
		Tenant:    o.text("tenant"),
		Tenants:   o.texts("tenants"),
		AnyTenant: with.anyone,
		Platform:  entraid.Platform(o.text("platform")),
		Cloud:     entraid.Cloud(o.text("cloud")),

		V1AccessTokens: o.flag("v1_access_tokens"),
		Issuer:         with.issuer,
		Endpoints:      with.endpoints,
	})
}

func readAuth0(o *object, with overrides) (provider.Provider, error) {
	return auth0.New(auth0.Config{
		Domain:        o.text("domain"),
		FormerDomains: o.texts("former_domains"),
		Organization:  o.text("organization"),
		Organizations: o.texts("organizations"),
		Namespace:     o.text("namespace"),
		Permissions:   o.flag("permissions"),
		OIDCLogout:    o.flag("oidc_logout"),
		Issuer:        with.issuer,
		Endpoints:     with.endpoints,
	})
}

func readCognito(o *object, with overrides) (provider.Provider, error) {
	return cognito.New(cognito.Config{
		UserPoolID: o.text("user_pool_id"), Domain: o.text("domain"), Issuer: with.issuer, Endpoints: with.endpoints,
	})
}

func readGitHub(o *object, with overrides) (provider.Provider, error) {
	p, err := github.New(github.Config{Host: o.text("host"), Orgs: o.texts("orgs"), Endpoints: with.endpoints})
	if with.issuer != "" {
		p.Issuer = with.issuer
	}
	return p, err
}
