package edgeauthtest

import (
	"fmt"
	"net/http"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/nethttp"
)

// SignedIn returns r as a handler behind nethttp.Protect sees it when somebody with these claims has signed in. It
// panics if the claims have no "sub", which names the person. The issuer is "iss", by default https://id.example.net.
func SignedIn(r *http.Request, claims map[string]any) *http.Request {
	if subject, ok := claims["sub"].(string); !ok || subject == "" {
		panic(fmt.Sprintf("edgeauthtest: the claims need a text \"sub\", not %v", claims["sub"]))
	}
	issuer, ok := claims["iss"].(string)
	if !ok {
		issuer = "https://id.example.net"
	}
	id, err := edgeauth.NewIdentity(issuer, claims)
	if err != nil {
		panic("edgeauthtest: " + err.Error())
	}
	return nethttp.WithIdentity(r, id)
}
