package provider

// Apple signs people in with their Apple account. Team is the id of the developer team, such as "1A2B3C4D5E".
//
// The client secret is a token that the team's key signs: a site gives its ClientKey and ClientKeyID instead. Apple answers by a
// form that the browser posts. It tells the name only once, to no one but the page that the form was posted to, so that there is
// none here. It has no sign-out of its own.
func Apple(team string) Provider {
	p := OIDC("https://appleid.apple.com")
	p.Name, p.Proofs, p.AccessToken = "apple", []Proof{IDToken}, TokenRules{}
	p.Scopes = []string{"openid", "email"}
	p.ResponseMode = FormPost
	p.ClientAuth, p.Secret = ClientSecretPost, Required
	p.SecretIssuer, p.AssertionAudience = team, "https://appleid.apple.com"
	p.IDToken.KeyIDRequired = true
	p.OpenSignup = true
	p.MutableClaims = SelfWritten()
	return p
}
