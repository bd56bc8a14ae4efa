package e2e

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Two servers take turns behind nginx while people load pages and send forms: each is ended when the other is ready, as a
// rolling restart does. No request is lost, nor is anybody's session.
func TestARollingRestartLosesNoRequest(t *testing.T) {
	t.Parallel()
	var forms atomic.Int64
	upstream := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if r.Method == http.MethodPost && err == nil && string(body) == "text=tea" {
			forms.Add(1)
		}
		_, _ = io.WriteString(rw, "for "+r.Header.Get("X-Auth-Subject"))
	}))
	t.Cleanup(upstream.Close)
	s := behind("")
	s.upstream = upstream.URL
	w, front := prepareSite(t, s)
	ports := [2]string{freePort(t), freePort(t)}
	startNginx(t, fmt.Sprintf(`
  upstream edgeauth { server 127.0.0.1:%[2]s max_fails=0; server 127.0.0.1:%[3]s max_fails=0; keepalive 16; }
  server {
    listen %[1]s;
    location / {
      proxy_pass http://edgeauth;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
    }
  }`, front, ports[0], ports[1]))
	document := w.write(t)
	launched := func(turn int) (*process, func() bool) {
		health := net.JoinHostPort("127.0.0.1", freePort(t))
		p := start(t, "edgeauth serve", command(t), "serve", "-config", document, "-upstream", s.upstream, "-insecure-http",
			"-addr", net.JoinHostPort("127.0.0.1", ports[turn%2]), "-health", health, "-drain", "500ms", "-trusted-proxy", "127.0.0.1")
		ready := func() bool {
			answer, err := http.Get("http://" + health + "/ready")
			if err == nil {
				answer.Body.Close()
			}
			return err == nil && answer.StatusCode == http.StatusOK
		}
		p.waitFor(t, "readiness", ready)
		return p, ready
	}
	running, ready := launched(0)
	w.process = running
	w.answers(t, w.URL)
	member := newVisitor(t)
	member.visit(w, "/", ada)
	site, err := url.Parse(w.URL)
	require.NoError(t, err)

	var mu sync.Mutex
	var lost []string
	var sent atomic.Int64
	stop := make(chan struct{})
	var people sync.WaitGroup
	for i := range 8 {
		people.Go(func() {
			jar, _ := cookiejar.New(nil)
			jar.SetCookies(site, member.client.Jar.Cookies(site))
			browser := http.Client{Jar: jar, Transport: &http.Transport{}}
			for {
				select {
				case <-stop:
					return
				default:
				}
				var answer *http.Response
				var err error
				if i%2 == 0 {
					answer, err = browser.Get(w.URL + "/page")
				} else {
					answer, err = browser.Post(w.URL+"/form", "application/x-www-form-urlencoded", strings.NewReader("text=tea"))
				}
				text := fmt.Sprint(err)
				if err == nil {
					body, _ := io.ReadAll(answer.Body)
					answer.Body.Close()
					text = fmt.Sprint(answer.StatusCode, " ", string(body))
				}
				if sent.Add(1); text != "200 for sub-of-"+ada.username {
					mu.Lock()
					lost = append(lost, text)
					mu.Unlock()
				}
			}
		})
	}
	for turn := 1; turn <= 4; turn++ {
		next, nextReady := launched(turn)
		before := sent.Load()
		require.Eventually(t, func() bool { return sent.Load() > before+50 }, patience, time.Millisecond, "nobody asks")
		require.NoError(t, running.signal(syscall.SIGTERM))
		require.Eventually(t, func() bool { return !ready() }, patience, time.Millisecond, "it is still ready")
		select {
		case <-running.ended:
		case <-time.After(patience):
			t.Fatal("it does not end")
		}
		running, ready = next, nextReady
	}
	close(stop)
	people.Wait()
	t.Logf("%d requests, %d forms", sent.Load(), forms.Load())
	require.Empty(t, lost)
	require.Positive(t, forms.Load())
}
