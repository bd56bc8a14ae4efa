package provider_test

import (
	"errors"
	"fmt"

	"github.com/edgeauth/edgeauth/provider"
)

// An adapter is data: it starts from OIDC and says what its provider does differently.
func ExampleOIDC() {
	acme := provider.OIDC("https://sso.acme.example")
	acme.Name = "acme"
	acme.AuthorizeParams = map[string]string{"realm": "people"}
	acme.Mapping.Groups = "/org/teams" // a JSON Pointer into the claims
	acme.Check = func(t provider.Token) error {
		if status, _ := t.Claims.Text("status"); status != "staff" {
			return errors.New("not a member of staff")
		}
		return nil
	}
	fmt.Println(acme.Discovery)

	claims, _ := provider.ParseClaims([]byte(`{"sub": "7", "status": "guest"}`))
	fmt.Println(acme.Check(provider.Token{Claims: claims}))
	// Output:
	// https://sso.acme.example/.well-known/openid-configuration
	// not a member of staff
}

// A provider without discovery names its endpoints.
func ExampleProvider() {
	acme := provider.OIDC("https://sso.acme.example")
	acme.Discovery = ""
	acme.Endpoints = provider.Endpoints{
		Authorize: "https://sso.acme.example/authorize",
		Token:     "https://sso.acme.example/token",
		Keys:      "https://keys.acme.example/jwks.json",
	}
	acme.Secret = provider.Required
	acme.ClientAuth = provider.ClientSecretPost
	fmt.Println(acme.Endpoints.Keys)
	// Output: https://keys.acme.example/jwks.json
}

func ExampleGoogle() {
	fmt.Println("anybody with an account:", provider.Google().OpenSignup)
	fmt.Println("anybody with an account:", provider.Google("example.com").OpenSignup)
	// Output:
	// anybody with an account: true
	// anybody with an account: false
}

func ExampleParseClaims() {
	claims, err := provider.ParseClaims([]byte(`{"sub": "7", "org": {"teams": ["maps", "search"]}}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	subject, _ := claims.Text("sub")
	fmt.Println(subject)
	for team := range claims.Strings("/org/teams") {
		fmt.Println(team)
	}

	_, err = provider.ParseClaims([]byte(`{"sub": "7", "sub": "8"}`)) // two readers could take two different people
	fmt.Println(err != nil)
	// Output:
	// 7
	// maps
	// search
	// true
}
