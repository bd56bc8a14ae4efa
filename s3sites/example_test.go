package s3sites_test

import (
	"log"
	"net/http"
	"os"
	"time"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/nethttp"
	"github.com/edgeauth/edgeauth/s3sites"
	"github.com/edgeauth/edgeauth/siteconfig"
)

// One server protects every site that the bucket has a document for.
func ExampleNew() {
	documents, err := s3sites.New(s3sites.Config{Bucket: "my-sites", Prefix: "sites/", Region: "eu-central-1"})
	if err != nil {
		log.Fatal(err)
	}
	file, err := os.ReadFile("/run/secrets/keys") // openssl rand -base64 32, kept where you keep secrets
	if err != nil {
		log.Fatal(err)
	}
	keys, err := siteconfig.ParseKeys(file)
	if err != nil {
		log.Fatal(err)
	}
	sites, err := edgeauth.NewSites(edgeauth.SitesConfig{
		Source: siteconfig.FromDocuments(documents, siteconfig.Options{Keys: keys}),
		TTL:    time.Minute,
	})
	if err != nil {
		log.Fatal(err)
	}
	_ = nethttp.Protect(sites, http.FileServer(http.Dir("site"))) // or lambdaedge.Start(sites)
}
