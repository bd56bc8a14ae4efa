//go:build linux

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth/cmd/edgeauth/internal/bundle"
	"github.com/edgeauth/edgeauth/cmd/edgeauth/internal/localedge"
	"github.com/edgeauth/edgeauth/internal/runtimeapi"
)

// BenchmarkColdStart prints the CPU time of the packaged program from its start to its first answer.
func BenchmarkColdStart(b *testing.B) {
	w := packagedFunction(b)
	task := filepath.Join(b.TempDir(), "task")
	require.NoError(b, localedge.Unpack(w.zip, task))
	event, _ := viewerRequest("/public/hello.txt", "*/*")
	var spent, resident float64
	for b.Loop() {
		f := &runtimeapi.Function{Command: []string{filepath.Join(task, bundle.Program)}, Dir: task, Init: patience, Timeout: patience}
		_, err := f.Invoke([]byte(event))
		require.NoError(b, err)
		started, _ := f.Processes()
		spent += cpuTime(b, started)
		resident += float64(f.MemoryUsed())
		f.Close()
	}
	b.ReportMetric(spent/float64(b.N)*1e3, "cpu-ms/op")
	b.ReportMetric(resident/float64(b.N)/1e6, "MB")
}

// cpuTime is what the threads of a process have run, in seconds: Linux, Documentation/scheduler/sched-stats.
func cpuTime(b *testing.B, process int) (seconds float64) {
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", process))
	require.NoError(b, err)
	for _, name := range threads {
		content, err := os.ReadFile(name)
		require.NoError(b, err)
		var ns, waited, slices int64
		_, err = fmt.Sscan(string(content), &ns, &waited, &slices)
		require.NoError(b, err)
		seconds += float64(ns) / 1e9
	}
	return seconds
}
