package auth0_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth/auth0"
	"github.com/edgeauth/edgeauth/provider"
)

func TestNewRefusesAndNamesTheRemedy(t *testing.T) {
	for name, c := range map[string]struct {
		config auth0.Config
		want   []string
	}{
		"no domain":                        {auth0.Config{}, []string{`domain ""`, `such as "shop.eu.auth0.com"`}},
		"a URL for a domain":               {auth0.Config{Domain: "https://shop.auth0.com/"}, []string{`domain "https://shop.auth0.com/"`, "give it alone"}},
		"a tenant's name for a domain":     {auth0.Config{Domain: "shop"}, []string{`domain "shop"`}},
		"a domain with a path":             {auth0.Config{Domain: "evil.example/x.auth0.com"}, []string{"is no host name"}},
		"a URL for a former domain":        {auth0.Config{Domain: "a.example", FormerDomains: []string{"https://b.example"}}, []string{`"https://b.example"`}},
		"an organization by its name":      {auth0.Config{Domain: "a.example", Organization: "acme"}, []string{`organization "acme" is no id`, `begins with "org_"`}},
		"an organization in the list":      {auth0.Config{Domain: "a.example", Organizations: []string{"org_1", "acme"}}, []string{`organization "acme"`}},
		"one organization and a list":      {auth0.Config{Domain: "a.example", Organization: "org_1", Organizations: []string{"org_2"}}, []string{"exclude each other"}},
		"an empty organization in a list":  {auth0.Config{Domain: "a.example", Organizations: []string{""}}, []string{`organization "" is no id`}},
		"several faults, all of them told": {auth0.Config{Organization: "acme"}, []string{"domain", "organization"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := auth0.New(c.config)
			for _, want := range c.want {
				require.ErrorContains(t, err, want)
			}
		})
	}
}

func TestEverythingFollowsTheDomain(t *testing.T) {
	p, err := auth0.New(auth0.Config{Domain: "Login.Shop.example", FormerDomains: []string{"shop.eu.auth0.com"}, Namespace: "https://site.example/"})
	require.NoError(t, err)
	require.Equal(t, "https://login.shop.example/", p.Issuer, "with the slash that Auth0's tokens have")
	require.Equal(t, []string{"https://login.shop.example/", "https://shop.eu.auth0.com/"}, p.TokenIssuers)
	require.Equal(t, provider.Endpoints{
		Authorize:  "https://login.shop.example/authorize",
		Token:      "https://login.shop.example/oauth/token",
		Keys:       "https://login.shop.example/.well-known/jwks.json",
		Revoke:     "https://login.shop.example/oauth/revoke",
		EndSession: "https://login.shop.example/v2/logout",
	}, p.Endpoints)
	require.Empty(t, p.Discovery, "a cold start needs no discovery")
	require.Equal(t, "https://site.example/roles", p.Mapping.Roles)
	require.Equal(t, "https://site.example/groups", p.Mapping.Groups)
}

func TestLogoutHasTwoForms(t *testing.T) {
	classic, err := auth0.New(auth0.Config{Domain: "shop.eu.auth0.com"})
	require.NoError(t, err)
	require.Equal(t, provider.Logout{ReturnParam: "returnTo"}, classic.Logout)

	oidc, err := auth0.New(auth0.Config{Domain: "shop.eu.auth0.com", OIDCLogout: true})
	require.NoError(t, err)
	require.Equal(t, "https://shop.eu.auth0.com/oidc/logout", oidc.Endpoints.EndSession)
	require.Equal(t, provider.Logout{}, oidc.Logout)
	require.Equal(t, "sid", oidc.Mapping.LogoutHint, "without a hint Auth0 asks the person")
}

func TestAnOverrideReplacesOneThing(t *testing.T) {
	p, err := auth0.New(auth0.Config{
		Domain: "shop.eu.auth0.com", Issuer: "http://127.0.0.1:9000/", OIDCLogout: true,
		Endpoints: provider.Endpoints{Token: "http://127.0.0.1:9000/t", EndSession: "http://127.0.0.1:9000/l"},
	})
	require.NoError(t, err)
	require.Equal(t, []string{"http://127.0.0.1:9000/"}, p.TokenIssuers)
	require.Equal(t, "http://127.0.0.1:9000/t", p.Endpoints.Token)
	require.Equal(t, "http://127.0.0.1:9000/l", p.Endpoints.EndSession)
	require.Equal(t, "https://shop.eu.auth0.com/authorize", p.Endpoints.Authorize)
}

func TestAnOrganizationIsAskedForOnlyWhereThereIsOne(t *testing.T) {
	one, err := auth0.New(auth0.Config{Domain: "shop.eu.auth0.com", Organization: "org_1"})
	require.NoError(t, err)
	require.Equal(t, map[string]string{"organization": "org_1"}, one.AuthorizeParams)

	several, err := auth0.New(auth0.Config{Domain: "shop.eu.auth0.com", Organizations: []string{"org_1", "org_2"}})
	require.NoError(t, err)
	require.Empty(t, several.AuthorizeParams, "the person chooses")
}
