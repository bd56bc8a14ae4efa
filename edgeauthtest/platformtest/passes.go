package platformtest

import (
	"net/http"
	"slices"
	"strings"

	"github.com/edgeauth/edgeauth"
)

// passes are the rules of an allowed request and its response.
var passes = []rule{
	{name: "an allowed request goes on as it came", sent: with(HeaderLine{"X-Any", "1"}, HeaderLine{"X-Any", "2"}),
		decision: allowing(edgeauth.Forward{Cookie: "session=1; theme=dark"}), check: func(o *observed) {
			out, in := o.wantPassed(), o.rule.sent
			o.wantEqual("the method", out.Method, in.Method)
			o.wantEqual("the host", out.Host, in.Host)
			o.wantEqual("the path", out.Path, in.Path)
			o.wantEqual("the query", out.RawQuery, in.RawQuery)
			for _, line := range in.Header {
				want := in.values(line.Name, false)
				if got := out.values(line.Name, false); !slices.Equal(got, want) {
					o.fault("%s goes on as %q, want %q", line.Name, got, want)
				}
			}
		}},
	{name: "a dropped header is gone in every spelling",
		sent: with(HeaderLine{"X-Auth-Subject", "eve"}, HeaderLine{"x-auth-SUBJECT", "eve"},
			HeaderLine{"X_Auth_Subject", "eve"}, HeaderLine{"x_auth-subject", "eve"}, HeaderLine{"X-Auth-Subjects", "other"}),
		decision: allowing(edgeauth.Forward{Drop: []string{"X-Auth-Subject"}}), check: func(o *observed) {
			if got := o.wantPassed().values("X-Auth-Subject", true); len(got) > 0 {
				o.fault("X-Auth-Subject goes on as %q, want none", got)
			}
			o.wantEqual("another header", strings.Join(o.wantPassed().values("X-Auth-Subjects", true), ", "), "other")
		}},
	{name: "a set header replaces every spelling",
		sent:     with(HeaderLine{"x-auth-subject", "eve"}, HeaderLine{"X_Auth_Subject", "eve"}, HeaderLine{"X-AUTH_subject", "eve"}),
		decision: allowing(edgeauth.Forward{Set: http.Header{"X-Auth-Subject": {"ada"}, "X-Auth-Group": {"a", "b"}}}),
		check: func(o *observed) {
			o.wantEqual("X-Auth-Subject", strings.Join(o.wantPassed().values("X-Auth-Subject", true), ", "), "ada")
			o.wantEqual("X-Auth-Group", strings.Join(o.wantPassed().values("X-Auth-Group", true), ", "), "a, b")
		}},
	{name: "only the cookies left over go on", sent: with(HeaderLine{"cookie", "session=2; lang=de"}),
		decision: allowing(edgeauth.Forward{Cookie: "theme=dark; lang=de"}), check: func(o *observed) {
			o.wantEqual("Cookie", strings.Join(o.wantPassed().values("Cookie", false), "; "), "theme=dark; lang=de")
		}},
	{name: "no cookie goes on where none is left over", sent: with(HeaderLine{"COOKIE", "session=2"}),
		decision: allowing(edgeauth.Forward{}), check: func(o *observed) {
			if got := o.wantPassed().values("Cookie", false); len(got) > 0 {
				o.fault("Cookie goes on as %q, want none", got)
			}
		}},
	{name: "another path is served with the same query", sent: plainRequest,
		decision: allowing(edgeauth.Forward{Path: "/a%2Fb/index.html"}), check: func(o *observed) {
			o.wantEqual("the path", o.wantPassed().Path, "/a%2Fb/index.html")
			o.wantEqual("the query", o.wantPassed().RawQuery, o.rule.sent.RawQuery)
		}},
	{name: "an allowed response gets the decision's cookies beside its own", sent: plainRequest, declared: true,
		decision: edgeauth.Decision{Action: edgeauth.Allow, Cookies: decisionCookies}, check: func(o *observed) {
			o.wantPassed()
			o.wantEqual("the body", o.result.Body, "the application")
			got := o.result.Header.Values("Set-Cookie")
			for _, want := range append(cookieLines(decisionCookies), "application=1") {
				if !slices.Contains(got, want) {
					o.fault("the viewer gets the cookies %q, want %q among them", got, want)
				}
			}
		}},
	{name: "an allowed response is cached as the decision says", sent: plainRequest, declared: true,
		decision: edgeauth.Decision{Action: edgeauth.Allow, Header: http.Header{"Cache-Control": {"private, no-store"}}},
		check: func(o *observed) {
			o.wantPassed()
			o.wantEqual("Cache-Control", strings.Join(o.result.Header.Values("Cache-Control"), ", "), "private, no-store")
		}},
}

// readings are the rules of what the checker is told. Each is denied, so that nothing else happens.
var readings = []rule{
	{name: "the checker is told method, host, path and query as they were sent", sent: using("POST"), check: func(o *observed) {
		got, in := o.asked[0], o.rule.sent
		o.wantEqual("Method", got.Method, in.Method)
		o.wantEqual("Host", got.Host, in.Host)
		o.wantEqual("Path", got.Path, in.Path)
		o.wantEqual("RawQuery", got.RawQuery, in.RawQuery)
	}},
	{name: "a viewer cannot tell another host, path or method by a header",
		sent: with(HeaderLine{"X-Forwarded-Host", "evil.example"}, HeaderLine{"Forwarded", "host=evil.example;proto=http"},
			HeaderLine{"X-Forwarded-Uri", "/robots.txt"}, HeaderLine{"X-Original-URL", "/robots.txt"},
			HeaderLine{"X-Rewrite-URL", "/robots.txt"}, HeaderLine{"X-HTTP-Method-Override", "OPTIONS"},
			HeaderLine{"X-Host", "evil.example"}),
		check: func(o *observed) {
			got, in := o.asked[0], o.rule.sent
			o.wantEqual("Host", got.Host, in.Host)
			o.wantEqual("Path", got.Path, in.Path)
			o.wantEqual("Method", got.Method, in.Method)
		}},
	{name: "the checker is told every cookie line, odd ones too",
		sent: with(HeaderLine{"cookie", `novalue; x=%FF; =y; q="a b"; ` + strings.Repeat("z", 8000)}, HeaderLine{"COOKIE", "session=2==; ;"}),
		check: func(o *observed) {
			in := o.rule.sent
			o.wantEqual("Cookie", strings.Join(o.asked[0].Cookie, "; "), strings.Join(in.values("Cookie", false), "; "))
		}},
	{name: "the checker finds a header whatever its case",
		sent: with(HeaderLine{"sEC-fETCH-mODE", "navigate"}, HeaderLine{"ORIGIN", "https://app.example.com"}), check: func(o *observed) {
			for _, line := range o.rule.sent.Header[3:] {
				o.wantEqual(line.Name, o.headers[line.Name], line.Value)
			}
		}},
	{name: "the checker is told whether cookies can ride on an allowed response", sent: plainRequest, check: func(o *observed) {
		if got, want := o.asked[0].CookiesOnAllow, o.platform.CookiesOnAllow; got != want {
			o.fault("Request.CookiesOnAllow is %v, and the platform was declared with %v", got, want)
		}
	}},
}
