package edgeauthtest_test

import (
	"fmt"
	"net/http"
	"testing"
	"testing/fstest"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/edgeauthtest"
	"github.com/edgeauth/edgeauth/nethttp"
)

// newSite is a world with one site: what a test of stories gives to RunStories.
func newSite(t *testing.T) *edgeauthtest.World {
	w := edgeauthtest.NewWorld(t, edgeauthtest.WorldOptions{})
	config := w.Config("app.example.com")
	config.Rules = []edgeauth.Rule{{Path: "/admin/", Groups: []string{"admins"}}}
	w.Protect(t, config, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(rw, "Hello,", nethttp.Identity(r).Claim("name"))
	}))
	return w
}

// stories is a folder of text files: os.DirFS("testdata/stories") in your test.
var stories = fstest.MapFS{"admin.txt": {Data: []byte(`
# Only administrators see the administration.
open /admin/
expect sign-in page
sign in as alice
expect 403
wait 61m
open /
expect 200 "Hello, Alice"
`)}}

// testStories is TestStories in your package.
func testStories(t *testing.T) { edgeauthtest.RunStories(t, stories, newSite) }

// One test function runs all stories of a folder.
func ExampleRunStories() {
	var t *testing.T // the one that go test gives to TestStories
	_ = func() { testStories(t) }
}
