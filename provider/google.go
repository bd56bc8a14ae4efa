package provider

// Google is Google's accounts: those of the Workspace domains given, or with none those of everybody.
//
// A refresh token comes only with a person's consent, so that a second sign-in may bring none; the session then ends
// with its ID token, and the next sign-in asks nothing. There is no logout at Google. A client secret is wanted, as
// web clients have one; whether other kinds of client can do without is unsure.
func Google(domains ...string) Provider {
	p := OIDC("https://accounts.google.com")
	p.Name, p.Proofs, p.AccessToken = "google", []Proof{IDToken}, TokenRules{}
	// The second one is what older tokens say.
	p.TokenIssuers = []string{"https://accounts.google.com", "accounts.google.com"}
	p.IDToken.KeyIDRequired = true
	p.Scopes = []string{"openid", "profile", "email"}
	p.AuthorizeParams = map[string]string{"access_type": "offline"}
	p.Secret = Required
	p.OpenSignup = len(domains) == 0
	p.MutableClaims = []string{"name"}
	if len(domains) == 1 {
		p.AuthorizeParams["hd"] = domains[0] // for the person's convenience
	}
	if len(domains) > 0 {
		// An address in the domain proves nothing: only an account of the Workspace says hd.
		p.IDToken.Equal = map[string][]string{"hd": domains}
	}
	return p
}
