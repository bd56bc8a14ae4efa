package siteconfig_test

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/siteconfig"
)

// One server protects every site that the folder has a document for.
func ExampleFromDocuments() {
	documents := &siteconfig.Folder{FS: os.DirFS("sites")}
	file, err := os.ReadFile("keys") // openssl rand -base64 32
	if err != nil {
		log.Fatal(err)
	}
	keys, err := siteconfig.ParseKeys(file)
	if err != nil {
		log.Fatal(err)
	}
	sites, err := edgeauth.NewSites(edgeauth.SitesConfig{
		Source: siteconfig.FromDocuments(documents, siteconfig.Options{Keys: keys}),
	})
	if err != nil {
		log.Fatal(err)
	}
	_ = sites // nethttp.Protect(sites, site), or lambdaedge.Start(sites)
}

func ExampleMap() {
	source := siteconfig.FromDocuments(siteconfig.Map{
		"app.example.com": []byte(`{
			"hosts": ["app.example.com"], "client_id": "web",
			"provider": {"type": "oidc", "issuer": "https://id.example.com"}
		}`),
	}, siteconfig.Options{})
	config, err := source.Config(context.Background(), "app.example.com")
	fmt.Println(config.ClientID, err)
	_, err = source.Config(context.Background(), "www.example.com")
	fmt.Println(err)
	// Output:
	// web <nil>
	// no such site: www.example.com
}
