package provider

// ADFS signs people in at Active Directory Federation Services, Windows Server 2019 or later: https://{host}/adfs.
//
// The issuance rules of the application decide which claims there are; allatclaims puts them into the ID token. Groups are in
// the claim group and roles in role, as those rules name them. Userinfo tells the subject alone, and access tokens have
// another issuer. AD FS returns from a sign-out only with the ID token, which sealed sessions keep and a form posts.
func ADFS(issuer string) Provider {
	p := OIDC(issuer)
	p.Name, p.Proofs, p.AccessToken = "adfs", []Proof{IDToken}, TokenRules{}
	p.IDToken.KeyIDRequired = true
	p.Scopes = []string{"openid", "profile", "email", "allatclaims"}
	p.ClientAuth = ClientSecretPost
	p.Mapping.Groups, p.Mapping.Roles = "group", "role"
	p.Logout.IDTokenHint = true
	p.MutableClaims = SelfWritten()
	return p
}
