package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// release is what a stranger has: the module from a proxy, as it is at HEAD, and the command installed from there.
type release struct {
	env     []string
	command string
}

const releaseVersion = "v0.0.1"

var released = sync.OnceValues(func() (*release, error) {
	root := filepath.Join(workDir, "release")
	versions := filepath.Join(root, "proxy", "github.com", "edgeauth", "edgeauth", "@v")
	if err := os.MkdirAll(versions, 0o755); err != nil {
		return nil, err
	}
	archive := exec.Command("git", "archive", "--format=zip", "--prefix=github.com/edgeauth/edgeauth@"+releaseVersion+"/",
		"-o", filepath.Join(versions, releaseVersion+".zip"), "HEAD", "--", ".")
	// A module's zip has no other module in it.
	nested, err := filepath.Glob("../*/go.mod")
	if err != nil {
		return nil, err
	}
	for _, file := range nested {
		archive.Args = append(archive.Args, ":!"+filepath.Base(filepath.Dir(file)))
	}
	archive.Dir = ".."
	if out, err := archive.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("git archive: %w: %s", err, out)
	}
	gomod, err := exec.Command("git", "show", "HEAD:go.mod").Output()
	if err != nil {
		return nil, fmt.Errorf("git show: %w", err)
	}
	for name, content := range map[string]string{
		"list": releaseVersion + "\n", releaseVersion + ".mod": string(gomod),
		releaseVersion + ".info": `{"Version": "` + releaseVersion + `", "Time": "2026-01-01T00:00:00Z"}`,
	} {
		if err := os.WriteFile(filepath.Join(versions, name), []byte(content), 0o644); err != nil {
			return nil, err
		}
	}
	cache, err := exec.Command("go", "env", "GOMODCACHE").Output()
	if err != nil {
		return nil, err
	}
	r := &release{command: filepath.Join(root, "bin", "edgeauth"), env: append(os.Environ(),
		"GOPROXY=file://"+filepath.Join(root, "proxy")+",file://"+filepath.Join(strings.TrimSpace(string(cache)), "cache", "download"),
		"GOSUMDB=off", "GOMODCACHE="+filepath.Join(root, "modules"), "GOBIN="+filepath.Join(root, "bin"), "GOFLAGS=-modcacherw", "GOWORK=off")}
	return r, r.run("", "go", "install", "github.com/edgeauth/edgeauth/cmd/edgeauth@"+releaseVersion)
})

func (r *release) run(dir, name string, args ...string) error {
	if dir == "" {
		dir = workDir
	}
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env = dir, r.env
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s %s: %w: %s", filepath.Base(name), strings.Join(args, " "), err, out)
	}
	return nil
}

// strangers are functions whose main packages somebody wrote after go get: the zip of each, by its folder's name.
type strangers struct {
	zips         map[string]string
	handoverPort string // of the provider that the function "handover" knows
}

var stranger = sync.OnceValues(func() (*strangers, error) {
	z, err := packaged()
	if err != nil {
		return nil, err
	}
	r, err := released()
	if err != nil {
		return nil, err
	}
	port, err := unusedPort()
	if err != nil {
		return nil, err
	}
	s := &strangers{zips: make(map[string]string), handoverPort: port}
	dir := filepath.Join(workDir, "stranger")
	mains := map[string]string{
		"own": strings.ReplaceAll(ownMain, "ISSUER", z.issuer), "panics": panicMain,
		"handover": strings.ReplaceAll(handoverMain, "ISSUER", "http://127.0.0.1:"+port),
	}
	for name, main := range mains {
		if err := os.MkdirAll(filepath.Join(dir, name), 0o755); err != nil {
			return nil, err
		}
		if err := os.WriteFile(filepath.Join(dir, name, "main.go"), []byte(main), 0o600); err != nil {
			return nil, err
		}
	}
	for _, args := range [][]string{
		{"mod", "init", "example.com/edge"}, {"get", "github.com/edgeauth/edgeauth@" + releaseVersion}, {"mod", "tidy"},
	} {
		if err := r.run(dir, "go", args...); err != nil {
			return nil, err
		}
	}
	for name := range mains {
		s.zips[name] = filepath.Join(dir, name+".zip")
		if err := r.run(dir, r.command, "package", "-o", s.zips[name], "./"+name); err != nil {
			return nil, err
		}
	}
	return s, nil
})

// strangersZip is the zip of one of a stranger's functions.
func strangersZip(t *testing.T, name string) string {
	t.Helper()
	s, err := stranger()
	require.NoError(t, err)
	return s.zips[name]
}

const ownMain = `package main

import (
	"log"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/lambdaedge"
	"github.com/edgeauth/edgeauth/provider"
)

func main() {
	guard, err := edgeauth.New(edgeauth.Config{
		Provider: provider.OIDC("ISSUER"),
		ClientID: "site",
		Hosts:    []string{"cloudfront"},
		Session:  edgeauth.Session{Mode: edgeauth.Tokens},
	})
	if err != nil {
		log.Fatal(err)
	}
	lambdaedge.Start(guard)
}
`

func TestAStrangersOwnMainOfAFewLinesSignsIn(t *testing.T) {
	t.Parallel()
	require.LessOrEqual(t, strings.Count(ownMain, "\n"), 25)
	f, _ := startFunction(t, lambdaRuntimes["Python"], unzip(t, strangersZip(t, "own")))
	v := &edgeVisitor{t: t, function: f, jar: map[string]string{}}
	back := v.do("GET", v.atProvider(v.do("GET", "/reports").location()))
	require.Equal(t, "https://"+edgeHost+"/reports", back.location(), back.raw)
	v.page("/reports")
}

func TestAReleasedCommandPackagesADocument(t *testing.T) {
	t.Parallel()
	z, err := packaged()
	require.NoError(t, err)
	r, err := released()
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "function.zip")
	require.NoError(t, r.run("", r.command, "package", "-config", filepath.Join(workDir, "function.json"), "-o", path))
	f, _ := startFunction(t, lambdaRuntimes["Python"], unzip(t, path))
	v := &edgeVisitor{t: t, function: f, jar: map[string]string{}}
	require.Contains(t, v.do("GET", "/").location(), z.issuer)
}

// What is downloaded is built in a checkout that its user does not have; it packages with its own version all the same.
func TestADownloadedCommandPackagesADocument(t *testing.T) {
	t.Parallel()
	_, err := packaged()
	require.NoError(t, err)
	r, err := released()
	require.NoError(t, err)
	dir := t.TempDir()
	for _, step := range []struct{ dir, name, args string }{
		{"..", "git", "clone -q . " + filepath.Join(dir, "checkout")},
		{filepath.Join(dir, "checkout"), "git", "tag " + releaseVersion},
		{filepath.Join(dir, "checkout"), "go", "build -trimpath -buildvcs=true -o " + filepath.Join(dir, "edgeauth") + " ./cmd/edgeauth"},
	} {
		cmd := exec.Command(step.name, strings.Fields(step.args)...)
		cmd.Dir = step.dir
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
	require.NoError(t, os.RemoveAll(filepath.Join(dir, "checkout")))
	require.NoError(t, r.run("", filepath.Join(dir, "edgeauth"), "package", "-config", filepath.Join(workDir, "function.json"), "-o", filepath.Join(dir, "function.zip")))
}

const panicMain = `package main

import (
	"context"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/lambdaedge"
)

type panics struct{}

func (panics) Check(_ context.Context, r *edgeauth.Request) edgeauth.Decision {
	switch r.Path {
	case "/panic":
		panic("in the handler")
	case "/crash":
		go panic("elsewhere")
		select {}
	}
	return edgeauth.Decision{Action: edgeauth.Respond, Status: 200}
}

func main() { lambdaedge.Start(panics{}) }
`

func TestAPanicIsAPageAndACrashIsOneEvents(t *testing.T) {
	t.Parallel()
	task := unzip(t, strangersZip(t, "panics"))
	for name, r := range lambdaRuntimes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, printed := startFunction(t, r, task)
			v := &edgeVisitor{t: t, function: f}
			require.Equal(t, "500", v.do("GET", "/panic").Status)
			says(t, printed, "a panic while serving an event")
			before, _ := f.Processes()
			require.Equal(t, "200", v.do("GET", "/").Status)
			after, _ := f.Processes()
			require.Equal(t, before, after, "the process lives on")

			event, _ := v.event("GET", "/crash")
			_, err := f.Invoke([]byte(event))
			require.Error(t, err)
			_, left := f.Processes()
			require.Empty(t, left, "something is left over")
			require.Equal(t, "200", v.do("GET", "/").Status, "the next event has a new process")
		})
	}
}
