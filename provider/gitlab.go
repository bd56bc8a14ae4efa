package provider

// GitLab signs people in at gitlab.com, or at a GitLab of one's own: the issuer is its URL, such as
// https://gitlab.example.com.
//
// An ID token of GitLab counts for two minutes and names few claims. So userinfo is the proof, asked again every hour; the ID
// token that comes along binds it to the sign-in by its nonce. Groups are the full paths of all groups of the person,
// such as acme/web; with the ID token alone as the proof only the direct ones are known, as the claim groups_direct.
func GitLab(issuer string) Provider {
	p := OIDC(issuer)
	p.Name, p.Proof, p.Proofs, p.AccessToken = "gitlab", Userinfo, []Proof{Userinfo, IDToken}, TokenRules{}
	p.ClaimsFrom = []Proof{IDToken, Userinfo} // where the site makes the ID token the proof
	p.IDToken.KeyIDRequired = true
	// A refresh token comes without offline_access, which GitLab does not know.
	p.Scopes = []string{"openid", "profile", "email"}
	p.RefreshRotates = true
	p.MutableClaims = SelfWritten()
	return p
}
