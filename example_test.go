package edgeauth_test

import (
	"context"
	"fmt"
	"net/url"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/entraid"
	"github.com/edgeauth/edgeauth/provider"
)

func ExampleNew() {
	entra, err := entraid.New(entraid.Config{Tenant: "37c156ce-36f2-4e30-ab8a-c9e8d79d09f4"})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = edgeauth.New(edgeauth.Config{
		Provider: entra,
		ClientID: "6476656c-9d24-4a7b-a8c6-ceb241f07113",
		Hosts:    []string{"app.example.com"},
		Session:  edgeauth.Session{Mode: edgeauth.Tokens}, // no secret anywhere
		Rules:    []edgeauth.Rule{{Path: "/robots.txt", Anyone: true}},
	})
	fmt.Println(err)
	// Output: <nil>
}

// New reports every fault at once, each with what to do about it.
func ExampleNew_faults() {
	_, err := edgeauth.New(edgeauth.Config{
		Provider: provider.OIDC("https://login.example.com"),
		Hosts:    []string{"https://app.example.com/"},
		Session:  edgeauth.Session{Keys: [][]byte{[]byte("too short")}},
	})
	fmt.Println(err)
	// Output:
	// edgeauth: site "https://app.example.com/" is not configured right:
	// ClientID: is empty; copy the application (client) id from the provider's console
	// Hosts[0]: "https://app.example.com/" is a URL; give the host alone
	// Session.Keys[0]: has 9 bytes, want 32; make one with: openssl rand -base64 32
}

// A platform states the request and carries the decision out.
func ExampleGuard_Check() {
	guard, err := edgeauth.New(edgeauth.Config{
		Provider: provider.Provider{
			Name: "example", Issuer: "https://login.example.com", Scopes: []string{"openid"},
			Endpoints: provider.Endpoints{
				Authorize: "https://login.example.com/authorize", Token: "https://login.example.com/token", Keys: "https://login.example.com/keys",
			},
		},
		ClientID: "site", Hosts: []string{"app.example.com"}, Session: edgeauth.Session{Mode: edgeauth.Tokens},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	header := map[string]string{"Accept": "text/html"}
	d := guard.Check(context.Background(), &edgeauth.Request{
		Method: "GET", Host: "app.example.com", Path: "/reports", Header: func(name string) string { return header[name] },
	})
	location, _ := url.Parse(d.Location)
	fmt.Println(d.Action, d.Status, location.Host, edgeauth.Code(d.Reason))

	header["Accept"] = "application/json" // a script
	d = guard.Check(context.Background(), &edgeauth.Request{
		Method: "GET", Host: "app.example.com", Path: "/data.json", Header: func(name string) string { return header[name] },
	})
	fmt.Println(d.Action, d.Status, edgeauth.Code(d.Reason))
	// Output:
	// redirect 302 login.example.com no_session
	// deny 401 no_session
}

func ExampleRule_Permits() {
	rule := edgeauth.Rule{Path: "/admin/", Groups: []string{"admins"}}
	ada, _ := edgeauth.NewIdentity("https://login.example.com", map[string]any{"sub": "1", "groups": []string{"admins"}})
	bob, _ := edgeauth.NewIdentity("https://login.example.com", map[string]any{"sub": "2", "groups": []string{"staff"}})
	fmt.Println(rule.Permits(ada), edgeauth.Code(rule.Permits(bob)))
	// Output: <nil> forbidden_group
}
