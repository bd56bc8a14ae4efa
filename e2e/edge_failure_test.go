package e2e

import (
	"bytes"
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What is wrong with the zip is said, and not only that something is.
func TestAProgramThatCannotStartIsSaid(t *testing.T) {
	t.Parallel()
	z, err := packaged()
	require.NoError(t, err)
	exits := buildExit(t)
	foreign := func(t *testing.T, bootstrap string) {
		content, err := os.ReadFile(bootstrap)
		require.NoError(t, err)
		const machine, arm64 = 18, 183 // of the ELF header
		binary.LittleEndian.PutUint16(content[machine:], arm64)
		require.NoError(t, os.WriteFile(bootstrap, content, 0o755))
	}
	missing := func(t *testing.T, bootstrap string) { require.NoError(t, os.Remove(bootstrap)) }
	early := func(t *testing.T, bootstrap string) { require.NoError(t, os.WriteFile(bootstrap, exits, 0o755)) }
	text := func(t *testing.T, bootstrap string) {
		require.NoError(t, os.WriteFile(bootstrap, []byte("#!/bin/sh\nexit 0\n"), 0o755))
	}

	// Node's client reports an error of the import to Lambda. The driver that stands in for Python's prints it.
	for _, row := range []struct {
		rule         string
		spoil        func(t *testing.T, bootstrap string)
		node, python string
		spawned      string // where it differs
	}{
		{"wrong architecture", foreign, "is not a Linux x86-64 program", "Exec format error", ""},
		{"missing file", missing, "ENOENT", "FileNotFoundError", ""},
		{"early exit", early, "Runtime.ExitError: the function's process ended with exit status 3", "Runtime.ExitError: the function's process ended with exit status 3", "bootstrap ended: 3"},
		{"no program", text, "is not a Linux x86-64 program", "", ""},
	} {
		for name, r := range lambdaRuntimes {
			want := row.node
			switch {
			case name == "Python":
				want = row.python
			case r.spawns && row.spawned != "":
				want = row.spawned
			}
			if want == "" {
				continue
			}
			t.Run(row.rule+", "+name, func(t *testing.T) {
				t.Parallel()
				task := unzip(t, z.path)
				row.spoil(t, filepath.Join(task, "bootstrap"))
				f, printed := startFunction(t, r, task)
				_, err := f.Invoke([]byte("{}"))
				require.Error(t, err)
				if !strings.Contains(err.Error(), want) {
					says(t, printed, want)
				}
				if name != "Python" {
					require.Contains(t, err.Error(), want, "Lambda does not learn of it")
				}
				_, left := f.Processes()
				require.Empty(t, left)
			})
		}
	}
}

// A zip that was packed again without file modes is no reason to lock everybody out.
func TestAProgramWithoutItsExecBitStarts(t *testing.T) {
	z, err := packaged()
	require.NoError(t, err)
	t.Cleanup(func() { os.Remove("/tmp/bootstrap") })
	for name, r := range lambdaRuntimes {
		t.Run(name, func(t *testing.T) { // one after the other: they share /tmp
			task := unzip(t, z.path)
			require.NoError(t, os.Chmod(filepath.Join(task, "bootstrap"), 0o644))
			f, _ := startFunction(t, r, task)
			v := &edgeVisitor{t: t, function: f, jar: map[string]string{}}
			require.Equal(t, "302", v.do("GET", "/").Status)
		})
	}
}

// buildExit is a program for Lambda's machines that does nothing but end with status 3.
func buildExit(t *testing.T) []byte {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "main.go"), []byte("package main\n\nimport \"os\"\n\nfunc main() { os.Exit(3) }\n"), 0o600))
	build := exec.Command("go", "build", "-o", filepath.Join(dir, "exit"), filepath.Join(dir, "main.go"))
	build.Env = append(os.Environ(), "GOOS=linux", "GOARCH=amd64", "CGO_ENABLED=0")
	var said bytes.Buffer
	build.Stdout, build.Stderr = &said, &said
	require.NoError(t, build.Run(), said.String())
	content, err := os.ReadFile(filepath.Join(dir, "exit"))
	require.NoError(t, err)
	return content
}
