package provider

// Authelia signs people in at an Authelia of one's own, version 4.38 or later: the issuer is the URL of its portal, such as
// https://auth.example.com.
//
// Since version 4.39 an ID token says who the person is and no more, unless the client has a claims policy: name,
// address and groups are at userinfo, and are taken from there. Authelia has no end-session endpoint.
func Authelia(issuer string) Provider {
	p := OIDC(issuer)
	p.Name, p.Proofs, p.AccessToken = "authelia", []Proof{IDToken, Userinfo}, TokenRules{}
	p.ClaimsFrom = []Proof{IDToken, Userinfo}
	p.IDToken.KeyIDRequired = true
	p.Scopes = []string{"openid", "profile", "email", "groups", "offline_access"}
	p.RefreshRotates = true
	p.MutableClaims = SelfWritten()
	return p
}
