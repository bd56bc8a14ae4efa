package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth/cmd/edgeauth/internal/operate"
)

func TestHealthAsksARunningServer(t *testing.T) {
	health := &operate.Health{Metrics: operate.NewMetrics("test")}
	server := httptest.NewServer(health)
	t.Cleanup(server.Close)
	stuck := make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-stuck }))
	t.Cleanup(slow.Close)
	t.Cleanup(func() { close(stuck) })
	addr := strings.TrimPrefix(server.URL, "http://")
	ask := func(args ...string) (int, string) {
		var out, log bytes.Buffer
		return run(t.Context(), append([]string{"health"}, args...), &out, &log), log.String()
	}
	for name, c := range map[string]struct {
		args []string
		code int
		said string
	}{
		"by its address":           {[]string{addr}, 0, ""},
		"by a URL":                 {[]string{server.URL + "/ready"}, 0, ""},
		"a page that is none":      {[]string{server.URL + "/else"}, 1, "answered 404"},
		"nobody there":             {[]string{"127.0.0.1:1"}, 1, "refused"},
		"one that does not answer": {[]string{"-timeout", "10ms", slow.URL}, 1, "deadline"},
		"nobody is named":          {nil, 2, "health takes an address"},
		"what is no address":       {[]string{"ftp://x"}, 2, "health takes an address"},
	} {
		code, said := ask(c.args...)
		require.Equal(t, c.code, code, "%s: %s", name, said)
		require.Contains(t, said, c.said, name)
	}
	health.End()
	code, said := ask(server.URL + "/ready")
	require.Equal(t, 1, code)
	require.Contains(t, said, "answered 503")
}
