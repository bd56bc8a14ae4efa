// Package entraid signs people in with Microsoft Entra ID.
//
// It covers workforce tenants in every cloud, and External ID. Azure AD B2C has other issuers and claims: use provider.OIDC
// there.
package entraid

import "github.com/edgeauth/edgeauth/provider"

// Config says who may sign in and how the app is registered. Tenant or Tenants is required.
type Config struct {
	// Tenant is the GUID of the one tenant whose people may sign in; or, together with AnyTenant,
	// "organizations" (work accounts), "consumers" (personal accounts) or "common" (both).
	Tenant string
	// Tenants are the GUIDs of the tenants whose people may sign in, for an app registered as multi-tenant.
	Tenants []string
	// AnyTenant admits every tenant. Anybody can create a tenant.
	AnyTenant bool
	// Platform is the kind of the redirect URI in the app registration. Default [SPA].
	Platform Platform
	// Cloud is the tenant's cloud. Default [Public].
	Cloud Cloud
	// External is the subdomain of an external tenant (Entra External ID), such as "contoso" of contoso.ciamlogin.com. Its customers
	// sign up by themselves, unless its user flows say otherwise. Default: a workforce tenant.
	External string
	// GroupsFromGraph asks Microsoft Graph for the groups of somebody who is in too many for a token (more than 200), up to 999. It
	// needs sealed sessions, and access tokens for Graph: no scope of another API. We do not know whether User.Read is enough
	// everywhere; else an administrator consents to GroupMember.Read.All.
	GroupsFromGraph bool
	// V1AccessTokens accepts access tokens of version 1 too. An app registration issues them unless its
	// requestedAccessTokenVersion is 2. It matters only where an access token is the proof, and
	// goes with no External tenant.
	V1AccessTokens bool
	// Issuer replaces the cloud's issuer. {tid} in it stands for the tenant.
	Issuer string
	// Endpoints replace the cloud's, one by one: for External ID, a key URL with appid, or a test.
	Endpoints provider.Endpoints
}

// Platform is the kind of a redirect URI in the app registration.
type Platform string

// Entra refuses a token request that does not fit the platform (AADSTS9002325, 9002326, 9002327).
const (
	SPA Platform = "spa" // no secret; an Origin header on every token request; sessions of at most 24 h
	Web Platform = "web" // a client secret; no Origin header; refresh tokens last 90 days
)

// New returns the provider, or every fault of the configuration.
func New(c Config) (provider.Provider, error) {
	c, home, err := c.withDefaults()
	if err != nil {
		return provider.Provider{}, err
	}
	authority := "https://" + home.host + "/" + c.Tenant
	if c.External != "" {
		authority = "https://" + c.External + ".ciamlogin.com/" + c.Tenant
	}
	p := provider.Provider{
		Name:   "entraid",
		Issuer: c.issuer(),
		Endpoints: c.Endpoints.Merge(provider.Endpoints{
			Authorize:  authority + "/oauth2/v2.0/authorize",
			Token:      authority + "/oauth2/v2.0/token",
			Keys:       authority + "/discovery/v2.0/keys",
			EndSession: authority + "/oauth2/v2.0/logout",
		}),
		Scopes: []string{"openid", "profile", "email", "offline_access"},
		// Without scope, a refresh may be answered with a token for another resource.
		RefreshGrant: provider.Grant{Scope: true},
		ClientAuth:   provider.ClientSecretPost,
		Proof:        provider.IDToken,
		Proofs:       []provider.Proof{provider.IDToken, provider.AccessToken},
		IDToken: provider.TokenRules{
			Types: []string{"JWT"}, KeyIDRequired: true, Equal: map[string][]string{"ver": {"2.0"}},
		},
		AccessToken: provider.TokenRules{
			Types: []string{"JWT"}, KeyIDRequired: true, Equal: map[string][]string{"ver": {"2.0"}},
			// The client id, the App ID URI made of it, and the form of that URI which some requests produce.
			Audience:      []string{"{client_id}", "api://{client_id}", "api://{client_id}/"},
			ClientClaims:  []string{"azp", "appid"},
			SamePerson:    []string{"oid"}, // sub is another for the API of another registration
			ScopeRequired: true,
		},
		Mapping: provider.Mapping{
			Tenant: "tid", Scopes: "scp", LogoutHint: "login_hint",
			GroupsElsewhere: []string{"/_claim_names/groups", "hasgroups"},
		},
		SelectAccount:  "select_account",
		RefreshRotates: true,
		Logout:         provider.Logout{ClientParam: "-"},
		MutableClaims:  provider.SelfWritten("email", "upn", "unique_name", "verified_primary_email", "verified_secondary_email"),
	}
	p.Secret = provider.Required
	if c.Platform == SPA {
		p.Secret, p.CodeGrant.Origin, p.RefreshGrant.Origin = provider.Forbidden, true, true
	}
	p.TokenIssuers = c.issuers(c.Issuer)
	if len(c.Tenants) == 0 || c.Tenant == consumers {
		// Anybody can create a tenant, and its administrator can give the app's roles to anybody.
		p.OpenSignup, p.MutableClaims = true, append(p.MutableClaims, "roles")
	} else {
		p.CallbackIssuers = c.issuers(c.Issuer)
	}
	if c.External != "" {
		p.OpenSignup, home.name = true, ""
		// What people write about themselves when they sign up.
		p.MutableClaims = append(p.MutableClaims, "city", "country", "displayName", "jobTitle", "postalCode", "state", "streetAddress", "surname",
			"extension_*", "extn.*")
	}
	own := rules{v2: c.Issuer, tenants: c.Tenants, work: c.Tenant == organizations, cloud: home.name}
	if c.V1AccessTokens {
		own.v1 = home.v1
		p.TokenIssuers = append(p.TokenIssuers, c.issuers(home.v1)...)
		p.AccessToken.Equal["ver"] = []string{"1.0", "2.0"}
	}
	p.Check = own.check
	if c.GroupsFromGraph {
		graph := "https://" + home.graph
		p.Scopes = append(p.Scopes, graph+"/User.Read")
		p.GroupsLookup = provider.GroupsLookup{
			URL: graph + "/v1.0/me/transitiveMemberOf?$select=id&$top=999", OnlyWith: p.Mapping.GroupsElsewhere, Read: groupsOfGraph,
		}
	}
	return p, nil
}
