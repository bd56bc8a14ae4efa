package e2e

import (
	"crypto/rand"
	"fmt"
	"html"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/nethttp"
	"github.com/edgeauth/edgeauth/provider"
	"github.com/go-chi/chi/v5"
	"github.com/stretchr/testify/require"
)

// application is a Go server of somebody's own, which has been given a guard.
type application struct{ posts atomic.Int32 }

func (a *application) hello(w http.ResponseWriter, r *http.Request) {
	id := nethttp.Identity(r)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprintf(w, `<!doctype html><title>Hello</title><h1>Hello</h1><b id=who>%s</b>
<form method=post action=/submit><input id=text name=text value=tea><button id=send>Send</button></form>`, html.EscapeString(fmt.Sprint(id.Claim("name"))))
}

func (a *application) submit(w http.ResponseWriter, r *http.Request) {
	a.posts.Add(1)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprintf(w, `<!doctype html><title>Thank you</title><b id=echo>%s</b>`, html.EscapeString(r.PostFormValue("text")))
}

func (a *application) minutes(w http.ResponseWriter, _ *http.Request) {
	_, _ = io.WriteString(w, `<b id=minutes>The minutes</b>`)
}

var committee = edgeauth.Rule{Groups: []string{"admins"}}

func (a *application) mux() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /hello", a.hello)
	mux.HandleFunc("POST /submit", a.submit)
	mux.Handle("GET /admin", nethttp.Require(committee, http.HandlerFunc(a.minutes)))
	return mux
}

func (a *application) chi(guard edgeauth.Checker) http.Handler {
	r := chi.NewRouter()
	r.Use(func(next http.Handler) http.Handler { return nethttp.Protect(guard, next) })
	r.Get("/hello", a.hello)
	r.Post("/submit", a.submit)
	r.Group(func(r chi.Router) {
		r.Use(func(next http.Handler) http.Handler { return nethttp.Require(committee, next) })
		r.Get("/admin", a.minutes)
	})
	return r
}

func TestAGoServerOfOnesOwnKnowsWhoAsks(t *testing.T) {
	t.Parallel()
	for name, compose := range map[string]func(*application, edgeauth.Checker) http.Handler{
		"ServeMux": func(a *application, guard edgeauth.Checker) http.Handler {
			return nethttp.Protect(guard, a.mux())
		},
		"CrossOriginProtection": func(a *application, guard edgeauth.Checker) http.Handler {
			return nethttp.Protect(guard, http.NewCrossOriginProtection().Handler(a.mux()))
		},
		"chi": (*application).chi,
	} {
		for _, mode := range []string{"sealed", "tokens"} {
			t.Run(name+", "+mode, func(t *testing.T) {
				t.Parallel()
				a := new(application)
				w := serveApplication(t, mode, func(guard edgeauth.Checker) http.Handler { return compose(a, guard) })
				p := newBrowser(t).tab(t)
				p.visit(w, "/hello?to=you", ada)
				p.sees("#who", ada.name)
				p.click("#send")
				p.sees("#echo", "tea")
				p.open(w.URL + "/admin")
				p.sees("#minutes", "The minutes")

				other := newVisitor(t)
				require.Contains(t, other.visit(w, "/hello", ben).body, ben.name)
				forbidden := other.open(w.URL + "/admin")
				require.Equal(t, http.StatusForbidden, forbidden.status)
				require.NotContains(t, forbidden.body, "The minutes")

				require.EqualValues(t, 1, a.posts.Load())
				if name == "CrossOriginProtection" {
					// Another port of the same host is the same site: its forms come with the cookies.
					p.open(formTo(t, w.URL+"/submit"))
					p.click("#send")
					p.until("an answer", func() bool { return strings.HasPrefix(p.url(), w.URL) })
					require.EqualValues(t, 1, a.posts.Load(), "a foreign form came through")
				}
			})
		}
	}
}

// serveApplication runs a server in this process, in front of a plain provider.
func serveApplication(t *testing.T, mode string, handler func(edgeauth.Checker) http.Handler) *site {
	t.Helper()
	s := setup{mode: mode}
	w, address := prepareSite(t, s)
	config := edgeauth.Config{
		Provider:        provider.OIDC(w.idp.Issuer),
		ClientID:        "site",
		Hosts:           []string{strings.TrimPrefix(w.URL, "http://")},
		Scopes:          []string{"openid", "profile", "offline_access"},
		AuthorizeParams: map[string]string{"prompt": "consent"},
		InsecureHTTP:    true,
		Logger:          slog.New(slog.DiscardHandler),
	}
	if mode == "tokens" {
		config.Session.Mode = edgeauth.Tokens
	} else {
		key := make([]byte, 32)
		rand.Read(key)
		config.Session.Keys = [][]byte{key}
		config.Session.Claims = []string{"name", "groups"} // the guard knows nothing of Require's rules
	}
	guard, err := edgeauth.New(config)
	require.NoError(t, err)
	serveAt(t, address, handler(guard))
	return w
}

// formTo is the address of a foreign page whose form posts to target.
func formTo(t *testing.T, target string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, `<!doctype html><title>Win a prize</title><form method=post action="%s"><input name=text value=poison><button id=send>Win</button></form>`, target)
	}))
	t.Cleanup(server.Close)
	return strings.Replace(server.URL, "127.0.0.1", "localhost", 1)
}

func serveAt(t *testing.T, address string, handler http.Handler) {
	t.Helper()
	listener, err := net.Listen("tcp", address)
	require.NoError(t, err)
	server := httptest.NewUnstartedServer(handler)
	server.Listener.Close()
	server.Listener = listener
	server.Start()
	t.Cleanup(server.Close)
}
