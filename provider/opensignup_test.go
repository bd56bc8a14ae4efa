package provider_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth/provider"
)

func TestAnIssuerWhereAnybodyCanSignUpIsKnown(t *testing.T) {
	for issuer, open := range map[string]bool{
		"https://accounts.google.com": true, "https://accounts.google.com/": true, "https://Accounts.Google.com": true,
		"https://gitlab.com": true, "https://www.linkedin.com/oauth": true, "https://www.linkedin.com": true,
		"https://appleid.apple.com": true, "https://id.twitch.tv/oauth2": true, "https://www.facebook.com": true, "https://facebook.com": true,
		"https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0": true,
		"https://login.microsoftonline.com/consumers/v2.0":                            true,
		"https://login.microsoftonline.com/common/v2.0":                               true,
		"https://login.microsoftonline.com/72f988bf-86f1-41af-91ab-2d7cd011db47/v2.0": false,
		"https://gitlab.example.com":                                                  false,
		"https://accounts.google.com.evil.x":                                          false,
		"https://acme.okta.com":                                                       false,
		"https://idp.example.com/consumers":                                           false,
	} {
		require.Equal(t, open, provider.OIDC(issuer).OpenSignup, issuer)
	}
	require.False(t, provider.Google("example.com").OpenSignup, "a domain of Google's restricts")
}
