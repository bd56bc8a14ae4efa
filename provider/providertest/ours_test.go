package providertest

import (
	"strings"
	"sync"
	"testing"

	"github.com/edgeauth/edgeauth/provider"
)

// ours are the providers of this module, each with the samples that show all of its rules.
func ours(t *testing.T) map[string]tested {
	return map[string]tested{
		"entraid, one tenant": entraOne(t), "entraid, several tenants": entraSeveral(t), "entraid, every tenant": entraEvery(t),
		"auth0": auth0Any(t), "auth0, one organization": auth0One(t), "auth0, several organizations": auth0Several(t),
		"cognito": cognitoPool(t), "cognito, bound to a resource": cognitoBound(t),
		"github": githubAny(t), "github, organizations": githubOrgs(t), "github, a team": githubTeams(t), "github enterprise": githubEnterprise(t),
		"okta": oktaCustom(), "okta, access tokens": oktaAccess(), "okta, the organisation's server": oktaOrg(),
		"google": googleAny(), "google, one domain": googleDomain(),
		"gitlab": gitlabOwn(), "authelia": autheliaOwn(), "authentik": authentikOwn(), "zitadel": zitadelOwn(), "adfs": adfsOwn(),
		"pingone": pingoneEnvironment(), "onelogin": oneloginAccount(), "jumpcloud": jumpcloudAny(), "linkedin": linkedinAny(), "apple": appleAny(),
		"slack": slackAny(), "slack, two workspaces": slackTeams(), "discord": discordAny(), "discord, one server": discordServers(),
		"keycloak": keycloakRealm(), "oidc": plainOIDC(), "oidc, keys given inline": inlineOIDC(),
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

var rs256 = sync.OnceValues(func() (keys, error) { return newKeys(provider.Provider{}) })

// quickKit shares its keys, whose making takes the time.
func quickKit(t *testing.T, p provider.Provider, s Sample) kit {
	t.Helper()
	keys, err := rs256()
	if err != nil {
		t.Fatal(err)
	}
	return newKitWith(keys, p, s)
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

func inlineOIDC() tested {
	p := provider.OIDC("https://id.example")
	p.IDToken.Algorithms, p.AccessToken.Algorithms = []string{"ES256", "EdDSA"}, []string{"EdDSA"}
	p.IDToken.AlgorithmsListed, p.AccessToken.AlgorithmsListed = false, false
	p.JWKS = []byte(`{"keys": []}`) // the fake provider has its own
	p.AccessToken.ClientClaims, p.AccessToken.Forbidden = []string{"client_id"}, []string{"act"}
	return tested{p, map[string]Sample{
		"ID tokens":     {},
		"access tokens": {Proof: provider.AccessToken, Bad: map[string]Answer{"somebody's agent": claims("act", object("sub", "bot")).because("claim_refused")}},
	}}
}

func TestTheKitTellsItsOwnFaults(t *testing.T) {
	broken := provider.OIDC("https://id.example")
	broken.Check = func(provider.Token) error { panic("broken") }
	anybody := provider.OIDC("https://id.example")
	anybody.AccessToken.ClientClaims = nil
	nameless := provider.OIDC("https://id.example")
	nameless.Mapping.Subject = "/person/id"

	for name, c := range map[string]struct {
		p    provider.Provider
		s    Sample
		want string
	}{
		"an answer that the sample lacks":    {githubAny(t).provider, Sample{}, "Good.API has no answer for " + user},
		"a provider that no guard would use": {provider.Provider{Issuer: "https://id.example"}, Sample{}, "Provider: has no name"},
		"a check that panics":                {broken, Sample{}, "the sign-in failed: internal"},
		"a token that any client can get":    {anybody, Sample{Proof: provider.AccessToken}, "it got through"},
		"a good person who is refused":       {googleDomain().provider, Sample{Good: claims("hd", nil)}, "the sign-in failed: claim_refused"},
		"a bad person who is not":            {plainOIDC().provider, Sample{Bad: map[string]Answer{"robin": claims("name", "Robin")}}, "it got through"},
		"a reason that is another":           {plainOIDC().provider, Sample{Bad: map[string]Answer{"x": claims("aud", "x").because("wrong_issuer")}}, `as "wrong_audience" and not as "wrong_issuer"`},
		"a person without a subject":         {nameless, Sample{Good: claims("person", object("name", "robin"))}, "nobody is named"},
	} {
		t.Run(name, func(t *testing.T) {
			var faults []string
			if k, err := newKit(c.p, c.s); err != nil {
				faults = []string{err.Error()}
			} else {
				for _, r := range k.rules() {
					faults = append(faults, r.broken())
				}
			}
			if all := strings.Join(faults, "\n"); !strings.Contains(all, c.want) {
				t.Errorf("got %s, want it to say %q", all, c.want)
			}
		})
	}
}
