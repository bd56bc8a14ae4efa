package provider

// PingOne signs people in at an environment of PingOne: https://auth.pingone.{region}/{environment}/as.
//
// It gives a refresh token where the application has that grant, without offline_access. A sign-out comes back only with the ID
// token.
func PingOne(issuer string) Provider {
	p := OIDC(issuer)
	p.Name, p.Proofs, p.AccessToken = "pingone", []Proof{IDToken}, TokenRules{}
	p.Scopes = []string{"openid", "profile", "email"}
	p.Logout.IDTokenHint = true
	p.MutableClaims = SelfWritten()
	return p
}
