package webserve_test

import (
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
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
	for _, name := range []string{
		"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X_Forwarded_For", "X.Forwarded.Proto", "X-Real-Ip", "X_Real_IP", "X+Real+IP",
		"True-Client-Ip", "true_client_ip", "X-Client-Ip", "Cf-Connecting-Ip", "X-Forwarded-Ssl", "Front-End-Https", "X-Forwarded-Client-Cert",
	} {
		r.Header[name] = []string{"forged"}
	}
	webserve.Upstream{Target: target, Scheme: "https", Log: slog.New(slog.DiscardHandler)}.Handler().ServeHTTP(httptest.NewRecorder(), r)
	for name, values := range seen {
		require.NotContains(t, values, "forged", name)
	}
	require.Equal(t, "192.0.2.1", seen.Get("X-Real-IP"))
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
	webserve.Upstream{Target: target, Scheme: "https", Log: slog.New(slog.DiscardHandler)}.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	require.Equal(t, http.StatusBadGateway, w.Code)
	require.NotContains(t, w.Body.String(), target.Host)
}

func TestUpstreamURLs(t *testing.T) {
	for _, text := range []string{"", "127.0.0.1:3000", "ftp://a", "http://", "http://u:p@a", "http://a/?q", "http://a/#f", "http://a b"} {
		_, err := webserve.ParseUpstream(text)
		require.Error(t, err, text)
	}
}

// An application compares the Origin of a request with its Host, and makes its own redirects of that.
func TestAnUpstreamIsAskedUnderTheViewersHost(t *testing.T) {
	var seen string
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen = r.Host
		w.Header().Set("Location", r.URL.Query().Get("to"))
		w.WriteHeader(http.StatusFound)
	}))
	defer upstream.Close()
	target, err := webserve.ParseUpstream(upstream.URL)
	require.NoError(t, err)
	for to, want := range map[string]string{
		"/a": "/a", upstream.URL + "/a?b=c#d": "/a?b=c#d", upstream.URL: "/", "https://elsewhere.example/": "https://elsewhere.example/", "": "",
		upstream.URL + "9/a": upstream.URL + "9/a",
	} {
		for _, own := range []bool{false, true} {
			w := httptest.NewRecorder()
			r := httptest.NewRequest(http.MethodGet, "http://app.example.com/?to="+url.QueryEscape(to), nil)
			webserve.Upstream{Target: target, Scheme: "https", OwnHost: own, Log: slog.New(slog.DiscardHandler)}.Handler().ServeHTTP(w, r)
			if own {
				require.Equal(t, target.Host, seen)
				require.Equal(t, want, w.Header().Get("Location"))
			} else {
				require.Equal(t, "app.example.com", seen)
				require.Equal(t, to, w.Header().Get("Location"))
			}
		}
	}
}
