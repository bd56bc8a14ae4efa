package provider

// ADFS signs people in at Active Directory Federation Services, 2016 or later: https://{host}/adfs.
//
// Its access tokens have another issuer, so that the ID token alone proves a sign-in. Groups come where a rule of the application
// group issues the claim group. A sign-out comes back only with the ID token.
func ADFS(issuer string) Provider {
	p := OIDC(issuer)
	p.Name, p.Proofs, p.AccessToken = "adfs", []Proof{IDToken}, TokenRules{}
	p.Scopes = []string{"openid", "profile", "email", "allatclaims"}
	p.ClientAuth = ClientSecretPost
	p.Mapping.Groups = "group"
	p.Logout.IDTokenHint = true
	p.MutableClaims = SelfWritten()
	return p
}
