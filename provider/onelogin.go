package provider

// OneLogin signs people in at an account of OneLogin: https://{account}.onelogin.com/oidc/2.
//
// The scope offline_access is an error there in the code flow, and a refresh token comes without it. OneLogin returns from a
// sign-out only with the ID token, which sealed sessions keep and a form posts.
func OneLogin(issuer string) Provider {
	p := OIDC(issuer)
	p.Name, p.Proofs, p.AccessToken = "onelogin", []Proof{IDToken, Userinfo}, TokenRules{}
	p.IDToken.KeyIDRequired = true
	p.Scopes = []string{"openid", "profile", "groups"}
	p.RefreshRotates = true
	p.Logout.IDTokenHint = true
	p.MutableClaims = SelfWritten()
	return p
}
