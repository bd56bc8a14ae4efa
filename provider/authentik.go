package provider

// Authentik signs people in at an application of authentik: https://{host}/application/o/{slug}/, with the slash at its end.
// Groups come with the scope profile.
func Authentik(issuer string) Provider {
	p := OIDC(issuer)
	p.Name, p.Proofs, p.AccessToken = "authentik", []Proof{IDToken}, TokenRules{}
	p.MutableClaims = SelfWritten()
	return p
}
