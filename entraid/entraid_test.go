package entraid

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth/provider"
)

const (
	tenantA = "1b4e28ba-2fa1-41d2-883f-0016d3cca427"
	tenantB = "6fa459ea-ee8a-4ca4-894e-db77e160355e"
)

func TestNewRefusesAndNamesTheRemedy(t *testing.T) {
	for name, c := range map[string]struct {
		config Config
		want   []string
	}{
		"no tenant":                            {Config{}, []string{"tenant is missing", "overview page"}},
		"a tenant given by its domain":         {Config{Tenant: "contoso.example"}, []string{`"contoso.example" is no GUID`, "take the tenant ID"}},
		"a listed tenant given by its domain":  {Config{Tenants: []string{"contoso.example"}}, []string{`tenants: "contoso.example"`}},
		"a tenant and a list":                  {Config{Tenant: tenantA, Tenants: []string{tenantB}}, []string{"exclude each other"}},
		"all work accounts without saying so":  {Config{Tenant: "organizations"}, []string{"list those you mean in tenants"}},
		"all accounts without saying so":       {Config{Tenant: "common"}, []string{"open to everyone"}},
		"personal accounts without saying so":  {Config{Tenant: "consumers"}, []string{"open to everyone"}},
		"personal accounts by their tenant":    {Config{Tenant: consumerTenant}, []string{"open to everyone"}},
		"personal accounts and a list":         {Config{Tenant: "consumers", Tenants: []string{tenantA}}, []string{"exclude each other"}},
		"the tenant of all personal accounts":  {Config{Tenants: []string{consumerTenant}}, []string{"personal accounts"}},
		"an unknown platform":                  {Config{Tenant: tenantA, Platform: "native"}, []string{`platform "native"`, `"spa" or "web"`}},
		"an unknown cloud":                     {Config{Tenant: tenantA, Cloud: "germany"}, []string{`cloud "germany"`}},
		"version 1 where its issuer is unsure": {Config{Tenant: tenantA, Cloud: China, V1AccessTokens: true}, []string{"requestedAccessTokenVersion"}},
		"one issuer for several tenants":       {Config{Tenants: []string{tenantA}, Issuer: "https://id.example"}, []string{"write {tid} where"}},
		"several faults, all at once":          {Config{Platform: "x", Cloud: "y"}, []string{"platform", "cloud", "tenant is missing"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := New(c.config)
			for _, want := range c.want {
				require.ErrorContains(t, err, want)
			}
		})
	}
}

func TestIssuersAndEndpointsFollowTheTenant(t *testing.T) {
	const public = "https://login.microsoftonline.com/"
	for name, c := range map[string]struct {
		config    Config
		issuer    string
		tokens    []string
		authorize string
		open      bool
	}{
		"one tenant": {
			Config{Tenant: tenantA}, public + tenantA + "/v2.0",
			[]string{public + tenantA + "/v2.0"}, public + tenantA + "/oauth2/v2.0/authorize", false,
		},
		"one tenant in capitals": {
			Config{Tenant: "1B4E28BA-2FA1-41D2-883F-0016D3CCA427"}, public + tenantA + "/v2.0",
			[]string{public + tenantA + "/v2.0"}, public + tenantA + "/oauth2/v2.0/authorize", false,
		},
		"one tenant stays closed on a site that is open": {
			Config{Tenant: tenantA, AnyTenant: true}, public + tenantA + "/v2.0",
			[]string{public + tenantA + "/v2.0"}, public + tenantA + "/oauth2/v2.0/authorize", false,
		},
		"one tenant with version 1 tokens": {
			Config{Tenant: tenantA, V1AccessTokens: true}, public + tenantA + "/v2.0",
			[]string{public + tenantA + "/v2.0", "https://sts.windows.net/" + tenantA + "/"},
			public + tenantA + "/oauth2/v2.0/authorize", false,
		},
		"a list of tenants": {
			Config{Tenants: []string{tenantA, tenantB}, V1AccessTokens: true}, public + "organizations/v2.0",
			[]string{
				public + tenantA + "/v2.0", public + tenantB + "/v2.0",
				"https://sts.windows.net/" + tenantA + "/", "https://sts.windows.net/" + tenantB + "/",
			},
			public + "organizations/oauth2/v2.0/authorize", false,
		},
		"every tenant": {
			Config{Tenant: "organizations", AnyTenant: true}, public + "organizations/v2.0",
			[]string{public + "{tid}/v2.0"}, public + "organizations/oauth2/v2.0/authorize", true,
		},
		"personal accounts": {
			Config{Tenant: "consumers", AnyTenant: true}, public + consumerTenant + "/v2.0",
			[]string{public + consumerTenant + "/v2.0"}, public + "consumers/oauth2/v2.0/authorize", true,
		},
		"US Government": {
			Config{Tenant: tenantA, Cloud: USGov}, "https://login.microsoftonline.us/" + tenantA + "/v2.0",
			[]string{"https://login.microsoftonline.us/" + tenantA + "/v2.0"},
			"https://login.microsoftonline.us/" + tenantA + "/oauth2/v2.0/authorize", false,
		},
		"China on its former endpoints": {
			Config{Tenant: tenantA, Cloud: China, Endpoints: provider.Endpoints{Authorize: "https://login.chinacloudapi.cn/a"}},
			"https://login.partner.microsoftonline.cn/" + tenantA + "/v2.0",
			[]string{"https://login.partner.microsoftonline.cn/" + tenantA + "/v2.0"},
			"https://login.chinacloudapi.cn/a", false,
		},
		"External ID": {
			Config{
				Tenant: tenantA, Issuer: "https://{tid}.ciamlogin.com/{tid}/v2.0",
				Endpoints: provider.Endpoints{Authorize: "https://customers.ciamlogin.com/a"},
			},
			"https://" + tenantA + ".ciamlogin.com/" + tenantA + "/v2.0",
			[]string{"https://" + tenantA + ".ciamlogin.com/" + tenantA + "/v2.0"},
			"https://customers.ciamlogin.com/a", false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := New(c.config)
			require.NoError(t, err)
			require.Equal(t, c.issuer, p.Issuer)
			require.Equal(t, c.tokens, p.TokenIssuers)
			require.Equal(t, c.authorize, p.Endpoints.Authorize)
			require.Equal(t, c.open, p.OpenSignup)
			require.Empty(t, p.Discovery, "a cold start needs no discovery")
		})
	}
}

func TestTokenRequestsSuitThePlatform(t *testing.T) {
	spa, err := New(Config{Tenant: tenantA})
	require.NoError(t, err)
	require.Equal(t, provider.Forbidden, spa.Secret)
	require.Equal(t, provider.Grant{Origin: true}, spa.CodeGrant)
	require.Equal(t, provider.Grant{Origin: true, Scope: true}, spa.RefreshGrant)

	web, err := New(Config{Tenant: tenantA, Platform: Web})
	require.NoError(t, err)
	require.Equal(t, provider.Required, web.Secret)
	require.Equal(t, provider.ClientSecretPost, web.ClientAuth)
	require.Zero(t, web.CodeGrant, "a secret together with an Origin header is refused there")
	require.Equal(t, provider.Grant{Scope: true}, web.RefreshGrant)
}

func TestRolesOfAForeignTenantAreNoRestriction(t *testing.T) {
	any, err := New(Config{Tenant: "common", AnyTenant: true})
	require.NoError(t, err)
	require.Contains(t, any.MutableClaims, "roles")

	one, err := New(Config{Tenant: tenantA})
	require.NoError(t, err)
	require.Subset(t, one.MutableClaims, []string{"email", "upn", "preferred_username", "unique_name", "name", "given_name"})
	require.NotContains(t, one.MutableClaims, "roles")
}

func TestIDTokensAreOfVersion2WhateverAccessTokensAre(t *testing.T) {
	for _, v1 := range []bool{false, true} {
		p, err := New(Config{Tenant: "11111111-2222-3333-4444-555555555555", V1AccessTokens: v1})
		require.NoError(t, err)
		require.Equal(t, []string{"2.0"}, p.IDToken.Equal["ver"], "version 1 access tokens: %v", v1)
	}
}
