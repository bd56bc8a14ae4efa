package e2e

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Proxies that ask, with the configurations of docs/behind-a-proxy.md as they stand there.
func TestAProxyAsks(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/behind-a-proxy.md")
	require.NoError(t, err)
	for name, run := range map[string]func(t *testing.T, config, front string){
		"nginx": func(t *testing.T, config, front string) {
			startNginx(t, fmt.Sprintf("server {\n listen %s;\n%s\n}", front, config))
		},
		"caddy": func(t *testing.T, config, front string) {
			file := filepath.Join(t.TempDir(), "Caddyfile")
			global := "{\n admin off\n auto_https off\n}\n"
			require.NoError(t, os.WriteFile(file, fmt.Appendf(nil, "%shttp://localhost:%s {\n bind 127.0.0.1\n%s\n}\n", global, front[strings.LastIndex(front, ":")+1:], config), 0o600))
			start(t, "caddy", needProgram(t, "env"), "HOME="+t.TempDir(), needProgram(t, "caddy"), "run", "--adapter", "caddyfile", "--config", file)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			snippet := regexp.MustCompile("(?s)```" + name + "\\n(.*?)```").FindSubmatch(page)
			require.NotNil(t, snippet)
			upstream := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				fmt.Fprintf(rw, "%s %s for %q, cookies %q, body %q", r.Method, r.RequestURI, r.Header["X-Auth-Subject"], strings.Join(r.Header["Cookie"], ";"), body)
			}))
			t.Cleanup(upstream.Close)
			s := behind("")
			s.tokenSeconds, s.leeway = 3, "0s"
			w, front := prepareSite(t, s)
			port := freePort(t)
			config := strings.NewReplacer("127.0.0.1:8080", "127.0.0.1:"+port, "127.0.0.1:3000", strings.TrimPrefix(upstream.URL, "http://")).Replace(string(snippet[1]))
			run(t, config, front)
			w.process = start(t, "edgeauth serve", command(t), "serve", "-config", w.write(t), "-forward-auth", "-trusted-proxy", "127.0.0.1",
				"-addr", net.JoinHostPort("127.0.0.1", port), "-insecure-http")
			w.answers(t, w.URL)

			member, other, stranger := newVisitor(t), newVisitor(t), newVisitor(t)
			page := member.visit(w, "/reports?page=2", ada)
			require.Equal(t, `GET /reports?page=2 for ["sub-of-ada"], cookies "", body ""`, page.body)
			_, body := member.ask(w, "/", map[string]string{"X-Auth-Subject": "forged"})
			require.Contains(t, body, `for ["sub-of-ada"]`)
			_, body = member.ask(w, "/", map[string]string{"X_Auth_Subject": "forged"}) // which no proxy overwrites: refused, or left out by nginx
			require.NotContains(t, body, "forged")
			status, body := stranger.ask(w, "/data.json", map[string]string{"Sec-Fetch-Mode": "cors"})
			require.Equal(t, http.StatusUnauthorized, status)
			require.Contains(t, body, "sign_in_required")
			status, body = stranger.ask(w, "/public/", map[string]string{"X-Auth-Subject": "forged"})
			require.Equal(t, http.StatusOK, status)
			require.NotContains(t, body, "forged")

			other.visit(w, "/", ben)
			status, body = other.ask(w, "/admin/", map[string]string{"Accept": "text/html"})
			require.Equal(t, http.StatusForbidden, status)
			require.Contains(t, body, "<html", "a page, and not the proxy's own")
			for _, forged := range []map[string]string{
				{"X-Forwarded-Uri": "/public/"}, {"X-Original-Url": w.URL + "/public/"}, {"X-Original-Uri": "/public/"}, {"X-Forwarded-Method": "OPTIONS", "X-Forwarded-Uri": "/public/"},
				{"X-Rewrite-Url": "/public/"}, {"X-Http-Method-Override": "OPTIONS"}, {"X-Forwarded-Host": "else.example"},
			} {
				status, body := other.ask(w, "/admin/", forged)
				require.NotEqual(t, http.StatusOK, status, "%v: %s", forged, body)
				status, _ = stranger.ask(w, "/secret", forged)
				require.NotEqual(t, http.StatusOK, status, forged)
			}

			site, err := url.Parse(w.URL)
			require.NoError(t, err)
			for range 3 { // renewals, each by a form
				before := fmt.Sprint(member.client.Jar.Cookies(site))
				var answer *http.Response
				require.Eventually(t, func() bool {
					r, err := http.NewRequest(http.MethodPost, w.URL+"/form", strings.NewReader("text=tea"))
					require.NoError(t, err)
					r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
					r.Header.Set("Sec-Fetch-Mode", "navigate")
					r.Header.Set("Sec-Fetch-Dest", "document")
					r.Header.Set("Sec-Fetch-Site", "same-origin")
					answer, err = member.client.Do(r)
					require.NoError(t, err)
					text, err := io.ReadAll(answer.Body)
					require.NoError(t, err)
					answer.Body.Close()
					require.Equal(t, `POST /form for ["sub-of-ada"], cookies "", body "text=tea"`, string(text))
					return fmt.Sprint(member.client.Jar.Cookies(site)) != before
				}, patience, 20*1e6, "the session is renewed")
			}
		})
	}
}
