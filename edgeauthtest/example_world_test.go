package edgeauthtest_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/edgeauth/edgeauth/edgeauthtest"
	"github.com/edgeauth/edgeauth/nethttp"
)

// testAnOutage is TestAnOutage in your package.
func testAnOutage(t *testing.T) {
	w := edgeauthtest.NewWorld(t, edgeauthtest.WorldOptions{})
	w.Protect(t, w.Config("app.example.com"), http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(rw, "Hello,", nethttp.Identity(r).Claim("name"))
	}))
	open := func(want int) {
		t.Helper()
		if err := w.Browser.Navigate("https://app.example.com/"); err != nil {
			t.Fatal(err)
		}
		if got := w.Browser.Status(); got != want {
			t.Errorf("the status is %d, want %d", got, want)
		}
	}

	w.IdP.Down()
	open(http.StatusServiceUnavailable)
	w.IdP.Up()
	w.Clock.Advance(time.Minute)
	open(http.StatusOK) // the provider's sign-in page
	if err := w.Browser.SubmitForm(map[string]string{"user": "alice"}); err != nil {
		t.Fatal(err)
	}
	w.IdP.Down()
	open(http.StatusOK) // a session needs no provider
}

// A journey can be told in Go, too.
func ExampleNewWorld() {
	var t *testing.T // the one that go test gives to TestAnOutage
	_ = func() { testAnOutage(t) }
}
