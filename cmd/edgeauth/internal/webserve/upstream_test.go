package webserve_test

import (
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth/cmd/edgeauth/internal/webserve"
)

func TestAnUpstreamLearnsOnlyWhatIsTrueOfTheViewer(t *testing.T) {
	var seen http.Header
	upstream := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { seen = r.Header }))
	defer upstream.Close()
	target, err := webserve.ParseUpstream(upstream.URL)
	require.NoError(t, err)
	r := httptest.NewRequest(http.MethodGet, "http://app.example.com/", nil)
	for _, name := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto"} {
		r.Header.Set(name, "forged")
	}
	webserve.NewUpstream(target, "https", slog.New(slog.DiscardHandler)).ServeHTTP(httptest.NewRecorder(), r)
	require.Equal(t, "app.example.com", seen.Get("X-Forwarded-Host"))
	require.Equal(t, "https", seen.Get("X-Forwarded-Proto"), "the public scheme, though plain HTTP came in")
	require.Equal(t, "192.0.2.1", seen.Get("X-Forwarded-For"))
	require.NotContains(t, seen, "Forwarded")
}

func TestADeadUpstreamIsACalmPage(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	target, err := webserve.ParseUpstream("http://" + l.Addr().String())
	require.NoError(t, err)
	require.NoError(t, l.Close())
	w := httptest.NewRecorder()
	webserve.NewUpstream(target, "https", slog.New(slog.DiscardHandler)).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	require.Equal(t, http.StatusBadGateway, w.Code)
	require.NotContains(t, w.Body.String(), target.Host)
}

func TestUpstreamURLs(t *testing.T) {
	for _, text := range []string{"", "127.0.0.1:3000", "ftp://a", "http://", "http://u:p@a", "http://a/?q", "http://a/#f", "http://a b"} {
		_, err := webserve.ParseUpstream(text)
		require.Error(t, err, text)
	}
}
