package forwardauth_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/forwardauth"
)

// A program of one's own asks the guard for a proxy on the same machine.
func ExampleHandler() {
	guard := &scripted{Decision: edgeauth.Decision{ // stands for what edgeauth.New returns
		Action: edgeauth.Allow, Forward: edgeauth.Forward{Set: http.Header{"X-Auth-Subject": {"ada"}}},
	}}
	h := forwardauth.Handler(guard, forwardauth.Options{
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")},
	})

	r := httptest.NewRequest(http.MethodGet, forwardauth.ForwardAuthPath, nil) // as Caddy asks
	r.RemoteAddr = "127.0.0.1:50000"
	r.Header.Set("X-Forwarded-Method", "GET")
	r.Header.Set("X-Forwarded-Proto", "https")
	r.Header.Set("X-Forwarded-Host", "app.example.com")
	r.Header.Set("X-Forwarded-Uri", "/reports?page=2")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	fmt.Println(w.Code, w.Header().Get("X-Auth-Subject"))
	// Output: 200 ada
}
