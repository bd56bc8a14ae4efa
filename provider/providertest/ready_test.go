package providertest

import "github.com/edgeauth/edgeauth/provider"

const (
	oktaServer = "https://acme.okta.example/oauth2/aus1madeupserver0001"
	realm      = "https://sso.acme.example/realms/acme"
	googleUser = "110000000000000000042"
)

var (
	noKeyID = Answer{Header: object("kid", nil)}.because("unknown_key")

	oktaGood = Answer{
		Header: object("typ", nil),
		Claims: object("sub", "00u1madeupuser000001", "ver", 1, "amr", []string{"pwd", "mfa"}, "groups", []string{"Everyone", "Site-Readers"}),
	}
)

func oktaCustom() tested {
	return tested{provider.Okta(oktaServer, provider.IDToken), map[string]Sample{
		"ID tokens": {ClientID: "0oa1madeupclient0001", Good: oktaGood, Bad: map[string]Answer{
			"J06 a token without key id":                   noKeyID,
			"an ID token of the organisation's own server": claims("iss", "https://acme.okta.example").because("wrong_issuer"),
		}},
	}}
}

func oktaAccess() tested {
	good := Answer{
		Header: object("typ", nil),
		Claims: object("sub", "robin@acme.example", "uid", "00u1madeupuser000001", "scp", []string{"openid", "profile", "site.read"}),
	}
	return tested{provider.Okta(oktaServer, provider.AccessToken), map[string]Sample{
		"access tokens": {
			ClientID: "0oa1madeupclient0001", Audience: []string{"api://site"}, Good: good,
			AlsoGood: map[string]Answer{"P13 somebody whose scopes are a list of one": claims("scp", []string{"openid"})},
			Bad: map[string]Answer{
				"J06 a token without key id":                  noKeyID,
				"O05 a token of the organisation's server":    claims("iss", "https://acme.okta.example", "aud", "https://acme.okta.example").because("wrong_issuer"),
				"O06 scopes that are one text":                claims("scp", "openid profile site.read").because("claim_refused"),
				"O06 scopes that are one text in a list":      claims("scp", []string{"openid profile site.read"}).because("claim_refused"),
				"a token without scopes":                      claims("scp", nil).because("claim_refused"),
				"a token with an empty list of scopes":        claims("scp", []string{}).because("claim_refused"),
				"a token without the person's lasting number": claims("uid", nil).because("claim_refused"),
				"a token of another client":                   claims("cid", nobody).because("wrong_client"),
			},
		},
		"ID tokens with a claim of that name": {
			Proof: provider.IDToken, Audience: []string{"api://site"}, Good: good, Bad: map[string]Answer{"J06 a token without key id": noKeyID},
		},
	}}
}

func oktaOrg() tested {
	return tested{provider.Okta("https://acme.okta.example", provider.IDToken), map[string]Sample{
		"ID tokens": {Good: oktaGood, Bad: map[string]Answer{"J06 a token without key id": noKeyID}},
	}}
}

func googleAny() tested {
	return tested{provider.Google(), map[string]Sample{
		"ID tokens": {
			Good: claims("iss", "https://accounts.google.com", "sub", googleUser, "azp", "client"),
			AlsoGood: map[string]Answer{
				"P17 somebody whose token says the former issuer":   claims("iss", "accounts.google.com"),
				"P02 somebody who signs in again, no refresh token": {Token: object("refresh_token", nil)},
				"somebody of a Workspace":                           claims("hd", "acme.example"),
				"P05 somebody who brings Google's parameters along": {Callback: object("scope", "email openid", "authuser", "0", "hd", "acme.example", "prompt", "none")},
			},
			Bad: map[string]Answer{"J06 a token without key id": noKeyID, "an issuer with http": claims("iss", "http://accounts.google.com").because("wrong_issuer")},
		},
	}}
}

func googleDomain() tested {
	return tested{provider.Google("acme.example"), map[string]Sample{
		"ID tokens": {
			Good:     claims("iss", "https://accounts.google.com", "sub", googleUser, "azp", "client", "email", "robin@acme.example", "email_verified", true),
			AlsoGood: map[string]Answer{"P17 somebody whose token says the former issuer": claims("iss", "accounts.google.com")},
			Bad: map[string]Answer{
				"J06 a token without key id":               noKeyID,
				"an account with an address of the domain": claims("hd", nil).because("claim_refused"),
				"an account of another Workspace":          claims("hd", "evil.example").because("claim_refused"),
				"an account of a domain that ends alike":   claims("hd", "notacme.example").because("claim_refused"),
			},
		},
	}}
}

func keycloakRealm() tested {
	good := claims("sub", "ece913d1-c996-448c-af3b-d86896bee761", "azp", "client", "acr", "1", "preferred_username", "robin")
	common := map[string]Answer{
		"J06 a token without key id":  noKeyID,
		"a refresh token":             claims("typ", "Refresh", "aud", realm),
		"a callback without issuer":   Answer{Callback: object("iss", nil)}.because("callback_issuer"),
		"a callback from elsewhere":   Answer{Callback: object("iss", "https://sso.acme.example/realms/other")}.because("callback_issuer"),
		"a token of another realm":    claims("iss", "https://sso.acme.example/realms/other").because("wrong_issuer"),
		"a token that says no kind":   claims("typ", nil).because("claim_refused"),
		"a token of a kind like ours": claims("typ", "Offline").because("claim_refused"),
	}
	id, access := map[string]Answer{"an access token, by its kind": claims("typ", "Bearer").because("claim_refused")},
		map[string]Answer{
			"an ID token, by its kind":          claims("typ", "ID").because("claim_refused"),
			"O08 a token for the account pages": claims("aud", "account").because("wrong_audience"),
		}
	for name, bad := range common {
		id[name], access[name] = bad, bad
	}
	return tested{provider.Keycloak(realm), map[string]Sample{
		"ID tokens": {Good: good, Bad: id},
		"access tokens": {
			Proof: provider.AccessToken, Good: good, Bad: access,
			AlsoGood: map[string]Answer{"somebody whose token is for the account pages too": claims("aud", []string{"client", "account"})},
		},
	}}
}
