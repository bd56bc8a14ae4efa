// Command custom-idp protects a server with a provider that has rules of its own. The adapter is acme, below.
package main

import (
	"errors"
	"log"
	"net/http"
	"time"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/nethttp"
	"github.com/edgeauth/edgeauth/provider"
)

// acme is the company's own OpenID Connect provider. It knows staff and guests; guests stay out.
func acme(base string) provider.Provider {
	p := provider.OIDC(base)
	p.Name = "acme"
	p.AuthorizeParams = map[string]string{"realm": "people"}
	p.IDToken.Equal = map[string][]string{"kind": {"id"}} // its access tokens look alike
	p.Mapping.Groups = "/org/teams"
	p.Check = func(t provider.Token) error {
		if status, _ := t.Claims.Text("status"); status != "staff" {
			return errors.New("not a member of staff")
		}
		return nil
	}
	return p
}

func main() {
	guard, err := edgeauth.New(edgeauth.Config{
		Provider: acme("https://sso.acme.example"), ClientID: "site", Hosts: []string{"app.acme.example"},
		Session: edgeauth.Session{Mode: edgeauth.Tokens},
	})
	if err != nil {
		log.Fatal(err)
	}
	server := &http.Server{
		Addr: "localhost:8080", Handler: nethttp.Protect(guard, http.FileServer(http.Dir("site"))),
		ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute,
	}
	log.Fatal(server.ListenAndServe())
}
