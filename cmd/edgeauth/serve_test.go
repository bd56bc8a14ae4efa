package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth/internal/devidp"
	"github.com/edgeauth/edgeauth/provider"
)

func TestServeAFolder(t *testing.T) {
	s := newSite(t)
	outside := filepath.Join(t.TempDir(), "outside.txt")
	require.NoError(t, os.WriteFile(outside, []byte("secret"), 0o600))
	require.NoError(t, os.MkdirAll(s.file("www/deep"), 0o700))
	require.NoError(t, os.WriteFile(s.file("www/index.html"), []byte("the app"), 0o600))
	require.NoError(t, os.Symlink(outside, s.file("www/link.txt")))
	start(t, "listening on", "serve", "-config", s.config, "-dir", s.file("www"), "-addr", s.addr, "-insecure-http")

	b := newBrowser(t)
	require.Equal(t, http.StatusUnauthorized, b.get(s.url+"/index.html").status)
	signIn := b.open(s.url + "/?a=b")
	require.Equal(t, s.idp, "http://"+signIn.url.Host)
	home := b.submit(signIn.url.String(), url.Values{"user": {"ada"}})
	require.Equal(t, "the app", home.body)
	require.Equal(t, s.url+"/?a=b", home.url.String(), "where the sign-in began")
	require.Equal(t, http.StatusNotFound, b.get(s.url+"/link.txt").status, "a link that leads out of the folder")
}

func TestServeSpeaksTLSByItself(t *testing.T) {
	s := newSite(t)
	cert, key := s.certificate(t)
	start(t, "listening on", "serve", "-config", s.config, "-dir", s.dir, "-addr", s.addr, "-tls-cert", s.file("cert"), "-tls-key", key)

	b := newBrowser(t)
	pool := x509.NewCertPool()
	pool.AddCert(cert)
	b.client.Transport = &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}
	b.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	answer := b.open(strings.Replace(s.url, "http:", "https:", 1))
	require.Equal(t, http.StatusFound, answer.status)
	to, err := url.Parse(answer.header.Get("Location"))
	require.NoError(t, err)
	require.Equal(t, strings.Replace(s.url, "http:", "https:", 1)+"/.auth/callback", to.Query().Get("redirect_uri"))
}

func TestServeAnUpstream(t *testing.T) {
	var seen *http.Request
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen = r
		_, _ = io.WriteString(w, "upstream")
	}))
	defer upstream.Close()
	s := newSite(t)
	start(t, "listening on", "serve", "-config", s.config, "-upstream", upstream.URL+"/base", "-addr", s.addr, "-insecure-http")

	b := newBrowser(t)
	require.Equal(t, http.StatusUnauthorized, b.get(s.url+"/api").status)
	require.Nil(t, seen, "the upstream has seen a request without a session")
	b.submit(b.open(s.url).url.String(), url.Values{"user": {"ada"}})
	require.Equal(t, "upstream", b.get(s.url+"/api?a=b").body)
	require.Equal(t, "/base/api?a=b", seen.RequestURI)
	require.Equal(t, "ada", seen.Header.Get("X-Auth-Subject"))
	require.Empty(t, seen.Header["Cookie"], "the session is nobody else's business")
	require.Equal(t, strings.TrimPrefix(s.url, "http://"), seen.Host, "an application compares it with the Origin")
	require.Equal(t, strings.TrimPrefix(s.url, "http://"), seen.Header.Get("X-Forwarded-Host"))
}

func TestServeStartsWithAFolder(t *testing.T) {
	dir, addr := t.TempDir(), freeAddr(t)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "key"), []byte("x5Z0Y1b7nQm2oVwJcK8fTgHsLdRpEuAiNyBvCtXzM0k="), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, addr+".json"), fmt.Appendf(nil, `{"hosts": [%q], "client_id": "one",
		"provider": {"type": "oidc", "issuer": "https://id.example", "endpoints": {"authorize": "https://id.example/a", "token": "https://id.example/t", "keys": "https://id.example/k"}}}`, addr), 0o600))
	printed := start(t, "listening on", "serve", "-config", dir, "-keys", filepath.Join(dir, "key"), "-dir", t.TempDir(), "-addr", addr, "-insecure-http")
	require.Contains(t, printed, " for "+addr+"\n")
	answer, err := http.Get("http://" + addr + "/")
	require.NoError(t, err)
	defer answer.Body.Close()
	_, err = io.Copy(io.Discard, answer.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusUnauthorized, answer.StatusCode)
}

func TestManyHostsAreCountedAndNotListed(t *testing.T) {
	var hosts []string
	for i := range 12 {
		hosts = append(hosts, fmt.Sprint("h", i))
	}
	require.Equal(t, "no site yet", enumerate(nil))
	require.Equal(t, "h0, h1", enumerate(hosts[:2]))
	require.Equal(t, "h0, h1, h2, h3, h4, h5, h6, h7, h8, h9 and 2 more", enumerate(hosts))
}

// testSite is a document for a site on a port of its own, and a provider.
type testSite struct {
	dir, config, addr, url, idp string
}

func (s *testSite) file(name string) string { return filepath.Join(s.dir, name) }

func newSite(t *testing.T) *testSite {
	s := &testSite{dir: t.TempDir(), addr: freeAddr(t)}
	_, port, err := net.SplitHostPort(s.addr)
	require.NoError(t, err)
	s.url = "http://localhost:" + port
	s.config = s.file("site.json")

	server := httptest.NewUnstartedServer(nil)
	s.idp = "http://" + server.Listener.Addr().String()
	idp, err := devidp.New(devidp.Options{
		Provider: provider.OIDC(s.idp),
		Clients:  []devidp.Client{{ID: "web", RedirectURIs: []string{s.url + "/.auth/callback"}}},
		Users:    []devidp.User{{Name: "ada"}},
	})
	require.NoError(t, err)
	server.Config.Handler = idp
	server.Start()
	t.Cleanup(server.Close)

	require.NoError(t, os.WriteFile(s.file("key"), []byte("x5Z0Y1b7nQm2oVwJcK8fTgHsLdRpEuAiNyBvCtXzM0k="), 0o600))
	doc := fmt.Sprintf(`{
	  "hosts": [%q], "client_id": "web", "provider": {"type": "oidc", "issuer": %q},
	  "session": {"keys": ["file:key"]}, "forward": {"headers": {"X-Auth-Subject": "sub"}}
	}`, "localhost:"+port, s.idp)
	require.NoError(t, os.WriteFile(s.config, []byte(doc), 0o600))
	return s
}

// certificate writes a certificate for localhost to the file cert, and its key to another.
func (s *testSite) certificate(t *testing.T) (cert *x509.Certificate, keyFile string) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{"localhost"}, NotAfter: time.Now().Add(time.Hour),
		BasicConstraintsValid: true, IsCA: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	cert, err = x509.ParseCertificate(der)
	require.NoError(t, err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	for name, block := range map[string]*pem.Block{
		"cert": {Type: "CERTIFICATE", Bytes: der}, "tls-key": {Type: "PRIVATE KEY", Bytes: private},
	} {
		require.NoError(t, os.WriteFile(s.file(name), pem.EncodeToMemory(block), 0o600))
	}
	return cert, s.file("tls-key")
}

// freeAddr is a loopback address that nobody listened on a moment ago: a document has to name its port.
func freeAddr(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().String()
}
