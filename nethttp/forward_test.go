package nethttp_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/nethttp"
	"github.com/edgeauth/edgeauth/provider"
)

// passed returns the request that reaches the handler when in comes and f is the decision.
func passed(t *testing.T, in *http.Request, f edgeauth.Forward) *http.Request {
	before := in.Clone(in.Context())
	var out *http.Request
	h := nethttp.Protect(decide{Action: edgeauth.Allow, Forward: f},
		http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { out = r }))
	w := httptest.NewRecorder()
	h.ServeHTTP(w, in)
	require.NotNil(t, out, "not passed on: %d", w.Code)
	require.Equal(t, before.Header, in.Header, "the request that came must not change")
	require.Equal(t, before.URL, in.URL, "the request that came must not change")
	return out
}

func TestForwardDecidesWhichHeadersGoOn(t *testing.T) {
	for name, test := range map[string]struct {
		came    http.Header
		forward edgeauth.Forward
		want    http.Header
	}{
		"a dropped header, whatever its case": {
			http.Header{"X-Auth-Subject": {"me"}, "x-auth-SUBJECT": {"me"}, "Accept": {"*/*"}},
			edgeauth.Forward{Drop: []string{"x-Auth-subject"}},
			http.Header{"Accept": {"*/*"}},
		},
		"a dropped header with underscores": {
			http.Header{"X_auth_subject": {"me"}, "X-Auth_subject": {"me"}, "X-Auth-Subjects": {"other"}},
			edgeauth.Forward{Drop: []string{"X-Auth-Subject"}},
			http.Header{"X-Auth-Subjects": {"other"}},
		},
		"a set header replaces every variant": {
			http.Header{"X-Auth-Subject": {"me", "you"}, "X_auth_subject": {"me"}},
			edgeauth.Forward{Set: http.Header{"x-auth-subject": {"real"}}},
			http.Header{"X-Auth-Subject": {"real"}},
		},
		"a header that is set and dropped": {
			http.Header{"X-Auth-Subject": {"me"}},
			edgeauth.Forward{Set: http.Header{"X-Auth-Subject": {"real"}}, Drop: []string{"X-Auth-Subject"}},
			http.Header{"X-Auth-Subject": {"real"}},
		},
		"a rest of the cookies": {
			http.Header{"Cookie": {"session=1; theme=dark", "lang=de"}},
			edgeauth.Forward{Cookie: "theme=dark; lang=de"},
			http.Header{"Cookie": {"theme=dark; lang=de"}},
		},
		"no cookies left": {
			http.Header{"Cookie": {"session=1"}},
			edgeauth.Forward{},
			http.Header{},
		},
		"no header at all": {
			nil,
			edgeauth.Forward{Set: http.Header{"X-Auth-Subject": {"real"}}},
			http.Header{"X-Auth-Subject": {"real"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			in := httptest.NewRequest("GET", "https://app.example.com/page", nil)
			in.Header = test.came
			require.Equal(t, test.want, passed(t, in, test.forward).Header)
		})
	}
}

func TestForwardDecidesWhichPathIsServed(t *testing.T) {
	for path, want := range map[string]struct{ path, raw string }{
		"":                   {"/page", ""},
		"/index.html":        {"/index.html", ""},
		"/docs/%C3%BC.html":  {"/docs/ü.html", ""},
		"/a%2Fb/index.html":  {"/a/b/index.html", "/a%2Fb/index.html"},
		"/with%20space.html": {"/with space.html", ""},
	} {
		t.Run(path, func(t *testing.T) {
			out := passed(t, httptest.NewRequest("GET", "https://app.example.com/page?x=1", nil), edgeauth.Forward{Path: path})
			require.Equal(t, want.path, out.URL.Path)
			require.Equal(t, want.raw, out.URL.RawPath)
			require.Equal(t, "x=1", out.URL.RawQuery)
			if path != "" {
				require.Equal(t, path, out.URL.EscapedPath())
			}
		})
	}
}

// A server behind that takes the request for another one serves what no rule has seen.
func TestTheServerBehindServesTheRequestThatTheRulesHaveSeen(t *testing.T) {
	guard, err := edgeauth.New(edgeauth.Config{
		Provider: provider.OIDC("https://idp.example"), ClientID: "c", Hosts: []string{"app.example.com"}, Session: edgeauth.Session{Mode: edgeauth.Tokens},
		Rules: []edgeauth.Rule{{Path: "/public/", Anyone: true}},
	})
	require.NoError(t, err)
	var seen http.Header
	handler := nethttp.Protect(guard, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { seen = r.Header }))
	for _, name := range []string{
		"X-Original-URL", "X-Original-Uri", "X-Rewrite-Url", "X-Http-Method-Override", "X-Http-Method", "X-Method-Override", "X-Forwarded-Prefix",
		"X-Forwarded-Host", "X_Forwarded_Host", "X-Forwarded_Port", "x.original.url", "X+Rewrite+URL", "X-Forwarded-Uri", "X-Host", "Forwarded", "X-Script-Name",
		"X-Envoy-Original-Path", "X-Waws-Unencoded-Url",
	} {
		r := httptest.NewRequest(http.MethodGet, "https://app.example.com/public/", nil)
		r.Header[name] = []string{"/admin"}
		seen = nil
		handler.ServeHTTP(httptest.NewRecorder(), r)
		require.NotNil(t, seen)
		require.Empty(t, seen, name)
	}
	r := httptest.NewRequest(http.MethodGet, "https://app.example.com/public/", nil)
	r.Header.Set("X-Forwarded-For", "192.0.2.7")
	handler.ServeHTTP(httptest.NewRecorder(), r)
	require.Equal(t, "192.0.2.7", seen.Get("X-Forwarded-For"), "the program knows which proxy stands in front of it")
}
