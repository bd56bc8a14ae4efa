package oauth

import (
	"context"
	"net/http"
	"net/url"
	"testing"

	"github.com/edgeauth/edgeauth/provider"
	"github.com/stretchr/testify/require"
)

func TestHowAClientSaysWhoItIs(t *testing.T) { // RFC 6749, 2.3.1
	const id, secret = "site:1", "s&cret %"
	for rule, test := range map[string]struct {
		secret string
		by     provider.ClientAuth
		form   url.Values
		header string
	}{
		"a public client":               {"", provider.ClientSecretBasic, url.Values{"client_id": {id}}, ""},
		"a public client, whatever by":  {"", provider.ClientSecretPost, url.Values{"client_id": {id}}, ""},
		"a secret in the form":          {secret, provider.ClientSecretPost, url.Values{"client_id": {id}, "client_secret": {secret}}, ""},
		"a secret by HTTP Basic":        {secret, provider.ClientSecretBasic, url.Values{}, "Basic c2l0ZSUzQTE6cyUyNmNyZXQrJTI1"},
		"that is what is meant if none": {secret, "", url.Values{}, "Basic c2l0ZSUzQTE6cyUyNmNyZXQrJTI1"},
	} {
		t.Run(rule, func(t *testing.T) {
			a := newAuthenticator(&Config{ClientID: id, ClientSecret: test.secret, Provider: provider.Provider{ClientAuth: test.by}})
			header, form := http.Header{}, url.Values{}
			require.NoError(t, a.Authenticate(context.Background(), "https://idp.example/token", header, form))
			require.Equal(t, test.form, form)
			require.Equal(t, test.header, header.Get("Authorization"))
		})
	}
}
