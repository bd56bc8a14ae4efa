package provider

// Slack signs people in with their Slack account: those of the given workspaces, by their ids such as T0123ABCD, or everybody
// who can get one, if none is given. It gives no refresh token and has no sign-out of its own.
func Slack(workspaces ...string) Provider {
	p := OIDC("https://slack.com")
	p.Name, p.Proofs, p.AccessToken = "slack", []Proof{IDToken}, TokenRules{}
	p.Scopes = []string{"openid", "profile", "email"}
	p.ClientAuth, p.Secret = ClientSecretPost, Required
	p.Mapping.Tenant = "https://slack.com/team_id"
	// Slack calls a code that is none so.
	p.ErrorCodes = map[string]string{"invalid_code": "invalid_grant", "code_already_used": "invalid_grant"}
	p.OpenSignup = len(workspaces) == 0
	p.MutableClaims = SelfWritten()
	if len(workspaces) == 1 {
		p.AuthorizeParams = map[string]string{"team": workspaces[0]} // so that the person need not choose
	}
	if len(workspaces) > 0 {
		p.IDToken.Equal = map[string][]string{"https://slack.com/team_id": workspaces}
	}
	return p
}
