package providertest

import (
	"testing"

	"github.com/edgeauth/edgeauth/auth0"
	"github.com/edgeauth/edgeauth/provider"
)

const (
	shop = "https://login.shop.example/"
	api  = "https://site.example/api"
)

var auth0Good = claims("iss", shop, "sub", "auth0|bb82030dbc2bcaba32a90bf2", "name", "Robin", "email", "robin@shop.example",
	"email_verified", true, "sid", "nPfOj591IlnEM9Cu", "https://site.example/roles", []string{"editor"}, "roles", []string{"admin"})

// auth0Profiles are the two forms of an access token.
var auth0Profiles = map[string]Answer{
	"somebody with a token of Auth0's profile":      claims("azp", "client", "client_id", nil),
	"somebody with a token of the RFC 9068 profile": {Header: object("typ", "at+jwt"), Claims: object("azp", nil, "client_id", "client")},
}

var auth0Config = auth0.Config{
	Domain: "login.shop.example", FormerDomains: []string{"shop-example.eu.auth0.com"}, Namespace: "https://site.example/",
}

func auth0Any(t *testing.T) tested {
	return tested{made(t)(auth0.New(auth0Config)), map[string]Sample{
		"ID tokens": {
			Good: auth0Good,
			AlsoGood: map[string]Answer{
				"P14 somebody with an odd subject":       claims("sub", "waad|x@y|Ω z"),
				"somebody at the former domain":          claims("iss", "https://shop-example.eu.auth0.com/"),
				"somebody whose kind of subject is told": claims("sub_profile", "user"),
			},
			Bad: map[string]Answer{
				"A01 an issuer without its slash":       claims("iss", "https://login.shop.example").because("wrong_issuer"),
				"A07 a member of an organization":       claims("org_id", "org_0yNoSFkimDTL5Q_x").because("claim_refused"),
				"an organization that is no text":       claims("org_id", 7).because("claim_refused"),
				"an agent":                              claims("sub_profile", "agent").because("claim_refused"),
				"J06 a token without key id":            noKeyID,
				"J23 an ID token of type at+jwt":        Answer{Header: object("typ", "at+jwt")}.because("bad_type"),
				"a refusal that only Auth0 calls so":    Answer{Callback: object("code", nil, "error", "unauthorized")}.because("access_denied"),
				"T18 a token of five parts, unreadable": Answer{Token: object("id_token", "a.b.c.d.e")}.because("token_malformed"),
			},
		},
		"access tokens": {
			Proof: provider.AccessToken, Audience: []string{api}, Good: auth0Good,
			AlsoGood: map[string]Answer{
				"P03 somebody whose token is for userinfo too":  claims("aud", []string{api, shop + "userinfo"}),
				"somebody with a token of Auth0's profile":      auth0Profiles["somebody with a token of Auth0's profile"],
				"somebody with a token of the RFC 9068 profile": auth0Profiles["somebody with a token of the RFC 9068 profile"],
			},
			Bad: map[string]Answer{
				"A05 a machine, by its subject":                  claims("sub", "MadeUp@clients").because("claim_refused"),
				"A05 a machine, by its grant":                    claims("gty", "client-credentials").because("claim_refused"),
				"A05 a machine, as it is":                        claims("sub", "MadeUp@clients", "azp", "MadeUp", "gty", "client-credentials"),
				"A07 a member of an organization":                claims("org_id", "org_0yNoSFkimDTL5Q_x").because("claim_refused"),
				"J06 a token without key id":                     noKeyID,
				"T18 an opaque token":                            Answer{Token: object("access_token", "motdvb403J57rOW7", "id_token", nil)}.because("no_evidence"),
				"a token for userinfo alone":                     claims("aud", shop+"userinfo").because("wrong_audience"),
				"a token of another client that hides behind us": claims("azp", nobody, "client_id", "client").because("wrong_client"),
			},
		},
	}}
}

func auth0One(t *testing.T) tested {
	c := auth0Config
	c.Organization, c.OIDCLogout = "org_a", true
	good := claims("iss", shop, "sub", "auth0|1", "org_id", "org_a", "sid", "s1")
	bad := map[string]Answer{
		"A07 a member of another organization": claims("org_id", "org_b").because("claim_refused"),
		"somebody without organization":        claims("org_id", nil).because("claim_refused"),
		"J06 a token without key id":           noKeyID,
		"a refusal that only Auth0 calls so":   Answer{Callback: object("code", nil, "error", "unauthorized")}.because("access_denied"),
	}
	return tested{made(t)(auth0.New(c)), map[string]Sample{
		"ID tokens":     {Good: good, Bad: bad, AlsoGood: map[string]Answer{"somebody at the former domain": claims("iss", "https://shop-example.eu.auth0.com/")}},
		"access tokens": {Proof: provider.AccessToken, Audience: []string{api}, Good: good, Bad: bad, AlsoGood: auth0Profiles},
	}}
}

func auth0Several(t *testing.T) tested {
	c := auth0Config
	c.Organizations = []string{"org_a", "org_b"}
	access := map[string]Answer{
		"J06 a token without key id":           noKeyID,
		"a refusal that only Auth0 calls so":   Answer{Callback: object("code", nil, "error", "unauthorized")}.because("access_denied"),
		"A07 a member of another organization": claims("org_id", "org_c").because("claim_refused"),
		"somebody without organization":        claims("org_id", nil).because("claim_refused"),
	}
	return tested{made(t)(auth0.New(c)), map[string]Sample{
		"ID tokens": {
			Good: claims("iss", shop, "org_id", "org_a"), Bad: access,
			AlsoGood: map[string]Answer{
				"a member of the other organization": claims("org_id", "org_b"),
				"somebody at the former domain":      claims("iss", "https://shop-example.eu.auth0.com/"),
			},
		},
		"ID tokens for the organization that the site asks for": {
			AuthorizeParams: map[string]string{"organization": "org_b"}, Good: claims("iss", shop, "org_id", "org_b"),
			Bad: map[string]Answer{"a member of another one of the list": claims("org_id", "org_a").because("claim_refused")},
		},
		"access tokens": {Proof: provider.AccessToken, Audience: []string{api}, Good: claims("iss", shop, "org_id", "org_a"), Bad: access, AlsoGood: auth0Profiles},
	}}
}
