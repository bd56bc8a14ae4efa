package provider

// OneLogin signs people in at OneLogin: https://{company}.onelogin.com/oidc/2. Groups come with the scope groups. A sign-out
// comes back only with the ID token.
func OneLogin(issuer string) Provider {
	p := OIDC(issuer)
	p.Name, p.Proofs, p.AccessToken = "onelogin", []Proof{IDToken}, TokenRules{}
	p.Scopes = []string{"openid", "profile", "groups"}
	p.Logout.IDTokenHint = true
	p.MutableClaims = SelfWritten()
	return p
}
