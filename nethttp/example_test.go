package nethttp_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/nethttp"
)

// guard stands for what edgeauth.New returns.
var guard edgeauth.Checker = decide{Action: edgeauth.Redirect, Status: 302, Location: "https://idp.example.com/authorize"}

// signedIn stands for a guard that knows Ada's session.
func signedIn(groups ...string) edgeauth.Checker {
	ada, err := edgeauth.NewIdentity("https://id.example.net", map[string]any{"sub": "ada", "groups": groups})
	if err != nil {
		panic(err)
	}
	return decide{Action: edgeauth.Allow, Identity: ada}
}

func show(h http.Handler, path string) {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "https://app.example.com"+path, nil))
	fmt.Println(path, w.Code)
}

func ExampleMiddleware() {
	use := []func(http.Handler) http.Handler{ // as a router's r.Use does
		nethttp.Middleware(signedIn("staff")),
		http.NewCrossOriginProtection().Handler,
	}
	var h http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Println("hello,", nethttp.Identity(r).Subject())
	})
	for _, middleware := range slices.Backward(use) {
		h = middleware(h)
	}
	show(h, "/")
	// Output:
	// hello, ada
	// / 200
}

func ExampleRequire() {
	page := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "a page") })
	mux := http.NewServeMux()
	mux.Handle("/", page)
	mux.Handle("/admin/", nethttp.Require(edgeauth.Rule{Groups: []string{"admins"}}, page))

	show(nethttp.Protect(signedIn("staff", "admins"), mux), "/admin/")
	show(nethttp.Protect(signedIn("staff"), mux), "/")
	// Output:
	// /admin/ 200
	// / 200
}

func ExampleRequireMiddleware() {
	admins := nethttp.RequireMiddleware(edgeauth.Rule{Groups: []string{"admins"}})
	page := admins(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "a page") }))

	show(nethttp.Protect(signedIn("admins"), page), "/admin/")
	// Output: /admin/ 200
}

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
