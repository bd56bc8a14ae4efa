package providertest

import "github.com/edgeauth/edgeauth/provider"

const (
	gitlab    = "https://gitlab.acme.example"
	authelia  = "https://auth.acme.example"
	authentik = "https://ak.acme.example/application/o/site/"
	zitadel   = "https://acme.zitadel.example"
	adfs      = "https://fs.acme.example/adfs"
)

func gitlabOwn() tested {
	return tested{provider.GitLab(gitlab), map[string]Sample{
		"userinfo": {
			Good: claims("sub", "4242", "name", "Robin", "nickname", "robin", "email", "robin@acme.example", "email_verified", true,
				"groups", []string{"acme", "acme/web"}),
			AlsoGood: map[string]Answer{
				"somebody of no group":                    claims("groups", []string{}),
				"somebody whose address is not confirmed": claims("email_verified", false),
			},
			Bad: map[string]Answer{
				"an answer about somebody else": claims("sub", nobody).because("wrong_subject"),
				"a code that was used":          Answer{Token: object("error", "invalid_grant")}.because("code_refused"),
				"somebody who said no":          Answer{Callback: object("code", nil, "error", "access_denied")}.because("access_denied"),
			},
		},
		"ID tokens, which count for two minutes": {
			Proof: provider.IDToken, Good: claims("sub", "4242", "sub_legacy", "f0e1", "groups_direct", []string{"acme/web"}),
			Bad: map[string]Answer{
				"J06 a token without key id":        noKeyID,
				"a token of gitlab.com":             claims("iss", "https://gitlab.com").because("wrong_issuer"),
				"a token of the path below":         claims("iss", gitlab+"/gitlab").because("wrong_issuer"),
				"a token of the issuer and a slash": claims("iss", gitlab+"/").because("wrong_issuer"),
			},
		},
	}}
}

func autheliaOwn() tested {
	good := claims("sub", "f0919359-9d15-4e15-bcba-83b41620a073", "amr", []string{"pwd", "otp", "mfa"}, "azp", "client", "auth_time", 1790000000)
	return tested{provider.Authelia(authelia), map[string]Sample{
		"ID tokens": {
			Good: good,
			AlsoGood: map[string]Answer{
				"somebody whose callback has the issuer": {Callback: object("iss", authelia)},
				"somebody whose client has a policy":     claims("groups", []string{"site-admins"}, "email", "robin@acme.example", "email_verified", true),
			},
			Bad: map[string]Answer{"J06 a token without key id": noKeyID, "a slash more": claims("iss", authelia+"/").because("wrong_issuer")},
		},
		"userinfo": {Proof: provider.Userinfo, Good: claims("sub", "f0919359-9d15-4e15-bcba-83b41620a073", "groups", []string{"site-admins"})},
	}}
}

func authentikOwn() tested {
	return tested{provider.Authentik(authentik), map[string]Sample{
		"ID tokens": {
			Good: claims("sub", "0d4b1e7c9a", "groups", []string{"authentik Admins", "site-readers"}, "acr", "goauthentik.io/providers/oauth2/default"),
			Bad: map[string]Answer{
				"J06 a token without key id":     noKeyID,
				"an access token, by its claims": claims("uid", "k3yX", "azp", "client").because("claim_refused"),
				"a token of another application": claims("iss", "https://ak.acme.example/application/o/other/").because("wrong_issuer"),
				"a token of the whole server":    claims("iss", "https://ak.acme.example/").because("wrong_issuer"),
				"an issuer without the slash":    claims("iss", "https://ak.acme.example/application/o/site").because("wrong_issuer"),
				"a token signed with the secret": Answer{Header: object("alg", "HS256")}.because("bad_algorithm"),
			},
		},
		"userinfo": {Proof: provider.Userinfo, Good: claims("sub", "0d4b1e7c9a")},
	}}
}

func zitadelOwn() tested {
	const roles, org = "urn:zitadel:iam:org:project:roles", "urn:zitadel:iam:user:resourceowner:id"
	return tested{provider.Zitadel(zitadel), map[string]Sample{
		"ID tokens": {
			ClientID: "270000000000000001",
			Good: claims("sub", "260000000000000042", "aud", []string{"270000000000000001", "270000000000000000"}, "azp", "270000000000000001",
				org, "250000000000000001", roles, object("site-admin", object("250000000000000001", "acme.zitadel.example"))),
			AlsoGood: map[string]Answer{"somebody without a role": claims(roles, nil)},
			Bad: map[string]Answer{
				"J06 a token without key id":               noKeyID,
				"a token of another client of the project": claims("azp", "270000000000000002").because("wrong_client"),
				"a token that names no client":             claims("azp", nil).because("wrong_client"),
			},
		},
		"userinfo": {Proof: provider.Userinfo, Good: claims("sub", "260000000000000042", roles, object("site-admin", object("250000000000000001", "acme.zitadel.example")))},
	}}
}

func adfsOwn() tested {
	return tested{provider.ADFS(adfs), map[string]Sample{
		"ID tokens": {
			Good:     claims("sub", "1yQn1dpZUaKMOzrvYeMnFoo=", "upn", "robin@acme.example", "unique_name", `ACME\robin`, "group", []string{"Domain Users", "Site-Readers"}),
			AlsoGood: map[string]Answer{"somebody of one group, which is no list": claims("group", "Site-Readers")},
			Bad: map[string]Answer{
				"J06 a token without key id":       noKeyID,
				"an access token, by its issuer":   claims("iss", "http://fs.acme.example/adfs/services/trust").because("wrong_issuer"),
				"an access token, by its audience": claims("aud", "microsoft:identityserver:client").because("wrong_audience"),
				"a token for userinfo":             claims("aud", "urn:microsoft:userinfo").because("wrong_audience"),
			},
		},
	}}
}
