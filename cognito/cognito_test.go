package cognito_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth/cognito"
	"github.com/edgeauth/edgeauth/provider"
)

func TestNewRefusesAndNamesTheRemedy(t *testing.T) {
	const id = "eu-west-1_MadeUp123"
	for name, c := range map[string]struct {
		config cognito.Config
		want   []string
	}{
		"G14 a pool id without its region":    {cognito.Config{UserPoolID: "MadeUp123", Domain: "shop"}, []string{`user_pool_id "MadeUp123"`, `such as "eu-west-1_Ab12Cd34e"`}},
		"G14 a pool id with other characters": {cognito.Config{UserPoolID: "eu-west-1_Made/Up", Domain: "shop"}, []string{"user_pool_id"}},
		"G14 a pool id that leaves the host":  {cognito.Config{UserPoolID: "eu-west-1.evil.example/_x", Domain: "shop"}, []string{"user_pool_id"}},
		"G14 a pool id with a line behind it": {cognito.Config{UserPoolID: id + "\n", Domain: "shop"}, []string{"user_pool_id"}},
		"a pool's ARN":                        {cognito.Config{UserPoolID: "arn:aws:cognito-idp:eu-west-1:1:userpool/" + id, Domain: "shop"}, []string{"user_pool_id"}},
		"a pool of cognito-local elsewhere":   {cognito.Config{UserPoolID: "local_Ab12Cd34", Domain: "shop"}, []string{"user_pool_id"}},
		"one whose issuer alone is local":     {cognito.Config{UserPoolID: "local_Ab12Cd34", Domain: "shop", Issuer: "http://localhost:9229/local_Ab12Cd34"}, []string{"user_pool_id"}},
		"one that signs out at Amazon": {cognito.Config{UserPoolID: "local_Ab12Cd34", Domain: "shop", Issuer: "http://localhost:9229/local_Ab12Cd34", Endpoints: provider.Endpoints{
			Authorize: "http://localhost:9229/oauth2/authorize", Token: "http://localhost:9229/oauth2/token", EndSession: "https://shop.auth.eu-west-1.amazoncognito.com/logout",
		}}, []string{"user_pool_id"}},
		"no domain":                        {cognito.Config{UserPoolID: id}, []string{`domain ""`, `the prefix, such as "shop"`}},
		"a URL for a domain":               {cognito.Config{UserPoolID: id, Domain: "https://auth.shop.example"}, []string{`domain "https://auth.shop.example"`}},
		"an issuer that is none":           {cognito.Config{UserPoolID: id, Domain: "shop", Issuer: "new"}, []string{`issuer "new"`, `"original", "updated"`}},
		"a claim that is no attribute":     {cognito.Config{UserPoolID: id, Domain: "shop", ReadOnlyAttributes: []string{"cognito:username"}}, []string{`read_only_attributes: "cognito:username"`, `such as "custom:department"`}},
		"every custom attribute at once":   {cognito.Config{UserPoolID: id, Domain: "shop", ReadOnlyAttributes: []string{"custom:*"}}, []string{`read_only_attributes: "custom:*"`}},
		"an attribute without its prefix":  {cognito.Config{UserPoolID: id, Domain: "shop", ReadOnlyAttributes: []string{"department"}}, []string{`read_only_attributes: "department"`}},
		"several faults, all of them told": {cognito.Config{Issuer: "new"}, []string{"user_pool_id", "domain", "issuer"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := cognito.New(c.config)
			for _, want := range c.want {
				require.ErrorContains(t, err, want)
			}
		})
	}
}

func TestIssuerAndDomainAreOfDifferentHosts(t *testing.T) {
	for name, c := range map[string]struct {
		config       cognito.Config
		issuer, home string
	}{
		"a prefix": {
			cognito.Config{UserPoolID: "eu-west-1_MadeUp123", Domain: "shop"},
			"https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_MadeUp123", "https://shop.auth.eu-west-1.amazoncognito.com",
		},
		"the whole of it": {
			cognito.Config{UserPoolID: "eu-west-1_MadeUp123", Domain: "shop.auth.eu-west-1.amazoncognito.com"},
			"https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_MadeUp123", "https://shop.auth.eu-west-1.amazoncognito.com",
		},
		"a domain of one's own, which the issuer never follows": {
			cognito.Config{UserPoolID: "ap-southeast-7_MadeUp123", Domain: "Auth.shop.example", Issuer: cognito.Original},
			"https://cognito-idp.ap-southeast-7.amazonaws.com/ap-southeast-7_MadeUp123", "https://auth.shop.example",
		},
		"the updated issuer": {
			cognito.Config{UserPoolID: "eu-west-1_MadeUp123", Domain: "shop", Issuer: cognito.Updated},
			"https://issuer-cognito-idp.eu-west-1.amazonaws.com/eu-west-1_MadeUp123", "https://shop.auth.eu-west-1.amazoncognito.com",
		},
		"an issuer given whole": {
			cognito.Config{UserPoolID: "eu-west-1_MadeUp123", Domain: "shop", Issuer: "https://idp.example/pool"},
			"https://idp.example/pool", "https://shop.auth.eu-west-1.amazoncognito.com",
		},
		"GovCloud": {
			cognito.Config{UserPoolID: "us-gov-west-1_MadeUp123", Domain: "shop"},
			"https://cognito-idp.us-gov-west-1.amazonaws.com/us-gov-west-1_MadeUp123", "https://shop.auth-fips.us-gov-west-1.amazoncognito.com",
		},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := cognito.New(c.config)
			require.NoError(t, err)
			require.Equal(t, c.issuer, p.Issuer)
			require.Equal(t, provider.Endpoints{
				Authorize: c.home + "/oauth2/authorize", Token: c.home + "/oauth2/token", Keys: c.issuer + "/.well-known/jwks.json",
				Revoke: c.home + "/oauth2/revoke", EndSession: c.home + "/logout",
			}, p.Endpoints)
		})
	}
}

func TestLogoutIsCognitosOwn(t *testing.T) {
	p, err := cognito.New(cognito.Config{UserPoolID: "eu-west-1_MadeUp123", Domain: "shop"})
	require.NoError(t, err)
	require.Equal(t, provider.Logout{ReturnParam: "logout_uri"}, p.Logout)
	require.NotContains(t, p.Scopes, "offline_access", "Cognito knows no such scope")
}

func TestAPoolOfCognitoLocalIsTakenOnThisMachine(t *testing.T) {
	p, err := cognito.New(cognito.Config{
		UserPoolID: "local_Ab12Cd34", Domain: "localhost:9229", Issuer: "http://localhost:9229/local_Ab12Cd34",
		Endpoints: provider.Endpoints{Authorize: "http://localhost:9229/oauth2/authorize", Token: "http://127.0.0.1:9229/oauth2/token"},
	})
	require.NoError(t, err)
	require.Equal(t, provider.Endpoints{
		Authorize: "http://localhost:9229/oauth2/authorize", Token: "http://127.0.0.1:9229/oauth2/token",
		Keys: "http://localhost:9229/local_Ab12Cd34/.well-known/jwks.json",
	}, p.Endpoints, "no token of it goes to Amazon")
}
