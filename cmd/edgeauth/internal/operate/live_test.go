package operate_test

import (
	"bytes"
	"errors"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/cmd/edgeauth/internal/operate"
)

// Live, made of a file that says what is decided; "bad" cannot be taken, and "secret" needs another file.
func TestWhatChangesIsReadAgain(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
	}
	read := func(from *operate.Sources, name string) (string, error) {
		content, err := from.Read(name, func() ([]byte, error) { return os.ReadFile(filepath.Join(dir, name)) })
		return string(content), err
	}
	var log bytes.Buffer
	m := operate.NewMetrics("test")
	made := 0
	build := func(from *operate.Sources) (edgeauth.Checker, error) {
		made++
		says, err := read(from, "document")
		if err == nil && says == "secret" {
			says, err = read(from, "secret")
		}
		if says == "bad" {
			err = errors.New("line 1: it is bad")
		}
		if err != nil {
			return nil, err
		}
		return decides{Status: len(says)}, nil
	}
	write("document", "one")
	l, err := operate.NewLive(build, slog.New(slog.NewTextHandler(&log, nil)), m)
	require.NoError(t, err)
	says := func() int { return l.Check(t.Context(), &edgeauth.Request{}).Status }
	looks := func(n int) {
		for range n {
			l.Look()
		}
	}
	looks(5)
	require.Equal(t, 1, made, "nothing has changed")
	require.Equal(t, 3, says())

	write("document", "three")
	looks(1)
	require.Equal(t, 3, says(), "somebody may still be writing")
	looks(1)
	require.Equal(t, 5, says())
	looks(3)
	require.Equal(t, 2, made, "once")
	require.Contains(t, log.String(), "the configuration is read again")

	write("document", "bad")
	looks(2)
	require.Equal(t, 5, says(), "what counted before goes on")
	require.Contains(t, log.String(), "level=ERROR")
	require.Contains(t, log.String(), "it is bad")
	looks(5)
	require.Equal(t, 1, strings.Count(log.String(), "it is bad"), "it is said once")
	require.NoError(t, os.Remove(filepath.Join(dir, "document")))
	looks(2)
	require.Equal(t, 5, says(), "nor does it end where the file has gone")

	write("document", "secret")
	looks(2)
	require.Equal(t, 5, says(), "a file that it names is missing")
	write("secret", "hush hush")
	looks(2)
	require.Equal(t, 9, says(), "the missing file has come, and nothing else has changed")
	write("secret", "rotated")
	looks(2)
	require.Equal(t, 7, says())

	before := made
	l.Reload()
	require.Equal(t, before+1, made, "whoever asks gets it, changed or not")
	w := httptest.NewRecorder()
	m.ServeHTTP(w, nil)
	require.Contains(t, w.Body.String(), `edgeauth_reloads_total{outcome="refused"} 3`)
	require.Contains(t, w.Body.String(), `edgeauth_reloads_total{outcome="taken"} 4`)

	_, err = operate.NewLive(func(*operate.Sources) (edgeauth.Checker, error) { return nil, errors.New("bad at the start") }, slog.New(slog.DiscardHandler), m)
	require.ErrorContains(t, err, "bad at the start")
}
