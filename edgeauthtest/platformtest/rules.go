package platformtest

import (
	"net/http"
	"slices"
	"strings"

	"github.com/edgeauth/edgeauth"
)

// plainRequest is a plain request.
var plainRequest = Request{
	Method: "GET", Host: "app.example.com", Path: "/docs/a%2Fb/%C3%BC", RawQuery: "q=%20&r",
	Header: []HeaderLine{{"Accept", "text/html"}, {"Sec-Fetch-Site", "same-origin"}, {"Cookie", "session=1; theme=dark"}},
}

// with returns the plain request with more header lines.
func with(lines ...HeaderLine) Request {
	r := plainRequest
	r.Header = append(slices.Clone(r.Header), lines...)
	return r
}

// using returns the plain request with another method.
func using(method string) Request {
	r := plainRequest
	r.Method = method
	return r
}

// allowing is the decision to pass a request on.
func allowing(f edgeauth.Forward) edgeauth.Decision {
	return edgeauth.Decision{Action: edgeauth.Allow, Forward: f}
}

const (
	pageBody  = "a page of ours"
	signInURL = "https://idp.example.com/authorize?a=b&c=%20d"
	injection = "x\r\nInjected: yes"
)

var decisionCookies = []*http.Cookie{
	{Name: "__Host-one", Value: "1", Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode},
	{Name: "two", Value: "a=b", MaxAge: -1},
}

func cookieLines(cookies []*http.Cookie) (lines []string) {
	for _, c := range cookies {
		lines = append(lines, c.String())
	}
	return lines
}

// denied checks for the answer that stands for a decision that cannot be carried out.
func denied(o *observed) {
	if o.result.Status != http.StatusInternalServerError {
		o.fault("the viewer gets the status %d, want 500", o.result.Status)
	}
	if !strings.Contains(o.result.Header.Get("Cache-Control"), "no-store") {
		o.fault("the viewer gets Cache-Control %q, want no-store", o.result.Header.Get("Cache-Control"))
	}
	if strings.Contains(o.result.Body, pageBody) || o.result.Header.Get("Location") != "" {
		o.fault("the viewer gets the body or the Location of a decision that cannot be carried out")
	}
}

// answered checks for an answer as the decision has it.
func answered(o *observed) {
	d := o.rule.decision
	if o.result.Status != d.Status {
		o.fault("the viewer gets the status %d, want %d", o.result.Status, d.Status)
	}
	o.wantEqual("the Location", o.result.Header.Get("Location"), d.Location)
	for name := range d.Header {
		o.wantEqual("the header "+name, o.result.Header.Get(name), d.Header.Get(name))
	}
	body := string(d.Body)
	if o.rule.sent.Method == http.MethodHead || d.Status == http.StatusNoContent {
		body = ""
	}
	o.wantEqual("the body", o.result.Body, body)
	o.wantCookies(cookieLines(d.Cookies)...)
}

// harmless adds nothing to the rules that always hold.
func harmless(*observed) {}

var rules = slices.Concat(denials, answers, injections, passes, readings)

var denials = []rule{
	{name: "the zero decision denies", sent: plainRequest, check: denied},
	{name: "an unknown action denies", sent: plainRequest, check: denied,
		decision: edgeauth.Decision{Action: edgeauth.Allow + 1, Status: 200, Body: []byte(pageBody)}},
	{name: "a negative action denies", sent: plainRequest, check: denied,
		decision: edgeauth.Decision{Action: -1, Status: 200, Body: []byte(pageBody)}},
	{name: "a status of 0 becomes 500", sent: plainRequest, check: denied,
		decision: edgeauth.Decision{Action: edgeauth.Respond, Body: []byte(pageBody)}},
	{name: "a status of 199 becomes 500", sent: plainRequest, check: denied,
		decision: edgeauth.Decision{Action: edgeauth.Respond, Status: 199, Body: []byte(pageBody)}},
	{name: "a status of 600 becomes 500", sent: plainRequest, check: denied,
		decision: edgeauth.Decision{Action: edgeauth.Deny, Status: 600, Body: []byte(pageBody)}},
	{name: "a redirect without a Location denies", sent: plainRequest, check: denied,
		decision: edgeauth.Decision{Action: edgeauth.Redirect, Status: 302}},
	{name: "a redirect with a status that is none denies", sent: plainRequest, check: denied,
		decision: edgeauth.Decision{Action: edgeauth.Redirect, Status: 200, Location: signInURL}},
	{name: "a panic in the checker denies", sent: plainRequest, panics: true, check: denied},
}

var answers = []rule{
	{name: "a redirect sends the viewer to its Location", sent: plainRequest, check: answered,
		decision: edgeauth.Decision{Action: edgeauth.Redirect, Status: 303, Location: signInURL}},
	{name: "every cookie of a redirect is a line of its own", sent: plainRequest, check: answered,
		decision: edgeauth.Decision{Action: edgeauth.Redirect, Status: 302, Location: signInURL, Cookies: decisionCookies}},
	{name: "a page reaches the viewer with all its headers and cookies", sent: plainRequest, check: answered,
		decision: edgeauth.Decision{Action: edgeauth.Respond, Status: 200, Body: []byte(pageBody), Cookies: decisionCookies,
			Header: http.Header{"Content-Type": {"text/html"}, "Cache-Control": {"no-store"}, "X-Frame-Options": {"DENY"}}}},
	{name: "a denial keeps its status and its page", sent: plainRequest, check: answered,
		decision: edgeauth.Decision{Action: edgeauth.Deny, Status: 403, Body: []byte(pageBody)}},
	{name: "an answer to POST is the same", sent: using("POST"), check: answered,
		decision: edgeauth.Decision{Action: edgeauth.Deny, Status: 401, Body: []byte(pageBody)}},
	{name: "an answer to HEAD has no body", sent: using("HEAD"), check: answered,
		decision: edgeauth.Decision{Action: edgeauth.Deny, Status: 403, Body: []byte(pageBody)}},
	{name: "an answer of 204 has no body", sent: plainRequest, check: answered,
		decision: edgeauth.Decision{Action: edgeauth.Respond, Status: 204, Body: []byte(pageBody)}},
}

var injections = []rule{
	{name: "a line break in the Location makes no header", sent: plainRequest, check: harmless,
		decision: edgeauth.Decision{Action: edgeauth.Redirect, Status: 302, Location: signInURL + injection}},
	{name: "a line break in a header makes no other", sent: plainRequest, check: harmless,
		decision: edgeauth.Decision{Action: edgeauth.Respond, Status: 200, Header: http.Header{"X-Page": {injection}}}},
	{name: "a line break in a header's name makes no other", sent: plainRequest, check: harmless,
		decision: edgeauth.Decision{Action: edgeauth.Respond, Status: 200, Header: http.Header{injection: {"x"}}}},
	{name: "a line break in a cookie makes no header", sent: plainRequest, check: harmless,
		decision: edgeauth.Decision{Action: edgeauth.Respond, Status: 200, Cookies: []*http.Cookie{{Name: "a", Value: injection}}}},
	{name: "a line break in a header to pass on makes no other", sent: plainRequest, check: harmless,
		decision: allowing(edgeauth.Forward{Set: http.Header{"X-Auth-Subject": {injection}}})},
	{name: "a line break in the cookies to pass on makes no header", sent: plainRequest, check: harmless,
		decision: allowing(edgeauth.Forward{Cookie: "a=" + injection})},
	{name: "a line break in the path to serve makes no header", sent: plainRequest, check: harmless,
		decision: allowing(edgeauth.Forward{Path: "/" + injection})},
}
