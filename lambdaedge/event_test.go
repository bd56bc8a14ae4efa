package lambdaedge

import (
	"context"
	"encoding/json"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth"
)

// fullEvent is an event with everything that CloudFront's documentation knows at viewer-request, and more: a body, two
// Cookie lines, escapes, an IPv6 address, and fields that nobody knows yet.
const fullEvent = `{"Records": [{"cf": {
	"config": {"distributionDomainName": "d1.cloudfront.net", "distributionId": "E1", "eventType": "viewer-request",
		"requestId": "req-1==", "later": [1, 2.5e-3, null]},
	"request": {
		"clientIp": "2001:db8::1", "method": "GET", "uri": "/docs/a%2Fb", "querystring": "a=1&b=%20",
		"headers": {
			"host": [{"key": "Host", "value": "app.example.com"}],
			"cookie": [{"key": "Cookie", "value": "session=1; theme=dark"}, {"key": "cookie", "value": "lang=d\u0065"}],
			"x_auth_subject": [{"key": "X_Auth_Subject", "value": "me"}],
			"Accept": [{"value": "text/html", "key": "Accept"}, {"key": "accept", "value": "*/*"}],
			"x-quote": [{"key": "X-Quote", "value": "say \"hi\" \\ \ud83d\ude00 ü"}]
		},
		"body": {"inputTruncated": false, "action": "read-only", "encoding": "base64", "data": "aGk="},
		"later": {"a": [true, false]}
	}
}}]}`

func read(t testing.TB, payload string) *event {
	e := newEvent()
	require.NoError(t, e.read([]byte(payload)))
	return e
}

func TestAnEventIsReadAsTheCoreWantsIt(t *testing.T) {
	r := read(t, fullEvent).ask()
	require.Equal(t, "text/html", r.Header("accept"))
	require.Equal(t, "text/html", r.Header("Accept"))
	require.Equal(t, "say \"hi\" \\ \U0001F600 ü", r.Header("X-Quote"))
	require.Equal(t, "", r.Header("X-Auth-Subject"), "only case is folded when reading")
	r.Header, r.Body = nil, nil
	require.Equal(t, &edgeauth.Request{
		ID: "req-1==", Method: "GET", Host: "app.example.com", Path: "/docs/a%2Fb", RawQuery: "a=1&b=%20",
		Cookie: []string{"session=1; theme=dark", "lang=de"}, Distribution: "d1.cloudfront.net",
	}, r)
}

func TestOddButReadableEvents(t *testing.T) {
	for name, test := range map[string]struct {
		payload string
		want    edgeauth.Request
	}{
		"a query with its question mark": {
			`{"Records":[{"cf":{"request":{"querystring":"?a=1","uri":"/"}}}]}`,
			edgeauth.Request{Path: "/", RawQuery: "a=1"},
		},
		"a request without anything": {`{"Records":[{"cf":{"request":{}}}]}`, edgeauth.Request{}},
		"Cookie members of several cases": {
			`{"Records":[{"cf":{"request":{"headers":{"Cookie":[{"value":"a=1"}],"COOKIE":[{"value":"b=2"},{"key":"x"}],"cookie":[]}}}}]}`,
			edgeauth.Request{Cookie: []string{"a=1", "b=2"}},
		},
		"several hosts": {
			`{"Records":[{"cf":{"request":{"headers":{"host":[{"value":"a.example"},{"value":"b.example"}]}}}}]}`,
			edgeauth.Request{Host: "a.example"},
		},
		"names with escapes": {
			`{"Records":[{"cf":{"r\u0065quest":{"\u0075ri":"\/a","headers":{"\u0068ost":[{"v\u0061lue":"a.example"}]}}}}]}`,
			edgeauth.Request{Host: "a.example", Path: "/a"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := read(t, test.payload).ask()
			r.Header, r.Body = nil, nil
			require.Equal(t, &test.want, r)
		})
	}
}

func TestWhatIsNoEventIsRefused(t *testing.T) {
	for name, payload := range map[string]string{
		"nothing":                    ``,
		"null":                       `null`,
		"a text":                     `"Records"`,
		"no records":                 `{}`,
		"an empty list":              `{"Records":[]}`,
		"two records":                `{"Records":[{"cf":{"request":{}}},{"cf":{"request":{}}}]}`,
		"two records, one empty":     `{"Records":[{"cf":{"request":{}}},{}]}`,
		"records twice":              `{"Records":[{"cf":{"request":{}}}],"Records":[{"cf":{"request":{}}}]}`,
		"no cf":                      `{"Records":[{}]}`,
		"no request":                 `{"Records":[{"cf":{"config":{}}}]}`,
		"two requests":               `{"Records":[{"cf":{"request":{},"request":{}}}]}`,
		"two paths":                  `{"Records":[{"cf":{"request":{"uri":"/a","uri":"/b"}}}]}`,
		"two methods":                `{"Records":[{"cf":{"request":{"method":"GET","method":"GET"}}}]}`,
		"two headers":                `{"Records":[{"cf":{"request":{"headers":{},"headers":{}}}}]}`,
		"a path that is a number":    `{"Records":[{"cf":{"request":{"uri":1}}}]}`,
		"a path that is null":        `{"Records":[{"cf":{"request":{"uri":null}}}]}`,
		"headers that are a list":    `{"Records":[{"cf":{"request":{"headers":[]}}}]}`,
		"a header that is a text":    `{"Records":[{"cf":{"request":{"headers":{"cookie":"a=b"}}}}]}`,
		"a value that is a number":   `{"Records":[{"cf":{"request":{"headers":{"cookie":[{"value":1}]}}}}]}`,
		"an entry with two values":   `{"Records":[{"cf":{"request":{"headers":{"cookie":[{"value":"a=1","value":"b=2"}]}}}}]}`,
		"something after it":         `{"Records":[{"cf":{"request":{}}}]} {}`,
		"a NUL after it":             `{"Records":[{"cf":{"request":{}}}]}` + "\x00",
		"a comma too many":           `{"Records":[{"cf":{"request":{"uri":"/",}}}]}`,
		"a line break in a text":     "{\"Records\":[{\"cf\":{\"request\":{\"uri\":\"/\n\"}}}]}",
		"an escape that is none":     `{"Records":[{"cf":{"request":{"uri":"/\x"}}}]}`,
		"an end in an escape":        `{"Records":[{"cf":{"request":{"uri":"/\u00`,
		"an end in a text":           `{"Records":[{"cf":{"request":{"uri":"/`,
		"a byte order mark":          "\xef\xbb\xbf" + `{"Records":[{"cf":{"request":{}}}]}`,
		"a number with leading zero": `{"Records":[{"cf":{"request":{"x":01}}}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			require.Error(t, (&event{}).read([]byte(payload)))
		})
	}
}

func TestHostileNestingIsRefused(t *testing.T) {
	deep := make([]byte, 0, 1<<20)
	for range 1 << 20 {
		deep = append(deep, '[')
	}
	require.ErrorContains(t, (&event{}).read(append([]byte(`{"x":`), deep...)), "deep")
}

func FuzzScannerAgreesWithEncodingJSON(f *testing.F) {
	for _, seed := range []string{
		fullEvent, `[-0.1e+5,0,-1]`, `{"a":"\ud800\u12aF\/"}`, ` "x" `, `01`, `1.`, `.5`, `1e`, `-`, `tru`, `{"a" 1}`, "\"\x7f\xff\"", `[,]`, `{}}`, `{"`, `"\u12`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s := &scanner{data: string(data)}
		s.next()
		at := span{start: s.pos}
		s.skip()
		at.end = s.pos
		s.next()
		ours := s.err == nil && s.pos == len(data)
		if s.depth != 0 && s.err == nil {
			t.Errorf("depth is %d at the end", s.depth)
		}
		if ours && !json.Valid([]byte(at.of(string(data)))) {
			t.Errorf("accepts %q", data)
		}
		if !ours && json.Valid(data) && s.depth < maxDepth {
			t.Errorf("refuses %q: %v", data, s.err)
		}
	})
}

// plainEvent is the event as encoding/json reads it.
type plainEvent struct {
	Records []struct {
		CF struct {
			Config  map[string]json.RawMessage
			Request map[string]json.RawMessage
		}
	}
}

func FuzzEventAgreesWithEncodingJSON(f *testing.F) {
	f.Add([]byte(fullEvent))
	f.Add([]byte(`{"Records":[{"cf":{"config":{"eventType":""},"request":{"querystring":"?a","headers":{"cookie":[]}}}}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		e := newEvent()
		if e.read(data) != nil || !utf8.Valid(data) {
			return
		}
		var plain plainEvent
		if json.Unmarshal(data, &plain) != nil || len(plain.Records) != 1 {
			return // a member's name in another case
		}
		text := func(members map[string]json.RawMessage, name string) (text string) {
			_ = json.Unmarshal(members[name], &text)
			return text
		}
		cf := plain.Records[0].CF
		if len(cf.Request) == 0 || len(cf.Config) == 0 {
			return
		}
		require.Equal(t, text(cf.Request, "method"), e.method.text)
		require.Equal(t, text(cf.Request, "uri"), e.uri.text)
		require.Equal(t, text(cf.Request, "querystring"), e.query.text)
		out, err := New(passing).Invoke(context.Background(), data)
		require.NoError(t, err)
		require.True(t, json.Valid(out))
	})
}
