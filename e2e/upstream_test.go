package e2e

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// Servers that people do run, behind edgeauth serve and in front of it. Each reads requests in its own way; what it gets to
// read must not mean more to it than it meant to the rules.

// behind is a setup whose upstream is a program at a port of its own, and that tells it who asks.
func behind(port string) setup {
	return setup{
		mode: "sealed", upstream: "http://127.0.0.1:" + port,
		forward: object{"headers": object{"X-Auth-Subject": "sub"}},
	}
}

// needProgram skips or fails as needTools does.
func needProgram(t *testing.T, names ...string) string {
	t.Helper()
	needTools(t)
	for _, name := range names {
		if found, err := exec.LookPath(name); err == nil {
			return found
		}
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s is missing; ./run installs it", names[0])
	}
	t.Skipf("NOT TESTED: %s is missing; ./run installs it", names[0])
	return ""
}

// listens waits until somebody listens at a port of this machine.
func (p *process) listens(t *testing.T, port string) {
	t.Helper()
	p.waitFor(t, "listening", func() bool {
		c, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", port))
		if err == nil {
			c.Close()
		}
		return err == nil
	})
}

// startExpress runs the application of upstream/express.mjs.
func startExpress(t *testing.T) (port string) {
	t.Helper()
	node := needTools(t).node
	if _, err := os.Stat(filepath.Join("upstream", "node_modules", "express", "package.json")); err != nil {
		require.NotEqual(t, "true", os.Getenv("CI"), "%v; ./run installs everything", err)
		t.Skipf("NOT TESTED: %v; ./run installs everything", err)
	}
	port = freePort(t)
	start(t, "express", node, filepath.Join("upstream", "express.mjs"), port).line(t, "listening")
	return port
}

// ask sends a path as it stands, and headers whatever their names. It follows nothing.
func (v *visitor) ask(w *site, path string, header map[string]string) (status int, body string) {
	v.t.Helper()
	u, err := url.Parse(w.URL)
	require.NoError(v.t, err)
	r, err := http.NewRequest(http.MethodGet, w.URL, nil)
	require.NoError(v.t, err)
	r.URL = &url.URL{Scheme: u.Scheme, Host: u.Host, Opaque: path}
	if strings.HasPrefix(path, "//") { // else it would stand for a host
		r.URL.Opaque = "//" + u.Host + path
	}
	for name, value := range header {
		r.Header[name] = []string{value}
	}
	client := *v.client
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	answer, err := client.Do(r)
	require.NoError(v.t, err, path)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	require.NoError(v.t, err)
	return answer.StatusCode, string(text)
}

// spellings are ways to write /admin/minutes that one server or another reads as that.
var spellings = []string{
	"/admin/minutes", "/Admin/minutes", "/ADMIN/MINUTES", "/admin/Minutes/", "/admin/minutes/", "/%61dmin/minutes", "/%41dmin/minutes",
	"/admin%2Fminutes", "/admin%2fminutes", "//admin/minutes", "/admin//minutes", "/./admin/minutes", "/x/../admin/minutes", "/admin/./minutes",
	"/x/%2e%2e/admin/minutes", "/admin;x/minutes", "/admin/minutes;x", "/admin\\minutes", "/admin%5Cminutes", "/admin/minutes?x", "/admin/minutes/?x", "/admin/minutes%20", "/admin/minutes.",
	"/public/../admin/minutes", "/public/..%2fadmin/minutes", "/public/%2e%2e%2fAdmin/minutes",
}

func TestARuleHoldsHoweverExpressReadsThePath(t *testing.T) {
	t.Parallel()
	port := startExpress(t)
	w := startSite(t, behind(port))
	member, other, stranger := newVisitor(t), newVisitor(t), newVisitor(t)
	member.visit(w, "/", ada)
	other.visit(w, "/", ben)

	status, body := member.ask(w, "/admin/minutes", nil)
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, "The minutes", body)

	alone := &site{URL: w.setup.upstream}
	read := 0
	for _, path := range spellings {
		if _, body := stranger.ask(alone, path, nil); body == "The minutes" {
			read++
		}
		for who, v := range map[string]*visitor{"a person of another group": other, "a stranger": stranger} {
			status, body := v.ask(w, path, nil)
			require.NotContains(t, body, "The minutes", "%s, for %s", path, who)
			if who == "a stranger" {
				require.NotEqual(t, http.StatusOK, status, path)
			}
		}
	}
	require.Greater(t, read, 6, "Express reads few of them as the same page, so this shows little")
}

// impostors are names of headers that some server reads as X-Auth-Subject, and others that would name another request.
var impostors = []string{
	"X-Auth-Subject", "x-auth-subject", "X_Auth_Subject", "X+Auth+Subject", "X.Auth.Subject", "X-Auth_Subject", "X!Auth~Subject", "X*Auth'Subject",
	"X-Original-URL", "X-Original-Url", "X-Rewrite-URL", "X_Rewrite_URL", "X-Original-Method", "X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "X_HTTP_Method_Override",
	"X-Forwarded-Prefix", "X-Forwarded-Path", "X-Forwarded-Uri", "X-Forwarded-Port", "X_Forwarded_Host", "X.Forwarded.Host", "X_Forwarded_For", "X-Real-IP", "X_Real_IP",
	"True-Client-IP", "X-Client-IP", "X-Cluster-Client-IP", "CF-Connecting-IP", "X-Host", "X-Forwarded-Server", "Forwarded", "X-Forwarded-Scheme", "X-Url-Scheme", "Front-End-Https",
}

func forged() map[string]string {
	header := make(map[string]string)
	for _, name := range impostors {
		header[name] = "forged"
	}
	return header
}

func TestExpressLearnsWhoAsksFromEdgeauthAlone(t *testing.T) {
	t.Parallel()
	w := startSite(t, behind(startExpress(t)))
	member := newVisitor(t)
	member.visit(w, "/", ada)
	for path, v := range map[string]*visitor{"/public/x": newVisitor(t), "/x": member} {
		var got struct {
			Method, Path string
			Headers      map[string]string
		}
		status, body := v.ask(w, path, forged())
		require.Equal(t, http.StatusOK, status, body)
		require.NoError(t, json.Unmarshal([]byte(body), &got))
		require.Equal(t, path, got.Path)
		require.Equal(t, http.MethodGet, got.Method)
		require.NotContains(t, body, "forged")
		want := map[string]string{"/x": "sub-of-ada"}[path]
		require.Equal(t, want, got.Headers["x-auth-subject"], path)
		require.Equal(t, strings.TrimPrefix(w.URL, "http://"), got.Headers["host"])
	}
}

func TestACGIProgramLearnsWhoAsksFromEdgeauthAlone(t *testing.T) {
	t.Parallel()
	lighttpd := needProgram(t, "lighttpd", "/usr/sbin/lighttpd")
	port, dir := freePort(t), t.TempDir()
	program, err := os.ReadFile(filepath.Join("upstream", "environment.sh"))
	require.NoError(t, err)
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "www", "public"), 0o755))
	for _, name := range []string{"x.sh", "index.sh", "public/x.sh"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, "www", name), program, 0o755))
	}
	config := filepath.Join(dir, "lighttpd.conf")
	require.NoError(t, os.WriteFile(config, fmt.Appendf(nil, `
server.modules = ("mod_cgi")
server.bind = "127.0.0.1"
server.port = %s
server.document-root = "%s/www"
index-file.names = ("index.sh")
cgi.assign = (".sh" => "/bin/sh")
`, port, dir), 0o644))
	start(t, "lighttpd", lighttpd, "-D", "-f", config).listens(t, port)
	s := behind(port)
	w := startSite(t, s)
	member := newVisitor(t)
	member.visit(w, "/", ada)

	_, body := newVisitor(t).ask(&site{URL: s.upstream}, "/x.sh", map[string]string{"X+Auth+Subject": "forged"})
	require.Contains(t, body, "HTTP_X_AUTH_SUBJECT=forged", "it reads any other byte as _")
	for path, v := range map[string]*visitor{"/public/x.sh": newVisitor(t), "/x.sh": member} {
		status, body := v.ask(w, path, forged())
		require.Equal(t, http.StatusOK, status)
		require.Contains(t, body, "HTTP_HOST=")
		require.NotContains(t, body, "forged")
		require.Equal(t, path == "/x.sh", strings.Contains(body, "\nHTTP_X_AUTH_SUBJECT=sub-of-ada\n"), body)
	}
	for _, name := range impostors { // each alone: several of one name come as a list
		_, body := member.ask(w, "/x.sh", map[string]string{name: "forged"})
		require.Contains(t, body, "\nHTTP_X_AUTH_SUBJECT=sub-of-ada\n", name)
		require.NotContains(t, body, "forged", name)
	}
}

func TestNobodyChangesToHTTP2PastTheRules(t *testing.T) {
	t.Parallel()
	hypercorn := needProgram(t, "hypercorn", "/usr/bin/hypercorn")
	port, program := freePort(t), filepath.Join(t.TempDir(), "program.py") // not where it is: Python writes beside it
	text, err := os.ReadFile(filepath.Join("upstream", "hypercorn.py"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(program, text, 0o644))
	start(t, "hypercorn", hypercorn, "--bind", "127.0.0.1:"+port, program+":app").listens(t, port)
	w := startSite(t, behind(port))
	const upgrade = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n"
	get := func(host, path, more string) string {
		return "GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\n" + more + "\r\n"
	}
	address := "127.0.0.1:" + port
	require.Equal(t, http.StatusSwitchingProtocols, converse(t, address, get(address, "/public/x", upgrade))[0].status, "it does change alone")

	host := strings.TrimPrefix(w.URL, "http://")
	for name, more := range map[string]string{
		"h2c": upgrade, "in another case": strings.Replace(upgrade, "h2c", "H2C", 1), "beside a WebSocket": strings.Replace(upgrade, "h2c", "websocket, h2c", 1),
		"after a WebSocket": strings.Replace(upgrade, "h2c", "websocket", 1) + "Upgrade: h2c\r\n", "without its settings": "Connection: Upgrade\r\nUpgrade: h2c\r\n",
	} {
		got := converse(t, strings.Replace(host, "localhost", "127.0.0.1", 1), get(host, "/public/x", more), get(host, "/admin/x", ""))
		require.Equal(t, http.StatusOK, got[0].status, name)
		require.NotContains(t, strings.ToLower(got[0].body), "h2c", name)
		require.Contains(t, got[0].body, `"version": "1.1"`, name)
		require.NotEqual(t, http.StatusOK, got[1].status, name)
	}
	prior := converse(t, strings.Replace(host, "localhost", "127.0.0.1", 1), "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
	require.NotContains(t, prior[0].body, "version", "with prior knowledge (RFC 9113, 3.3)")
}

// converse sends one request after the other on one connection.
func converse(t *testing.T, address string, requests ...string) (answers []seen) {
	t.Helper()
	c, err := net.Dial("tcp", address)
	require.NoError(t, err)
	defer c.Close()
	from := bufio.NewReader(c)
	for _, request := range requests {
		_, err := io.WriteString(c, request)
		require.NoError(t, err)
		answer, err := http.ReadResponse(from, nil)
		require.NoError(t, err, request)
		body, err := io.ReadAll(answer.Body)
		if answer.StatusCode != http.StatusSwitchingProtocols {
			require.NoError(t, err)
		}
		answer.Body.Close()
		answers = append(answers, seen{status: answer.StatusCode, body: string(body)})
	}
	return answers
}

func TestACacheInFrontGivesNobodyWhatASessionLetThrough(t *testing.T) {
	t.Parallel()
	var public atomic.Int32
	upstream := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/public/") {
			public.Add(1)
		}
		for name, values := range map[string]string{"/loud": "public, max-age=600", "/shared": "s-maxage=600", "/public/page": "public, max-age=600"} {
			if r.URL.Path == name {
				rw.Header().Set("Cache-Control", values)
			}
		}
		if r.URL.Path == "/old" {
			rw.Header().Set("Expires", "Thu, 01 Jan 2099 00:00:00 GMT")
		}
		_, _ = io.WriteString(rw, "for "+r.Header.Get("X-Auth-Subject"))
	}))
	t.Cleanup(upstream.Close)
	s := behind("")
	s.upstream = upstream.URL
	w, front := prepareSite(t, s)
	port := freePort(t)
	startNginx(t, fmt.Sprintf(`
  proxy_cache_path %[3]s/cache keys_zone=all:1m;
  server {
    listen %[1]s;
    location / {
      proxy_pass http://127.0.0.1:%[2]s;
      proxy_set_header Host $http_host;
      proxy_cache all;
      proxy_cache_key $uri$is_args$args;
      proxy_cache_valid 200 10m;
      add_header X-Cache $upstream_cache_status;
    }
  }`, front, port, t.TempDir()))
	w.serve(t, w.write(t), net.JoinHostPort("127.0.0.1", port))
	w.answers(t, w.URL)

	before := public.Load()
	for range 3 {
		_, body := newVisitor(t).ask(w, "/public/page", nil)
		require.Equal(t, "for ", body)
	}
	require.Equal(t, before+1, public.Load(), "what everybody may see comes from the cache, so there is one")

	member, other := newVisitor(t), newVisitor(t)
	member.visit(w, "/", ada)
	other.visit(w, "/", ben)
	for _, path := range []string{"/", "/silent", "/loud", "/shared", "/old"} {
		for range 2 {
			_, body := member.ask(w, path, nil)
			require.Equal(t, "for sub-of-ada", body, path)
		}
		status, body := newVisitor(t).ask(w, path, nil)
		require.NotEqual(t, http.StatusOK, status, path)
		require.NotContains(t, body, "ada", path)
		_, body = other.ask(w, path, nil)
		require.Equal(t, "for sub-of-ben", body, path)
	}
}
