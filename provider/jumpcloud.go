package provider

// JumpCloud signs people in with JumpCloud: https://oauth.id.jumpcloud.com/, https://oauth.id.eu.jumpcloud.com/ or
// https://oauth.id.in.jumpcloud.com/, by the region of the organization. The slash at the end counts.
//
// All organizations have the same issuer: it is the client that belongs to one of them. JumpCloud returns from a sign-out
// only with the ID token, which sealed sessions keep and a form posts.
func JumpCloud(issuer string) Provider {
	p := OIDC(issuer)
	p.Name, p.Proofs, p.AccessToken = "jumpcloud", []Proof{IDToken, Userinfo}, TokenRules{}
	p.IDToken.KeyIDRequired = true
	p.RefreshRotates = true
	p.Logout.IDTokenHint = true
	p.MutableClaims = SelfWritten()
	return p
}
