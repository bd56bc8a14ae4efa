package lambdaedge_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/internal/address"
	"github.com/edgeauth/edgeauth/internal/answer"
)

// FuzzGuard gives any bytes to a function with a real guard: it never panics, lets nothing through without the
// session, and says of what it lets through what encoding/json says.
func FuzzGuard(f *testing.F) {
	v := newVisits(f, func(c *edgeauth.Config) { c.Rules, c.OpenToEveryone = nil, true })
	// Each process of a fuzz run has sessions of its own, all sealed with one key.
	session := regexp.MustCompile(`(^|;)[ \t]*__Host-edgeauth-[0-9a-f]{8}=[\w-]{100,}`)
	for _, event := range [][]byte{
		v.signedIn, v.signedOut,
		bytes.Replace(v.signedIn, []byte(`"cookie"`), []byte(`"C\u006fokie"`), 1),
		bytes.Replace(v.signedIn, []byte(`"headers":{`), []byte(`"headers":{"cookie":[{"value":"a=1"},{}],`), 1),
		bytes.Replace(v.signedIn, []byte(`"querystring":""`), []byte(`"querystring":"?a=b","body":{"data":"aGk="}`), 1),
		bytes.Replace(v.signedIn, []byte(`"uri":"/page"`), []byte(`"uri":"\/page","later":[1.0e5,null,{"a":true}]`), 1),
		bytes.Replace(v.signedIn, []byte(`viewer-request`), []byte(`origin-request`), 1),
		bytes.Replace(v.signedIn, []byte(`"headers":{`), []byte(`"headers":{"x-forwarded-host":[{"value":"a"}],"client-ip":[{"value":"b"}],`), 1),
	} {
		f.Add(event)
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		came := bytes.Clone(payload)
		out := v.serve(t, payload)
		require.Equal(t, came, payload, "the payload is the caller's")
		var after map[string]any
		require.NoError(t, json.Unmarshal(out, &after))
		if status, answered := after["status"]; answered && after["method"] == nil {
			require.IsType(t, "", status)
			return
		}
		before := plainRequest(payload)
		require.Regexp(t, session, strings.Join(values(before, "cookie"), "; "), "nobody else is let through")
		require.Equal(t, appHost, strings.TrimSuffix(strings.TrimSuffix(strings.ToLower(values(before, "host")[0]), ":443"), "."))
		require.NotRegexp(t, session, strings.Join(values(after, "cookie"), "; "))
		require.Equal(t, withoutDropped(before), withoutDropped(after))
	})
}

// plainRequest is the request of an event as encoding/json reads it.
func plainRequest(payload []byte) map[string]any {
	var event any
	_ = json.Unmarshal(payload, &event)
	record := event.(map[string]any)["Records"].([]any)[0]
	return record.(map[string]any)["cf"].(map[string]any)["request"].(map[string]any)
}

// values are those of a header, whatever its case.
func values(request map[string]any, header string) (out []string) {
	headers, _ := request["headers"].(map[string]any)
	for name, entries := range headers {
		if strings.EqualFold(name, header) {
			for _, entry := range entries.([]any) {
				value, _ := entry.(map[string]any)["value"].(string)
				out = append(out, value)
			}
		}
	}
	return out
}

// withoutDropped leaves out the headers that never go on as they came.
func withoutDropped(request map[string]any) map[string]any {
	request = maps.Clone(request)
	headers := maps.Clone(request["headers"].(map[string]any))
	dropped := append(append(address.OtherRequest(), address.Asker()...), "Cookie")
	maps.DeleteFunc(headers, func(name string, _ any) bool {
		return slices.ContainsFunc(dropped, func(d string) bool { return answer.SameName(d, name) })
	})
	request["headers"] = headers
	return request
}
