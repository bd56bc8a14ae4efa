package provider

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOIDCFindsItsMetadataUnderTheIssuer(t *testing.T) {
	for issuer, want := range map[string]string{
		"https://id.example":                "https://id.example/.well-known/openid-configuration",
		"https://id.example/":               "https://id.example/.well-known/openid-configuration",
		"https://id.example/realms/staff":   "https://id.example/realms/staff/.well-known/openid-configuration",
		"https://id.example/realms/staff//": "https://id.example/realms/staff//.well-known/openid-configuration",
	} {
		p := OIDC(issuer)
		require.Equal(t, want, p.Discovery)
		require.Equal(t, issuer, p.Issuer, "the issuer is compared as it was given")
	}
}

func TestOIDCIsStrictUnlessToldOtherwise(t *testing.T) {
	p := OIDC("https://id.example")
	require.Equal(t, IDToken, p.Proof)
	require.Equal(t, []string{"RS256"}, p.IDToken.Algorithms)
	require.Equal(t, []string{"RS256"}, p.AccessToken.Algorithms)
	require.Equal(t, []string{"{client_id}"}, p.AccessToken.Audience)
	require.NotEmpty(t, p.AccessToken.ClientClaims, "an access token of another client would pass")
	require.False(t, p.OpenSignup)
}

func TestAnAccountAtGoogleIsNoRestriction(t *testing.T) {
	require.True(t, OIDC("https://accounts.google.com").OpenSignup)
}
