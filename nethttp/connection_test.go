package nethttp_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/nethttp"
)

var identified = decide{Action: edgeauth.Allow, Forward: edgeauth.Forward{
	Set: http.Header{"X-Auth-Subject": {"alice"}, "Authorization": {"Bearer token"}}, Drop: []string{"X-Auth-Subject", "X-Auth-Email", "Authorization"},
}}

// A reverse proxy deletes the headers that Connection names (RFC 9110, 7.6.1).
func TestNoConnectionHeaderStripsAnIdentityFromAForwardedRequest(t *testing.T) {
	for _, lines := range []string{
		"Connection: X-Auth-Subject", "Connection: x-auth-subject, AUTHORIZATION", "Connection: close, X-Auth-Subject", "connection: keep-alive,X-Auth-Subject,\tAuthorization",
		"Connection: X-Auth-Subject\r\nConnection: Authorization", "CONNECTION: , ,X-Auth-Subject;q=1, X-Auth-Subject ,", "Connection: Upgrade, X-Auth-Subject\r\nUpgrade: h2c",
		"Connection: X-Auth-Subject\r\nX-Auth-Subject: mallory", "Proxy-Connection: X-Auth-Subject", "Keep-Alive: X-Auth-Subject\r\nConnection: Keep-Alive, X-Auth-Subject",
	} {
		t.Run(lines, func(t *testing.T) {
			var seen http.Header
			srv := proxy(t, identified, func(_ http.ResponseWriter, r *http.Request) { seen = r.Header })
			res := sends(t, srv.Listener.Addr().String(), lines)
			require.Equal(t, 200, res.StatusCode)
			require.Equal(t, []string{"alice"}, seen["X-Auth-Subject"])
			require.Equal(t, []string{"Bearer token"}, seen["Authorization"])
		})
	}
}

func TestAnUpgradeStaysOneBesideWhatIsStripped(t *testing.T) {
	for _, connection := range []string{"Upgrade", "upgrade", "keep-alive, Upgrade", "Upgrade, X-Auth-Subject", "X-Auth-Subject\r\nConnection: UPGRADE"} {
		t.Run(connection, func(t *testing.T) {
			var subject string
			srv := proxy(t, identified, func(w http.ResponseWriter, r *http.Request) {
				subject = r.Header.Get("X-Auth-Subject")
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
			res := sends(t, srv.Listener.Addr().String(), "Connection: "+connection+"\r\nUpgrade: websocket")
			require.Equal(t, http.StatusSwitchingProtocols, res.StatusCode)
			require.Equal(t, "alice", subject)
		})
	}
}

func TestConnectionIsLeftAloneWhereNoIdentityGoesOn(t *testing.T) {
	var seen []string
	srv := httptest.NewServer(nethttp.Protect(allow, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { seen = r.Header["Connection"] })))
	defer srv.Close()
	sends(t, srv.Listener.Addr().String(), "Connection: keep-alive, X-Own")
	require.Equal(t, []string{"keep-alive, X-Own"}, seen)
}

// What a server behind would do with another protocol is past every rule: one that speaks h2c serves any path on the
// connection that a public page was asked for on.
func TestOnlyAWebSocketIsPassedOnAsAnUpgrade(t *testing.T) {
	for lines, want := range map[string]http.Header{
		"Connection: Upgrade\r\nUpgrade: websocket":                                     {"Connection": {"Upgrade"}, "Upgrade": {"websocket"}},
		"Connection: keep-alive, Upgrade\r\nUpgrade: WebSocket":                         {"Connection": {"keep-alive, Upgrade"}, "Upgrade": {"WebSocket"}},
		"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAA": {},
		"Connection: close, Upgrade\r\nUpgrade: h2c":                                    {"Connection": {"close"}},
		"Connection: Upgrade\r\nUpgrade: websocket, h2c":                                {},
		"Connection: Upgrade\r\nUpgrade: h2c\r\nUpgrade: websocket":                     {},
		"Connection: Upgrade\r\nUpgrade: websocket/13":                                  {},
		"Connection: upgrade\r\nUpgrade: TLS/1.0":                                       {},
		"Upgrade: h2c": {},
	} {
		t.Run(lines, func(t *testing.T) {
			for name, d := range map[string]edgeauth.Checker{"public": allow, "signed in": identified} {
				seen := http.Header{}
				srv := httptest.NewServer(nethttp.Protect(d, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
					for _, name := range []string{"Connection", "Upgrade", "Http2-Settings"} {
						if values := r.Header[name]; values != nil {
							seen[name] = values
						}
					}
				})))
				sends(t, srv.Listener.Addr().String(), lines)
				srv.Close()
				if name == "signed in" && len(want["Connection"]) > 0 && len(want["Upgrade"]) > 0 {
					require.Contains(t, strings.Join(seen["Connection"], ", "), "Upgrade")
					require.Equal(t, want["Upgrade"], seen["Upgrade"])
					continue
				}
				require.Equal(t, want, seen, name)
			}
		})
	}
}

// sends makes a request with header lines as they stand, and reads the head of the answer.
func sends(t *testing.T, address, lines string) *http.Response {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	require.NoError(t, err)
	t.Cleanup(func() { conn.Close() })
	_, err = fmt.Fprintf(conn, "GET / HTTP/1.1\r\nHost: %s\r\n%s\r\n\r\n", address, strings.TrimSpace(lines))
	require.NoError(t, err)
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err)
	return res
}
