package e2e

import (
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/security"
	"github.com/stretchr/testify/require"
)

// startEdge packages the document of a setup and runs the zip behind a local CloudFront.
func startEdge(t *testing.T, s setup, runtime string) *site {
	t.Helper()
	w := edgeSite(t, s)
	document := s.document(w)
	document["hosts"] = []string{"cloudfront"} // the distribution's name is the host that is asked for
	content, err := json.MarshalIndent(document, "", "  ")
	require.NoError(t, err)
	dir := t.TempDir()
	config, zip := filepath.Join(dir, "site.json"), filepath.Join(dir, "function.zip")
	require.NoError(t, os.WriteFile(config, content, 0o600))
	out, err := exec.Command(command(t), "package", "-config", config, "-o", zip).CombinedOutput()
	require.NoError(t, err, "%s", out)
	w.serveZip(t, zip, "-runtime", runtime)
	return w
}

// edgeSite is a provider, and an address for its site that nobody listens on.
func edgeSite(t *testing.T, s setup) *site {
	t.Helper()
	needTools(t)
	w := &site{URL: "https://localhost:" + freePort(t), setup: s}
	w.idp = startIDP(t, s.idpConfig(w.URL))
	return w
}

func (w *site) serveZip(t *testing.T, zip string, more ...string) {
	t.Helper()
	// Lambda's own limits are for TestTheZipKeepsLambdasLimits.
	args := []string{
		"edge", "-zip", zip, "-addr", strings.Replace(w.URL, "https://localhost", "127.0.0.1", 1),
		"-timeout", "30s", "-init-timeout", patience.String(), "-memory", "512",
	}
	if w.setup.upstream != "" {
		args = append(args, "-upstream", w.setup.upstream)
	} else {
		args = append(args, "-dir", "site")
	}
	w.process = start(t, "edgeauth edge", command(t), append(args, more...)...)
	w.process.line(t, "listening on")
}

// edgeTab is a tab that goes past the warning about the throw-away authority.
func edgeTab(t *testing.T, b *browser) *tab {
	t.Helper()
	p := b.tab(t)
	p.run("going past the warning", security.SetIgnoreCertificateErrors(true))
	return p
}

func TestAPersonsDayThroughTheVeryZipThatIsDeployed(t *testing.T) {
	runtimes := map[string]string{"OIDC, sealed": "python", "OIDC, tokens": "node", "Entra, sealed": "node", "Entra, tokens": "python"}
	inEverySetup(t, func(t *testing.T, s setup) {
		s = s.shortLived()
		_, name, _ := strings.Cut(t.Name(), "/")
		w := startEdge(t, s, runtimes[strings.ReplaceAll(name, "_", " ")])
		b := newBrowser(t)
		p := edgeTab(t, b)

		p.open(w.URL + "/public/index.html")
		p.sees("h1", "Welcome")
		p.open(w.URL + deepLink)
		p.see("#username")
		p.enter(w, ada)
		p.at(w.URL + deepLink)
		p.sees("#who", ada.name)
		p.sees("#members", "Grace")
		p.shot("edge-page")
		require.Len(t, w.idp.tokenCalls(t, "authorization_code"), 1)
		require.Equal(t, http.StatusForbidden, p.fetch("/missing.js").Status, "a private bucket does not say what is missing")

		// A page view past the tokens' end renews the session on its way.
		w.outlive(t)
		before := len(w.idp.tokenCalls(t, "refresh_token"))
		p.open(w.URL + "/")
		p.sees("#who", ada.name)
		require.Len(t, w.idp.tokenCalls(t, "refresh_token"), before+1)
		require.Len(t, w.idp.tokenCalls(t, "authorization_code"), 1, "somebody was sent to sign in again")

		p.open(w.URL + "/admin/index.html")
		p.sees("#minutes", "The minutes")
		p.open(w.URL + "/")
		p.click("#leave")
		p.click("#sign-out")
		p.at(w.URL + "/.auth/signed-out")
		require.Empty(t, p.session(w.URL), "cookies are left after a sign-out")
		p.open(w.URL + "/public/index.html")
		require.Equal(t, http.StatusUnauthorized, p.fetch("/data/members.json").Status)
		p.open(w.URL + "/")
		p.see("#username")

		said := w.process.output.String()
		require.Contains(t, said, "function | ")
		require.NotContains(t, said, "Lambda", "CloudFront would have answered 502 or 503")
	})
}

// handoverMain renews sessions for fetches by way of viewer-response.
const handoverMain = `package main

import (
	"crypto/sha256"
	"log"
	"time"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/lambdaedge"
	"github.com/edgeauth/edgeauth/provider"
)

func main() {
	key := sha256.Sum256([]byte("a key of this journey"))
	keys := [][]byte{key[:]}
	p := provider.OIDC("ISSUER")
	p.AuthorizeParams = map[string]string{"prompt": "consent"}
	guard, err := edgeauth.New(edgeauth.Config{
		Provider: p, ClientID: "site", Hosts: []string{"cloudfront"}, Leeway: time.Second,
		Session: edgeauth.Session{Keys: keys},
	})
	if err != nil {
		log.Fatal(err)
	}
	handler, err := lambdaedge.NewWithOptions(guard, lambdaedge.Options{ViewerResponse: true, Keys: keys})
	if err != nil {
		log.Fatal(err)
	}
	handler.Start()
}
`

func TestAFetchIsRenewedByHandOverToViewerResponse(t *testing.T) {
	t.Parallel()
	s := setup{mode: "sealed", upstream: startUpstream(t)}.shortLived()
	w := &site{URL: "https://localhost:" + freePort(t), setup: s}
	zips, err := stranger()
	require.NoError(t, err)
	config := s.idpConfig(w.URL)
	config.Port, err = strconv.Atoi(zips.handoverPort)
	require.NoError(t, err)
	w.idp = startIDP(t, config)
	w.serveZip(t, zips.zips["handover"], "-viewer-response")
	p := edgeTab(t, newBrowser(t))
	p.visit(w, "/form.html", ada)
	w.outlive(t)

	before := len(p.cookies(w.URL))
	got := p.fetch("/data/members.json")
	require.Equal(t, http.StatusOK, got.Status)
	require.Contains(t, got.Body, secret)
	require.False(t, got.Redirected, "the fetch was sent around")
	require.Len(t, w.idp.tokenCalls(t, "refresh_token"), 1)
	require.Len(t, p.cookies(w.URL), before)
	require.Equal(t, http.StatusOK, p.fetch("/data/members.json").Status)
	require.Len(t, w.idp.tokenCalls(t, "refresh_token"), 1, "the renewed cookies did not arrive")
	require.NotContains(t, p.fetch("/echo").Body, "Edgeauth-Handover", "a request without a renewal carries something")

	other := edgeTab(t, newBrowser(t))
	w.idp.live(t, time.Duration(s.tokenSeconds)*time.Second)
	other.visit(w, "/form.html", ben)
	w.outlive(t)
	other.click("#send")
	other.see("#echo")
	require.Equal(t, "POST /submit?box=7 tea & scones = 100 % — à quatre heures", other.text("#echo"))
	require.Len(t, w.idp.tokenCalls(t, "refresh_token"), 2)
	require.Len(t, w.idp.tokenCalls(t, "authorization_code"), 2)
}
