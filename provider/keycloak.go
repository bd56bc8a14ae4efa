package provider

// Keycloak signs people in at a realm of Keycloak, version 23 or later: https://{host}/realms/{realm}.
//
// Roles are those of the realm; for a client's own set Mapping.Roles to /resource_access/{client}/roles. Keycloak puts
// either into ID tokens only if the mapper says so, and groups only if there is a mapper. To use an access token as
// proof, add a mapper that puts the client into its audience.
func Keycloak(realm string) Provider {
	p := OIDC(realm)
	p.Name, p.Proofs = "keycloak", []Proof{IDToken, AccessToken}
	// Every callback has iss, whether or not the metadata says so (RFC 9207).
	p.CallbackIssuerRequired = true
	// Keycloak gives a refresh token without offline_access, which would outlive the session at Keycloak.
	p.Scopes = []string{"openid", "profile", "email"}
	// This claim alone tells its kinds of token apart.
	p.IDToken = TokenRules{AlgorithmsListed: true, KeyIDRequired: true, Equal: map[string][]string{"typ": {"ID"}}}
	p.AccessToken = TokenRules{
		AlgorithmsListed: true, KeyIDRequired: true, Equal: map[string][]string{"typ": {"Bearer"}},
		Audience: []string{"{client_id}"}, ClientClaims: []string{"azp"},
	}
	p.Mapping.Roles = "/realm_access/roles"
	p.MutableClaims = SelfWritten()
	return p
}
