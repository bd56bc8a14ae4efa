package provider

// LinkedIn signs people in with LinkedIn, everybody who has an account.
//
// LinkedIn puts no nonce into ID tokens, and refuses a code_verifier from a client with a secret. So userinfo is the proof,
// asked again every hour, and there is no PKCE: what binds a code to the browser is state alone. The metadata of LinkedIn has
// named another issuer than its tokens; the endpoints are given here. There is no end-session endpoint.
func LinkedIn() Provider {
	// #nosec G101 -- URLs, and no secret
	return Provider{
		Name:   "linkedin",
		Issuer: "https://www.linkedin.com/oauth",
		Endpoints: Endpoints{
			Authorize: "https://www.linkedin.com/oauth/v2/authorization",
			Token:     "https://www.linkedin.com/oauth/v2/accessToken",
			Userinfo:  "https://api.linkedin.com/v2/userinfo",
		},
		Scopes:        []string{"openid", "profile", "email"},
		ClientAuth:    ClientSecretPost,
		Secret:        Required,
		NoPKCE:        true,
		Proof:         Userinfo,
		Proofs:        []Proof{Userinfo},
		OpenSignup:    true,
		MutableClaims: SelfWritten(),
	}
}
