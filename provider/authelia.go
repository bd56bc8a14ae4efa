package provider

// Authelia signs people in at a server of Authelia: https://{host}. Since version 4.39 names and groups are at userinfo alone.
// It has no sign-out of its own.
func Authelia(issuer string) Provider {
	p := OIDC(issuer)
	p.Name, p.Proofs, p.AccessToken = "authelia", []Proof{IDToken}, TokenRules{}
	p.Scopes = []string{"openid", "profile", "email", "groups", "offline_access"}
	p.ClaimsFrom = []Proof{IDToken, Userinfo}
	p.MutableClaims = SelfWritten()
	return p
}
