package webserve_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth/cmd/edgeauth/internal/operate"
	"github.com/edgeauth/edgeauth/cmd/edgeauth/internal/webserve"
)

// manySites is a folder of documents behind serve, with a clock that tests move on.
type manySites struct {
	*testing.T
	dir     string
	now     time.Time
	handler http.Handler
	live    *operate.Live
	hosts   []string
	log     bytes.Buffer
}

func newManySites(t *testing.T) *manySites {
	s := &manySites{T: t, dir: t.TempDir(), now: time.Now()}
	require.NoError(t, os.WriteFile(filepath.Join(s.dir, "key"), []byte("x5Z0Y1b7nQm2oVwJcK8fTgHsLdRpEuAiNyBvCtXzM0k="), 0o600))
	return s
}

func (s *manySites) serve(change func(*webserve.Options)) error {
	o := webserve.Options{Config: s.dir, Keys: filepath.Join(s.dir, "key"), Dir: s.TempDir(), Now: func() time.Time { return s.now }}
	if change != nil {
		change(&o)
	}
	site, err := o.Open(slog.New(slog.NewTextHandler(&s.log, nil)), operate.NewMetrics("test"))
	if err == nil {
		s.handler, s.hosts, s.live = site, site.Hosts, site.Live
	}
	return err
}

// put writes the document of a host, whose sign-in goes to the client.
func (s *manySites) put(host, client string) {
	s.write(host, fmt.Sprintf(`{"hosts": [%q], "client_id": %q, "provider": {"type": "oidc", "issuer": "https://id.example",
		"endpoints": {"authorize": "https://id.example/a", "token": "https://id.example/t", "keys": "https://id.example/k"}}}`, host, client))
}

func (s *manySites) write(host, doc string) {
	require.NoError(s, os.WriteFile(filepath.Join(s.dir, host+".json"), []byte(doc), 0o600))
}

// client opens a page and returns whose sign-in it was sent to, or the status.
func (s *manySites) client(host string) string {
	r := httptest.NewRequest(http.MethodGet, "https://"+host+"/", nil)
	r.Header.Set("Accept", "text/html")
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	if w.Code != http.StatusFound {
		return http.StatusText(w.Code)
	}
	to, err := url.Parse(w.Header().Get("Location"))
	require.NoError(s, err)
	require.Equal(s, "https://"+host+"/.auth/callback", to.Query().Get("redirect_uri"))
	return to.Query().Get("client_id")
}

func (s *manySites) wait(d time.Duration) { s.now = s.now.Add(d) }

func TestServeAFolderOfSites(t *testing.T) {
	s := newManySites(t)
	s.put("a.example", "one")
	s.put("b.example", "two")
	require.NoError(t, s.serve(nil))
	require.Equal(t, []string{"a.example", "b.example"}, s.hosts)
	require.Equal(t, "one", s.client("a.example"))
	require.Equal(t, "two", s.client("b.example"))
	require.Equal(t, "Misdirected Request", s.client("c.example"))

	s.put("c.example", "three")
	s.put("a.example", "changed")
	s.write("b.example", "{")
	s.wait(4 * time.Second)
	require.Equal(t, "three", s.client("c.example"), "a new site is a new document")
	require.Equal(t, "changed", s.client("a.example"))
	require.Equal(t, "two", s.client("b.example"), "the last good document goes on")
	require.Contains(t, s.log.String(), "last_good_goes_on=true")

	s.put("b.example", "mended")
	require.NoError(t, os.Remove(filepath.Join(s.dir, "a.example.json")))
	s.wait(11 * time.Second)
	require.Equal(t, "mended", s.client("b.example"))
	require.Equal(t, "Misdirected Request", s.client("a.example"))
}

func TestABadDocumentKeepsNoOtherSiteFromBeingServed(t *testing.T) {
	s := newManySites(t)
	s.put("a.example", "one")
	s.put("b.example", "")
	s.write("c.example", `{"hosts": ["c.example"], "clientid": "x"}`)
	require.NoError(t, s.serve(nil))
	require.Equal(t, []string{"a.example"}, s.hosts)
	require.Contains(t, s.log.String(), `site \"b.example\": line 1: client_id: is empty`)
	require.Contains(t, s.log.String(), `site \"c.example\": line 1: clientid`)
	require.Equal(t, "one", s.client("a.example"))
	require.Equal(t, "Service Unavailable", s.client("b.example"))

	s = newManySites(t)
	s.put("b.example", "")
	require.ErrorContains(t, s.serve(nil), "no site document in")
	s = newManySites(t)
	require.NoError(t, s.serve(nil), "documents may come later")
	require.Contains(t, s.log.String(), "no site document in the folder yet")
}

func TestADocumentSendsNoSecretOfOthersToItsProvider(t *testing.T) {
	t.Setenv("EDGEAUTH_TEST_SECRET", "hush")
	s := newManySites(t)
	with := func(reference string) string {
		return fmt.Sprintf(`{"hosts": ["b.example"], "client_id": "two", "client_secret": %q, "provider": {"type": "oidc", "issuer": "https://id.example",
			"endpoints": {"authorize": "https://id.example/a", "token": "https://id.example/t", "keys": "https://id.example/k"}}}`, reference)
	}
	require.NoError(t, os.Mkdir(filepath.Join(s.dir, "b.example"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(s.dir, "b.example", "secret"), []byte("mine"), 0o600))
	s.put("a.example", "one")
	for _, reference := range []string{"file:key", "file:../key", "file:" + filepath.Join(s.dir, "key"), "env:EDGEAUTH_TEST_SECRET", "env:PATH"} {
		s.write("b.example", with(reference))
		require.NoError(t, s.serve(nil), reference)
		require.Equal(t, []string{"a.example"}, s.hosts, reference)
		require.Equal(t, "Service Unavailable", s.client("b.example"), reference)
	}
	s.write("b.example", with("file:secret"))
	require.NoError(t, s.serve(nil))
	require.Equal(t, "two", s.client("b.example"))
	s.write("b.example", with("env:EDGEAUTH_TEST_SECRET"))
	require.NoError(t, s.serve(func(o *webserve.Options) { o.SecretEnv = []string{"b.example=EDGEAUTH_TEST_SECRET"} }))
	require.Equal(t, "two", s.client("b.example"))
}

func TestADocumentSendsTheServerToNoAddressThatIsNotPublic(t *testing.T) {
	s := newManySites(t)
	s.put("a.example", "one")
	s.write("b.example", `{"hosts": ["b.example"], "client_id": "two", "provider": {"type": "oidc", "issuer": "https://id.example",
		"endpoints": {"authorize": "https://id.example/a", "token": "http://127.0.0.1:09001/2018-06-01/runtime/init/error", "keys": "https://id.example/k"}}}`)
	require.NoError(t, s.serve(nil))
	require.Equal(t, []string{"a.example"}, s.hosts)
	require.Contains(t, s.log.String(), `site \"b.example\": provider: \"http://127.0.0.1:09001/2018-06-01/runtime/init/error\" is not at a public address; use its public address`)
	require.Equal(t, "Service Unavailable", s.client("b.example"))
	require.NoError(t, s.serve(func(o *webserve.Options) { o.Networks = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")} }))
	require.Equal(t, "two", s.client("b.example"), "the operator may list networks, to try things")
}

func TestManySitesOverPlainHTTPAreOnThisMachine(t *testing.T) {
	insecure := func(o *webserve.Options) { o.InsecureHTTP = true }
	s := newManySites(t)
	s.put("localhost:8080", "one")
	s.put("a.example", "two")
	require.NoError(t, s.serve(insecure))
	require.Equal(t, []string{"localhost:8080"}, s.hosts)
	r := httptest.NewRequest(http.MethodGet, "http://localhost:8080/", nil)
	r.Header.Set("Accept", "text/html")
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	require.Contains(t, w.Header().Get("Location"), url.QueryEscape("http://localhost:8080/.auth/callback"))
}

func TestAFolderOfSitesTakesItsMasterKeysFromAFile(t *testing.T) {
	s := newManySites(t)
	s.put("a.example", "one")
	require.ErrorContains(t, s.serve(func(o *webserve.Options) { o.Keys = "" }), "no site document in", "sealed sessions need keys")
	require.Contains(t, s.log.String(), "session.keys")
	require.NoError(t, os.WriteFile(filepath.Join(s.dir, "key"), []byte("short"), 0o600))
	require.ErrorContains(t, s.serve(nil), "make a key with")
}

func TestKeysAndSecretsOfAFolderAreReadAgain(t *testing.T) {
	s := newManySites(t)
	require.NoError(t, os.Mkdir(filepath.Join(s.dir, "a.example"), 0o700))
	secret, keys := filepath.Join(s.dir, "a.example", "secret"), filepath.Join(s.dir, "key")
	require.NoError(t, os.WriteFile(secret, []byte("one"), 0o600))
	s.write("a.example", `{"hosts": ["a.example"], "client_id": "one", "client_secret": "file:secret", "provider": {"type": "oidc", "issuer": "https://id.example",
		"endpoints": {"authorize": "https://id.example/a", "token": "https://id.example/t", "keys": "https://id.example/k"}}}`)
	require.NoError(t, s.serve(nil))
	changes := func(file, content, said string) {
		before := strings.Count(s.log.String(), said)
		require.NoError(t, os.WriteFile(file, []byte(content), 0o600))
		for range 3 {
			s.live.Look()
		}
		require.Equal(t, before+1, strings.Count(s.log.String(), said), s.log.String())
		require.Equal(t, "one", s.client("a.example"))
	}
	changes(secret, "two", "the configuration is read again")
	changes(keys, "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "the configuration is read again")
	changes(keys, "short", "is not taken")
	changes(keys, "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "the configuration is read again")
}
