package e2e

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// What browsers do by themselves, each in its own way.

// startApp is an upstream with a page that shows who it is for.
func startApp(t *testing.T) (url string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = fmt.Fprintf(w, `<!doctype html><title>App</title><h1 id=who>For %s</h1><form method=post action=/.auth/logout><button id=leave>Sign out</button></form>`,
			r.Header.Get("X-Auth-Subject"))
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// app is a setup in front of that.
func app(t *testing.T) setup {
	return setup{mode: "sealed", upstream: startApp(t), forward: object{"headers": object{"X-Auth-Subject": "sub"}}}
}

// leave signs out by the page's own button.
func (p *window) leave(w *site) {
	p.t.Helper()
	p.click("#leave")
	if w.setup.asksToSignOut() {
		p.click("#sign-out")
	}
	p.at(w.URL + "/.auth/signed-out")
	p.until("the page that says so", func() bool { return strings.Contains(p.text("h1"), "You are signed out") })
}

func TestADeepLinkKeepsItsFragmentInEveryEngine(t *testing.T) {
	inEveryEngine(t, func(t *testing.T, _ string, p *window) {
		s := app(t)
		s.signIn = object{"keep_fragment": true}
		w := startSite(t, s)
		p.visit(w.URL + "/app?x=1#/route/7")
		p.enter(w, ada)
		p.at(w.URL + "/app?x=1#/route/7")
		require.Equal(t, "For sub-of-ada", p.text("#who"))
		p.visit(w.URL + "/.auth/login?return=/app%3Fx=2%23/other")
		p.click("#allow")
		p.until("the other route", func() bool { return p.url() == w.URL+"/app?x=2#/other" })
	})
}

// The button that leads back does not show the page that a person has signed out from. Firefox alone can be asked: Chromium
// keeps no pages while it is remote-controlled, and WebKit keeps them whatever it is told.
func TestBackAfterASignOutDoesNotShowThePageThatWasLeft(t *testing.T) {
	t.Parallel()
	w := startSecureSite(t, app(t))
	p := &window{t, firefox(t)}
	p.visit(w.URL + "/")
	p.enter(w, ada)
	p.at(w.URL + "/")
	p.visit(w.URL + "/secret")
	p.at(w.URL + "/secret")
	require.Equal(t, "For sub-of-ada", p.text("#who"))
	p.leave(w)
	before := ""
	for range 6 {
		if p.back() != nil {
			break
		}
		p.until("a page", func() bool { return p.eval(`document.readyState`) == "complete" })
		before += p.url() + " " + p.text("#who") + "\n"
	}
	require.NotContains(t, before, w.URL+"/secret For sub-of-ada")
}

// startSecureSite protects a site with edgeauth serve over https: browsers empty their caches for no other.
func startSecureSite(t *testing.T, s setup) *site {
	t.Helper()
	needTools(t)
	port := freePort(t)
	w := &site{URL: "https://localhost:" + port, setup: s}
	w.idp = startIDP(t, s.idpConfig(w.URL))
	certificate, key := selfSigned(t)
	w.process = start(t, "edgeauth serve", command(t), "serve", "-config", w.write(t), "-addr", net.JoinHostPort("127.0.0.1", port),
		"-tls-cert", certificate, "-tls-key", key, "-upstream", s.upstream)
	w.process.listens(t, port)
	return w
}

// selfSigned makes a certificate of this machine.
func selfSigned(t *testing.T) (certificate, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), DNSNames: []string{"localhost"},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	signed, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	require.NoError(t, err)
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	require.NoError(t, err)
	certificate, key = filepath.Join(t.TempDir(), "certificate.pem"), filepath.Join(t.TempDir(), "key.pem")
	for file, block := range map[string]*pem.Block{certificate: {Type: "CERTIFICATE", Bytes: signed}, key: {Type: "PRIVATE KEY", Bytes: secret}} {
		require.NoError(t, os.WriteFile(file, pem.EncodeToMemory(block), 0o600))
	}
	return certificate, key
}
