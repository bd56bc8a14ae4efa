package forwardauth_test

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/forwardauth"
)

// scripted gives one decision and remembers what it was asked.
type scripted struct {
	edgeauth.Decision
	asked []edgeauth.Request
}

func (s *scripted) Check(_ context.Context, r *edgeauth.Request) edgeauth.Decision {
	s.asked = append(s.asked, *r)
	return s.Decision
}

var loopback = forwardauth.Options{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}

// ask sends a proxy's request, with headers as "Name: value".
func ask(checker edgeauth.Checker, o forwardauth.Options, peer, path string, lines ...string) (w *httptest.ResponseRecorder, log string) {
	var records bytes.Buffer
	o.Logger = slog.New(slog.NewTextHandler(&records, nil))
	r := httptest.NewRequest(http.MethodGet, "http://app.example.com"+path, nil)
	r.RemoteAddr = peer
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Add(name, value)
	}
	w = httptest.NewRecorder()
	forwardauth.Handler(checker, o).ServeHTTP(w, r)
	return w, records.String()
}

const (
	peer  = "127.0.0.1:5000"
	relay = forwardauth.ForwardAuthPath
	alone = forwardauth.AuthRequestPath
)

var (
	caddy = []string{"X-Forwarded-Method: PUT", "X-Forwarded-Proto: https", "X-Forwarded-Host: app.example.com", "X-Forwarded-Uri: /a%2Fb/c?d=%20"}
	nginx = []string{"X-Original-Method: PUT", "X-Original-URI: /a%2Fb/c?d=%20"}
	// of ingress-nginx, whose Host is that of the server that it asks
	absolute = []string{"X-Original-Method: PUT", "X-Original-URL: https://app.example.com/a%2Fb/c?d=%20"}
)

// but are lines with those of one header replaced; a replacement that ends in ":" is none.
func but(lines []string, other ...string) (out []string) {
	replaced := func(line string) bool {
		for _, o := range other {
			a, _, _ := strings.Cut(line, ":")
			if b, _, _ := strings.Cut(o, ":"); strings.EqualFold(a, b) {
				return true
			}
		}
		return false
	}
	for _, line := range lines {
		if !replaced(line) {
			out = append(out, line)
		}
	}
	for _, o := range other {
		if !strings.HasSuffix(o, ":") {
			out = append(out, o)
		}
	}
	return out
}

func TestWhatAProxyDoesNotStatePlainlyIsRefused(t *testing.T) {
	for _, row := range []struct {
		rule, path string
		lines      []string
		says       string // the log, which names the header; "" where the request is judged
	}{
		{"Caddy and Traefik are understood", relay, caddy, ""},
		{"a WebSocket's scheme is the site's", relay, but(caddy, "X-Forwarded-Proto: wss"), ""},
		{"nginx is understood", alone, nginx, ""},
		{"ingress-nginx is understood", alone, absolute, ""},
		{"what repeats the host and scheme is right", alone, append([]string{"X-Forwarded-Host: app.example.com", "X-Forwarded-Proto: https"}, nginx...), ""},
		{"a header of another name says nothing", relay, append([]string{"Forwarded: host=evil.example", "X-HTTP-Method-Override: GET", "X-Rewrite-URL: /public/", "X_Forwarded_Uri: /public/", "X-Host: evil.example"}, caddy...), ""},
		{"nor does it here", alone, append([]string{"Forwarded: host=evil.example", "X-HTTP-Method-Override: GET", "X-Rewrite-URL: /public/", "X_Original_URI: /public/"}, nginx...), ""},

		{"a method is missing", relay, but(caddy, "X-Forwarded-Method:"), "X-Forwarded-Method is missing"},
		{"a scheme is missing", relay, but(caddy, "X-Forwarded-Proto:"), "X-Forwarded-Proto is missing"},
		{"a host is missing", relay, but(caddy, "X-Forwarded-Host:"), "X-Forwarded-Host is missing"},
		{"a URI is missing", relay, but(caddy, "X-Forwarded-Uri:"), "X-Forwarded-Uri is missing"},
		{"nothing is said", relay, nil, "X-Forwarded-Method is missing"},
		{"nginx asks at Caddy's path", relay, nginx, "X-Original-Method came"},
		{"a method came twice", relay, append([]string{"X-Forwarded-Method: GET"}, caddy...), "X-Forwarded-Method came 2 times"},
		{"a URI came twice", relay, append([]string{"X-Forwarded-Uri: /public/"}, caddy...), "X-Forwarded-Uri came 2 times"},
		{"a list of methods", relay, but(caddy, "X-Forwarded-Method: GET, PUT"), "X-Forwarded-Method is no method"},
		{"a method that is none", relay, but(caddy, "X-Forwarded-Method: G(T"), "X-Forwarded-Method is no method"},
		{"a list of hosts", relay, but(caddy, "X-Forwarded-Host: app.example.com, evil.example"), "X-Forwarded-Host has no host"},
		{"a list of schemes", relay, but(caddy, "X-Forwarded-Proto: https, http"), "X-Forwarded-Proto does not say https"},
		{"another scheme", relay, but(caddy, "X-Forwarded-Proto: http"), "X-Forwarded-Proto does not say https"},
		{"a list of URIs", relay, but(caddy, "X-Forwarded-Uri: /public/, /admin/"), "X-Forwarded-Uri has no path"},
		{"a whole URL for a URI", relay, but(caddy, "X-Forwarded-Uri: https://app.example.com/"), "X-Forwarded-Uri has no path"},
		{"a control byte", relay, but(caddy, "X-Forwarded-Uri: /a\x01"), "X-Forwarded-Uri has no path"},
		{"a fragment, which nginx takes off", alone, but(nginx, "X-Original-URI: /admin#x"), "X-Original-Uri has no path"},
		{"an encoding that is none", relay, but(caddy, "X-Forwarded-Uri: /%zz"), "X-Forwarded-Uri is not percent-encoded"},
		{"a viewer's header of the other kind", relay, append([]string{"X-Original-URL: https://app.example.com/public/"}, caddy...), "X-Original-Url came"},

		{"a method is missing at nginx", alone, but(nginx, "X-Original-Method:"), "X-Original-Method is missing"},
		{"a URI is missing at nginx", alone, but(nginx, "X-Original-URI:"), "X-Original-Uri is missing"},
		{"Caddy asks at nginx's path", alone, caddy, "X-Forwarded-Method came"},
		{"a viewer's URI beside nginx's", alone, append([]string{"X-Forwarded-Uri: /public/"}, nginx...), "X-Forwarded-Uri came"},
		{"a viewer's URL beside nginx's URI", alone, append([]string{"X-Original-URL: https://app.example.com/public/"}, nginx...), "X-Original-Uri came"},
		{"a viewer's host beside nginx's", alone, append([]string{"X-Forwarded-Host: evil.example"}, nginx...), "name two hosts"},
		{"a viewer's scheme beside nginx's", alone, append([]string{"X-Forwarded-Proto: http"}, nginx...), "X-Forwarded-Proto does not say"},
		{"a URL without a path", alone, but(absolute, "X-Original-URL: https://app.example.com"), "X-Original-Url has no host"},
		{"a host that holds the beginning of a query", alone, but(absolute, "X-Original-URL: https://app.example.com?/admin"), "X-Original-Url has no host"},
		{"a URL with a name and password", alone, but(absolute, "X-Original-URL: https://app.example.com@evil.example/"), "X-Original-Url has no host"},
		{"a URL of another scheme", alone, but(absolute, "X-Original-URL: http://app.example.com/"), "X-Original-Url does not say https"},
		{"the answer is asked for in the same way", forwardauth.AnswerPath, caddy, "X-Forwarded-Method came"},
	} {
		t.Run(row.rule, func(t *testing.T) {
			s := &scripted{Decision: edgeauth.Decision{Action: edgeauth.Allow}}
			w, log := ask(s, loopback, peer, row.path, row.lines...)
			if row.says != "" {
				require.Equal(t, http.StatusForbidden, w.Code)
				require.Contains(t, log, row.says)
				require.Empty(t, s.asked)
				return
			}
			require.Equal(t, http.StatusOK, w.Code, log)
			require.Empty(t, w.Body.String())
			require.Len(t, s.asked, 1)
			got := s.asked[0]
			require.Equal(t, []string{"PUT", "app.example.com", "/a%2Fb/c", "d=%20"}, []string{got.Method, got.Host, got.Path, got.RawQuery})
			require.Nil(t, got.Body)
		})
	}
}

func TestOnlyATrustedPeerIsAnswered(t *testing.T) {
	networks := forwardauth.Options{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}}
	for _, row := range []struct {
		rule, peer string
		o          forwardauth.Options
		status     int
		says       string
	}{
		{"nobody is trusted by default", peer, forwardauth.Options{}, 403, "trust 127.0.0.1/32"},
		{"an address within", "10.1.2.3:80", networks, 200, ""},
		{"an address within, as IPv6 writes it", "[::ffff:10.1.2.3]:80", networks, 200, ""},
		{"an address with a zone", "[fd00::1%eth0]:80", networks, 200, ""},
		{"an address beside", "11.1.2.3:80", networks, 403, "trust 11.1.2.3/32"},
		{"no address", "@", networks, 403, "without an address"},
	} {
		for _, path := range []string{relay, "/.auth/session"} {
			s := &scripted{Decision: edgeauth.Decision{Action: edgeauth.Allow}}
			if path != relay {
				s.Decision = edgeauth.Decision{Action: edgeauth.Respond, Status: 200}
			}
			w, log := ask(s, row.o, row.peer, path, caddy...)
			require.Equal(t, row.status, w.Code, "%s at %s", row.rule, path)
			require.Contains(t, log, row.says, row.rule)
			require.Equal(t, row.status == 200, len(s.asked) == 1, row.rule)
		}
	}
	for _, trusted := range []bool{false, true} {
		s := &scripted{Decision: edgeauth.Decision{Action: edgeauth.Allow}}
		r := httptest.NewRequest(http.MethodGet, relay, nil)
		r = r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, &net.UnixAddr{Name: "/run/s", Net: "unix"}))
		r.RemoteAddr = peer // whatever it says
		for _, line := range caddy {
			name, value, _ := strings.Cut(line, ": ")
			r.Header.Add(name, value)
		}
		w := httptest.NewRecorder()
		o := loopback
		o.TrustUnix, o.Logger = trusted, slog.New(slog.DiscardHandler)
		forwardauth.Handler(s, o).ServeHTTP(w, r)
		require.Equal(t, map[bool]int{false: 403, true: 200}[trusted], w.Code)
	}
}

func TestAnAllowedRequestOverwritesWhatAViewerSays(t *testing.T) {
	s := &scripted{Decision: edgeauth.Decision{
		Action: edgeauth.Allow, Header: http.Header{"Cache-Control": {"private, no-store"}},
		Cookies: []*http.Cookie{{Name: "a", Value: "1"}, {Name: "b", Value: "2"}},
		Forward: edgeauth.Forward{
			Set: http.Header{"X-Auth-Subject": {"ada"}}, Drop: []string{"X-Auth-Subject", "X-Auth-Email", "Authorization", "X-Forwarded-Host", "X-Original-URL"},
			Cookie: "theme=dark", Path: "/index.html",
		},
	}}
	w, _ := ask(s, loopback, peer, alone, nginx...)
	require.Equal(t, http.Header{
		"X-Auth-Subject": {"ada"}, "X-Auth-Email": {""}, "Authorization": {""}, "Cookie": {"theme=dark"}, "X-Edgeauth-Path": {"/index.html"},
		"Set-Cookie": {"a=1", "b=2"}, "X-Edgeauth-Set-Cookie-1": {"a=1"}, "X-Edgeauth-Set-Cookie-2": {"b=2"},
		"Cache-Control": {"no-store"}, "X-Edgeauth-Cache-Control": {"private, no-store"},
	}, w.Header())
	for _, name := range []string{"X_Auth_Email", "x_auth-subject", "X+Auth+Subject"} {
		w, log := ask(s, loopback, peer, alone, append([]string{name + ": eve"}, nginx...)...)
		require.Equal(t, http.StatusForbidden, w.Code, name)
		require.Empty(t, w.Header().Get("X-Auth-Subject"))
		require.Contains(t, log, "may take for another name")
	}
	s.Cookies = nil
	for range 9 {
		s.Cookies = append(s.Cookies, &http.Cookie{Name: "a", Value: "1"})
	}
	w, log := ask(s, loopback, peer, alone, nginx...)
	require.Equal(t, http.StatusUnauthorized, w.Code, "the proxy then asks for the answer, which has room for them")
	require.Contains(t, log, "cookies=9")
	w, _ = ask(s, loopback, peer, forwardauth.AnswerPath, nginx...)
	require.Len(t, w.Header()["Set-Cookie"], 9)
}

// A 2xx lets the viewer in: no other answer than an Allow may be one.
func TestOnlyAnAllowIsASuccess(t *testing.T) {
	page := []byte("a page")
	location := "https://id.example.net/authorize"
	for _, row := range []struct {
		rule                        string
		d                           edgeauth.Decision
		relayed, aloneStatus, later int
	}{
		{"an allow", edgeauth.Decision{Action: edgeauth.Allow}, 200, 200, 307},
		{"a redirect", edgeauth.Decision{Action: edgeauth.Redirect, Status: 302, Location: location}, 302, 401, 302},
		{"a 401 for a script", edgeauth.Decision{Action: edgeauth.Deny, Status: 401, Body: page}, 401, 401, 401},
		{"a denial", edgeauth.Decision{Action: edgeauth.Deny, Status: 403, Body: page}, 403, 403, 403},
		{"trouble", edgeauth.Decision{Action: edgeauth.Deny, Status: 503, Body: page}, 503, 403, 503},
		{"the zero decision", edgeauth.Decision{}, 500, 403, 500},
		{"a denial with a status of success", edgeauth.Decision{Action: edgeauth.Deny, Status: 200}, 500, 403, 500},
		{"a page of an own path", edgeauth.Decision{Action: edgeauth.Respond, Status: 200, Body: page}, 500, 403, 500},
		{"an own page without content", edgeauth.Decision{Action: edgeauth.Respond, Status: 204}, 500, 403, 500},
		{"an action that is none", edgeauth.Decision{Action: 9, Status: 200}, 500, 403, 500},
	} {
		w, log := ask(&scripted{Decision: row.d}, loopback, peer, relay, caddy...)
		require.Equal(t, row.relayed, w.Code, row.rule)
		if row.d.Action == edgeauth.Respond {
			require.Contains(t, log, "below /.auth/", row.rule)
		}
		w, _ = ask(&scripted{Decision: row.d}, loopback, peer, alone, nginx...)
		require.Equal(t, row.aloneStatus, w.Code, row.rule)
		require.Equal(t, row.aloneStatus == 401, w.Header().Get("X-Edgeauth-Sign-In") == "/.auth/login?return=%2Fa%252Fb%2Fc%3Fd%3D%2520", row.rule)
		w, _ = ask(&scripted{Decision: row.d}, loopback, peer, forwardauth.AnswerPath, nginx...)
		require.Equal(t, row.later, w.Code, row.rule)
		if row.later == 307 {
			require.Equal(t, "https://app.example.com/a%2Fb/c?d=%20", w.Header().Get("Location"))
		}
	}
}

func TestADirectRequestIsForOwnPathsAlone(t *testing.T) {
	s := &scripted{Decision: edgeauth.Decision{Action: edgeauth.Allow, Forward: edgeauth.Forward{Set: http.Header{"Authorization": {"Bearer secret"}}}}}
	w, log := ask(s, loopback, peer, "/page", append(caddy, nginx...)...)
	require.Equal(t, http.StatusNotFound, w.Code)
	require.Contains(t, log, "let the proxy ask at")
	require.Equal(t, "/page", s.asked[0].Path, "the request line counts, whatever a viewer sends beside it")
	require.Empty(t, w.Header().Get("Authorization"), "a script of the page reads no token here")
	require.True(t, s.asked[0].CookiesOnAllow)
}

func TestOnlyAProxyThatTakesAStatusGetsCookiesWithAnAllow(t *testing.T) {
	for path, lines := range map[string][]string{relay: caddy, alone: nginx, forwardauth.AnswerPath: nginx} {
		s := &scripted{}
		ask(s, loopback, peer, path, lines...)
		require.Equal(t, path == alone, s.asked[0].CookiesOnAllow, path)
	}
}
