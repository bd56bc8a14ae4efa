package cognito_test

import (
	"fmt"

	"github.com/edgeauth/edgeauth/cognito"
)

func ExampleNew() {
	p, err := cognito.New(cognito.Config{UserPoolID: "eu-west-1_Ab12Cd34e", Domain: "shop"})
	fmt.Println(p.Issuer, err)
	fmt.Println(p.Endpoints.Authorize)

	_, err = cognito.New(cognito.Config{UserPoolID: "Ab12Cd34e", Domain: "shop"})
	fmt.Println(err != nil)
	// Output:
	// https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Ab12Cd34e <nil>
	// https://shop.auth.eu-west-1.amazoncognito.com/oauth2/authorize
	// true
}
