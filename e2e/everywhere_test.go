package e2e

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"
	"github.com/stretchr/testify/require"
)

// What browsers do by themselves, each in its own way.

// startApp is an upstream whose pages, scripts, sockets and streams say who they are for.
func startApp(t *testing.T) (url string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		who := "For " + r.Header.Get("X-Auth-Subject")
		switch r.URL.Path {
		case "/public/worker.js": // through which every request goes on
			w.Header().Set("Content-Type", "text/javascript")
			w.Header().Set("Service-Worker-Allowed", "/")
			_, _ = fmt.Fprint(w, `addEventListener('install', () => skipWaiting());
addEventListener('activate', (event) => event.waitUntil(clients.claim()));
addEventListener('fetch', (event) => event.respondWith(fetch(event.request)));`)
		case "/socket": // which asks where the page is from, as applications do
			if r.Header.Get("Origin") != "http://"+r.Host {
				http.Error(w, "another origin", http.StatusForbidden)
				return
			}
			if c, _, _, err := ws.UpgradeHTTP(r, w); err == nil {
				_ = wsutil.WriteServerText(c, []byte(who))
				_, _ = wsutil.ReadClientText(c) // until the page closes: Firefox may drop what a broken connection brought
				c.Close()
			}
		case "/events":
			w.Header().Set("Content-Type", "text/event-stream")
			_, _ = fmt.Fprintf(w, "data: %s\n\n", who)
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		case "/upload":
			size, _ := io.Copy(io.Discard, r.Body)
			_, _ = fmt.Fprintf(w, "%s: %d", who, size)
		case "/public/htmx.js":
			http.ServeFile(w, r, "upstream/node_modules/htmx.org/dist/htmx.min.js")
		case "/row":
			_, _ = fmt.Fprintf(w, "<p id=row>%s</p>", who)
		default:
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = fmt.Fprintf(w, `<!doctype html><title>App</title><h1 id=who>%s</h1><form method=post action=/.auth/logout><button id=leave>Sign out</button></form>
<script src=/public/htmx.js></script><button id=more hx-get=/row hx-target=#rows>More</button><div id=rows></div>`, who)
		}
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

// work puts a worker between the pages of the site and everything.
func (p *window) work(w *site) {
	p.t.Helper()
	p.visit(w.URL + "/public/")
	p.at(w.URL + "/public/")
	p.eval(`navigator.serviceWorker.register('/public/worker.js', {scope: '/'}).then(() => navigator.serviceWorker.ready)`)
	p.says("true", `!!navigator.serviceWorker.controller`)
}

// A worker that hands every request on, as most do, gets a sign-in where a page was asked for, and the pages of edgeauth.
func TestAPageByWayOfAServiceWorkerSignsInInEveryEngine(t *testing.T) {
	inEveryEngine(t, func(t *testing.T, _ string, p *window) {
		w := startSite(t, app(t))
		p.work(w)
		p.says("401", `fetch('/data').then((r) => r.status)`)
		p.visit(w.URL + "/deep?x=1")
		p.enter(w, ben)
		p.at(w.URL + "/deep?x=1")
		p.says("For sub-of-ben", `document.querySelector('#who').textContent`)
		p.says("true", `!!navigator.serviceWorker.controller`)

		p.visit(w.URL + "/.auth/login?return=/other")
		p.click("#allow")
		p.at(w.URL + "/other")
		p.click("#leave")
		p.until("the question, because nobody knows who asks", func() bool { return p.text("h1") == "Sign out?" })
		p.click("form button")
		p.until("the provider's question", func() bool { return p.text("#sign-out") != "" })
		p.click("#sign-out")
		p.at(w.URL + "/.auth/signed-out")
	})
}

// Neither a link nor a form of another site signs anybody out: Firefox and WebKit say of both that they are the worker's.
func TestAForeignPageSignsNobodyOutByWayOfAServiceWorkerInEveryEngine(t *testing.T) {
	inEveryEngine(t, func(t *testing.T, _ string, p *window) {
		w := startSite(t, app(t))
		foreign := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			rw.Header().Set("Referrer-Policy", strings.TrimPrefix(r.URL.Path, "/"))
			rw.Header().Set("Content-Type", "text/html")
			_, _ = fmt.Fprintf(rw, `<a id=link href="%s/.auth/logout">x</a><form method=post action="%[1]s/.auth/logout"><button id=form>x</button></form>`, w.URL)
		}))
		t.Cleanup(foreign.Close)
		p.work(w)
		p.visit(w.URL + "/")
		p.enter(w, ada)
		p.at(w.URL + "/")
		for _, policy := range []string{"/no-referrer", "/unsafe-url"} {
			for _, way := range []string{"#link", "#form"} {
				p.visit(foreign.URL + policy)
				p.at(foreign.URL + policy)
				p.click(way)
				p.until("a page of the site", func() bool { return strings.HasPrefix(p.url(), w.URL+"/.auth/") && p.text("h1") != "" })
				p.visit(w.URL + "/")
				p.at(w.URL + "/")
				p.says("For sub-of-ada", `document.querySelector('#who').textContent`)
			}
		}
	})
}

// Sockets, streams and uploads that come past the end of the tokens reach the application whole, and cost nobody the session.
func TestSocketsStreamsAndUploadsGoOnInEveryEngine(t *testing.T) {
	inEveryEngine(t, func(t *testing.T, _ string, p *window) {
		w := startSite(t, app(t).shortLived())
		p.visit(w.URL + "/public/")
		p.at(w.URL + "/public/")
		const socket = `new Promise((done) => { const s = new WebSocket('/socket'.replace(/^/, location.origin.replace('http', 'ws'))); s.onmessage = (e) => { s.close(); done(e.data); }; s.onclose = () => done('refused'); })`
		p.says("refused", socket)
		p.visit(w.URL + "/")
		p.enter(w, ada)
		p.at(w.URL + "/")
		for _, way := range []struct{ what, gets, want string }{
			{"a socket", socket, "For sub-of-ada"},
			{"a stream", `new Promise((done) => { const s = new EventSource('/events'); s.onmessage = (e) => { s.close(); done(e.data); }; s.onerror = () => done('refused'); })`, "For sub-of-ada"},
			{"an upload", `fetch('/upload', {method: 'POST', body: new Blob([new Uint8Array(300000)])}).then((r) => r.text())`, "For sub-of-ada: 300000"},
			{"a script that follows no redirect", `fetch('/upload', {redirect: 'error'}).then((r) => r.text(), String)`, "For sub-of-ada: 0"},
			{"a beacon", `navigator.sendBeacon('/upload', 'x')`, "true"},
		} {
			w.outlive(t)
			w.idp.live(t, time.Duration(w.setup.tokenSeconds)*time.Second)
			p.says(way.want, way.gets)
			require.False(t, t.Failed(), way.what)
		}
		p.visit(w.URL + "/still")
		p.at(w.URL + "/still")
		p.says("For sub-of-ada", `document.querySelector('#who').textContent`)
	})
}

// Whoever restores fifteen tabs gets fifteen sign-ins, and the first of them still ends where it began.
func TestRestoredTabsAllSignInInEveryEngine(t *testing.T) {
	inEveryEngine(t, func(t *testing.T, _ string, p *window) {
		w := startSite(t, app(t))
		first := ""
		for i := range 15 {
			p.visit(fmt.Sprintf("%s/tab/%d?a=b", w.URL, i))
			p.until("the provider's form", func() bool { return strings.HasPrefix(p.url(), w.idp.URL+"/") && p.text("#sign-in") != "" })
			if first == "" {
				first = p.url()
			}
		}
		p.enter(w, ada)
		p.at(w.URL + "/tab/14?a=b")
		p.visit(first)
		p.enter(w, ada)
		p.at(w.URL + "/tab/0?a=b")
		p.says("For sub-of-ada", `document.querySelector('#who').textContent`)
	})
}

// htmx puts whatever it gets into the page; without a session it is told to leave that for the sign-in, and comes back.
func TestHtmxSignsInInEveryEngine(t *testing.T) {
	inEveryEngine(t, func(t *testing.T, _ string, p *window) {
		w := startSite(t, app(t))
		p.visit(w.URL + "/public/board?x=1")
		p.at(w.URL + "/public/board?x=1")
		p.click("#more")
		p.enter(w, ada)
		p.at(w.URL + "/public/board?x=1")
		p.click("#more")
		p.says("For sub-of-ada", `document.querySelector('#row')?.textContent`)
	})
}

// In a frame of another site no provider can be shown. What is there leads to a window of its own.
func TestAFrameOfAnotherSiteLeadsOutInEveryEngine(t *testing.T) {
	inEveryEngine(t, func(t *testing.T, _ string, p *window) {
		w := startSite(t, app(t))
		around := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("Content-Type", "text/html")
			_, _ = fmt.Fprintf(rw, `<iframe width=600 height=600 src="%s/report?x=1"></iframe>`, w.URL)
		}))
		t.Cleanup(around.Close)
		p.visit(around.URL + "/")
		way := ""
		p.until("a way out of the frame", func() bool {
			way, _ = p.framed(`document.querySelector('base').target + ' ' + document.querySelector('a').href`)
			_, way, _ = strings.Cut(way, "_blank ")
			return way != ""
		})
		require.Empty(t, w.idp.calls(t), "nobody was sent to the provider")
		p.visit(way)
		p.enter(w, ada)
		p.at(w.URL + "/report?x=1")
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
