package providertest

import (
	"testing"

	"github.com/edgeauth/edgeauth/cognito"
	"github.com/edgeauth/edgeauth/provider"
)

const (
	pool        = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_MadeUp123"
	poolUpdated = "https://issuer-cognito-idp.eu-west-1.amazonaws.com/eu-west-1_MadeUp123"
	poolClient  = "1examplea083e941775650d739"
)

var (
	// Cognito's tokens have no type in their header, and their key ids end as base64 does.
	cognitoGood = Answer{
		Header: object("typ", nil),
		Claims: object("sub", "d21104e9-a9c7-4ce3-ac14-630c602535d5", "cognito:groups", []string{"editors"}, "cognito:username", "robin",
			"email", "robin@shop.example", "email_verified", true, "auth_time", 1772355600, "origin_jti", "d9d0a518"),
	}
	cognitoID = Sample{
		ClientID: poolClient, Good: cognitoGood,
		AlsoGood: map[string]Answer{
			"P01 somebody whose answer brings no refresh token": {Token: object("refresh_token", nil)},
			"somebody from a company's directory":               claims("email_verified", false, "identities", []any{object("providerName", "CorpSAML")}),
		},
		Bad: map[string]Answer{
			"G02 an ID token that is an access token by its use":   claims("token_use", "access").because("claim_refused"),
			"an ID token without use":                              claims("token_use", nil).because("claim_refused"),
			"G05 an ID token for another client of the pool":       claims("aud", "2another").because("wrong_audience"),
			"G07 an ID token of a pool of that name elsewhere":     claims("iss", "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_MadeUp123").because("wrong_issuer"),
			"G08 an ID token of the issuer that is not configured": claims("iss", poolUpdated).because("wrong_issuer"),
			"an ID token that names the pool's own domain":         claims("iss", "https://auth.shop.example").because("wrong_issuer"),
			"J06 an ID token without key id":                       noKeyID,
		},
	}
	cognitoAccess = Sample{
		ClientID: poolClient, Proof: provider.AccessToken, Good: cognitoGood,
		Bad: map[string]Answer{
			"G01 an access token that is an ID token by its use":        claims("token_use", "id").because("claim_refused"),
			"G03 an access token of another client of the pool":         claims("client_id", "2another").because("wrong_client"),
			"G06 an access token without use":                           claims("token_use", nil).because("claim_refused"),
			"G06 a refresh token by its use":                            claims("token_use", "refresh").because("claim_refused"),
			"an access token that is bound to a resource nobody listed": claims("aud", api).because("wrong_audience"),
			"an access token without scope":                             claims("scope", "").because("claim_refused"),
			"J06 an access token without key id":                        noKeyID,
		},
	}
)

func cognitoPool(t *testing.T) tested {
	p := made(t)(cognito.New(cognito.Config{UserPoolID: "eu-west-1_MadeUp123", Domain: "shop-example"}))
	return tested{p, map[string]Sample{"ID tokens": cognitoID, "access tokens": cognitoAccess}}
}

func cognitoBound(t *testing.T) tested {
	p := made(t)(cognito.New(cognito.Config{UserPoolID: "eu-west-1_MadeUp123", Domain: "auth.shop.example", Issuer: cognito.Updated}))
	return tested{p, map[string]Sample{
		"access tokens of the pool": cognitoAccess,
		"ID tokens": {Good: cognitoGood, Bad: map[string]Answer{
			"G08 an ID token of the issuer that is not configured": claims("iss", pool).because("wrong_issuer"),
			"G02 an ID token that is an access token by its use":   claims("token_use", "access").because("claim_refused"),
			"J06 an ID token without key id":                       noKeyID,
		}},
		"access tokens": {
			Proof: provider.AccessToken, Audience: []string{api}, AuthorizeParams: map[string]string{"resource": api}, Good: cognitoGood,
			AlsoGood: map[string]Answer{
				"somebody whose token is bound to our resource": claims("aud", api),
			},
			Bad: map[string]Answer{
				"an access token that is bound to none":               claims("aud", nil).because("wrong_audience"),
				"an access token that is bound to another resource":   claims("aud", "https://other.example").because("wrong_audience"),
				"an access token of another client, for our resource": claims("aud", api, "client_id", "2another").because("wrong_client"),
				"G06 a refresh token by its use":                      claims("token_use", "refresh").because("claim_refused"),
				"an access token without scope":                       claims("scope", nil).because("claim_refused"),
				"J06 an access token without key id":                  noKeyID,
			},
		},
	}}
}
