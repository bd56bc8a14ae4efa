package entraid_test

import (
	"fmt"

	"github.com/edgeauth/edgeauth/entraid"
)

func ExampleNew() {
	p, err := entraid.New(entraid.Config{Tenant: "37c156ce-36f2-4e30-ab8a-c9e8d79d09f4", Platform: entraid.SPA})
	fmt.Println(p.Issuer, err)

	_, err = entraid.New(entraid.Config{Tenant: "contoso.com"})
	fmt.Println(err != nil)
	// Output:
	// https://login.microsoftonline.com/37c156ce-36f2-4e30-ab8a-c9e8d79d09f4/v2.0 <nil>
	// true
}
