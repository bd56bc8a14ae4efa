package lambdaedge

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth"
)

var plainEventOf = func(method string) string { return viewerRequest(`{"method":"` + method + `","uri":"/"}`) }

func TestADecisionBecomesAResponse(t *testing.T) {
	for name, test := range map[string]struct {
		method string
		d      edgeauth.Decision
		want   string
	}{
		"a redirect": {
			"GET", edgeauth.Decision{Action: edgeauth.Redirect, Status: 302, Location: "https://idp.example/a?b=c&d=<"},
			`{"status":"302","statusDescription":"Found","headers":{` +
				`"cache-control":[{"key":"Cache-Control","value":"no-store"}],` +
				`"location":[{"key":"Location","value":"https://idp.example/a?b=c&d=<"}]}}`,
		},
		"several cookies, an entry each": {
			"GET", edgeauth.Decision{Action: edgeauth.Respond, Status: 200, Header: http.Header{"x-ONE": {"1"}},
				Body:    []byte("say \"hi\"\n\x00\U0001F600"),
				Cookies: []*http.Cookie{{Name: "__Host-a", Value: "1", Path: "/", Secure: true}, {Name: "b", Value: "x,y"}}},
			`{"status":"200","statusDescription":"OK","headers":{` +
				`"cache-control":[{"key":"Cache-Control","value":"no-store"}],` +
				`"content-type":[{"key":"Content-Type","value":"text/plain; charset=utf-8"}],` +
				`"set-cookie":[{"key":"Set-Cookie","value":"__Host-a=1; Path=/; Secure"},{"key":"Set-Cookie","value":"b=\"x,y\""}],` +
				`"x-one":[{"key":"X-One","value":"1"}]},` +
				`"bodyEncoding":"text","body":"say \"hi\"\u000a\u0000` + "\U0001F600" + `"}`,
		},
		"HEAD has no body": {
			"HEAD", edgeauth.Decision{Action: edgeauth.Deny, Status: 403, Header: http.Header{"Content-Type": {"text/html"}}, Body: []byte("no")},
			`{"status":"403","statusDescription":"Forbidden","headers":{` +
				`"cache-control":[{"key":"Cache-Control","value":"no-store"}],"content-type":[{"key":"Content-Type","value":"text/html"}]}}`,
		},
		"204 has no body, and a status without a name no description": {
			"GET", edgeauth.Decision{Action: edgeauth.Respond, Status: 299, Header: http.Header{"Cache-Control": {"private"}}},
			`{"status":"299","headers":{"cache-control":[{"key":"Cache-Control","value":"private"}]}}`,
		},
		"204 has no body": {
			"GET", edgeauth.Decision{Action: edgeauth.Respond, Status: 204, Header: http.Header{"Cache-Control": {"private"}}, Body: []byte("hi")},
			`{"status":"204","statusDescription":"No Content","headers":{"cache-control":[{"key":"Cache-Control","value":"private"}]}}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			out, _, _ := invoke(t, decide(test.d), plainEventOf(test.method))
			require.Equal(t, test.want, string(out))
		})
	}
}

func TestABodyThatIsNoTextIsEncoded(t *testing.T) {
	_, res, _ := invoke(t, decide{Action: edgeauth.Respond, Status: 200, Body: []byte("\xff\x00")}, fullEvent)
	require.Equal(t, "base64", res.BodyEncoding)
	require.Equal(t, base64.StdEncoding.EncodeToString([]byte("\xff\x00")), res.Body)
}

func TestAResponseThatCloudFrontWouldNotTakeIsOurOwnPageAndALogLine(t *testing.T) {
	for name, d := range map[string]edgeauth.Decision{
		"a body of 40 KB":  {Action: edgeauth.Respond, Status: 200, Body: []byte(strings.Repeat("a", 40_000))},
		"cookies of 40 KB": {Action: edgeauth.Respond, Status: 200, Cookies: []*http.Cookie{{Name: "a", Value: strings.Repeat("a", 40_000)}}},
		"the zero one":     {},
		"a line break":     {Action: edgeauth.Redirect, Status: 302, Location: "https://a.example/\r\nX: y"},
		"Connection":       {Action: edgeauth.Respond, Status: 200, Header: http.Header{"Connection": {"close"}}},
		"Content-Length":   {Action: edgeauth.Respond, Status: 200, Header: http.Header{"content-length": {"0"}}},
		"X-Cache":          {Action: edgeauth.Respond, Status: 200, Header: http.Header{"X-Cache": {"a"}}},
		"X-Edge-Anything":  {Action: edgeauth.Respond, Status: 200, Header: http.Header{"X-EDGE-Anything": {"a"}}},
		"X-Amzn-RequestId": {Action: edgeauth.Respond, Status: 200, Header: http.Header{"X-Amzn-RequestId": {"a"}}},
		"Via":              {Action: edgeauth.Deny, Status: 403, Header: http.Header{"Via": {"a"}}},
	} {
		t.Run(name, func(t *testing.T) {
			_, res, logged := invoke(t, decide(d), fullEvent)
			requireDenied(t, "500", res)
			require.NotEmpty(t, logged)
			require.NotContains(t, logged, "aaaa")
		})
	}
}
