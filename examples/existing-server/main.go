// Command existing-server is a web server whose pages ask for a sign-in, and whose /admin/ asks for a group.
package main

import (
	"encoding/base64"
	"fmt"
	"log"
	"net/http"
	"os"
	"time"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/nethttp"
	"github.com/edgeauth/edgeauth/provider"
)

func main() {
	key, _ := base64.StdEncoding.DecodeString(os.Getenv("SESSION_KEY")) // openssl rand -base64 32
	guard, err := edgeauth.New(edgeauth.Config{
		Provider: provider.OIDC("https://login.example.com"),
		ClientID: "site",
		Hosts:    []string{"app.example.com"},
		Session:  edgeauth.Session{Keys: [][]byte{key}},
		Rules: []edgeauth.Rule{
			{Path: "/robots.txt", Anyone: true},
			{Path: "/admin/", Groups: []string{"admins"}},
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	server := &http.Server{ // behind your TLS proxy
		Addr: "localhost:8080", Handler: nethttp.Protect(guard, site()),
		ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, // or strangers hold connections for ever
	}
	log.Fatal(server.ListenAndServe())
}

func site() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, "Hello,", nethttp.Identity(r).Claim("name"))
	})
	return mux
}
