package e2e

import (
	"archive/zip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth/internal/devidp"
	"github.com/edgeauth/edgeauth/internal/runtimeapi"
	"github.com/edgeauth/edgeauth/provider"
)

const (
	edgeHost  = "d111111abcdef8.cloudfront.net"
	edgeLife  = 4 * time.Second // of tokens
	edgeShare = 24_000_000      // bytes that the function may have resident after a thousand events
)

// edgeZip is a packaged document and the provider that it is for.
type edgeZip struct {
	path, issuer string
	idp          *devidp.Server
}

// packaged is one zip for all tests of the runtimes, in front of a provider of this process.
var packaged = sync.OnceValues(func() (*edgeZip, error) {
	path, err := buildCommand()
	if err != nil {
		return nil, err
	}
	server := httptest.NewUnstartedServer(nil)
	issuer := "http://" + server.Listener.Addr().String()
	idp, err := devidp.New(devidp.Options{
		Provider: provider.OIDC(issuer), Users: []devidp.User{{Name: "ada"}}, TokenLife: edgeLife, Refresh: devidp.RotateOnce,
		Clients: []devidp.Client{{
			ID: "site", RedirectURIs: []string{"https://" + edgeHost + "/.auth/callback"},
			PostLogoutURIs: []string{"https://" + edgeHost + "/.auth/signed-out"},
		}},
	})
	if err != nil {
		return nil, err
	}
	server.Config.Handler = idp
	server.Start() // for as long as the tests run
	z := &edgeZip{path: filepath.Join(workDir, "function.zip"), issuer: issuer, idp: idp}
	document, _ := json.Marshal(object{
		"hosts": []string{"cloudfront"}, "client_id": "site",
		"provider": object{"type": "oidc", "issuer": issuer},
		"leeway":   "1s",
		"session":  object{"keys": []string{"x5Z0Y1b7nQm2oVwJcK8fTgHsLdRpEuAiNyBvCtXzM0k="}}, "rules": []object{{"path": "/public/", "allow": "anyone"}},
	})
	config := filepath.Join(workDir, "function.json")
	if err := os.WriteFile(config, document, 0o600); err != nil {
		return nil, err
	}
	if out, err := exec.Command(path, "package", "-config", config, "-o", z.path).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%w: %s", err, out)
	}
	return z, nil
})

// unzip unpacks a zip into a new folder, modes and all.
func unzip(t *testing.T, path string) (folder string) {
	t.Helper()
	folder = t.TempDir()
	z, err := zip.OpenReader(path)
	require.NoError(t, err)
	defer z.Close()
	for _, f := range z.File {
		from, err := f.Open()
		require.NoError(t, err)
		content, err := io.ReadAll(from)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(folder, f.Name), content, f.Mode()))
	}
	return folder
}

// lambdaRuntime starts a function's folder in the way that one of Lambda's runtimes does.
type lambdaRuntime struct {
	command func(t *testing.T, task string) []string
	spawns  bool // it stays beside the program, which is a process of its own
}

var lambdaRuntimes = map[string]lambdaRuntime{
	"Node 20": {command: awsNodeClient("node-20"), spawns: true},
	"Node 22": {command: awsNodeClient("node-22")},
	"Node 24": {command: awsNodeClient("node-24")},
	"Python":  {command: pythonClient},
}

// awsNodeClient runs AWS's own client in a version of Node. What its native part would do, asking for events, is an
// error here: it never comes to that.
func awsNodeClient(node string) func(t *testing.T, task string) []string {
	return func(t *testing.T, _ string) []string {
		t.Helper()
		modules := filepath.Join("lambda", "node_modules")
		binary, err := filepath.Abs(filepath.Join(modules, node, "bin", "node"))
		require.NoError(t, err)
		client, err := os.ReadFile(filepath.Join(modules, "aws-lambda-ric", "index.mjs"))
		if err != nil {
			missing(t, "AWS's Lambda client, which npm ci --ignore-scripts in lambda/ installs")
		}
		stub, err := filepath.Abs(filepath.Join("lambda", "ric-stub.cjs"))
		require.NoError(t, err)
		runtime := t.TempDir()
		require.NoError(t, os.WriteFile(filepath.Join(runtime, "index.mjs"), client, 0o600))
		require.NoError(t, os.WriteFile(filepath.Join(runtime, "rapid-client.node"), nil, 0o600))
		return []string{binary, "--require", stub, filepath.Join(runtime, "index.mjs")}
	}
}

// pythonClient imports the handler module, as AWS's client does before it asks for an event.
func pythonClient(t *testing.T, _ string) []string {
	t.Helper()
	python, err := exec.LookPath("python3")
	if err != nil {
		missing(t, "python3")
	}
	return []string{python, "-c", "import sys; sys.path.insert(0, '.'); import index; sys.exit('the import returned')"}
}

// missing fails in CI and skips elsewhere.
func missing(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("missing: %s; ./run installs everything", what)
	}
	t.Skipf("NOT TESTED, missing: %s; ./run installs everything", what)
}

// startFunction makes a function of an unpacked zip.
func startFunction(t *testing.T, r lambdaRuntime, task string) (*runtimeapi.Function, *lockedBuffer) {
	t.Helper()
	printed := new(lockedBuffer)
	f := &runtimeapi.Function{
		Command: r.command(t, task), Dir: task, Handler: "index.handler", Init: patience, Timeout: patience, Memory: 512, Output: printed,
		Env: []string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME")},
	}
	t.Cleanup(func() {
		f.Close()
		if t.Failed() {
			t.Logf("what the function printed:\n%s", printed)
		}
	})
	return f, printed
}

// edgeVisitor sends events for one browser: a jar, and no more.
type edgeVisitor struct {
	t        *testing.T
	function *runtimeapi.Function
	jar      map[string]string
}

// edgeResult is what a function returns: a response, or a request to pass on.
type edgeResult struct {
	Status  string
	Headers map[string][]struct{ Key, Value string }
	URI     string
	raw     string
}

func (r edgeResult) location() string {
	if len(r.Headers["location"]) == 0 {
		return ""
	}
	return r.Headers["location"][0].Value
}

// event is a viewer-request event, and its request alone.
func (v *edgeVisitor) event(method, target string) (event, request string) {
	v.t.Helper()
	path, query, _ := strings.Cut(strings.TrimPrefix(target, "https://"+edgeHost), "?")
	headers := map[string]any{}
	for name, value := range map[string]string{
		"Host": edgeHost, "Accept": "text/html", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Sec-Fetch-Site": "same-origin",
	} {
		headers[strings.ToLower(name)] = []object{{"key": name, "value": value}}
	}
	var cookies []object // each in an entry of its own, as HTTP/2 may bring them
	for name, value := range v.jar {
		cookies = append(cookies, object{"key": "Cookie", "value": name + "=" + value})
	}
	if cookies != nil {
		headers["cookie"] = cookies
	}
	raw, err := json.Marshal(object{"clientIp": "2001:db8::7", "method": method, "uri": path, "querystring": query, "headers": headers, "later": []int{1}})
	require.NoError(v.t, err)
	config := fmt.Sprintf(`{"distributionDomainName": %q, "distributionId": "E1", "eventType": "viewer-request", "requestId": "r1"}`, edgeHost)
	return `{"Records": [{"cf": {"config": ` + config + `, "request": ` + string(raw) + `}}]}`, string(raw)
}

func (v *edgeVisitor) do(method, target string) edgeResult {
	v.t.Helper()
	event, _ := v.event(method, target)
	raw, err := v.function.Invoke([]byte(event))
	require.NoError(v.t, err)
	r := edgeResult{raw: string(raw)}
	require.NoError(v.t, json.Unmarshal(raw, &r))
	for _, line := range r.Headers["set-cookie"] {
		cookie, err := http.ParseSetCookie(line.Value)
		require.NoError(v.t, err)
		if v.jar[cookie.Name] = cookie.Value; cookie.MaxAge < 0 {
			delete(v.jar, cookie.Name)
		}
	}
	return r
}

// page visits a page that there is a session for, and goes around where the session is renewed on the way: that can be
// at any time, with tokens of a short life.
func (v *edgeVisitor) page(target string) (page edgeResult, renewals int) {
	v.t.Helper()
	for {
		page = v.do("GET", target)
		if page.Status != "307" {
			require.Empty(v.t, page.Status, page.raw)
			return page, renewals
		}
		require.Equal(v.t, "https://"+edgeHost+target, page.location())
		require.NotEmpty(v.t, page.Headers["set-cookie"])
		renewals++
	}
}

// atProvider signs ada in and returns the callback's target.
func (v *edgeVisitor) atProvider(location string) string {
	v.t.Helper()
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.PostForm(location, url.Values{"user": {"ada"}})
	require.NoError(v.t, err)
	answer.Body.Close()
	require.Equal(v.t, http.StatusSeeOther, answer.StatusCode)
	return answer.Header.Get("Location")
}
