package provider

// Zitadel signs people in at an instance of Zitadel: https://{instance}.zitadel.cloud, or a host of its own.
//
// Roles of a project are an object: its members are the roles, and each names the organisations that gave it. A rule asks for one
// by a JSON Pointer, such as /urn:zitadel:iam:org:project:roles/admin/{organisation}.
func Zitadel(issuer string) Provider {
	p := OIDC(issuer)
	p.Name, p.Proofs, p.AccessToken = "zitadel", []Proof{IDToken}, TokenRules{}
	p.ClaimsFrom = []Proof{IDToken, Userinfo}
	p.RefreshRotates = true
	p.MutableClaims = SelfWritten()
	return p
}
