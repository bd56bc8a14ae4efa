package provider

// Zitadel signs people in at an instance of Zitadel: https://{instance}.zitadel.cloud, or a host of one's own.
//
// Claims about the person are at userinfo unless the application says otherwise, and are taken from there. Roles are those of
// the project. Zitadel writes them as an object, whose members say at which organizations somebody has the role; an
// organization that the project is granted to gives them to its own people. The tenant is the id of the person's
// organization, which a rule can ask for.
func Zitadel(issuer string) Provider {
	p := OIDC(issuer)
	p.Name, p.Proofs, p.AccessToken = "zitadel", []Proof{IDToken, Userinfo}, TokenRules{}
	p.ClaimsFrom = []Proof{IDToken, Userinfo}
	p.IDToken.KeyIDRequired = true
	p.Scopes = append(p.Scopes, "urn:zitadel:iam:user:resourceowner")
	p.Mapping.Roles, p.Mapping.RoleNames = "urn:zitadel:iam:org:project:roles", true
	p.Mapping.Tenant = "urn:zitadel:iam:user:resourceowner:id"
	p.RefreshRotates = true
	// We do not know who else can write metadata, and an organization's owner names it.
	p.MutableClaims = SelfWritten("urn:zitadel:iam:user:metadata", "urn:zitadel:iam:user:resourceowner:name")
	return p
}
