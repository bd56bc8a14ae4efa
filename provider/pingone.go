package provider

// PingOne signs people in at an environment of PingOne: https://auth.pingone.{region}/{environment}/as, with eu, com, ca and
// so on for the region, or the environment's own domain.
//
// A refresh token comes where the application has that grant, without the scope offline_access. Groups are where the
// application maps an attribute to the claim groups. A sign-out comes back only with the ID token, which sealed sessions keep
// and a form posts.
func PingOne(issuer string) Provider {
	p := OIDC(issuer)
	p.Name, p.Proofs, p.AccessToken = "pingone", []Proof{IDToken, Userinfo}, TokenRules{}
	p.IDToken.KeyIDRequired = true
	p.Scopes = []string{"openid", "profile", "email"}
	p.RefreshRotates = true
	p.Logout.IDTokenHint = true
	p.MutableClaims = SelfWritten()
	return p
}
