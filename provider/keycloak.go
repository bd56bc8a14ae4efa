package provider

// Keycloak is a realm of Keycloak, of version 23 or later: https://{host}/realms/{realm}.
//
// Roles are those of the realm; for a client's own set Mapping.Roles to /resource_access/{client}/roles. Keycloak
// puts either into ID tokens only where the mapper says so, and groups only where there is a mapper. An access token
// as proof wants a mapper that adds the client to its audience.
func Keycloak(realm string) Provider {
	p := OIDC(realm)
	p.Name, p.Proofs = "keycloak", []Proof{IDToken, AccessToken}
	// Every callback says iss, whether or not the metadata tells so (RFC 9207).
	p.CallbackIssuerRequired = true
	// A refresh token comes unasked; offline_access would outlive the session at Keycloak.
	p.Scopes = []string{"openid", "profile", "email"}
	// All its tokens look alike but for this claim.
	p.IDToken = TokenRules{KeyIDRequired: true, Equal: map[string][]string{"typ": {"ID"}}}
	p.AccessToken = TokenRules{
		KeyIDRequired: true, Equal: map[string][]string{"typ": {"Bearer"}},
		Audience: []string{"{client_id}"}, ClientClaims: []string{"azp"},
	}
	p.Mapping.Roles = "/realm_access/roles"
	p.MutableClaims = []string{"preferred_username", "name", "given_name", "family_name"}
	return p
}
