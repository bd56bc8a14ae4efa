package edgeauth

import (
	"context"
	"crypto/sha256"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/edgeauth/edgeauth/internal/address"
	"github.com/edgeauth/edgeauth/provider"
	"github.com/stretchr/testify/require"
)

var firstKey = func() []byte { key := sha256.Sum256([]byte("first")); return key[:] }() // it stands for random bytes

// fuzzGuard is a site with rules of every kind, whose provider cannot be reached.
func fuzzGuard(tb testing.TB, mode SessionMode) *Guard {
	p := provider.OIDC("https://idp.example")
	p.Discovery = ""
	p.Endpoints = provider.Endpoints{Authorize: "https://idp.example/authorize", Token: "https://idp.example/token", Keys: "https://idp.example/keys"}
	c := Config{
		Provider: p, ClientID: "site", Hosts: []string{"app.example.com", "cloudfront"},
		Rules: []Rule{{Path: "/public/", Anyone: true}, {Path: "/preflight/", Anyone: true, Methods: []string{"OPTIONS"}}, {Path: "/admin/", Groups: []string{"admins"}}},
		Index: Index{Folder: "index.html"}, Forward: ForwardRules{Headers: map[string]string{"X-Sub": "sub"}},
		HTTPClient: &http.Client{Transport: refusing{}}, Logger: slog.New(slog.DiscardHandler),
		Now: func() time.Time { return time.Unix(1_772_355_600, 0) },
	}
	if c.Session.Mode = mode; mode == Sealed {
		c.Session.Keys, c.Session.Idle = [][]byte{firstKey}, time.Hour
	}
	g, err := New(c)
	require.NoError(tb, err)
	return g
}

type refusing struct{}

func (refusing) RoundTrip(*http.Request) (*http.Response, error) { return nil, http.ErrServerClosed }

func FuzzCheck(f *testing.F) {
	guards := []*Guard{fuzzGuard(f, Sealed), fuzzGuard(f, Tokens)}
	const host = "app.example.com"
	session := guards[0].names.Session
	for _, seed := range [][6]string{
		{"GET", host, "/", "", "", "navigate"}, {"GET", host, "/public/a", "x=1", "", ""}, {"OPTIONS", host, "/preflight/a", "", "", "cors"},
		{"GET", host, "/.auth/callback", "code=a&state=b", session + "-s-0=x", "navigate"}, {"POST", host, "/.auth/logout", "", session + "=x", "same-origin"},
		{"GET", host, "/.auth/login", "return=//evil", "", "navigate"}, {"GET", host, "/.auth/session", "", session + "=~2~x; " + session + "-1=y", "cors"},
		{"GET", "evil.example", "/", "", "", ""}, {"GET", host, "/public/../admin/", "", "", ""}, {"GET", host, "//", "", "\x00=\xff", ""},
		{"HEAD", host, "/public/%2e%2e/x", "", session + "=a.b.c", "no-cors"}, {"", "", "", "", "", ""}, {"GET", host, "/a;b", "#", ";;;", "navigate"},
	} {
		f.Add(seed[0], seed[1], seed[2], seed[3], seed[4], seed[5])
	}
	f.Fuzz(func(t *testing.T, method, host, path, query, line, word string) {
		for _, g := range guards {
			r := &Request{
				ID: "ref", Method: method, Host: host, Path: path, RawQuery: query, Cookie: strings.SplitN(line, "\n", 3),
				Header: func(string) string { return word }, CookiesOnAllow: len(word)%2 == 0, Distribution: host,
			}
			d := g.Check(context.Background(), r)
			require.NotEqual(t, "internal", Code(d.Reason), "%v", d.Reason)
			decoded, clean := address.CleanPath(path)
			public := clean && (strings.HasPrefix(decoded+"/", "/public/") || method == "OPTIONS" && strings.HasPrefix(decoded+"/", "/preflight/"))
			switch d.Action {
			case Allow:
				require.True(t, public, "%s %q without a session", method, path)
				require.True(t, d.Identity.IsZero())
				require.NotContains(t, d.Forward.Cookie, session+"=")
			case Redirect:
				origin, _ := g.hosts.Origin(r.Host, r.Distribution)
				require.True(t, strings.HasPrefix(d.Location, "https://idp.example/authorize?") || strings.HasPrefix(d.Location, origin+"/"), d.Location)
				require.NotRegexp(t, `[\x00-\x20\x7f-\xff]`, d.Location)
			default:
				require.True(t, d.Status >= 200 && d.Status <= 599, "%d", d.Status)
			}
			for _, c := range d.Cookies {
				require.NoError(t, c.Valid())
				require.True(t, strings.HasPrefix(c.Name, g.names.Session))
				require.False(t, c.Name == session && c.MaxAge >= 0, "a session for nobody")
			}
			for name, values := range d.Header {
				for _, value := range values {
					require.NotContains(t, name+value, "\n")
				}
			}
		}
	})
}
