// Command own-lambda is a Lambda@Edge function that lets one Entra tenant reach a site. It needs no secret.
package main

import (
	"log"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/entraid"
	"github.com/edgeauth/edgeauth/lambdaedge"
)

func main() {
	guard, err := newGuard("37c156ce-36f2-4e30-ab8a-c9e8d79d09f4", "6476656c-9d24-4a7b-a8c6-ceb241f07113")
	if err != nil {
		log.Fatal(err)
	}
	lambdaedge.Start(guard)
}

func newGuard(tenant, clientID string) (*edgeauth.Guard, error) {
	entra, err := entraid.New(entraid.Config{Tenant: tenant, Platform: entraid.SPA})
	if err != nil {
		return nil, err
	}
	return edgeauth.New(edgeauth.Config{
		Provider: entra,
		ClientID: clientID,
		Hosts:    []string{"cloudfront"}, // the distribution's own name
		Session:  edgeauth.Session{Mode: edgeauth.Tokens},
		Index:    edgeauth.Index{SPA: "/index.html"},
	})
}
