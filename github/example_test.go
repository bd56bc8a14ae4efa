package github_test

import (
	"fmt"

	"github.com/edgeauth/edgeauth/github"
)

func ExampleNew() {
	p, err := github.New(github.Config{Orgs: []string{"9919"}}) // https://api.github.com/orgs/github
	fmt.Println(p.Issuer, err)
	fmt.Println(p.Scopes)
	fmt.Println("anybody with an account:", p.OpenSignup)

	_, err = github.New(github.Config{Orgs: []string{"github"}}) // a name can be given to somebody else
	fmt.Println(err != nil)
	// Output:
	// https://github.com <nil>
	// [user:email read:org]
	// anybody with an account: false
	// true
}
