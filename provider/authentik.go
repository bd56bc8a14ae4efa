package provider

// Authentik signs people in at one application of an authentik of one's own. Each application has an issuer, and the slash at
// its end counts: https://{host}/application/o/{slug}/.
//
// Groups come with the scope profile, by their names. An access token of authentik looks like an ID token for the same client, but
// for the claim uid; so an ID token must not have one. Tokens have to be signed with a key: without one authentik takes the
// client secret (HS256), which is refused.
func Authentik(issuer string) Provider {
	p := OIDC(issuer)
	p.Name, p.Proofs, p.AccessToken = "authentik", []Proof{IDToken, Userinfo}, TokenRules{}
	p.IDToken.KeyIDRequired = true
	p.IDToken.Forbidden = []string{"uid"}
	p.RefreshRotates = true
	p.MutableClaims = SelfWritten()
	return p
}
