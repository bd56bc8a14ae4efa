package edgeauth

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"math"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/edgeauth/edgeauth/internal/address"
	"github.com/edgeauth/edgeauth/internal/reason"
	"github.com/edgeauth/edgeauth/internal/seal"
	"github.com/edgeauth/edgeauth/provider"
	"github.com/stretchr/testify/require"
)

var firstKey = bytes.Repeat([]byte{1}, seal.KeySize)

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
	session := guards[0].names.session
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
				require.True(t, strings.HasPrefix(c.Name, g.names.session))
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

func FuzzCallbackParams(f *testing.F) {
	for _, query := range []string{"", "code=a&state=b", "state=a&state=b", "code=%0d%0a", "error=access_denied&state=b&error_description=%3Cb%3E", "id_token=x", "a;b", "%zz", "iss=https%3A%2F%2Fidp.example", "=&=", "code", "&&&"} {
		f.Add(query)
	}
	f.Fuzz(func(t *testing.T, query string) {
		params, err := callbackParams(query)
		if err != nil {
			require.ErrorIs(t, err, reason.CallbackMalformed)
			require.Nil(t, params)
			return
		}
		values, err := url.ParseQuery(query)
		require.NoError(t, err)
		require.Len(t, params, len(values))
		for name, value := range params {
			require.Equal(t, []string{value}, values[name])
			require.LessOrEqual(t, len(value), maxParam)
			require.NotRegexp(t, `[\x00-\x1f\x7f]`, value)
			require.NotContains(t, []string{"id_token", "access_token", "token", "response"}, name)
		}
	})
}

func FuzzTokenAnswer(f *testing.F) {
	for _, body := range []string{
		`{"access_token":"a","token_type":"Bearer","expires_in":3600,"id_token":"x.y.z","refresh_token":"r","scope":"a b"}`, `{"error":"invalid_grant"}`, `{}`, `null`, `[]`, ``, `{`,
		`{"access_token":"a","token_type":"bearer","expires_in":"NaN"}`, `{"access_token":"a","token_type":"bearer","expires_in":1e308}`, `{"access_token":"a","token_type":"bearer","expires_in":-0}`,
		`{"access_token":"a","token_type":"bearer","expires_in":{}}`, `{"id_token":"a"}`, `{"error":""}`, `{"access_token":1}`, `<html>`,
	} {
		f.Add(200, []byte(body))
		f.Add(400, []byte(body))
	}
	p := provider.OIDC("https://idp.example")
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		got, err := readTokens(&p, status, body)
		if err != nil {
			require.Equal(t, tokens{}, got)
			require.NotEqual(t, "internal", Code(err))
			return
		}
		require.Equal(t, http.StatusOK, status)
		require.True(t, got.access != "" || got.id != "")
		require.True(t, got.life >= 0 && got.life <= maxTokenLife && !math.IsNaN(got.life.Seconds()), "%v", got.life)
	})
}

func FuzzAttempt(f *testing.F) {
	sealedGuard, plainGuard := fuzzGuard(f, Sealed), fuzzGuard(f, Tokens)
	good := newAttempt("https://idp.example", "/a?b", time.Unix(1, 0))
	plain, _ := json.Marshal(good)
	for _, value := range []string{
		base64.RawURLEncoding.EncodeToString(plain), sealedGuard.keepAttempt(good).Value, "", "e30", "bnVsbA", "W10", "!", base64.RawURLEncoding.EncodeToString([]byte(`{"s":"a","n":"b","v":"` + strings.Repeat("x", 43) + `"}`)),
	} {
		f.Add(good.State, value)
		f.Add("a", value)
	}
	f.Fuzz(func(t *testing.T, state, value string) {
		for _, g := range []*Guard{sealedGuard, plainGuard} {
			name := g.attemptName(state)
			require.NoError(t, (&http.Cookie{Name: name, Value: "x"}).Valid())
			v := &visit{r: &Request{Cookie: []string{name + "=" + value}}, now: time.Unix(2, 0)}
			if a, ok := g.findAttempt(v, state); ok {
				require.Equal(t, state, a.State)
				require.NotEmpty(t, a.Nonce)
				require.GreaterOrEqual(t, len(a.Verifier), 43)
				require.Regexp(t, `^/([^/\\]|$)`, g.returnTo(a.Return))
			}
			g.makeRoom(v)
		}
	})
}

func FuzzLoadSession(f *testing.F) {
	g := fuzzGuard(f, Sealed)
	id, err := NewIdentity("https://idp.example", map[string]any{"sub": "alice"})
	require.NoError(f, err)
	s := &session{identity: id, expires: time.Unix(1, 0), began: time.Unix(2, 0), renewed: time.Unix(3, 0), seen: time.Unix(4, 0), refresh: "r", access: "a", nonce: "n"}
	plain, ok := g.sessions.Open(g.sessionName, g.sealSession(s))
	require.True(f, ok)
	for _, b := range [][]byte{plain, plain[:len(plain)-1], plain[:33], plain[:20], {}, {1}, append([]byte{2}, plain[1:]...), append(plain[:33:33], 0xff, 0xff, 0xff, 0xff)} {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, plain []byte) { // as one that an older version sealed, say
		s, err := g.loadSealed(g.sessions.Seal(g.sessionName, plain))
		if err != nil {
			require.ErrorIs(t, err, reason.BadSession)
			return
		}
		again, err := g.loadSealed(g.sealSession(s))
		require.NoError(t, err)
		require.Equal(t, s, again)
	})
}
