package provider

// Google signs people in with their Google account: those of the given Workspace domains, or everybody if no domain is
// given.
//
// Google gives a refresh token only when a person consents, so a second sign-in may come without one. The session then
// ends with its ID token, and the next sign-in does not ask the person anything. Google has no end-session endpoint. A
// client secret is required, because web clients have one; we do not know whether other kinds of client work without.
func Google(domains ...string) Provider {
	p := OIDC("https://accounts.google.com")
	p.Name, p.Proofs, p.AccessToken = "google", []Proof{IDToken}, TokenRules{}
	// Older tokens have the second one.
	p.TokenIssuers = []string{"https://accounts.google.com", "accounts.google.com"}
	p.IDToken.KeyIDRequired = true
	p.Scopes = []string{"openid", "profile", "email"}
	p.AuthorizeParams = map[string]string{"access_type": "offline"}
	p.Secret = Required
	p.OpenSignup = len(domains) == 0
	p.MutableClaims = SelfWritten()
	if len(domains) == 1 {
		p.AuthorizeParams["hd"] = domains[0] // so that the person need not choose an account
	}
	if len(domains) > 0 {
		// An e-mail address in the domain proves nothing: only an account of the Workspace has the claim hd.
		p.IDToken.Equal = map[string][]string{"hd": domains}
	}
	return p
}
