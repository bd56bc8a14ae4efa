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
		"https://login.microsoftonline.com/{tenantid}/v2.0":                           true,
		"https://login.microsoftonline.com/Organizations/v2.0":                        true,
		"https://login.windows.net/common":                                            true,
		"https://login.microsoftonline.us/organizations/v2.0":                         true,
		"https://sts.windows.net/9188040d-6c67-4c5b-b112-36a304b66dad/":               true,
		"https://login.partner.microsoftonline.cn/common/v2.0":                        true,
		"https://github.com/login/oauth":                                              true,
		"https://www.amazon.com":                                                      true,
		"https://www.amazon.com.:443/":                                                true,
		"https://slack.com":                                                           true,
		"https://discord.com":                                                         true,
		"https://login.salesforce.com":                                                true,
		"https://test.salesforce.com":                                                 true,
		"https://acme.my.salesforce.com":                                              false,
		"https://api.login.yahoo.com":                                                 true,
		"https://auth.login.yahoo.co.jp/yconnect/v2":                                  true,
		"https://access.line.me":                                                      true,
		"https://kauth.kakao.com":                                                     true,
		"https://www.paypal.com":                                                      true,
		"https://acme.eu.auth0.com/":                                                  false,
		"https://acme.ciamlogin.com/72f988bf-86f1-41af-91ab-2d7cd011db47/v2.0":        false,
		"https://gitlab.example.com":                                                  false,
		"https://accounts.google.com.evil.x":                                          false,
		"https://acme.okta.com":                                                       false,
		"https://idp.example.com/consumers":                                           false,
	} {
		require.Equal(t, open, provider.OIDC(issuer).OpenSignup, issuer)
	}
	require.False(t, provider.Google("example.com").OpenSignup, "a domain of Google's restricts")
}
