package providertest

import "github.com/edgeauth/edgeauth/provider"

// more are providers of which no more is known here than their documents say.
func more() map[string]tested {
	ids := func(good Answer, bad map[string]Answer) map[string]Sample {
		return map[string]Sample{"ID tokens": {Good: good, Bad: bad}}
	}
	const discord = "https://discord.com/api/users/@me"
	member := Answer{
		API:   object(discord, object("id", "80351110224678912", "username", "robin", "global_name", "Robin", "email", "robin@acme.example", "verified", true), discord+"/guilds", []any{object("id", "42"), object("id", "7")}),
		Token: object("scope", "identify email guilds"),
	}
	linkedin := Answer{API: object("https://api.linkedin.com/v2/userinfo", object("sub", "782bbtaQ", "name", "Robin", "email", "robin@acme.example", "email_verified", true))}
	slackTeam := claims("https://slack.com/team_id", "T0123ABCD", "https://slack.com/user_id", "U1")
	return map[string]tested{
		"adfs":     {provider.ADFS("https://sts.acme.example/adfs"), ids(claims("upn", "robin@acme.example", "group", []string{"admins"}), nil)},
		"authelia": {provider.Authelia("https://auth.acme.example"), ids(Answer{}, nil)},
		"authentik": {provider.Authentik("https://auth.acme.example/application/o/site/"), ids(claims("groups", []string{"admins"}), map[string]Answer{
			"another application": claims("iss", "https://auth.acme.example/application/o/other/").because("wrong_issuer"),
		})},
		"gitlab":    {provider.GitLab("https://gitlab.acme.example"), ids(claims("groups_direct", []string{"acme/ops"}), nil)},
		"jumpcloud": {provider.JumpCloud("https://oauth.id.jumpcloud.com/"), ids(Answer{}, nil)},
		"onelogin":  {provider.OneLogin("https://acme.onelogin.com/oidc/2"), ids(claims("groups", []string{"admins"}), nil)},
		"pingone":   {provider.PingOne("https://auth.pingone.eu/1b7e/as"), ids(Answer{}, nil)},
		"zitadel":   {provider.Zitadel("https://acme.zitadel.cloud"), ids(Answer{}, nil)},
		"slack":     {provider.Slack(), ids(slackTeam, nil)},
		"slack, one workspace": {provider.Slack("T0123ABCD"), ids(slackTeam, map[string]Answer{
			"somebody of another workspace": claims("https://slack.com/team_id", "T9").because("claim_refused"),
			"somebody of no workspace":      claims("https://slack.com/team_id", nil).because("claim_refused"),
			"a code that Slack calls none":  Answer{Token: object("error", "invalid_code")}.because("code_refused"),
		})},
		"linkedin": {provider.LinkedIn(), map[string]Sample{"userinfo": {Good: linkedin, Bad: map[string]Answer{
			"nobody": only("https://api.linkedin.com/v2/userinfo", object("name", "Robin")).because("wrong_subject"),
		}}}},
		"discord, one server": {provider.Discord("42"), map[string]Sample{"userinfo": {Good: member, Bad: map[string]Answer{
			"somebody of no server":      only(discord+"/guilds", []any{}).because("claim_refused"),
			"somebody of another server": only(discord+"/guilds", []any{object("id", "7")}).because("claim_refused"),
			"a user without id":          only(discord, object("username", "robin")).because("no_evidence"),
			"servers that are none":      only(discord+"/guilds", object("id", "42")).because("no_evidence"),
			"who kept the servers back":  Answer{Token: object("scope", "identify email")}.because("no_evidence"),
		}}}},
		"discord": {provider.Discord(), map[string]Sample{"userinfo": {Good: Answer{API: object(discord, object("id", "80351110224678912", "username", "robin")), Token: object("scope", "identify email")}}}},
	}
}
