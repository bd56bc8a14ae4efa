package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCheckPrintsForPeopleAndForPrograms(t *testing.T) {
	for name, c := range map[string]struct {
		document, printed, complaint string
		status                       int
	}{
		"right": {`{"hosts": ["a.example"], "client_id": "web", "provider": {"type": "entraid", "tenant": "37c156ce-36f2-4e30-ab8a-c9e8d79d09f4", "platform": "spa"},
			"session": {"mode": "tokens"}}`, "Nothing is wrong; 1 risk.", "", 0},
		"wrong": {"{}", "WRONG", "edgeauth: not right yet: ", 1},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "site.json")
			require.NoError(t, os.WriteFile(file, []byte(c.document), 0o600))
			var stdout, stderr bytes.Buffer
			require.Equal(t, c.status, run(t.Context(), []string{"check", "-offline", "-config", file}, &stdout, &stderr))
			require.Contains(t, stdout.String(), c.printed)
			require.Contains(t, stderr.String(), c.complaint)

			stdout.Reset()
			require.Equal(t, c.status, run(t.Context(), []string{"check", "-json", "-offline", "-config", file}, &stdout, &stderr))
			var report struct {
				Findings []struct{ Level, Section, Text string }
			}
			require.NoError(t, json.Unmarshal(stdout.Bytes(), &report), "nothing but the document is printed")
			require.NotEmpty(t, report.Findings)
		})
	}
	var stdout, stderr bytes.Buffer
	require.Equal(t, 1, run(t.Context(), []string{"check", "-json", "-config", "no-such-file"}, &stdout, &stderr))
	require.Empty(t, stdout.String())
	require.Contains(t, stderr.String(), "no-such-file")
	require.Equal(t, 2, run(t.Context(), []string{"check"}, &stdout, &stderr))
	require.Contains(t, stderr.String(), "-config is missing")
}
