package providertest

import (
	"testing"

	"github.com/edgeauth/edgeauth/entraid"
	"github.com/edgeauth/edgeauth/provider"
)

const (
	tenantA   = "1b4e28ba-2fa1-41d2-883f-0016d3cca427"
	tenantB   = "6fa459ea-ee8a-4ca4-894e-db77e160355e"
	personal  = "9188040d-6c67-4c5b-b112-36a304b66dad"
	microsoft = "https://login.microsoftonline.com/"
)

var (
	// entraGood is somebody of tenant A, with a key as it is published for all tenants.
	entraGood = Answer{
		Claims: object("ver", "2.0", "tid", tenantA, "oid", "00aa0000-0000-4000-8000-000000000001", "idtyp", "user",
			"name", "Robin", "preferred_username", "robin@contoso.example"),
		Key: object("issuer", microsoft+"{tenantid}/v2.0", "cloud_instance_name", "microsoftonline.com"),
	}
	entraTokens = map[string]Answer{
		"an ID token without version":                        claims("ver", nil).because("claim_refused"),
		"an ID token of version 1":                           claims("ver", "1.0").because("claim_refused"),
		"J06 a token without key id":                         noKeyID,
		"a key of another tenant":                            Answer{Key: object("issuer", microsoft+tenantB+"/v2.0")}.because("claim_refused"),
		"E10 a key of another cloud":                         Answer{Key: object("cloud_instance_name", "microsoftonline.us")}.because("claim_refused"),
		"E03 somebody of a tenant that is not listed":        claims("iss", microsoft+personal+"/v2.0", "tid", personal),
		"E07 an issuer that was left a template":             claims("iss", microsoft+"{tenantid}/v2.0").because("wrong_issuer"),
		"E12 an issuer at a host that begins like Entra's":   claims("iss", "https://login.microsoftonline.com.evil.example/"+tenantA+"/v2.0").because("wrong_issuer"),
		"an issuer and a tenant that do not belong together": claims("tid", tenantB),
		"E05 a token without tenant":                         claims("tid", nil),
		"E06 a tenant that is no GUID":                       claims("tid", "common"),
		"E06 a tenant that leaves the path":                  claims("tid", "../x", "iss", microsoft+"../x/v2.0"),
	}
	entraAccess = map[string]Answer{
		"E13 a token for Graph":                         claims("aud", "00000003-0000-0000-c000-000000000000").because("wrong_audience"),
		"E14 a token for another app":                   claims("aud", "api://another").because("wrong_audience"),
		"E15 a token of another client":                 claims("azp", nobody).because("wrong_client"),
		"E16 a token of an app":                         claims("idtyp", "app").because("claim_refused"),
		"E18 a token without scope":                     claims("scp", nil).because("claim_refused"),
		"a token whose header says at+jwt":              Answer{Header: object("typ", "at+jwt")}.because("bad_type"),
		"a token for Graph, by the nonce in its header": Answer{Header: object("nonce", "x")}.because("claim_refused"),
		"J06 a token without key id":                    noKeyID,
		"a token of version 3":                          claims("ver", "3.0").because("claim_refused"),
	}
	// entraForms are the forms of an access token of version 2.
	entraForms = map[string]Answer{
		"somebody whose token is for the bare client id": claims("aud", "client"),
		"somebody whose token is for the App ID URI":     claims("aud", "api://client"),
		"somebody with a slash behind it":                claims("aud", "api://client/"),
		"somebody whose client is in azp":                claims("azp", "client", "appid", nil),
		"somebody whose client is in appid":              claims("azp", nil, "appid", "client"),
	}
)

func entraOne(t *testing.T) tested {
	v1 := "https://sts.windows.net/" + tenantA + "/"
	return tested{made(t)(entraid.New(entraid.Config{Tenant: tenantA, V1AccessTokens: true})), map[string]Sample{
		"ID tokens": {
			Good: entraGood, Bad: entraTokens,
			AlsoGood: map[string]Answer{
				"P04 somebody whose ID token holds no hash":  claims("at_hash", nil),
				"P15 somebody without name or email":         claims("name", nil, "preferred_username", nil),
				"P12 somebody with too many groups to list":  claims("_claim_names", object("groups", "src1")),
				"somebody whose key is that of this tenant":  {Key: object("issuer", microsoft+tenantA+"/v2.0")},
				"somebody whose key says no issuer or cloud": {Key: object("issuer", nil, "cloud_instance_name", nil)},
			},
		},
		"access tokens": {
			Proof: provider.AccessToken, Good: entraGood, Bad: entraAccess,
			AlsoGood: map[string]Answer{
				"P19 somebody with a token of version 1": claims("ver", "1.0", "iss", v1, "azp", nil, "appid", "client", "aud", "api://client"),
				"P19 somebody with a slash behind it":    claims("ver", "1.0", "iss", v1, "azp", nil, "appid", "client", "aud", "api://client/"),
				"P19 somebody with the bare client id":   claims("ver", "1.0", "iss", v1, "azp", nil, "appid", "client", "aud", "client"),
			},
		},
	}}
}

func entraSeveral(t *testing.T) tested {
	return tested{made(t)(entraid.New(entraid.Config{Tenants: []string{tenantA, tenantB}, Platform: entraid.Web})), map[string]Sample{
		"ID tokens": {
			Good: entraGood, Bad: entraTokens,
			AlsoGood: map[string]Answer{
				"somebody of the other tenant":        claims("tid", tenantB, "iss", microsoft+tenantB+"/v2.0"),
				"a callback that names the tenant":    {Callback: object("iss", microsoft+tenantA+"/v2.0")},
				"a callback that names another of it": {Callback: object("iss", microsoft+tenantB+"/v2.0")},
			},
		},
		"access tokens": {
			Proof: provider.AccessToken, Good: entraGood, Bad: entraAccess,
			AlsoGood: entraForms,
		},
	}}
}

func entraEvery(t *testing.T) tested {
	bad := map[string]Answer{
		"an ID token without version": claims("ver", nil).because("claim_refused"),
		"E08 a personal account":      claims("tid", personal, "iss", microsoft+personal+"/v2.0").because("claim_refused"),
		"a key of another tenant":     Answer{Key: object("issuer", microsoft+tenantB+"/v2.0")}.because("claim_refused"),
		"an ID token of version 1":    claims("ver", "1.0").because("claim_refused"),
		"J06 a token without key id":  noKeyID,
		"E05 a token without tenant":  claims("tid", nil).because("wrong_issuer"),
	}
	return tested{made(t)(entraid.New(entraid.Config{Tenant: "organizations", AnyTenant: true})), map[string]Sample{
		"ID tokens": {
			Good: entraGood, Bad: bad,
			AlsoGood: map[string]Answer{"somebody of another tenant": claims("tid", tenantB, "iss", microsoft+tenantB+"/v2.0")},
		},
		"access tokens": {Proof: provider.AccessToken, Good: entraGood, Bad: entraAccess, AlsoGood: entraForms},
	}}
}
