package provider

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOktaGivesAccessTokensOfACustomServerOnly(t *testing.T) {
	const org, custom = "https://acme.okta.example", "https://acme.okta.example/oauth2/aus1"
	require.Equal(t, []Proof{IDToken}, Okta(org, IDToken).Proofs)
	require.Equal(t, []Proof{IDToken}, Okta(custom, IDToken).Proofs)
	require.Equal(t, []Proof{IDToken}, Okta(org, AccessToken).Proofs, "O05: those are for Okta alone, and the core refuses the choice")

	p := Okta(custom, AccessToken)
	require.Equal(t, []Proof{AccessToken, IDToken}, p.Proofs)
	require.Equal(t, "uid", p.Mapping.Subject, "sub is the login, which can change")
	require.Empty(t, p.AccessToken.Audience, "the site has to list its own")
	require.Equal(t, custom+"/.well-known/openid-configuration", p.Discovery)
}

func TestGoogleIsOpenUnlessADomainIsNamed(t *testing.T) {
	open := Google()
	require.True(t, open.OpenSignup)
	require.NotContains(t, open.AuthorizeParams, "hd")
	require.Empty(t, open.IDToken.Equal)

	one := Google("acme.example")
	require.False(t, one.OpenSignup)
	require.Equal(t, map[string]string{"access_type": "offline", "hd": "acme.example"}, one.AuthorizeParams)
	require.Equal(t, map[string][]string{"hd": {"acme.example"}}, one.IDToken.Equal, "what was asked for is also checked")

	two := Google("acme.example", "acme.test")
	require.False(t, two.OpenSignup)
	require.NotContains(t, two.AuthorizeParams, "hd")
	require.Equal(t, map[string][]string{"hd": {"acme.example", "acme.test"}}, two.IDToken.Equal)
	for _, p := range []Provider{open, one, two} {
		require.NotContains(t, p.Scopes, "offline_access", "Google knows a parameter instead")
	}
}

func TestKeycloakRolesAreThoseOfTheRealm(t *testing.T) {
	p := Keycloak("https://sso.acme.example/realms/acme")
	require.Equal(t, "/realm_access/roles", p.Mapping.Roles)
	require.NotContains(t, p.Scopes, "offline_access")
}
