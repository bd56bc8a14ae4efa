package e2e

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth/internal/devidp"
	"github.com/edgeauth/edgeauth/internal/runtimeapi"
)

func TestEveryRuntimeMakesWayForTheProgram(t *testing.T) {
	t.Parallel()
	z, err := packaged()
	require.NoError(t, err)
	for name, r := range lambdaRuntimes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, _ := startFunction(t, r, unzip(t, z.path))
			v := &edgeVisitor{t: t, function: f, jar: map[string]string{}}

			event, request := v.event("GET", "/public/logo.svg?v=1")
			raw, err := f.Invoke([]byte(event))
			require.NoError(t, err)
			require.Equal(t, request, string(raw), "a public request goes on as it came")
			started, all := f.Processes()

			signIn := v.do("GET", "/reports?week=7")
			require.Equal(t, "302", signIn.Status)
			back := v.do("GET", v.atProvider(signIn.location()))
			require.Equal(t, "https://"+edgeHost+"/reports?week=7", back.location(), back.raw)
			page, _ := v.page("/reports?week=7")
			require.Equal(t, "/reports", page.URI)
			require.NotContains(t, page.raw, "edgeauth", "the session goes to nobody else")

			time.Sleep(edgeLife + 2*time.Second)
			before := z.idp.Calls(devidp.Token)
			_, renewals := v.page("/reports?week=8")
			require.Positive(t, renewals)
			require.Greater(t, z.idp.Calls(devidp.Token), before)

			out := v.do("POST", "/.auth/logout")
			require.Equal(t, "303", out.Status, out.raw)
			require.Contains(t, out.location(), "post_logout_redirect_uri=")
			for name := range v.jar {
				require.True(t, strings.HasSuffix(name, "-o"), "%s is left after a sign-out, and is not the mark of it", name)
			}
			require.Equal(t, "302", v.do("GET", "/reports").Status)

			for range 1000 {
				_, err := f.Invoke([]byte(event))
				require.NoError(t, err)
			}
			used := f.MemoryUsed()
			t.Logf("resident after a thousand events: %.1f MB", float64(used)/1e6)
			now, still := f.Processes()
			require.Equal(t, started, now, "it was started anew")
			require.Equal(t, all, still, "processes are left over")
			if r.spawns {
				require.Len(t, all, 2)
				return
			}
			require.Equal(t, []int{started}, all, "the runtime's own process is the only one")
			program, err := os.Readlink(filepath.Join("/proc", strconv.Itoa(started), "exe"))
			require.NoError(t, err)
			require.True(t, strings.HasSuffix(program, "/bootstrap"), program)
			require.Less(t, used, int64(edgeShare))
		})
	}
}

// What Lambda limits by the clock is counted in processor time here: a busy machine is no reason to be late. That a
// function past its limits is stopped is a test of the emulated platform itself, in internal/runtimeapi.
func TestTheZipKeepsLambdasLimits(t *testing.T) {
	t.Parallel()
	z, err := packaged()
	require.NoError(t, err)
	for name, r := range lambdaRuntimes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, _ := startFunction(t, r, unzip(t, z.path))
			v := &edgeVisitor{t: t, function: f, jar: map[string]string{}}
			signIn := v.do("GET", "/reports")
			started := processorTime(t, f)
			require.Less(t, started, runtimeapi.DefaultInit, "to start, and to answer the first event")

			back := v.do("GET", v.atProvider(signIn.location()))
			require.Equal(t, "https://"+edgeHost+"/reports", back.location(), back.raw)
			require.Less(t, processorTime(t, f)-started, runtimeapi.DefaultTimeout, "for one event")
			require.Less(t, f.MemoryUsed(), int64(runtimeapi.DefaultMemory)<<20)
		})
	}
}

// processorTime is what a function's processes have used so far, and those that they have waited for.
func processorTime(t *testing.T, f *runtimeapi.Function) (total time.Duration) {
	t.Helper()
	const tick = 10 * time.Millisecond // USER_HZ is 100 on every Linux that Go runs on
	_, all := f.Processes()
	require.NotEmpty(t, all)
	for _, id := range all {
		stat, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(id), "stat"))
		require.NoError(t, err)
		fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:])) // from the state on, field 3 of proc(5)
		for _, field := range fields[14-3 : 18-3] {                               // utime, stime, cutime, cstime
			ticks, err := strconv.Atoi(field)
			require.NoError(t, err)
			total += time.Duration(ticks) * tick
		}
	}
	return total
}

func TestTheClientsStandInNoticesAHandlerThatDoesNotMakeWay(t *testing.T) {
	t.Parallel()
	task := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(task, "index.mjs"), []byte("export async function handler(event) { return event }\n"), 0o600))
	f, printed := startFunction(t, lambdaRuntimes["Node 24"], task)
	_, err := f.Invoke([]byte("{}"))
	require.ErrorContains(t, err, "Runtime.ExitError")
	says(t, printed, "Node asked for an event itself")
}
