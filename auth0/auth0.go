// Package auth0 signs people in with Auth0.
//
// Whoever can sign up in one of the application's connections can sign in: disable sign-ups there, or let every rule
// ask for more than a sign-in.
package auth0

import (
	"slices"
	"strings"

	"github.com/edgeauth/edgeauth/provider"
)

// Config says which tenant people sign in at. Domain is required.
type Config struct {
	// Domain is the tenant's domain, such as "shop.eu.auth0.com", or its custom domain: the one that people see.
	Domain string
	// FormerDomains are domains of the same tenant whose tokens are accepted too, while a site moves to another one.
	// The issuer is part of a person's identity, so a site sees the same person as two people, one for each domain.
	FormerDomains []string
	// Organization is the id of the one organization whose members may sign in. The sign-in asks Auth0 for it.
	Organization string
	// Organizations are the ids of all organizations whose members may sign in, if the person chooses one at Auth0.
	// Without Organization and Organizations, a token of an organization is refused.
	Organizations []string
	// Namespace is the prefix that your Auth0 action gives the claims roles and groups, such as
	// "https://app.example.com/". Auth0 reserves the plain names, so without a namespace there are no roles and no
	// groups.
	Namespace string
	// Permissions compares a rule's scopes with the permissions that Auth0's role-based access control adds to an
	// access token, instead of the scopes that the application asked for.
	Permissions bool
	// OIDCLogout uses the logout of OpenID Connect, which a tenant setting switches on. Default: /v2/logout.
	OIDCLogout bool
	// Issuer and Endpoints replace those of the domain, one by one, for a test.
	Issuer    string
	Endpoints provider.Endpoints
}

// New returns the provider, or every fault of the configuration.
//
// A site that lists an audience asks for an access token for it. With an access token as its proof, a site accepts both
// of Auth0's token profiles.
func New(c Config) (provider.Provider, error) {
	if err := c.faults(); err != nil {
		return provider.Provider{}, err
	}
	issuer := "https://" + strings.ToLower(c.Domain) + "/"
	p := provider.Provider{
		Name:   "auth0",
		Issuer: issuer,
		Endpoints: c.Endpoints.Merge(provider.Endpoints{
			Authorize:  issuer + "authorize",
			Token:      issuer + "oauth/token",
			Keys:       issuer + ".well-known/jwks.json",
			Revoke:     issuer + "oauth/revoke",
			EndSession: issuer + "v2/logout",
		}),
		Scopes:        []string{"openid", "profile", "email", "offline_access"},
		AudienceParam: "audience",
		ClientAuth:    provider.ClientSecretPost,
		Proof:         provider.IDToken,
		Proofs:        []provider.Proof{provider.IDToken, provider.AccessToken},
		IDToken:       provider.TokenRules{KeyIDRequired: true},
		// The claim is client_id in the profile of RFC 9068 and azp in Auth0's own.
		AccessToken: provider.TokenRules{KeyIDRequired: true, ClientClaims: []string{"azp", "client_id"}},
		Check:       rules{slices.Clone(c.Organizations)}.check,
		Mapping:     provider.Mapping{Tenant: "org_id", Roles: c.Namespace + "roles", Groups: c.Namespace + "groups"},

		RefreshRotates: true,
		Logout:         provider.Logout{ReturnParam: "returnTo"},
		MutableClaims:  provider.SelfWritten("user_metadata", c.Namespace+"user_metadata"),
		// The person is blocked, or an action has refused them.
	}
	if c.Issuer != "" {
		p.Issuer = c.Issuer
	}
	p.TokenIssuers = []string{p.Issuer}
	for _, domain := range c.FormerDomains {
		p.TokenIssuers = append(p.TokenIssuers, "https://"+strings.ToLower(domain)+"/")
	}
	if c.Organization != "" {
		p.AuthorizeParams = map[string]string{"organization": c.Organization}
		p.Check = rules{[]string{c.Organization}}.check
	}
	if c.Permissions {
		p.Mapping.Scopes = "permissions"
	}
	if c.OIDCLogout {
		p.Endpoints.EndSession = c.Endpoints.Merge(provider.Endpoints{EndSession: issuer + "oidc/logout"}).EndSession
		// With the session's id Auth0 does not ask the person to confirm.
		p.Logout, p.Mapping.LogoutHint = provider.Logout{}, "sid"
	}
	return p, nil
}
