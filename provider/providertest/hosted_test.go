package providertest

import (
	"maps"
	"testing"
	"time"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/provider"
)

const (
	pingone   = "https://auth.pingone.example/6ba7b810-9dad-41d1-80b4-00c04fd430c8/as"
	onelogin  = "https://acme.onelogin.example/oidc/2"
	jumpcloud = "https://oauth.id.jumpcloud.com/"
	discordMe = "https://discord.com/api/v10/users/@me"
	slackTeam = "https://slack.com/team_id"
)

func pingoneEnvironment() tested {
	return tested{provider.PingOne(pingone), map[string]Sample{
		"ID tokens": {
			Good: claims("sub", "be2a21e4-e8e3-4409-a89b-2022949b102c", "sid", "s", "env", "6ba7b810-9dad-41d1-80b4-00c04fd430c8", "groups", []string{"Site-Readers"}),
			Bad: map[string]Answer{
				"J06 a token without key id":     noKeyID,
				"a token of another environment": claims("iss", "https://auth.pingone.example/7ba7b810-9dad-41d1-80b4-00c04fd430c8/as").because("wrong_issuer"),
			},
		},
		"userinfo": {Proof: provider.Userinfo},
	}}
}

func oneloginAccount() tested {
	return tested{provider.OneLogin(onelogin), map[string]Sample{
		"ID tokens": {
			Good: claims("sub", "35666371", "email", "robin@acme.example", "groups", []string{"site-readers"}),
			Bad: map[string]Answer{
				"J06 a token without key id":    noKeyID,
				"a token of the former version": claims("iss", "https://openid-connect.onelogin.com/oidc").because("wrong_issuer"),
				"a token of another account":    claims("iss", "https://other.onelogin.example/oidc/2").because("wrong_issuer"),
			},
		},
		"userinfo": {Proof: provider.Userinfo},
	}}
}

func jumpcloudAny() tested {
	return tested{provider.JumpCloud(jumpcloud), map[string]Sample{
		"ID tokens": {
			Good: claims("sub", "5f0000000000000000000042", "email", "robin@acme.example", "email_verified", true, "groups", []string{"site-readers"}),
			Bad: map[string]Answer{
				"J06 a token without key id":                noKeyID,
				"a token for another organization's client": claims("aud", nobody).because("wrong_audience"),
				"a token of another region":                 claims("iss", "https://oauth.id.eu.jumpcloud.com/").because("wrong_issuer"),
				"an issuer without the slash":               claims("iss", "https://oauth.id.jumpcloud.com").because("wrong_issuer"),
			},
		},
		"userinfo": {Proof: provider.Userinfo},
	}}
}

func slackGood() Answer {
	return claims("ok", true, "sub", "U0R7MFMJM", slackTeam, "T0123ABCD", "https://slack.com/user_id", "U0R7MFMJM", "email", "robin@acme.example", "email_verified", true)
}

var slackBad = map[string]Answer{
	"an answer that says it is none":  claims("ok", false, "error", "token_revoked", "sub", nil).because("no_evidence"),
	"an answer that does not say so":  claims("ok", nil).because("no_evidence"),
	"an answer that says so in text":  claims("ok", "true").because("no_evidence"),
	"an answer about somebody else":   claims("sub", nobody).because("wrong_subject"),
	"a code that was used":            Answer{Token: object("ok", false, "error", "code_already_used")}.because("code_refused"),
	"a code that Slack does not know": Answer{Token: object("ok", false, "error", "invalid_code")}.because("code_refused"),
	"a refresh token that is used up": Answer{Token: object("ok", false, "error", "invalid_refresh_token")}.because("code_refused"),
	"a secret that is wrong":          Answer{Token: object("ok", false, "error", "bad_client_secret")}.because("provider_error"),
}

func slackAny() tested {
	return tested{provider.Slack(), map[string]Sample{
		"userinfo": {Good: slackGood(), Bad: slackBad}, "ID tokens": {Proof: provider.IDToken, Good: slackGood(), Bad: map[string]Answer{"J06 a token without key id": noKeyID}},
	}}
}

func slackTeams() tested {
	other := map[string]Answer{
		"somebody of another workspace":          claims(slackTeam, "T0999ZZZZ").because("claim_refused"),
		"somebody of no workspace":               claims(slackTeam, nil).because("claim_refused"),
		"a workspace that is a list":             claims(slackTeam, []string{"T0123ABCD"}).because("claim_refused"),
		"a workspace by the letters' other case": claims(slackTeam, "t0123abcd").because("claim_refused"),
	}
	bad := maps.Clone(slackBad)
	maps.Copy(bad, other)
	tokens := maps.Clone(other)
	tokens["J06 a token without key id"] = noKeyID
	return tested{provider.Slack("T0123ABCD", "T0456EFGH"), map[string]Sample{
		"userinfo": {Good: slackGood(), Bad: bad, AlsoGood: map[string]Answer{"somebody of the other workspace": claims(slackTeam, "T0456EFGH")}},
		"ID tokens, which count for five minutes": {Proof: provider.IDToken, Good: slackGood(), Bad: tokens},
	}}
}

func TestASlackAccountThatIsClosedIsOutWithinTheHour(t *testing.T) {
	one := slackTeams()
	k := quickKit(t, one.provider, one.samples["userinfo"])
	w, err := k.signedIn()
	if err != nil {
		t.Fatal(err)
	}
	w.IdP.Tamper(k.tamper(claims("ok", false, "error", "account_inactive", "sub", nil)))
	w.Wait(50 * time.Minute)
	if d := w.get("/"); d.Action != edgeauth.Allow {
		t.Fatalf("within the hour: %v", d.Reason)
	}
	w.Wait(15 * time.Minute)
	if d := w.get("/"); d.Action == edgeauth.Allow || edgeauth.Code(d.Reason) != "no_evidence" {
		t.Errorf("after the hour: %v, %v", d.Action, d.Reason)
	}
}

var discordUser = object("id", "80351110224678912", "username", "robin", "global_name", "Robin", "email", "robin@acme.example", "verified", true, "mfa_enabled", true)

var discordBad = map[string]Answer{
	"a person without id":             only(discordMe, object("username", "robin")).because("no_evidence"),
	"a person whose id is a number":   only(discordMe, object("id", 42)).because("no_evidence"),
	"a list in the place of a person": only(discordMe, []any{}).because("no_evidence"),
	"somebody who said no":            Answer{Callback: object("code", nil, "error", "access_denied")}.because("access_denied"),
	"a code that is used up":          Answer{Token: object("error", "invalid_grant")}.because("code_refused"),
}

func discordAny() tested {
	return tested{provider.Discord(), map[string]Sample{"everybody": {
		Good: Answer{API: object(discordMe, discordUser), Token: object("scope", "identify email")}, Bad: discordBad,
		AlsoGood: map[string]Answer{
			"somebody without a name to show":    only(discordMe, object("id", "42", "username", "robin", "global_name", nil)),
			"somebody whose address is unproven": only(discordMe, object("id", "42", "email", "ceo@victim.example", "verified", false)),
		},
	}}}
}

func discordServers() tested {
	const servers = discordMe + "/guilds"
	bad := maps.Clone(discordBad)
	maps.Copy(bad, map[string]Answer{
		"somebody of no server":              only(servers, []any{}).because("claim_refused"),
		"somebody of another server":         only(servers, []any{object("id", "43", "name", "42")}).because("claim_refused"),
		"servers that are none":              only(servers, object("message", "401: Unauthorized")).because("no_evidence"),
		"somebody who kept the servers back": Answer{Token: object("scope", "identify email")}.because("no_evidence"),
	})
	return tested{provider.Discord("42"), map[string]Sample{"members": {
		Good: Answer{API: object(discordMe, discordUser, servers, []any{object("id", "7"), object("id", "42", "name", "acme")}), Token: object("scope", "identify guilds email")},
		Bad:  bad,
	}}}
}

func linkedinAny() tested {
	return tested{provider.LinkedIn(), map[string]Sample{"userinfo": {
		Good: claims("sub", "782bbtaQ", "name", "Robin Example", "email", "robin@acme.example", "email_verified", true, "locale", object("country", "US", "language", "en")),
		Bad: map[string]Answer{
			"an answer about nobody":         claims("sub", nil).because("wrong_subject"),
			"somebody who cancelled":         Answer{Callback: object("code", nil, "error", "user_cancelled_login")}.because("access_denied"),
			"somebody who did not authorize": Answer{Callback: object("code", nil, "error", "user_cancelled_authorize")}.because("access_denied"),
			"a secret that is wrong":         Answer{Token: object("error", "invalid_client")}.because("provider_error"),
		},
	}}}
}

func appleAny() tested {
	return tested{provider.Apple("A1B2C3D4E5"), map[string]Sample{"ID tokens": {
		ClientID: "com.acme.site",
		Good:     claims("sub", "001234.0123456789abcdef0123456789abcdef.0123", "email", "x7k2@privaterelay.appleid.com", "email_verified", true, "is_private_email", true),
		AlsoGood: map[string]Answer{"somebody who signs in for the first time": {Callback: object("user", `{"name":{"firstName":"Robin","lastName":"Example"}}`)}},
		Bad: map[string]Answer{
			"J06 a token without key id":     noKeyID,
			"a token of the former name":     claims("iss", "https://account.apple.com").because("wrong_issuer"),
			"a token of another app of ours": claims("aud", "com.acme.app").because("wrong_audience"),
			"somebody who cancelled":         Answer{Callback: object("code", nil, "error", "user_cancelled_authorize")}.because("access_denied"),
		},
	}}}
}
