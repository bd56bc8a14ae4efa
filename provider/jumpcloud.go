package provider

// JumpCloud signs people in at JumpCloud: https://oauth.id.jumpcloud.com/, with the slash at its end. Groups come where the
// application's attributes have them. A sign-out comes back only with the ID token.
func JumpCloud(issuer string) Provider {
	p := OIDC(issuer)
	p.Name, p.Proofs, p.AccessToken = "jumpcloud", []Proof{IDToken}, TokenRules{}
	p.Logout.IDTokenHint = true
	p.MutableClaims = SelfWritten()
	return p
}
