package provider

// GitLab signs people in at gitlab.com, or at a server of its own: https://{host}. Groups are the full paths of the person's
// groups, which userinfo tells.
//
// It gives a refresh token without offline_access, which it does not know. It has no sign-out of its own.
func GitLab(issuer string) Provider {
	p := OIDC(issuer)
	p.Name, p.Proofs, p.AccessToken = "gitlab", []Proof{IDToken}, TokenRules{}
	p.Scopes = []string{"openid", "profile", "email"}
	p.ClaimsFrom = []Proof{IDToken, Userinfo}
	p.RefreshRotates = true
	p.MutableClaims = SelfWritten()
	return p
}
