package auth0_test

import (
	"fmt"

	"github.com/edgeauth/edgeauth/auth0"
)

func ExampleNew() {
	p, err := auth0.New(auth0.Config{
		Domain:       "shop.eu.auth0.com",
		Organization: "org_9ybsU1dN2dKfDkBi",
		Namespace:    "https://app.example.com/",
	})
	fmt.Println(p.Issuer, err)
	fmt.Println(p.AuthorizeParams)
	fmt.Println(p.Mapping.Roles)

	_, err = auth0.New(auth0.Config{Domain: "https://shop.eu.auth0.com"})
	fmt.Println(err != nil)
	// Output:
	// https://shop.eu.auth0.com/ <nil>
	// map[organization:org_9ybsU1dN2dKfDkBi]
	// https://app.example.com/roles
	// true
}
