package nethttp_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/textproto"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/nethttp"
)

// renewed lets the request pass and gives the viewer a new session.
var renewed = decide{
	Action:  edgeauth.Allow,
	Header:  http.Header{"Cache-Control": {"private, no-store"}, "Vary": {"Cookie"}},
	Cookies: []*http.Cookie{{Name: "session", Value: "new"}, {Name: "rest", Value: "new"}},
}

// requireRenewed checks that the viewer of res got the session and that no cache may keep it.
func requireRenewed(t *testing.T, res *http.Response) {
	t.Helper()
	require.Equal(t, []string{"private, no-store"}, res.Header.Values("Cache-Control"))
	require.Subset(t, res.Header.Values("Set-Cookie"), []string{"session=new", "rest=new"})
}

func TestARenewedSessionReachesTheViewerHoweverTheHandlerAnswers(t *testing.T) {
	for name, next := range map[string]http.HandlerFunc{
		"with a status":     func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) },
		"with a body alone": func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") },
		"with nothing":      func(http.ResponseWriter, *http.Request) {},
		"with its own caching": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Cache-Control", "public, max-age=3600")
			w.Header().Set("CDN-Cache-Control", "public")
			w.Header().Set("Surrogate-Control", "max-age=3600")
			w.WriteHeader(200)
		},
		"by removing cookies": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Del("Set-Cookie")
			_, _ = io.WriteString(w, "hello")
		},
		"by flushing first": func(w http.ResponseWriter, _ *http.Request) { w.(http.Flusher).Flush() },
		"by flushing with a controller": func(w http.ResponseWriter, _ *http.Request) {
			if err := http.NewResponseController(w).Flush(); err != nil {
				panic(err)
			}
		},
		"with a file": func(w http.ResponseWriter, r *http.Request) {
			http.ServeContent(w, r, "a.txt", time.Unix(1, 0), strings.NewReader("hello"))
		},
		"with a redirect": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "#", http.StatusFound) },
	} {
		t.Run(name, func(t *testing.T) {
			srv := httptest.NewServer(nethttp.Protect(renewed, next))
			defer srv.Close()
			res, err := http.DefaultTransport.RoundTrip(httptest.NewRequest("GET", srv.URL, nil))
			require.NoError(t, err)
			defer res.Body.Close()
			requireRenewed(t, res)
			require.Empty(t, res.Header.Values("CDN-Cache-Control"))
			require.Empty(t, res.Header.Values("Surrogate-Control"))
		})
	}
}

func TestARenewedSessionIsAddedOnceAndBesideTheHandlersOwnCookies(t *testing.T) {
	res := get(nethttp.Protect(renewed, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Vary", "Accept")
		http.SetCookie(w, &http.Cookie{Name: "theme", Value: "dark"})
		_, _ = io.WriteString(w, "hello, ")
		_, _ = io.WriteString(w, "world")
		w.(http.Flusher).Flush()
	})))
	require.Equal(t, []string{"theme=dark", "session=new", "rest=new"}, res.Header.Values("Set-Cookie"))
	require.Equal(t, []string{"Accept", "Cookie"}, res.Header.Values("Vary"))
	require.Equal(t, "hello, world", body(t, res))
}

func TestAnInformationalResponsePassesAndTheRenewedSessionComesWithTheResponse(t *testing.T) {
	srv := httptest.NewServer(nethttp.Protect(renewed, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Link", "</a.css>; rel=preload")
		w.WriteHeader(http.StatusEarlyHints)
		w.WriteHeader(http.StatusAccepted)
	})))
	defer srv.Close()
	var hints textproto.MIMEHeader
	r := httptest.NewRequest("GET", srv.URL, nil)
	r = r.WithContext(httptrace.WithClientTrace(r.Context(), &httptrace.ClientTrace{
		Got1xxResponse: func(code int, h textproto.MIMEHeader) error { hints = h; return nil },
	}))
	res, err := http.DefaultTransport.RoundTrip(r)
	require.NoError(t, err)
	defer res.Body.Close()
	require.Equal(t, http.StatusAccepted, res.StatusCode)
	require.NotEmpty(t, hints.Get("Link"))
	require.Empty(t, hints.Values("Set-Cookie"), "cookies belong to the final response")
	requireRenewed(t, res)
}

func TestAHandlerThatSwitchesProtocolsItselfSendsTheRenewedSession(t *testing.T) {
	srv := httptest.NewServer(nethttp.Protect(renewed, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Connection", "Upgrade")
		w.Header().Set("Upgrade", "echo")
		w.WriteHeader(http.StatusSwitchingProtocols)
		if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
			_ = conn.Close()
		}
	})))
	defer srv.Close()
	r := httptest.NewRequest("GET", srv.URL, nil)
	r.Header = http.Header{"Connection": {"Upgrade"}, "Upgrade": {"echo"}}
	res, err := http.DefaultTransport.RoundTrip(r)
	require.NoError(t, err)
	defer res.Body.Close()
	require.Equal(t, http.StatusSwitchingProtocols, res.StatusCode)
	requireRenewed(t, res)
}

func TestADeadlineCanBeSetThroughTheWrapper(t *testing.T) {
	var err error
	srv := httptest.NewServer(nethttp.Protect(renewed, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		err = http.NewResponseController(w).SetWriteDeadline(time.Time{})
	})))
	defer srv.Close()
	res, getErr := http.Get(srv.URL)
	require.NoError(t, getErr)
	defer res.Body.Close()
	require.NoError(t, err)
}

func TestAHandlerThatHijacksTalksToTheViewerItself(t *testing.T) {
	srv := httptest.NewServer(nethttp.Protect(renewed, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			panic(err)
		}
		defer conn.Close()
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n")
		_ = w.Header().Write(conn)
		_, _ = io.WriteString(conn, "\r\nhi")
	})))
	defer srv.Close()
	conn, err := net.Dial("tcp", srv.Listener.Addr().String())
	require.NoError(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
	require.NoError(t, err)
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err)
	require.Equal(t, "hi", body(t, res))
	requireRenewed(t, res)
}

func TestWithoutAHeaderForTheViewerTheHandlerGetsTheServersOwnWriter(t *testing.T) {
	rec := httptest.NewRecorder()
	nethttp.Protect(allow, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		require.Same(t, rec, w)
	})).ServeHTTP(rec, httptest.NewRequest("GET", "/", nil))
}

// someone is the decision about a request that a session let through.
func someone(t *testing.T, change func(*edgeauth.Decision)) decide {
	t.Helper()
	id, err := edgeauth.NewIdentity("https://idp.example", map[string]any{"sub": "alice"})
	require.NoError(t, err)
	d := decide{Action: edgeauth.Allow, Identity: id}
	if change != nil {
		change((*edgeauth.Decision)(&d))
	}
	return d
}

func TestWhatASessionLetThroughIsKeptOutOfSharedCaches(t *testing.T) {
	for _, test := range []struct {
		said, want string
	}{
		{"", "private"},
		{"public", "private"},
		{"public, max-age=60", "private, max-age=60"},
		{"max-age=60, s-maxage=600", "private, max-age=60"},
		{"S-MaxAge=600,PUBLIC", "private"},
		{"private", "private"},
		{`private="Set-Cookie", max-age=60`, "private, max-age=60"},
		{"no-cache", "private, no-cache"},
		{"no-store", "no-store"},
		{"public, no-store", "public, no-store"},
		{"max-age=60, must-revalidate, immutable", "private, max-age=60, must-revalidate, immutable"},
		{"max-age=60, proxy-revalidate", "private, max-age=60"},
	} {
		t.Run(test.said, func(t *testing.T) {
			answers := func(checker edgeauth.Checker) http.Header {
				w := httptest.NewRecorder()
				nethttp.Protect(checker, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					if test.said != "" {
						w.Header().Set("Cache-Control", test.said)
					}
					for _, name := range []string{"CDN-Cache-Control", "Cloudflare-CDN-Cache-Control", "Surrogate-Control", "Edge-Control", "X-Accel-Expires"} {
						w.Header().Set(name, "max-age=60")
					}
					io.WriteString(w, "hello")
				})).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
				return w.Header()
			}
			h := answers(someone(t, nil))
			require.Equal(t, test.want, h.Get("Cache-Control"))
			for _, name := range []string{"Cdn-Cache-Control", "Cloudflare-Cdn-Cache-Control", "Surrogate-Control", "Edge-Control", "X-Accel-Expires"} {
				require.NotContains(t, h, name, "a cache may obey it instead (RFC 9213)")
			}
			h = answers(allow)
			require.Equal(t, test.said, h.Get("Cache-Control"), "what everybody may see is the server's to say")
			require.Contains(t, h, "Surrogate-Control")
		})
	}
	w := httptest.NewRecorder()
	nethttp.Protect(someone(t, nil), http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	require.Equal(t, "private", w.Header().Get("Cache-Control"), "a handler that writes nothing")
}

func TestALastingConnectionEndsWithTheSession(t *testing.T) {
	brief := someone(t, func(d *edgeauth.Decision) { d.Remaining = time.Millisecond })
	ended := make(chan error, 1)
	srv := httptest.NewServer(nethttp.Protect(brief, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/download" {
			_, bounded := r.Context().Deadline()
			require.False(t, bounded, "it ends by itself")
			return
		}
		<-r.Context().Done()
		if r.URL.Path == "/socket" {
			conn, _, err := http.NewResponseController(w).Hijack()
			require.NoError(t, err)
			_, err = conn.Read(make([]byte, 1)) // until it is closed
			ended <- err
			return
		}
		ended <- context.Cause(r.Context())
	})))
	defer srv.Close()
	for path, header := range map[string]http.Header{
		"/events": {"Accept": {"text/event-stream"}}, "/socket": {"Connection": {"Upgrade"}, "Upgrade": {"websocket"}}, "/download": {},
	} {
		r, err := http.NewRequest(http.MethodGet, srv.URL+path, nil)
		require.NoError(t, err)
		r.Header = header
		res, err := http.DefaultClient.Do(r)
		if path == "/download" {
			require.NoError(t, err)
		} else {
			require.Error(t, <-ended, path)
		}
		if err == nil {
			res.Body.Close()
		}
	}
}

// A stranger sends a body byte by byte, or not at all. The answer has come, and the connection is not kept for it.
func TestABodyThatIsNotPassedOnIsNotWaitedFor(t *testing.T) {
	deny := decide{Action: edgeauth.Deny, Status: http.StatusUnauthorized}
	for length, waits := range map[int64]bool{0: false, 1: true, -1: true} {
		w := &deadlines{ResponseRecorder: httptest.NewRecorder()}
		r := httptest.NewRequest(http.MethodPost, "/", nil)
		r.ContentLength = length
		nethttp.Protect(deny, http.NotFoundHandler()).ServeHTTP(w, r)
		require.Equal(t, http.StatusUnauthorized, w.Code)
		require.Equal(t, waits, !w.until.IsZero() && w.until.Before(time.Now().Add(6*time.Second)))
	}
}

// deadlines is a response whose connection remembers until when it waits for a body.
type deadlines struct {
	*httptest.ResponseRecorder
	until time.Time
}

func (d *deadlines) SetReadDeadline(t time.Time) error {
	d.until = t
	return nil
}
