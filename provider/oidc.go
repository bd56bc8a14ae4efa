package provider

// OIDC is a provider that publishes its metadata (OpenID Connect Discovery 1.0). Change the result where a
// provider differs; to do without discovery, fill in Endpoints and set Discovery to "".
//
// It asks for a refresh token with the scope offline_access, and the ID token, signed as the metadata says or with RS256,
// proves a sign-in. An access token is the proof only if the site chooses so: it must then be a JWT with this client as
// its audience and its client (RFC 9068).
func OIDC(issuer string) Provider {
	p := Provider{
		Name:      "oidc",
		Issuer:    issuer,
		Discovery: DiscoveryURL(issuer),
		Scopes:    []string{"openid", "profile", "email", "offline_access"},

		Proof:   IDToken,
		Proofs:  []Proof{IDToken, AccessToken, Userinfo},
		IDToken: TokenRules{Algorithms: []string{"RS256"}, AlgorithmsListed: true, Types: []string{"JWT"}},
		AccessToken: TokenRules{
			Algorithms: []string{"RS256"}, AlgorithmsListed: true, Types: []string{"JWT", "at+jwt"},
			Audience: []string{"{client_id}"},
			// RFC 9068 names the claim client_id; most older tokens have azp, Okta's have cid.
			ClientClaims: []string{"client_id", "azp", "cid"},
		},
		OpenSignup: opensToAnybody(issuer),
	}
	if issuer == "https://accounts.google.com" { // whose metadata does not say so
		p.SelectAccount = selectAccount
	}
	return p
}

// selectAccount is the standard's own value of prompt for an account chooser.
const selectAccount = "select_account"
