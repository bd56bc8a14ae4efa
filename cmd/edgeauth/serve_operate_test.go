//go:build unix

package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// lockedLog is what a command logs, to be read while it runs.
type lockedLog struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lockedLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lockedLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// serving is a running edgeauth serve.
type serving struct {
	printed string
	log     lockedLog
	end     func()        // asks it to end
	ended   chan struct{} // it has
}

func serve(t *testing.T, args ...string) *serving {
	s := &serving{ended: make(chan struct{})}
	s.printed = startRun(t, "listening on", func(ctx context.Context, stdout, _ io.Writer) int {
		ctx, s.end = context.WithCancel(ctx)
		defer close(s.ended)
		return run(ctx, append([]string{"serve"}, args...), stdout, &s.log)
	})
	return s
}

// eventually waits as long as a busy machine may take.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	require.Eventually(t, holds, time.Minute, 10*time.Millisecond, what)
}

func statusOf(address string) int {
	answer, err := http.Get(address)
	if err != nil {
		return 0
	}
	answer.Body.Close()
	return answer.StatusCode
}

func TestServeAnswersOrchestratorsApart(t *testing.T) {
	s := newSite(t)
	server := serve(t, "-config", s.config, "-dir", s.dir, "-addr", s.addr, "-insecure-http", "-health", "127.0.0.1:0")
	health := strings.TrimSuffix(after(t, server.printed, "health at "), "/ready")
	require.Equal(t, 200, statusOf(health+"/ready"))
	require.Equal(t, 200, statusOf(health+"/live"))
	require.Equal(t, 401, statusOf(s.url+"/ready"), "the site's listener is the site's")
	server.end()
	<-server.ended
	require.Zero(t, statusOf(health+"/live"), "it ends with the server")
}

func TestServeSaysWhatHappensInJSON(t *testing.T) {
	s := newSite(t)
	server := serve(t, "-config", s.config, "-dir", s.dir, "-addr", s.addr, "-insecure-http", "-health", "127.0.0.1:0", "-log", "json", "-log-level", "debug", "-trusted-proxy", "127.0.0.0/8")
	b := newBrowser(t)
	b.submit(b.open(s.url+"/key?secret=1").url.String(), url.Values{"user": {"ada"}})
	health := strings.TrimSuffix(after(t, server.printed, "health at "), "/ready")
	var codes []any
	for line := range strings.Lines(server.log.String()) {
		var record map[string]any
		require.NoError(t, json.Unmarshal([]byte(line), &record), line)
		if record["msg"] == "request" {
			codes = append(codes, record["code"], record["subject"])
		}
	}
	require.Equal(t, []any{"no_session", "", "signed_in", "ada", "allowed", "ada"}, codes)
	require.NotContains(t, server.log.String(), "secret=1")
	answer, err := http.Get(health + "/metrics")
	require.NoError(t, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	require.Contains(t, string(text), `edgeauth_requests_total{code="signed_in",status="302"} 1`)
}

func TestServeReadsAgainWhatChanges(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	server := serve(t, "-config", s.config, "-dir", s.dir, "-addr", s.addr, "-insecure-http")
	require.Equal(t, 401, statusOf(s.url+"/site.json"))
	doc, err := os.ReadFile(s.config)
	require.NoError(t, err)
	write := func(name, content string) { require.NoError(t, os.WriteFile(name, []byte(content), 0o600)) }

	write(s.config, strings.Replace(string(doc), `"client_id"`, `"rules": [{"path": "/public/", "allow": "anyone"}, {"path": "/site.json", "allow": "anyone"}], "client_id"`, 1))
	eventually(t, "the new document counts", func() bool { return statusOf(s.url+"/site.json") == 200 })
	write(s.config, `{"hosts": [}`)
	eventually(t, "the bad one is refused", func() bool { return strings.Contains(server.log.String(), "is not taken") })
	require.Equal(t, 200, statusOf(s.url+"/site.json"), "what counted before goes on")
	write(s.config, string(doc))
	eventually(t, "the right one counts again", func() bool { return statusOf(s.url+"/site.json") == 401 })

	b := newBrowser(t)
	require.Equal(t, 200, b.submit(b.open(s.url+"/site.json").url.String(), url.Values{"user": {"ada"}}).status)
	write(s.file("key"), "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
	eventually(t, "a session under the old key is over", func() bool { return b.get(s.url+"/site.json").status == 401 })

	seen := strings.Count(server.log.String(), "the configuration is read again")
	require.NoError(t, syscall.Kill(os.Getpid(), syscall.SIGHUP))
	eventually(t, "SIGHUP reads it too", func() bool { return strings.Count(server.log.String(), "the configuration is read again") > seen })
}

func TestServeShowsTheNewCertificate(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	_, key := s.certificate(t)
	server := serve(t, "-config", s.config, "-dir", s.dir, "-addr", s.addr, "-tls-cert", s.file("cert"), "-tls-key", key)
	shown := func() string {
		c, err := tls.Dial("tcp", s.addr, &tls.Config{InsecureSkipVerify: true}) // the certificate is what is asked for
		if err != nil {
			return ""
		}
		defer c.Close()
		return string(c.ConnectionState().PeerCertificates[0].Raw)
	}
	first := shown()
	require.NotEmpty(t, first)
	renewed, _ := s.certificate(t)
	eventually(t, "the renewed one is shown", func() bool { return shown() == string(renewed.Raw) })
	require.NoError(t, os.WriteFile(s.file("cert"), []byte("half of a certif"), 0o600))
	eventually(t, "half of one is refused", func() bool { return strings.Contains(server.log.String(), "-tls-cert") })
	require.Equal(t, string(renewed.Raw), shown())
}

func TestServeListensOnASocket(t *testing.T) {
	s := newSite(t)
	path := filepath.Join(t.TempDir(), "s")
	gone, err := net.Listen("unix", path)
	require.NoError(t, err)
	gone.(*net.UnixListener).SetUnlinkOnClose(false) // as a killed process leaves it
	gone.Close()
	serve(t, "-config", s.config, "-dir", s.dir, "-addr", "unix:"+path, "-trusted-proxy", "unix")
	client := http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", path)
	}}}
	answer, err := client.Get(s.url + "/")
	require.NoError(t, err)
	answer.Body.Close()
	require.Equal(t, 401, answer.StatusCode)
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Zero(t, info.Mode().Perm()&0o007, "others of this machine stay out")
	code, _, stderr := tryServe(t, "-config", s.config, "-dir", s.dir, "-addr", "unix:"+path)
	require.Equal(t, 1, code)
	require.Contains(t, stderr, "another process listens there")
}

// tryServe runs a serve that cannot start.
func tryServe(t *testing.T, args ...string) (code int, stdout, stderr string) {
	var out, log lockedLog
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	code = run(ctx, append([]string{"serve"}, args...), &out, &log)
	return code, out.String(), log.String()
}

func TestAnUpstreamLearnsTheViewerFromTrustedProxiesAlone(t *testing.T) {
	var seen http.Header
	upstream := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { seen = r.Header.Clone() }))
	defer upstream.Close()
	for trusted, want := range map[string]string{"127.0.0.0/8": "203.0.113.9", "10.0.0.0/8": "127.0.0.1"} {
		s := newSite(t)
		doc, err := os.ReadFile(s.config)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(s.config, []byte(strings.Replace(string(doc), `"client_id"`, `"rules": [{"path": "/public/", "allow": "anyone"}, {"path": "/site.json", "allow": "anyone"}], "client_id"`, 1)), 0o600))
		serve(t, "-config", s.config, "-upstream", upstream.URL, "-addr", s.addr, "-insecure-http", "-trusted-proxy", trusted)
		r, err := http.NewRequest(http.MethodGet, s.url+"/public/", nil)
		require.NoError(t, err)
		r.Header.Set("X-Forwarded-For", "198.51.100.1, 203.0.113.9")
		r.Header.Set("X-Real-IP", "198.51.100.1")
		answer, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		answer.Body.Close()
		require.Equal(t, []string{want}, seen["X-Forwarded-For"], trusted)
		require.Equal(t, want, seen.Get("X-Real-IP"))
	}
}
