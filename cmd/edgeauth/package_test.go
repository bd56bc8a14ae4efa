package main

import (
	"archive/zip"
	"bytes"
	"context"
	"debug/buildinfo"
	"debug/elf"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth/cmd/edgeauth/internal/packaged"
	"github.com/edgeauth/edgeauth/internal/devidp"
	"github.com/edgeauth/edgeauth/provider"
)

// functionWorld is one site to package, with its provider, for all tests.
type functionWorld struct {
	dir, config, snapshot, zip, issuer string
	idp                                *devidp.Server

	build sync.Once
	said  string // what the command printed when it made the zip
	err   error
}

const functionDocument = `{
	"hosts": ["cloudfront"], "client_id": "web", "client_secret": "env:EDGEAUTH_TEST_SECRET",
	"provider": {"type": "oidc", "issuer": "ISSUER"},
	"session": {"keys": ["file:key"]}, "rules": [{"path": "/public/", "allow": "anyone"}]
}`

var functionDir string

func TestMain(m *testing.M) {
	code := m.Run()
	if functionDir != "" {
		os.RemoveAll(functionDir)
	}
	os.Exit(code)
}

// newFunctionWorld has everything but the zip and the snapshot.
var newFunctionWorld = sync.OnceValues(func() (*functionWorld, error) {
	dir, err := os.MkdirTemp("", "edgeauth-package-test-")
	if err != nil {
		return nil, err
	}
	functionDir = dir
	w := &functionWorld{
		dir: dir, config: filepath.Join(dir, "site.json"), snapshot: filepath.Join(dir, "snapshot.json"), zip: filepath.Join(dir, "function.zip"),
	}
	server := httptest.NewUnstartedServer(nil)
	w.issuer = "http://" + server.Listener.Addr().String()
	w.idp, err = devidp.New(devidp.Options{Provider: provider.OIDC(w.issuer), Users: []devidp.User{{Name: "ada"}}, CallbackIssuer: true})
	if err != nil {
		return nil, err
	}
	server.Config.Handler = w.idp
	server.Start()
	for name, content := range map[string]string{
		"site.json": strings.ReplaceAll(functionDocument, "ISSUER", w.issuer), "key": "x5Z0Y1b7nQm2oVwJcK8fTgHsLdRpEuAiNyBvCtXzM0k=",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			return nil, err
		}
	}
	return w, os.Setenv("EDGEAUTH_TEST_SECRET", "hush hush")
})

// functionToPackage is for tests that need no zip.
func functionToPackage(t testing.TB) *functionWorld {
	t.Helper()
	w, err := newFunctionWorld()
	require.NoError(t, err)
	return w
}

// packagedFunction is for tests that need the zip. It is made once for all of them: with an empty build cache this
// compiles most of the standard library.
func packagedFunction(t testing.TB) *functionWorld {
	t.Helper()
	ctx := mayBuild(t)
	w := functionToPackage(t)
	w.build.Do(func() {
		var stdout, stderr bytes.Buffer
		if run(ctx, []string{"package", "-config", w.config, "-snapshot", w.snapshot, "-o", w.zip}, &stdout, &stderr) != 0 {
			w.err = errors.New(stderr.String())
		}
		w.said = stdout.String()
	})
	require.NoError(t, w.err)
	return w
}

// mayBuild skips a test that runs the Go compiler where only quick ones are wanted. Its context ends shortly before the
// deadline of all tests: a build that takes too long fails its own test, and not every one after it.
func mayBuild(t testing.TB) context.Context {
	t.Helper()
	if testing.Short() {
		t.Skip("it runs the Go compiler")
	}
	ctx := t.Context()
	if timed, ok := t.(*testing.T); ok {
		if deadline, ok := timed.Deadline(); ok {
			var cancel context.CancelFunc
			ctx, cancel = context.WithDeadline(ctx, deadline.Add(-time.Minute))
			t.Cleanup(cancel)
		}
	}
	return ctx
}

// fileOf is a file of a zip.
func fileOf(t *testing.T, name, file string) []byte {
	t.Helper()
	z, err := zip.OpenReader(name)
	require.NoError(t, err)
	defer z.Close()
	f, err := z.Open(file)
	require.NoError(t, err)
	defer f.Close()
	content, err := io.ReadAll(f)
	require.NoError(t, err)
	return content
}

func TestAZipServesEachRuntimeWithOneBinary(t *testing.T) {
	w := packagedFunction(t)
	z, err := zip.OpenReader(w.zip)
	require.NoError(t, err)
	defer z.Close()
	modes := map[string]fs.FileMode{}
	var names []string
	for _, f := range z.File {
		names, modes[f.Name] = append(names, f.Name), f.Mode()
		require.Equal(t, 1980, f.Modified.UTC().Year(), "a time of building is in the zip")
	}
	require.Equal(t, []string{"bootstrap", "edgeauth.json", "index.mjs", "index.py"}, names)
	require.Equal(t, map[string]fs.FileMode{"bootstrap": 0o755, "edgeauth.json": 0o644, "index.mjs": 0o644, "index.py": 0o644}, modes)
	info, err := os.Stat(w.zip)
	require.NoError(t, err)
	require.Less(t, info.Size(), int64(3_700_000))

	binary := fileOf(t, w.zip, "bootstrap")
	program, err := elf.NewFile(bytes.NewReader(binary))
	require.NoError(t, err)
	require.Equal(t, elf.EM_X86_64, program.Machine)
	require.Nil(t, program.Section(".interp"), "it wants a C library")
	require.Nil(t, program.Section(".symtab"), "it has symbols")
	built, err := buildinfo.Read(bytes.NewReader(binary))
	require.NoError(t, err)
	for _, setting := range built.Settings {
		require.NotContains(t, setting.Key, "vcs", "a commit is in the binary")
	}
	checkout, err := filepath.Abs("../..")
	require.NoError(t, err)
	require.False(t, bytes.Contains(binary, []byte(checkout)), "a path of this machine is in the binary")
	require.False(t, bytes.Contains(binary, []byte(w.dir)), "a path of this machine is in the binary")
	require.Contains(t, string(fileOf(t, w.zip, "edgeauth.json")), "hush")
	require.False(t, bytes.Contains(binary, []byte("hush hush")), "a secret was compiled, and stays in Go's build cache")
}

func TestPackageSaysWhatLiesInTheZipAndWhatToDoNext(t *testing.T) {
	w := packagedFunction(t)
	for _, want := range []string{
		"asked " + w.issuer + " for its addresses and keys",
		"Secrets lie in it: client_secret, session.keys.", "read from env:EDGEAUTH_TEST_SECRET", "read from file:key",
		"edgeauth edge -zip " + w.zip, "python3.13, nodejs22.x or nodejs24.x", "index.handler", "us-east-1", "examples/scene-one",
		"https://DISTRIBUTION.cloudfront.net/.auth/callback", "https://DISTRIBUTION.cloudfront.net/.auth/signed-out",
		"CloudFront takes 50 MB", "1 MB for viewer triggers is history", "page Quotas, April 2026",
	} {
		require.Contains(t, w.said, want)
	}
	require.NotContains(t, w.said, "hush")
}

func TestTheSameInputsGiveTheSameBytes(t *testing.T) {
	t.Parallel()
	ctx, w := mayBuild(t), packagedFunction(t)
	before := w.idp.Calls(devidp.Keys)
	again := filepath.Join(t.TempDir(), "again.zip")
	var stdout, stderr bytes.Buffer
	require.Zero(t, run(ctx, []string{"package", "-config", w.config, "-snapshot", w.snapshot, "-o", again}, &stdout, &stderr), &stderr)
	require.NotContains(t, stdout.String(), "asked", "a snapshot that is there is taken")
	require.Equal(t, before, w.idp.Calls(devidp.Keys))
	first, err := os.ReadFile(w.zip)
	require.NoError(t, err)
	second, err := os.ReadFile(again)
	require.NoError(t, err)
	require.True(t, bytes.Equal(first, second), "two builds differ")
}

func TestAMainPackageOfOnesOwnIsPackaged(t *testing.T) {
	t.Parallel()
	ctx := mayBuild(t)
	out := filepath.Join(t.TempDir(), "own.zip")
	var stdout, stderr bytes.Buffer
	require.Zero(t, run(ctx, []string{"package", "-o", out, "../../examples/own-lambda"}, &stdout, &stderr), &stderr)
	require.Contains(t, stdout.String(), "redirect URI  https://YOUR-HOST/.auth/callback")
	require.NotEmpty(t, fileOf(t, out, "bootstrap"))
}

func TestPackageRefusesInWordsForAPerson(t *testing.T) {
	w := functionToPackage(t)
	dir := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
		return path
	}
	files := 0
	document := func(change string) string {
		doc, old, _ := strings.Cut(change, " for ")
		content := strings.Replace(strings.ReplaceAll(functionDocument, "ISSUER", w.issuer), old, doc, 1)
		files++
		return write(fmt.Sprintf("changed%d.json", files), content)
	}
	foreign := write("foreign.json", w.foreignSnapshot(t))
	write("key", "x5Z0Y1b7nQm2oVwJcK8fTgHsLdRpEuAiNyBvCtXzM0k=")
	write("broken/go.mod", "module broken\n\ngo 1.26\n")
	write("broken/main.go", "package main\n\nimport (\n")
	for want, args := range map[string]struct {
		status int
		args   []string
	}{
		"give either -config or the folder":        {2, nil},
		"give either -config or":                   {2, []string{"-config", w.config, "../../examples/own-lambda"}},
		"takes one folder":                         {2, []string{"a", "b"}},
		"go with -config":                          {2, []string{"-snapshot", "s", "../../examples/own-lambda"}},
		"exclude each other":                       {2, []string{"-config", w.config, "-snapshot", "s", "-no-fetch"}},
		"is no folder":                             {1, []string{filepath.Join(dir, "nothing")}},
		"holds package nethttp":                    {1, []string{"../../nethttp"}},
		"does not import":                          {1, []string{"../../examples/custom-idp"}},
		"main.go:3:10: expected":                   {1, []string{filepath.Join(dir, "broken")}},
		"no-such-file":                             {1, []string{"-config", "no-such-file"}},
		"nothing: unknown member":                  {1, []string{"-config", document(`"nothing": 1, "hosts" for "hosts"`)}},
		"let a function set":                       {1, []string{"-config", document(`"forward": {"headers": {"X-Real-IP": "sub"}}, "rules" for "rules"`)}},
		`": line 2: client_id: is empty`:           {1, []string{"-config", document(`"client_id": "" for "client_id": "web"`)}},
		`"NOT_SET" is not set`:                     {1, []string{"-config", document("env:NOT_SET for env:EDGEAUTH_TEST_SECRET")}},
		"build with -no-fetch":                     {1, []string{"-config", document("http://127.0.0.1:1 for " + w.issuer)}},
		"remove the file to ask the provider anew": {1, []string{"-config", w.config, "-snapshot", foreign}},
		"go with -config; a main package":          {2, []string{"-keys", "k", "../../examples/own-lambda"}},
	} {
		t.Run(want, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			out := filepath.Join(t.TempDir(), "f.zip")
			got := run(t.Context(), append([]string{"package", "-o", out}, args.args...), &stdout, &stderr)
			require.Equal(t, args.status, got)
			require.Contains(t, stderr.String(), want)
			require.NotContains(t, stderr.String(), "hush")
			require.NoFileExists(t, out)
		})
	}
	t.Run("without Go", func(t *testing.T) {
		t.Setenv("PATH", dir)
		var stdout, stderr bytes.Buffer
		require.Equal(t, 1, run(t.Context(), []string{"package", "-config", w.config, "-no-fetch"}, &stdout, &stderr))
		require.Contains(t, stderr.String(), "the go command is missing")
	})
}

// foreignSnapshot is a snapshot that is right for another issuer.
func (w *functionWorld) foreignSnapshot(t *testing.T) string {
	snapshot, err := packaged.Ask(t.Context(), http.DefaultClient, provider.OIDC(w.issuer))
	require.NoError(t, err)
	snapshot.Issuer = "https://other.example"
	content, err := json.Marshal(snapshot)
	require.NoError(t, err)
	return string(content)
}
