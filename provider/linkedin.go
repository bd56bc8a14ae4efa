package provider

// LinkedIn signs people in with their LinkedIn account.
//
// Its ID tokens hold no nonce, so that nothing ties one to a sign-in: what userinfo answers is the proof, asked again every hour.
// It gives no refresh token to most applications, and has no sign-out of its own.
func LinkedIn() Provider {
	const issuer = "https://www.linkedin.com/oauth"
	// #nosec G101 -- URLs, and no secret
	return Provider{
		Name: "linkedin", Issuer: issuer,
		Endpoints: Endpoints{
			Authorize: "https://www.linkedin.com/oauth/v2/authorization",
			Token:     "https://www.linkedin.com/oauth/v2/accessToken",
			Userinfo:  "https://api.linkedin.com/v2/userinfo",
		},
		Scopes:     []string{"openid", "profile", "email"},
		ClientAuth: ClientSecretPost, Secret: Required,
		Proof: Userinfo, Proofs: []Proof{Userinfo},
		OpenSignup: true, MutableClaims: SelfWritten(),
	}
}
