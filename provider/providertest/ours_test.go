package providertest

import (
	"testing"

	"github.com/edgeauth/edgeauth/provider"
)

// ours are the providers of this module, each with the samples that show all of its rules.
func ours(t *testing.T) map[string]tested {
	return map[string]tested{
		"entraid, one tenant": entraOne(t), "entraid, several tenants": entraSeveral(t), "entraid, every tenant": entraEvery(t),
		"auth0": auth0Any(t), "auth0, one organization": auth0One(t), "auth0, several organizations": auth0Several(t),
		"cognito": cognitoPool(t), "cognito, bound to a resource": cognitoBound(t),
		"github": githubAny(t), "github, organizations": githubOrgs(t), "github enterprise": githubEnterprise(t),
		"okta": oktaCustom(), "okta, access tokens": oktaAccess(), "okta, the organisation's server": oktaOrg(),
		"google": googleAny(), "google, one domain": googleDomain(),
		"keycloak": keycloakRealm(), "oidc": plainOIDC(),
	}
}

type tested struct {
	provider provider.Provider
	samples  map[string]Sample
}

func TestOurs(t *testing.T) {
	for name, one := range ours(t) {
		for what, s := range one.samples {
			t.Run(name+", "+what, func(t *testing.T) { Test(t, one.provider, s) })
		}
	}
}

// made is the provider, which has to be.
func made(t *testing.T) func(provider.Provider, error) provider.Provider {
	return func(p provider.Provider, err error) provider.Provider {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
}

// claims shortens the samples.
func claims(pairs ...any) Answer { return Answer{Claims: object(pairs...)} }

func object(pairs ...any) map[string]any {
	o := make(map[string]any, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		o[pairs[i].(string)] = pairs[i+1]
	}
	return o
}

// because names the reason for which an answer is refused.
func (a Answer) because(reason string) Answer {
	a.Reason = reason
	return a
}

func plainOIDC() tested {
	return tested{provider.OIDC("https://id.example/"), map[string]Sample{
		"ID tokens": {
			AlsoGood: map[string]Answer{
				"P07 somebody of whom little is known": claims("name", nil, "email", nil),
				"a token without type":                 {Header: object("typ", nil)},
				"P06 a token type in lower case":       {Token: object("token_type", "bearer")},
				"P05 somebody who brings unknown parameters along": {
					Callback: object("session_state", "x", "scope", "openid", "authuser", "0", "prompt", "none", "hd", "acme.example"),
				},
			},
		},
		"access tokens": {
			Proof: provider.AccessToken,
			AlsoGood: map[string]Answer{
				"somebody whose client is in client_id": claims("client_id", "client", "azp", nil, "cid", nil),
				"somebody whose client is in azp":       claims("client_id", nil, "azp", "client", "cid", nil),
				"somebody whose client is in cid":       claims("client_id", nil, "azp", nil, "cid", "client"),
			},
		},
		"userinfo": {Proof: provider.Userinfo, Bad: map[string]Answer{"an answer about somebody else": claims("sub", nobody).because("wrong_subject")}},
	}}
}
