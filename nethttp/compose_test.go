package nethttp_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/nethttp"
)

// onPath allows one path with its prefix and denies the rest.
var onPath = ask(func(r *edgeauth.Request) edgeauth.Decision {
	if r.Path == "/files/a.txt" {
		return edgeauth.Decision{Action: edgeauth.Allow}
	}
	return edgeauth.Decision{Action: edgeauth.Deny, Status: 403}
})

func TestAMuxBehindProtectSeesTheServedPath(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /index.html", func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, "the app") })
	res := get(nethttp.Protect(decide{Action: edgeauth.Allow, Forward: edgeauth.Forward{Path: "/index.html"}}, mux))
	require.Equal(t, "the app", body(t, res))
}

func TestStripPrefixBehindProtect(t *testing.T) {
	files := http.StripPrefix("/files", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.URL.Path)
	}))
	h := nethttp.Protect(onPath, files)
	require.Equal(t, "/a.txt", body(t, get(h, func(r *http.Request) { r.URL.Path = "/files/a.txt" })))
	require.Equal(t, 403, get(h, func(r *http.Request) { r.URL.Path = "/a.txt" }).StatusCode)
}

func TestCrossOriginProtectionAroundAndInsideProtect(t *testing.T) {
	ok := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	for name, h := range map[string]http.Handler{
		"around": http.NewCrossOriginProtection().Handler(nethttp.Protect(allow, ok)),
		"inside": nethttp.Protect(allow, http.NewCrossOriginProtection().Handler(ok)),
	} {
		t.Run(name, func(t *testing.T) {
			post := func(site string) int {
				return get(h, func(r *http.Request) { r.Method = "POST"; r.Header.Set("Sec-Fetch-Site", site) }).StatusCode
			}
			require.Equal(t, 200, post("same-origin"))
			require.Equal(t, 403, post("cross-site"))
		})
	}
}

// proxy returns a server that protects the upstream at u.
func proxy(t *testing.T, d edgeauth.Checker, upstream http.HandlerFunc) *httptest.Server {
	up := httptest.NewServer(upstream)
	t.Cleanup(up.Close)
	target, err := url.Parse(up.URL)
	require.NoError(t, err)
	srv := httptest.NewServer(nethttp.Protect(d, &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target); r.SetXForwarded() },
	}))
	t.Cleanup(srv.Close)
	return srv
}

func TestAReverseProxyForwardsWhatTheDecisionSays(t *testing.T) {
	var seen *http.Request
	d := renewed
	d.Forward = edgeauth.Forward{
		Set: http.Header{"X-Auth-Subject": {"real"}}, Drop: []string{"X-Auth-Email"}, Cookie: "theme=dark", Path: "/a%2Fb",
	}
	srv := proxy(t, d, func(w http.ResponseWriter, r *http.Request) {
		seen = r
		w.Header().Set("Cache-Control", "public")
		w.Header().Set("Set-Cookie", "upstream=1")
		_, _ = io.WriteString(w, "hello")
	})
	r, err := http.NewRequest("GET", srv.URL+"/page", nil)
	require.NoError(t, err)
	r.Header = http.Header{
		"X_Auth_Subject": {"me"}, "x-auth-subject": {"me"}, "X_AUTH-EMAIL": {"me"}, "Cookie": {"session=1; theme=dark"},
	}
	res, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer res.Body.Close()

	require.Equal(t, "hello", body(t, res))
	requireRenewed(t, res)
	require.Contains(t, res.Header.Values("Set-Cookie"), "upstream=1")
	require.Equal(t, "/a%2Fb", seen.URL.EscapedPath())
	require.Equal(t, []string{"theme=dark"}, seen.Header["Cookie"])
	require.Equal(t, []string{"real"}, seen.Header["X-Auth-Subject"])
	require.NotContains(t, seen.Header, "X_auth_subject")
	require.NotContains(t, seen.Header, "X_auth-Email")
}

func TestAReverseProxyCanSwitchProtocolsWithARenewedSession(t *testing.T) {
	srv := proxy(t, renewed, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Connection", "Upgrade")
		w.Header().Set("Upgrade", "websocket")
		w.WriteHeader(http.StatusSwitchingProtocols)
		conn, rw, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		defer conn.Close()
		line, _ := rw.ReadString('\n')
		_, _ = io.WriteString(conn, line)
	})
	r, err := http.NewRequest("GET", srv.URL, nil)
	require.NoError(t, err)
	r.Header = http.Header{"Connection": {"Upgrade"}, "Upgrade": {"websocket"}}
	res, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer res.Body.Close()
	require.Equal(t, http.StatusSwitchingProtocols, res.StatusCode)
	require.Subset(t, res.Header.Values("Set-Cookie"), []string{"session=new", "rest=new"})
	_, err = io.WriteString(res.Body.(io.Writer), "hello\n")
	require.NoError(t, err)
	require.Equal(t, "hello\n", body(t, res))
}
