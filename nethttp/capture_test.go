package nethttp_test

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// captureLog takes what goes to the default logger until the test ends.
func captureLog(t testing.TB) *bytes.Buffer {
	var buf bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&buf, &slog.HandlerOptions{Level: slog.LevelDebug})))
	t.Cleanup(func() { slog.SetDefault(before) })
	return &buf
}

func body(t testing.TB, res *http.Response) string {
	text, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return string(text)
}
