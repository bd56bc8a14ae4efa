package browser_test

import (
	"fmt"
	"net/http"
	"time"

	"github.com/edgeauth/edgeauth/edgeauthtest/browser"
)

func ExampleBrowser() {
	shop := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "__Host-cart", Value: "1", Path: "/", Secure: true, SameSite: http.SameSiteStrictMode})
		fmt.Fprintf(w, "<title>%s</title>%d cookies", r.Header.Get("Sec-Fetch-Site"), len(r.Cookies()))
	})
	blog := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `<a href="https://shop.example.com/">To the shop</a>`)
	})
	b := browser.New(time.Now, map[string]http.Handler{"shop.example.com": shop, "blog.example.net": blog})
	for _, step := range []func() error{
		func() error { return b.Navigate("https://shop.example.com/") },
		b.Reload,
		func() error { return b.Navigate("https://blog.example.net/") },
		func() error { return b.Click("To the shop") }, // a Strict cookie stays at home
	} {
		if err := step(); err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(b.Title(), "|", b.Body())
	}
	// Output:
	// none | <title>none</title>0 cookies
	// none | <title>none</title>1 cookies
	//  | <a href="https://shop.example.com/">To the shop</a>
	// cross-site | <title>cross-site</title>0 cookies
}
