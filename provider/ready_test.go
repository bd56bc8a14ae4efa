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

func TestScopesAreThoseThatTheProviderKnows(t *testing.T) {
	for _, p := range []Provider{GitLab("https://gitlab.com"), PingOne("https://a"), OneLogin("https://a"), ADFS("https://a"), Slack(), Apple("T"), LinkedIn()} {
		require.NotContains(t, p.Scopes, "offline_access", "%s refuses it, or may", p.Name)
	}
	for _, p := range []Provider{Authelia("https://a"), Authentik("https://a/"), Zitadel("https://a"), JumpCloud("https://a/")} {
		require.Contains(t, p.Scopes, "offline_access", p.Name)
	}
}

func TestClaimsComeFromWhereTheProviderKeepsThem(t *testing.T) {
	for _, p := range []Provider{Authelia("https://a"), Zitadel("https://a"), GitLab("https://a")} {
		require.Equal(t, []Proof{IDToken, Userinfo}, p.ClaimsFrom, p.Name)
	}
	for _, p := range []Provider{GitLab("https://a"), Slack()} {
		require.Equal(t, Userinfo, p.Proof, "the ID token of %s counts for minutes", p.Name)
		require.Contains(t, p.Proofs, IDToken, "which binds the answer to the sign-in")
	}
	require.Equal(t, "group", ADFS("https://a/adfs").Mapping.Groups)
}

func TestWhereAnybodyCanSignUpIsOpen(t *testing.T) {
	for _, p := range []Provider{GitLab("https://gitlab.com"), Slack(), Discord(), LinkedIn(), Apple("T")} {
		require.True(t, p.OpenSignup, p.Name)
	}
	for _, p := range []Provider{GitLab("https://gitlab.acme.example"), Slack("T1"), Discord("42"), JumpCloud("https://oauth.id.jumpcloud.com/")} {
		require.False(t, p.OpenSignup, p.Name)
	}
}

func TestEveryReadyProviderListsWhatPeopleWriteAboutThemselves(t *testing.T) {
	for _, p := range []Provider{
		GitLab("https://a"), Authelia("https://a"), Authentik("https://a/"), Zitadel("https://a"), ADFS("https://a"), PingOne("https://a"), OneLogin("https://a"),
		JumpCloud("https://a"), Slack(), Discord(), LinkedIn(), Apple("T"), Okta("https://a", IDToken), Google(), Keycloak("https://a"),
	} {
		require.Subset(t, p.MutableClaims, SelfWritten(), p.Name)
	}
}
