//go:build linux

package lambdaedge_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/internal/runtimeapi"
	"github.com/edgeauth/edgeauth/lambdaedge"
	"github.com/edgeauth/edgeauth/provider"
)

// The test binary is also the function: started with this word.
const function = "be-the-function"

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == function {
		be(os.Args[2:])
	}
	os.Exit(m.Run())
}

// be is a function's main.
func be(args []string) {
	if len(args) > 0 && args[0] == "logs as it likes" {
		slog.SetDefault(slog.New(slog.NewTextHandler(os.Stderr, nil)))
	}
	p := provider.OIDC("https://id.example.net")
	p.Discovery = "" // no network
	p.Endpoints = provider.Endpoints{Authorize: p.Issuer + "/authorize", Token: p.Issuer + "/token", Keys: p.Issuer + "/keys"}
	guard, err := edgeauth.New(edgeauth.Config{
		Provider: p, ClientID: "client", Hosts: []string{"cloudfront"}, Session: edgeauth.Session{Keys: [][]byte{handoverKey}},
		Rules: []edgeauth.Rule{{Path: "/public/", Anyone: true}},
	})
	if err != nil {
		panic(err)
	}
	lambdaedge.Start(odd{guard})
}

// odd is a guard with some paths of the test's own.
type odd struct{ edgeauth.Checker }

func (o odd) Check(ctx context.Context, r *edgeauth.Request) edgeauth.Decision {
	said := ""
	switch r.Path {
	case "/panic":
		panic("as asked")
	case "/procs":
		said = fmt.Sprint(runtime.GOMAXPROCS(0))
	case "/cpu":
		var used syscall.Rusage
		_ = syscall.Getrusage(syscall.RUSAGE_SELF, &used)
		said = fmt.Sprint((used.Utime.Nano() + used.Stime.Nano()) / 1000)
	default:
		return o.Checker.Check(ctx, r)
	}
	return edgeauth.Decision{Action: edgeauth.Respond, Status: 200, Body: []byte(said)}
}

// start starts the function. It is a process of its own, asks for events and is ended with the test.
func start(t testing.TB, args ...string) (*runtimeapi.Function, *bytes.Buffer) {
	var output bytes.Buffer
	f := &runtimeapi.Function{
		Command: append([]string{os.Args[0], function}, args...), Dir: t.TempDir(), Output: &output,
		Init: 5 * time.Minute, Timeout: 5 * time.Minute, // Lambda's own limits are for a faster machine than this may be
	}
	t.Cleanup(f.Close)
	return f, &output
}

func invoke(t testing.TB, f *runtimeapi.Function, path string) message {
	t.Helper()
	query := ""
	out, err := f.Invoke((&cloudFront{t: t}).event("viewer-request", "request-1==", message{
		Method: "GET", URI: path, QueryString: &query,
		Headers: map[string][]entry{"host": {{"Host", "d111111abcdef8.cloudfront.net"}}, "sec-fetch-mode": {{"Sec-Fetch-Mode", "navigate"}}},
	}, nil))
	require.NoError(t, err)
	var m message
	require.NoError(t, json.Unmarshal(out, &m))
	return m
}

func TestStartServesEventsUntilTheProcessEnds(t *testing.T) {
	f, output := start(t)
	require.Equal(t, "1", invoke(t, f, "/procs").Body, "an instance owns a fraction of one core")
	started, _ := f.Processes()

	m := invoke(t, f, "/page")
	require.Equal(t, "302", m.Status)
	require.True(t, strings.HasPrefix(m.Headers["location"][0].Value, "https://id.example.net/authorize?"), "%s", m.Headers["location"])
	require.Equal(t, "/public/a.css", invoke(t, f, "/public/a.css").URI)
	require.Equal(t, "500", invoke(t, f, "/panic").Status)
	require.Equal(t, "302", invoke(t, f, "/page").Status)
	again, _ := f.Processes()
	require.Equal(t, started, again, "a panic does not end the process")

	f.Close()
	codes := map[string]int{}
	for line := range strings.Lines(output.String()) {
		var record struct{ Level, Code, Reference string }
		require.NoError(t, json.Unmarshal([]byte(line), &record), "the log is JSON: %s", line)
		require.Equal(t, "request-1==", record.Reference)
		codes[record.Code]++
	}
	require.Equal(t, map[string]int{"no_session": 2, "internal": 1}, codes)
}

func TestStartLeavesAProgramsOwnLoggerAlone(t *testing.T) {
	f, output := start(t, "logs as it likes")
	invoke(t, f, "/page")
	f.Close()
	require.Contains(t, output.String(), "level=INFO")
}

func TestAFunctionStaysSmall(t *testing.T) {
	notUnderRace(t)
	f, _ := start(t)
	for range 500 {
		invoke(t, f, "/public/a.css")
		invoke(t, f, "/page")
	}
	used := f.MemoryUsed()
	t.Logf("%.1f MB after 1000 events", float64(used)/(1<<20))
	require.Less(t, used, int64(24<<20))
}

// BenchmarkStart prints the CPU time of a function from its start to its first event. The test binary is the function:
// a function of its own takes less.
func BenchmarkStart(b *testing.B) {
	total := 0
	for range b.N {
		f, _ := start(b)
		var micros int
		_, err := fmt.Sscan(invoke(b, f, "/cpu").Body, &micros)
		require.NoError(b, err)
		total += micros
		f.Close()
	}
	b.ReportMetric(float64(total)/float64(b.N)/1000, "cpu-ms/start")
}
