package webserve_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth/cmd/edgeauth/internal/webserve"
)

func TestAFolderIsServedLikeAPrivateBucket(t *testing.T) {
	site := webserve.Files{FS: fstest.MapFS{
		"index.html":      {Data: []byte("home")},
		"docs/index.html": {Data: []byte("docs")},
		"docs/a b.txt":    {Data: []byte("file")},
		"empty/x/y.txt":   {Data: []byte("file")},
		".env":            {Data: []byte("secret")},
		".git/config":     {Data: []byte("secret")},
		"docs/.htpasswd":  {Data: []byte("secret")},
	}}
	for name, c := range map[string]struct {
		method, target string
		status         int
		body, location string
	}{
		"the home page":              {"GET", "/", 200, "home", ""},
		"its file, without a detour": {"GET", "/index.html", 200, "home", ""},
		"a folder's page":            {"GET", "/docs/", 200, "docs", ""},
		"a file":                     {"GET", "/docs/a%20b.txt", 200, "file", ""},
		"only its header":            {"HEAD", "/docs/a%20b.txt", 200, "", ""},
		"a folder without a slash":   {"GET", "/docs?a=b", 301, "", "./docs/?a=b"},
		"no listing":                 {"GET", "/empty/", 404, "", ""},
		"no missing file":            {"GET", "/missing", 404, "", ""},
		"no dot file":                {"GET", "/.env", 404, "", ""},
		"no dot file further down":   {"GET", "/docs/.htpasswd", 404, "", ""},
		"no dot folder":              {"GET", "/.git/config", 404, "", ""},
		"nothing above the folder":   {"GET", "/docs/../../etc/passwd", 404, "", ""},
		"no post":                    {"POST", "/", 405, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := httptest.NewRecorder()
			site.ServeHTTP(w, httptest.NewRequest(c.method, c.target, nil))
			require.Equal(t, c.status, w.Code)
			require.Equal(t, c.location, w.Header().Get("Location"))
			require.NotContains(t, w.Body.String(), "secret")
			if c.status == http.StatusOK {
				require.Equal(t, c.body, w.Body.String())
				require.Equal(t, "private, no-cache", w.Header().Get("Cache-Control"), "a shared cache could give it to anyone")
			}
		})
	}
}
