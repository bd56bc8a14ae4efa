package answer

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth"
)

func TestADecisionThatCannotBeCarriedOutIsADenial(t *testing.T) {
	const there = "https://app.example.com/"
	for name, d := range map[string]edgeauth.Decision{
		"the zero decision":            {},
		"an unknown action":            {Action: 4, Status: 200},
		"a negative action":            {Action: -1, Status: 200},
		"a status of 199":              {Action: edgeauth.Respond, Status: 199},
		"a status of 600":              {Action: edgeauth.Deny, Status: 600},
		"a redirect without a place":   {Action: edgeauth.Redirect, Status: 302},
		"a redirect with no such code": {Action: edgeauth.Redirect, Status: 304, Location: there},
		"a redirect to a path":         {Action: edgeauth.Redirect, Status: 302, Location: "/page"},
		"a redirect to a bare host":    {Action: edgeauth.Redirect, Status: 302, Location: "//evil.example"},
		"a redirect to a script":       {Action: edgeauth.Redirect, Status: 302, Location: "javascript://x/%0aalert(1)"},
		"a redirect without a host":    {Action: edgeauth.Redirect, Status: 302, Location: "https:///page"},
		"a redirect with a backslash":  {Action: edgeauth.Redirect, Status: 302, Location: `https://a\@evil.example`},
		"a redirect with a line break": {Action: edgeauth.Redirect, Status: 302, Location: there + "\r\nX: y"},
		"a redirect with a blank":      {Action: edgeauth.Redirect, Status: 302, Location: there + " "},
		"a header name with a colon":   {Action: edgeauth.Respond, Status: 200, Header: http.Header{"X:": {"y"}}},
		"an empty header name":         {Action: edgeauth.Respond, Status: 200, Header: http.Header{"": {"y"}}},
		"a header with a line break":   {Action: edgeauth.Respond, Status: 200, Header: http.Header{"X": {"y", "a\nb"}}},
		"a nil cookie":                 {Action: edgeauth.Respond, Status: 200, Cookies: []*http.Cookie{nil}},
		"a cookie with a line break":   {Action: edgeauth.Respond, Status: 200, Cookies: []*http.Cookie{{Name: "a", Value: "b\r\nc"}}},
		"a cookie with a second value": {Action: edgeauth.Respond, Status: 200, Cookies: []*http.Cookie{{Name: "a", Value: "b; Domain=c"}}},
		"a cookie with a loose path":   {Action: edgeauth.Respond, Status: 200, Cookies: []*http.Cookie{{Name: "a", Path: "/; Domain=c"}}},
		"an allow with a bad header":   {Action: edgeauth.Allow, Header: http.Header{"X": {"a\rb"}}},
		"a forwarded line break":       {Action: edgeauth.Allow, Forward: edgeauth.Forward{Set: http.Header{"X": {"a\r\nb"}}}},
		"a forwarded header name":      {Action: edgeauth.Allow, Forward: edgeauth.Forward{Set: http.Header{"X\n": {"a"}}}},
		"a forwarded cookie":           {Action: edgeauth.Allow, Forward: edgeauth.Forward{Cookie: "a=b\r\nX: y"}},
		"a forwarded header Cookie":    {Action: edgeauth.Allow, Forward: edgeauth.Forward{Set: http.Header{"cookie": {"a=b"}}}},
		"a dropped header Cookie":      {Action: edgeauth.Allow, Forward: edgeauth.Forward{Drop: []string{"Cookie"}}},
		"a forwarded header Host":      {Action: edgeauth.Allow, Forward: edgeauth.Forward{Set: http.Header{"Host": {"a"}}}},
		"a path without a slash":       {Action: edgeauth.Allow, Forward: edgeauth.Forward{Path: "page"}},
		"a path with a query":          {Action: edgeauth.Allow, Forward: edgeauth.Forward{Path: "/page?x"}},
		"a path with a fragment":       {Action: edgeauth.Allow, Forward: edgeauth.Forward{Path: "/page#x"}},
		"a path with a blank":          {Action: edgeauth.Allow, Forward: edgeauth.Forward{Path: "/a b"}},
		"a path with a loose percent":  {Action: edgeauth.Allow, Forward: edgeauth.Forward{Path: "/a%2"}},
	} {
		t.Run(name, func(t *testing.T) {
			a, err := Of(&d)
			require.Error(t, err)
			require.Equal(t, Fault(), a)
			require.Equal(t, 500, a.Status)
			require.Equal(t, "no-store", a.Header.Get("Cache-Control"))
		})
	}
}

func TestAnAnswerHoldsAllThatTheDecisionSays(t *testing.T) {
	cookies := []*http.Cookie{{Name: "a", Value: "1"}, {Name: "b", Value: "2", Path: "/", Secure: true}}
	for name, test := range map[string]struct {
		d    edgeauth.Decision
		want Answer
	}{
		"a page": {
			edgeauth.Decision{Action: edgeauth.Respond, Status: 200, Header: http.Header{"content-type": {"text/html"}}, Body: []byte("hi"), Cookies: cookies},
			Answer{Status: 200, Body: []byte("hi"), Header: http.Header{
				"Content-Type": {"text/html"}, "Cache-Control": {"no-store"}, "Set-Cookie": {"a=1", "b=2; Path=/; Secure"},
			}},
		},
		"a redirect": {
			edgeauth.Decision{Action: edgeauth.Redirect, Status: 303, Location: "https://a.example/?b=c#d", Header: http.Header{"Cache-Control": {"private"}}},
			Answer{Status: 303, Header: http.Header{"Location": {"https://a.example/?b=c#d"}, "Cache-Control": {"private"}}},
		},
		"a redirect is for now, and kept by nobody": {
			edgeauth.Decision{Action: edgeauth.Redirect, Status: 302, Location: "https://a.example/"},
			Answer{Status: 302, Header: http.Header{"Location": {"https://a.example/"}, "Cache-Control": {"no-store"}}},
		},
		"a body of no known type is never taken for a page": {
			edgeauth.Decision{Action: edgeauth.Deny, Status: 403, Body: []byte("<script>")},
			Answer{Status: 403, Body: []byte("<script>"), Header: http.Header{
				"Content-Type": {"text/plain; charset=utf-8"}, "Cache-Control": {"no-store"},
			}},
		},
		"204 has no body": {
			edgeauth.Decision{Action: edgeauth.Respond, Status: 204, Body: []byte("hi")},
			Answer{Status: 204, Header: http.Header{"Cache-Control": {"no-store"}}},
		},
		"an allow":              {edgeauth.Decision{Action: edgeauth.Allow, Status: 999, Location: "x", Body: []byte("hi")}, Answer{Pass: true}},
		"an allow with cookies": {edgeauth.Decision{Action: edgeauth.Allow, Cookies: cookies[:1]}, Answer{Pass: true, Header: http.Header{"Set-Cookie": {"a=1"}}}},
	} {
		t.Run(name, func(t *testing.T) {
			a, err := Of(&test.d)
			require.NoError(t, err)
			require.Equal(t, test.want, a)
		})
	}
}

func TestHeaderNamesAreEqualWhereAServerBehindMayMakeOneVariableOfThem(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want bool
	}{
		{"X-Forwarded-User", "x_FORWARDED-user", true},
		{"X-Forwarded-User", "X-Forwarded-Users", false},
		{"X-Forwarded-User", "X.Forwarded.User", true}, // lighttpd's mod_cgi
		{"X-Auth-Subject", "X+Auth+Subject", true},
		{"X-Auth-Subject", "x!auth~subject", true},
		{"X-Auth-Subject", "XAuthSubject", false},
		{"X-Auth2", "X-Auth3", false},
		{"", "", true},
	} {
		require.Equal(t, test.want, SameName(test.a, test.b), "%q and %q", test.a, test.b)
		require.Equal(t, test.want, SameName(test.b, test.a), "%q and %q", test.b, test.a)
	}
}

func TestFieldNamesAndValues(t *testing.T) {
	for _, name := range []string{"", "a b", "a:", "ü", "a\x00", "a(b"} {
		require.False(t, ValidName(name), "%q", name)
	}
	require.True(t, ValidName("X-a_1!#$%&'*+.^`|~"))
	for _, value := range []string{"\x00", "\n", "\r", "\x1f", "\x7f"} {
		require.False(t, validValue(value), "%q", value)
	}
	require.True(t, validValue("a\tb ü \xff"))
}
