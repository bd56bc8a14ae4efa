package main

import (
	"archive/zip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth/cmd/edgeauth/internal/bundle"
	"github.com/edgeauth/edgeauth/cmd/edgeauth/internal/localedge"
	"github.com/edgeauth/edgeauth/internal/devidp"
	"github.com/edgeauth/edgeauth/internal/runtimeapi"
)

// edgeSite runs the packaged function in front of a folder, and trusts its authority.
func edgeSite(t *testing.T, w *functionWorld, runtime string) (b *browser, home string) {
	www := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(www, "public"), 0o700))
	for name, content := range map[string]string{"index.html": "the app", "app.js": "secret source", "public/hello.txt": "hello"} {
		require.NoError(t, os.WriteFile(filepath.Join(www, name), []byte(content), 0o600))
	}
	printed := startRun(t, "listening on", func(ctx context.Context, stdout, stderr io.Writer) int {
		return status(localedge.Run(ctx, localedge.Options{
			Zip: w.zip, Runtime: runtime, Dir: www, Addr: "127.0.0.1:0", Memory: runtimeapi.DefaultMemory, Init: patience, Timeout: patience,
		}, stdout, stderr), stderr)
	})
	home = after(t, printed, "Open ")
	w.idp.Register(devidp.Client{ID: "web", Secret: "hush hush", RedirectURIs: []string{home + "/.auth/callback"}})

	pem, err := os.ReadFile(after(t, printed, "Authority "))
	require.NoError(t, err)
	roots := x509.NewCertPool()
	require.True(t, roots.AppendCertsFromPEM(pem))
	b = newBrowser(t)
	b.client.Transport = &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true}
	return b, home
}

func TestAPersonSignsInThroughTheZip(t *testing.T) {
	w := packagedFunction(t)
	for _, runtime := range []string{"python", "node"} { // the binary itself, where that is missing
		t.Run(runtime, func(t *testing.T) {
			b, home := edgeSite(t, w, runtime)
			require.Equal(t, http.StatusUnauthorized, b.get(home+"/app.js").status)
			require.Equal(t, "hello", b.get(home+"/public/hello.txt").body)
			signIn := b.open(home + "/?a=b")
			require.Equal(t, w.issuer, "http://"+signIn.url.Host)
			page := b.submit(signIn.url.String(), url.Values{"user": {"ada"}})
			require.Equal(t, "the app", page.body)
			require.Equal(t, home+"/?a=b", page.url.String(), "where the sign-in began")
			require.Equal(t, "secret source", b.get(home+"/app.js").body)
			require.Contains(t, b.get(home+"/.auth/session").body, `"authenticated":true`)
			require.Equal(t, http.StatusForbidden, b.get(home+"/missing.js").status, "a private bucket does not say what is missing")

			b.submit(home+"/.auth/logout", nil)
			require.Equal(t, http.StatusUnauthorized, b.get(home+"/app.js").status)
		})
	}
}

func TestWrongCommandLinesOfEdge(t *testing.T) {
	good := zipOf(t, map[string]string{bundle.Program: ""})
	text := filepath.Join(t.TempDir(), "text")
	require.NoError(t, os.WriteFile(text, []byte("no zip"), 0o600))
	for want, c := range map[string]struct {
		status int
		args   []string
	}{
		"-zip is missing":            {2, nil},
		"either -dir or -upstream":   {2, []string{"-zip", good}},
		"-runtime is python or node": {2, []string{"-zip", good, "-dir", ".", "-runtime", "go"}},
		"stays on this machine":      {2, []string{"-zip", good, "-dir", ".", "-addr", ":8443"}},
		"up to 30s":                  {2, []string{"-zip", good, "-dir", ".", "-timeout", "1m"}},
		"10s to start":               {2, []string{"-zip", good, "-dir", ".", "-init-timeout", "0s"}},
		"128 to 10240":               {2, []string{"-zip", good, "-dir", ".", "-memory", "64"}},
		"no such file":               {1, []string{"-zip", "nothing.zip", "-dir", "."}},
		"not a valid zip file":       {1, []string{"-zip", text, "-dir", "."}},
		"no-such-folder":             {1, []string{"-zip", good, "-dir", "no-such-folder"}},
		"holds no bootstrap":         {1, []string{"-zip", zipOf(t, map[string]string{"index.py": ""}), "-dir", "."}},
		"escapes":                    {1, []string{"-zip", zipOf(t, map[string]string{"../outside": "x"}), "-dir", "."}},
	} {
		t.Run(want, func(t *testing.T) {
			var stdout, stderr strings.Builder
			require.Equal(t, c.status, run(t.Context(), append([]string{"edge"}, c.args...), &stdout, &stderr))
			require.Contains(t, stderr.String(), want)
		})
	}
}

func TestEdgeSaysWhatItRunsAndWhere(t *testing.T) {
	name, www := zipOf(t, map[string]string{bundle.Program: ""}), t.TempDir() // no event comes, so nothing is started
	printed := start(t, "listening on", "edge", "-zip", name, "-dir", www, "-addr", "127.0.0.1:0", "-memory", "256", "-timeout", "30s", "-init-timeout", "1m")
	require.Equal(t, name, after(t, printed, "Function "))
	require.Contains(t, printed, ", 256 MB, 30s\n")
	require.Equal(t, www, after(t, printed, "Origin "))
	require.FileExists(t, after(t, printed, "Authority "))
	require.Contains(t, after(t, printed, "Open "), "https://localhost:")
}

func zipOf(t *testing.T, files map[string]string) string {
	file, err := os.Create(filepath.Join(t.TempDir(), "f.zip"))
	require.NoError(t, err)
	defer file.Close()
	z := zip.NewWriter(file)
	for name, content := range files {
		f, err := z.Create(name)
		require.NoError(t, err)
		_, err = f.Write([]byte(content))
		require.NoError(t, err)
	}
	require.NoError(t, z.Close())
	return file.Name()
}

// The zip's binary alone, against a strict Runtime API.

// patience is for a machine that is slower than Lambda's: only a function that hangs fails by it.
const patience = 5 * time.Minute

func newBootstrap(t *testing.T) *runtimeapi.Function {
	task := filepath.Join(t.TempDir(), "task")
	require.NoError(t, localedge.Unpack(packagedFunction(t).zip, task))
	f := &runtimeapi.Function{Command: []string{filepath.Join(task, bundle.Program)}, Dir: task, Output: testLog{t}, Init: patience, Timeout: patience}
	t.Cleanup(f.Close)
	return f
}

type testLog struct{ t *testing.T }

func (l testLog) Write(p []byte) (int, error) {
	l.t.Logf("%s", p)
	return len(p), nil
}

func viewerRequest(uri, accept string) (event, request string) {
	request = fmt.Sprintf(`{"clientIp": "192.0.2.7", "futureField": [1, 2.50], "method": "GET", "uri": %q, "querystring": "a=%%20b",
		"headers": {"host": [{"key": "Host", "value": "d1.cloudfront.net"}], "accept": [{"key": "Accept", "value": %q}]}}`, uri, accept)
	return fmt.Sprintf(`{"Records": [{"cf": {"config": {"distributionDomainName": "d1.cloudfront.net", "distributionId": "E1",
		"eventType": "viewer-request", "requestId": "r1=="}, "request": %s}}]}`, request), request
}

func TestTheBinaryServesEvents(t *testing.T) {
	f := newBootstrap(t)
	event, request := viewerRequest("/public/hello.txt", "*/*")
	result, err := f.Invoke([]byte(event))
	require.NoError(t, err)
	require.Equal(t, request, string(result), "a public request goes on as it came, byte for byte")
	first, _ := f.Processes()

	event, _ = viewerRequest("/reports", "text/html")
	result, err = f.Invoke([]byte(event))
	require.NoError(t, err)
	var answer struct {
		Status  string
		Headers map[string][]struct{ Value string }
	}
	require.NoError(t, json.Unmarshal(result, &answer))
	require.Equal(t, "302", answer.Status)
	require.Contains(t, answer.Headers["location"][0].Value, packagedFunction(t).issuer+"/authorize?")
	require.Contains(t, answer.Headers["location"][0].Value, url.QueryEscape("https://d1.cloudfront.net/.auth/callback"))
	require.NotEmpty(t, answer.Headers["set-cookie"])

	for garbage, status := range map[string]string{
		`{}`: `"status":"400"`, `"x"`: `"status":"400"`, `[1]`: `"status":"400"`,
		strings.Replace(event, "viewer-request", "origin-request", 1): `"status":"500"`,
	} {
		result, err := f.Invoke([]byte(garbage))
		require.NoError(t, err)
		require.Contains(t, string(result), status)
	}
	now, _ := f.Processes()
	require.Equal(t, first, now, "the process lives on")
}

func TestTheBinaryStaysSmallOverAThousandEvents(t *testing.T) {
	t.Parallel()
	f := newBootstrap(t)
	event, _ := viewerRequest("/reports", "text/html")
	f.Output = nil // a thousand lines of log
	for range 1000 {
		_, err := f.Invoke([]byte(event))
		require.NoError(t, err)
	}
	used := f.MemoryUsed()
	t.Logf("resident after 1000 events: %.1f MB", float64(used)/1e6)
	require.Less(t, used, int64(24_000_000))
}
