package lambdaedge

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth"
)

// rawRequest is the request object of a payload, byte for byte.
func rawRequest(t testing.TB, payload string) string {
	var e struct {
		Records []struct {
			CF struct{ Request json.RawMessage }
		}
	}
	require.NoError(t, json.Unmarshal([]byte(payload), &e))
	return string(e.Records[0].CF.Request)
}

func pass(t testing.TB, payload string, f edgeauth.Forward) string {
	out, res, logged := invoke(t, decide{Action: edgeauth.Allow, Forward: f}, payload)
	require.Empty(t, res.Status, "not passed on: %s", logged)
	return string(out)
}

func TestARequestThatDoesNotChangeGoesOnByteForByte(t *testing.T) {
	for name, test := range map[string]struct {
		request string
		forward edgeauth.Forward
	}{
		"a public one without cookies": {`{ "uri" : "/" , "method":"GET", "headers" : { } , "x":1.0 }`, edgeauth.Forward{}},
		"a cookie that stays":          {`{"headers":{"cookie":[{"key":"cookie","value":"a=\u0031"}]},"uri":"/"}`, edgeauth.Forward{Cookie: "a=1"}},
		"headers to drop that are not there": {`{"headers":{"accept":[ {"value":"a"} ]},"uri":"/"}`,
			edgeauth.Forward{Drop: []string{"X-Auth-Subject"}}},
		"a path that stays": {`{"headers":{},"uri":"\/a"}`, edgeauth.Forward{Path: "/a"}},
		"without fields":    {`{}`, edgeauth.Forward{}},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, test.request, pass(t, viewerRequest(test.request), test.forward))
		})
	}
}

func TestOnlyWhatChangesIsCut(t *testing.T) {
	for name, test := range map[string]struct {
		request string
		forward edgeauth.Forward
		want    string
	}{
		"the path": {
			`{"a": 1, "uri" : "/page", "headers": { "b": [] }}`, edgeauth.Forward{Path: "/index.html"},
			`{"a": 1, "uri" : "/index.html", "headers": { "b": [] }}`,
		},
		"the path and a header, whichever comes first": {
			`{"headers": {"x_AUTH-a": [{"value":"me"}], "b": [ ]}, "uri":"/page", "c":null}`,
			edgeauth.Forward{Path: "/i", Drop: []string{"X-Auth-A"}},
			`{"headers": {"b": [ ]}, "uri":"/i", "c":null}`,
		},
		"every cookie line": {
			`{"uri":"/","headers":{"Cookie":[{"value":"s=1"}],"b":[],"cookie":[{"value":"s=2"},{"value":"t=3"}]}}`,
			edgeauth.Forward{Cookie: `t=3`},
			`{"uri":"/","headers":{"b":[],"cookie":[{"key":"Cookie","value":"t=3"}]}}`,
		},
		"the last header": {
			`{"uri":"/","headers":{"cookie":[{"value":"s=1"}]}}`, edgeauth.Forward{},
			`{"uri":"/","headers":{}}`,
		},
		"an identity header in place of every copy": {
			`{"uri":"/","headers":{"x_auth_subject":[{"value":"me"}],"X-Auth-Subject":[{"value":"me"}],"x-auth-subjects":[]}}`,
			edgeauth.Forward{Set: http.Header{"X-Auth-Subject": {`a"\`}, "X-Auth-Groups": {"a", "b"}}},
			`{"uri":"/","headers":{"x-auth-subjects":[],` +
				`"x-auth-groups":[{"key":"X-Auth-Groups","value":"a"},{"key":"X-Auth-Groups","value":"b"}],` +
				`"x-auth-subject":[{"key":"X-Auth-Subject","value":"a\"\\"}]}}`,
		},
		"a header set to nothing is gone": {
			`{"uri":"/","headers":{"x-a":[{"value":"me"}]}}`, edgeauth.Forward{Set: http.Header{"X-A": nil}},
			`{"uri":"/","headers":{}}`,
		},
		"an access token": {
			`{"uri":"/","headers":{"authorization":[{"value":"Basic x"}]}}`,
			edgeauth.Forward{Set: http.Header{"Authorization": {"Bearer y"}}},
			`{"uri":"/","headers":{"authorization":[{"key":"Authorization","value":"Bearer y"}]}}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, test.want, pass(t, viewerRequest(test.request), test.forward))
		})
	}
}

func TestNoFieldOfAFullEventIsLost(t *testing.T) {
	var before, after map[string]any
	require.NoError(t, json.Unmarshal([]byte(rawRequest(t, fullEvent)), &before))
	require.NoError(t, json.Unmarshal([]byte(pass(t, fullEvent, edgeauth.Forward{
		Path: "/i", Cookie: "lang=de", Drop: []string{"X-Auth-Subject"},
	})), &after))
	before["uri"] = "/i"
	headers := before["headers"].(map[string]any)
	headers["cookie"] = []any{map[string]any{"key": "Cookie", "value": "lang=de"}}
	delete(headers, "x_auth_subject")
	require.Equal(t, before, after)
}

func TestWhatCloudFrontWouldAnswerWith502IsOurOwnPageAndALogLine(t *testing.T) {
	request := `{"uri":"/","headers":{"via":[{"value":"1.1 x"}],"x-amzn-trace":[{"value":"1"}]}}`
	for name, f := range map[string]edgeauth.Forward{
		"set Host":                  {Set: http.Header{"Host": {"a"}}},
		"set Via":                   {Set: http.Header{"Via": {"a"}}},
		"set Content-Length":        {Set: http.Header{"Content-Length": {"1"}}},
		"set Transfer-Encoding":     {Set: http.Header{"transfer-encoding": {"chunked"}}},
		"set CDN-Loop":              {Set: http.Header{"CDN-Loop": {"a"}}},
		"set Connection":            {Set: http.Header{"Connection": {"a"}}},
		"set X-Real-IP":             {Set: http.Header{"X-Real-IP": {"a"}}},
		"set X-Forwarded-Proto":     {Set: http.Header{"X-Forwarded-Proto": {"https"}}},
		"set X-Edge-Subject":        {Set: http.Header{"X-Edge-Subject": {"a"}}},
		"set X-Amzn-Subject":        {Set: http.Header{"X-Amzn-Subject": {"a"}}},
		"set X-Amz-Cf-Id":           {Set: http.Header{"X-Amz-Cf-Id": {"a"}}},
		"set X-Accel-Redirect":      {Set: http.Header{"X-Accel-Redirect": {"a"}}},
		"set a header CloudFront's": {Set: http.Header{"CloudFront-Viewer-Country": {"a"}}},
		"drop Via":                  {Drop: []string{"Via"}},
		"drop an X-Amzn header":     {Drop: []string{"X-Amzn-Trace"}},
		"a path that is too long":   {Path: "/" + strings.Repeat("a", 8190)},
	} {
		t.Run(name, func(t *testing.T) {
			_, res, logged := invoke(t, decide{Action: edgeauth.Allow, Forward: f}, viewerRequest(request))
			require.Regexp(t, "^(500|414)$", res.Status)
			requireDenied(t, res.Status, res)
			require.NotEmpty(t, logged)
		})
	}
	t.Run("a change to what is not there", func(t *testing.T) {
		for _, f := range []edgeauth.Forward{{Path: "/i"}, {Cookie: "a=b"}, {Set: http.Header{"X-A": {"b"}}}} {
			_, res, logged := invoke(t, decide{Action: edgeauth.Allow, Forward: f}, viewerRequest(`{}`))
			requireDenied(t, "500", res)
			require.Contains(t, logged, "lacks")
		}
	})
}

func TestATargetThatCloudFrontWouldNotTakeBackIsRefused(t *testing.T) {
	for name, test := range map[string]struct{ request, status string }{
		"8191 characters":      {`{"uri":"/` + strings.Repeat("a", 4000) + `","querystring":"` + strings.Repeat("b", 4189) + `"}`, ""},
		"8192 characters":      {`{"uri":"/` + strings.Repeat("a", 4000) + `","querystring":"` + strings.Repeat("b", 4190) + `"}`, "414"},
		"a blank in the query": {`{"uri":"/","querystring":"a b"}`, "400"},
		"a fragment":           {`{"uri":"/","querystring":"a#b"}`, "400"},
		"a control byte":       {`{"uri":"/","querystring":"a\u0000b"}`, "400"},
	} {
		t.Run(name, func(t *testing.T) {
			_, res, _ := invoke(t, decide{Action: edgeauth.Allow}, viewerRequest(test.request))
			require.Equal(t, test.status, res.Status)
		})
	}
}
