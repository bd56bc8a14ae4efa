package nethttp_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/nethttp"
)

// guard stands for what edgeauth.New returns.
var guard edgeauth.Checker = decide{Action: edgeauth.Redirect, Status: 302, Location: "https://idp.example.com/authorize"}

func ExampleProtect() {
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, "hello,", nethttp.Identity(r).Subject())
	})
	mux.Handle("/admin/", nethttp.Require(edgeauth.Rule{Groups: []string{"admins"}}, http.NotFoundHandler()))
	h := nethttp.Protect(guard, mux)

	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "https://app.example.com/", nil))
	fmt.Println(w.Code, w.Header().Get("Location"))
	// Output: 302 https://idp.example.com/authorize
}
