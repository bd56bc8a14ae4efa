package lambdaedge_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"net/http"
	"os"
	"testing"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/edgeauthtest"
	"github.com/edgeauth/edgeauth/lambdaedge"
)

// storySite is the site of the stories: pages, a form, an admins' corner and a public one.
func storySite(t *testing.T, o lambdaedge.Options, mode edgeauth.SessionMode) *edgeauthtest.World {
	w, _ := newSite(t, o, func(rw http.ResponseWriter, r *http.Request) {
		var body bytes.Buffer
		_, _ = body.ReadFrom(r.Body)
		fmt.Fprintf(rw, `<title>Site</title>%s %s for %q %s`, r.Method, r.URL.RequestURI(), r.Header.Get("X-Auth-Subject"), body.String())
		fmt.Fprint(rw, `<form method="post" action="/save"><input name="size"><button>Save</button></form><a href="/.auth/logout">Sign out</a>`)
	}, func(c *edgeauth.Config) {
		c.Rules = []edgeauth.Rule{{Path: "/public/", Anyone: true}, {Path: "/admin/", Groups: []string{"admins"}}}
		c.Forward.Headers = map[string]string{"X-Auth-Subject": "sub"}
		if mode == edgeauth.Tokens {
			tokensMode(c)
		}
	})
	w.Handle("other.example.org", http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/json" {
			fmt.Fprint(rw, `{"typed":"as text"}`)
			return
		}
		fmt.Fprint(rw, `another site <a href="`+appURL+`/.auth/logout">A trap</a>`)
	}))
	return w
}

func TestEveryStoryHoldsAtCloudFront(t *testing.T) {
	handover := lambdaedge.Options{ViewerResponse: true, Keys: [][]byte{handoverKey}}
	for name, test := range map[string]struct {
		options lambdaedge.Options
		mode    edgeauth.SessionMode
	}{
		"sealed":                      {lambdaedge.Options{}, edgeauth.Sealed},
		"tokens":                      {lambdaedge.Options{}, edgeauth.Tokens},
		"sealed, handed over":         {handover, edgeauth.Sealed},
		"tokens, handed over as well": {handover, edgeauth.Tokens},
	} {
		t.Run(name, func(t *testing.T) {
			edgeauthtest.RunStories(t, os.DirFS("../edgeauthtest/testdata/stories"), func(t *testing.T) *edgeauthtest.World {
				return storySite(t, test.options, test.mode)
			})
		})
	}
}

var handoverKey = func() []byte { key := sha256.Sum256([]byte("hand-over")); return key[:] }() // it stands for random bytes
