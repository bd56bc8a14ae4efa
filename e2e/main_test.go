package e2e

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// workDir holds what is built and written for one run.
var workDir string

func TestMain(m *testing.M) {
	if config := os.Getenv(watchedEnv); config != "" {
		if err := beWatched(config); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	dir, err := os.MkdirTemp("", "edgeauth-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	workDir = dir
	os.Setenv("TMPDIR", dir) // what children leave behind when they are killed goes with it
	flag.Parse()
	// A journey waits for half of its time: for a token's end, or for a page.
	if parallel := flag.Lookup("test.parallel"); parallel.Value.String() == parallel.DefValue {
		_ = parallel.Value.Set(strconv.Itoa(2 * runtime.GOMAXPROCS(0)))
	}
	if flag.Lookup("test.run").Value.String()+flag.Lookup("test.list").Value.String() == "" {
		prepare()
	}
	code := m.Run()
	for _, end := range slices.Backward(ends) {
		end()
	}
	os.RemoveAll(dir)
	os.Exit(code)
}

// prepare makes what many tests need before the first of them runs, so that none is measured beside a build. What goes
// wrong is told by the tests that need the thing.
func prepare() {
	for _, step := range []struct {
		what string
		make func() error
	}{
		{"the command", made(buildCommand)},
		{"the function", made(packaged)},
		{"the release", made(released)},
		{"a stranger's functions", made(stranger)},
		{"the providers", made(theProviders)},
		{"chromium", made(theChromium)},
	} {
		began := time.Now()
		if step.make() == nil {
			fmt.Printf("%s: ready after %.1f s\n", step.what, time.Since(began).Seconds())
		}
	}
}

func made[T any](f func() (T, error)) func() error {
	return func() error { _, err := f(); return err }
}

// ends are what is to be done after the last test.
var (
	ends     []func()
	endsLock sync.Mutex
)

func atTheEnd(end func()) {
	endsLock.Lock()
	defer endsLock.Unlock()
	ends = append(ends, end)
}

// tools are the programs that the journeys need beside Go.
type tools struct{ node, chromium string }

var findTools = sync.OnceValues(func() (tools, error) {
	var found tools
	var err error
	if found.node, err = exec.LookPath("node"); err != nil {
		return found, fmt.Errorf("node is missing: %w", err)
	}
	if _, err = os.Stat(filepath.Join("idp", "node_modules", "oidc-provider", "package.json")); err != nil {
		return found, fmt.Errorf("the provider's packages are missing, npm ci in idp/ installs them: %w", err)
	}
	// The shell is the same engine without windows, toolbars and their processes, at half the cost.
	names := []string{"chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"}
	if os.Getenv("E2E_HEADED") != "" {
		names = names[1:]
	}
	for _, name := range names {
		if found.chromium, err = exec.LookPath(name); err == nil {
			return found, nil
		}
	}
	return found, fmt.Errorf("chromium is missing: %w", err)
})

// needTools fails in CI and skips elsewhere where a program is missing: a journey that was not made never passes.
func needTools(t *testing.T) tools {
	t.Helper()
	found, err := findTools()
	switch {
	case err == nil:
	case os.Getenv("CI") == "true":
		t.Fatalf("%v; ./run installs everything", err)
	default:
		t.Skipf("NOT TESTED: %v; ./run installs everything", err)
	}
	return found
}

var buildCommand = sync.OnceValues(func() (string, error) {
	path := filepath.Join(workDir, "edgeauth")
	build := exec.Command("go", "build", "-o", path, "./cmd/edgeauth")
	build.Dir = ".."
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return path, nil
})

// command is the path of the edgeauth command, built from this checkout.
func command(t *testing.T) string {
	t.Helper()
	path, err := buildCommand()
	require.NoError(t, err)
	return path
}
