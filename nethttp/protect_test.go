package nethttp_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/nethttp"
)

// decide is a checker with a fixed mind.
type decide edgeauth.Decision

func (d decide) Check(context.Context, *edgeauth.Request) edgeauth.Decision {
	return edgeauth.Decision(d)
}

// ask is a checker that is a function.
type ask func(*edgeauth.Request) edgeauth.Decision

func (f ask) Check(_ context.Context, r *edgeauth.Request) edgeauth.Decision { return f(r) }

var allow = decide{Action: edgeauth.Allow}

// forbidden is a handler that must not be reached.
func forbidden(t *testing.T) http.Handler {
	return http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("the request was passed on")
	})
}

func get(h http.Handler, change ...func(*http.Request)) *http.Response {
	r := httptest.NewRequest("GET", "https://app.example.com/page", nil)
	for _, f := range change {
		f(r)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func TestTheCheckerSeesTheRequestAsTheViewerSentIt(t *testing.T) {
	var seen edgeauth.Request
	var site, upper string
	h := nethttp.Protect(ask(func(r *edgeauth.Request) edgeauth.Decision {
		seen, site, upper = *r, r.Header("Sec-Fetch-Site"), r.Header("SEC-FETCH-SITE")
		return edgeauth.Decision{}
	}), forbidden(t))

	r := httptest.NewRequest("POST", "https://app.example.com:8443/a%2Fb/%C3%BC?x=%20&y", nil)
	r.Header["Cookie"] = []string{"a=1; b=2", "a=3"}
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	for name, value := range map[string]string{
		"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http", "X-Forwarded-Uri": "/robots.txt",
		"X-Original-Url": "/robots.txt", "Forwarded": "host=evil.example;proto=http", "X-Rewrite-Url": "/robots.txt",
		"X-Http-Method-Override": "OPTIONS",
	} {
		r.Header.Set(name, value)
	}
	h.ServeHTTP(httptest.NewRecorder(), r)

	require.Equal(t, "same-origin", site)
	require.Equal(t, "same-origin", upper)
	seen.Header, seen.Body = nil, nil
	require.Equal(t, edgeauth.Request{
		Method: "POST", Host: "app.example.com:8443", Path: "/a%2Fb/%C3%BC", RawQuery: "x=%20&y",
		Cookie: []string{"a=1; b=2", "a=3"}, CookiesOnAllow: true,
	}, seen)
}

func TestAPanicInTheCheckerDenies(t *testing.T) {
	for name, value := range map[string]any{"a text": "token eyJhbGci", "a runtime error": nil, "an abort": http.ErrAbortHandler} {
		t.Run(name, func(t *testing.T) {
			logged := captureLog(t)
			res := get(nethttp.Protect(ask(func(*edgeauth.Request) edgeauth.Decision { panic(value) }), forbidden(t)))
			require.Equal(t, 500, res.StatusCode)
			require.Equal(t, "no-store", res.Header.Get("Cache-Control"))
			require.NotContains(t, body(t, res), "eyJ")
			require.Contains(t, logged.String(), "panicked")
			require.NotContains(t, logged.String(), "eyJ", "a panic's text may be a secret")
		})
	}
}

func TestANilCheckerDenies(t *testing.T) {
	captureLog(t)
	require.Equal(t, 500, get(nethttp.Protect(nil, forbidden(t))).StatusCode)
}

func TestAPanicInTheHandlerIsNotSwallowed(t *testing.T) {
	h := nethttp.Protect(allow, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	require.PanicsWithError(t, http.ErrAbortHandler.Error(), func() { get(h) })
}

func TestADecisionThatCannotBeCarriedOutIsLoggedWithoutItsValues(t *testing.T) {
	logged := captureLog(t)
	d := decide{Action: edgeauth.Respond, Status: 200, Cookies: []*http.Cookie{{Name: "session", Value: "secret\r\n"}}}
	require.Equal(t, 500, get(nethttp.Protect(d, forbidden(t))).StatusCode)
	require.Contains(t, logged.String(), "session")
	require.NotContains(t, logged.String(), "secret")
}

func TestAnAllowedRequestIsPassedOnAsItIs(t *testing.T) {
	var came, passed *http.Request
	h := nethttp.Protect(allow, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { passed = r }))
	get(h, func(r *http.Request) { came = r })
	require.Same(t, came, passed, "nothing differs, so nothing is copied")
}

func TestAnAllowedRequestCostsTwoAllocations(t *testing.T) {
	h := nethttp.Protect(allow, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	r := httptest.NewRequest("GET", "https://app.example.com/page", nil)
	w := httptest.NewRecorder()
	require.LessOrEqual(t, testing.AllocsPerRun(100, func() { h.ServeHTTP(w, r) }), 2.0)
}

func TestAnAnswerToHEADHasTheLengthButNoBody(t *testing.T) {
	srv := httptest.NewServer(nethttp.Protect(decide{Action: edgeauth.Deny, Status: 403, Body: []byte("no")}, forbidden(t)))
	defer srv.Close()
	res, err := http.Head(srv.URL)
	require.NoError(t, err)
	require.Equal(t, 403, res.StatusCode)
	require.EqualValues(t, 2, res.ContentLength)
	require.Empty(t, body(t, res))
}

func TestAnAnswerReplacesWhatOuterMiddlewareHasSet(t *testing.T) {
	h := nethttp.Protect(decide{Action: edgeauth.Deny, Status: 403}, forbidden(t))
	res := get(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "public, max-age=3600")
		w.Header().Set("CDN-Cache-Control", "public, max-age=3600")
		w.Header().Set("X-Outer", "stays")
		h.ServeHTTP(w, r)
	}))
	require.Equal(t, []string{"no-store"}, res.Header.Values("Cache-Control"))
	require.Empty(t, res.Header.Values("CDN-Cache-Control"))
	require.Equal(t, "stays", res.Header.Get("X-Outer"))
}

func FuzzProtect(f *testing.F) {
	f.Add("/page", "a=b", "Cookie", "x=\xff; y", 0, 0)
	f.Add("/%zz", "", "X_Forwarded_User", "\r\nSet-Cookie: a=b", 1, 302)
	f.Add("//evil", "?", "Host", "", 9, 200)
	f.Fuzz(func(t *testing.T, path, query, name, value string, action, status int) {
		captureLog(t)
		reached := false
		h := nethttp.Protect(decide{
			Action: edgeauth.Action(action), Status: status, Location: value, Body: []byte(value),
			Header: http.Header{name: {value}}, Cookies: []*http.Cookie{{Name: name, Value: value, Path: path}},
			Forward: edgeauth.Forward{Set: http.Header{name: {value}}, Drop: []string{value}, Cookie: value, Path: path},
		}, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
		res := get(h, func(r *http.Request) {
			r.URL.Path, r.URL.RawPath, r.URL.RawQuery = path, path, query
			r.Header[name] = []string{value}
		})
		require.False(t, reached && edgeauth.Action(action) != edgeauth.Allow, "passed on without an Allow")
		for _, values := range res.Header {
			require.False(t, strings.ContainsAny(strings.Join(values, ""), "\r\n\x00"), "a header holds a line break: %q", values)
		}
	})
}

func TestABodyIsReadOnlyWhereItIsAskedFor(t *testing.T) {
	var got []byte
	var fault error
	asks := true
	h := nethttp.Protect(ask(func(r *edgeauth.Request) edgeauth.Decision {
		if asks {
			got, fault = r.Body()
		}
		return edgeauth.Decision{Action: edgeauth.Allow}
	}), http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got, _ = io.ReadAll(r.Body) }))
	post := func(body string) {
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body)))
	}
	post(strings.Repeat("x", edgeauth.MaxBody+1))
	require.Error(t, fault, "no more than that is read")
	asks = false
	post("whole")
	require.Equal(t, "whole", string(got))
}
