package entraid_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth/entraid"
)

func TestAnExternalTenantHasAHostOfItsOwn(t *testing.T) {
	const tenant = "37c156ce-36f2-4e30-ab8a-c9e8d79d09f4"
	p, err := entraid.New(entraid.Config{Tenant: tenant, External: "Contoso"})
	require.NoError(t, err)
	require.Equal(t, "https://"+tenant+".ciamlogin.com/"+tenant+"/v2.0", p.Issuer)
	require.Equal(t, "https://contoso.ciamlogin.com/"+tenant+"/oauth2/v2.0/token", p.Endpoints.Token)
	require.Equal(t, "https://contoso.ciamlogin.com/"+tenant+"/discovery/v2.0/keys", p.Endpoints.Keys)
	require.True(t, p.OpenSignup, "customers sign up by themselves")
	require.Subset(t, p.MutableClaims, []string{"city", "jobTitle", "email", "name", "extn.*", "extension_*"}, "and write what they like")
	require.NotContains(t, p.MutableClaims, "roles", "the tenant's own administrator gives them")
	for _, bad := range []entraid.Config{
		{Tenant: tenant, External: "contoso.ciamlogin.com"}, {Tenant: tenant, External: "https://contoso"}, {Tenants: []string{tenant}, External: "contoso"},
		{Tenant: tenant, External: "contoso", Cloud: entraid.China}, {Tenant: tenant, External: "contoso", V1AccessTokens: true},
	} {
		_, err := entraid.New(bad)
		require.ErrorContains(t, err, "external")
	}
}
