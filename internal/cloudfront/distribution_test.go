package cloudfront_test

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth/internal/cloudfront"
)

// function returns what it is told to, and keeps the events.
type function struct {
	events  []string
	results []func(event map[string]any) (string, error)
}

func (f *function) Invoke(event []byte) ([]byte, error) {
	f.events = append(f.events, string(event))
	var parsed struct {
		Records []struct{ CF map[string]any }
	}
	if err := json.Unmarshal(event, &parsed); err != nil {
		return nil, err
	}
	next := f.results[0]
	if len(f.results) > 1 {
		f.results = f.results[1:]
	}
	result, err := next(parsed.Records[0].CF)
	return []byte(result), err
}

// pass returns the event's request with a change.
func pass(change func(request map[string]any)) func(map[string]any) (string, error) {
	return func(event map[string]any) (string, error) {
		request := event["request"].(map[string]any)
		if change != nil {
			change(request)
		}
		raw, err := json.Marshal(request)
		return string(raw), err
	}
}

func say(result string) func(map[string]any) (string, error) {
	return func(map[string]any) (string, error) { return result, nil }
}

type world struct {
	*testing.T
	function *function
	log      bytes.Buffer
	handler  *cloudfront.Distribution
}

func newWorld(t *testing.T, results ...func(map[string]any) (string, error)) *world {
	w := &world{T: t, function: &function{results: results}}
	w.handler = &cloudfront.Distribution{
		Function: w.function, Log: slog.New(slog.NewTextHandler(&w.log, nil)),
		Origin: cloudfront.Bucket{Root: "index.html", Files: fstest.MapFS{
			"index.html": {Data: []byte("home")}, "docs/a b.txt": {Data: []byte("text")}, "docs/index.html": {Data: []byte("docs")}, "data": {Data: []byte("{}")},
		}},
	}
	return w
}

func (w *world) do(r *http.Request) *http.Response {
	recorder := httptest.NewRecorder()
	w.handler.ServeHTTP(recorder, r)
	return recorder.Result()
}

func (w *world) get(target string) (*http.Response, string) {
	answer := w.do(httptest.NewRequest(http.MethodGet, target, nil))
	body, err := io.ReadAll(answer.Body)
	require.NoError(w, err)
	return answer, string(body)
}

func TestTheEventIsOfTheDocumentedShape(t *testing.T) {
	w := newWorld(t, pass(nil))
	r := httptest.NewRequest(http.MethodGet, "https://localhost:8443/docs/%61%20b.txt?x=%20y&x", nil)
	r.RemoteAddr = "[2001:db8::7]:4321"
	r.Header["Cookie"] = []string{"a=1; b=2", "c=3"}
	r.Header.Set("User-Agent", "test")
	for _, name := range []string{"Connection", "Upgrade", "X-Forwarded-Proto", "X-Real-IP", "X-Amz-Cf-Id", "X-Edge-Location"} {
		r.Header.Set(name, "hidden")
	}
	answer := w.do(r)
	require.Equal(t, http.StatusOK, answer.StatusCode)
	id := answer.Header.Get("X-Amz-Cf-Id")
	require.Len(t, id, 56)
	require.JSONEq(t, `{"Records": [{"cf": {
		"config": {"distributionDomainName": "localhost:8443", "distributionId": "ELOCALDISTRIB", "eventType": "viewer-request", "requestId": "`+id+`"},
		"request": {
			"clientIp": "2001:db8::7", "method": "GET", "uri": "/docs/%61%20b.txt", "querystring": "x=%20y&x",
			"headers": {
				"host": [{"key": "Host", "value": "localhost:8443"}],
				"cookie": [{"key": "Cookie", "value": "a=1; b=2"}, {"key": "Cookie", "value": "c=3"}],
				"user-agent": [{"key": "User-Agent", "value": "test"}]
			}
		}
	}}]}`, w.function.events[0])
}

func TestAResponseOfTheFunctionIsTheAnswer(t *testing.T) {
	w := newWorld(t, say(`{"status": "302", "statusDescription": "Found", "headers": {
		"location": [{"key": "Location", "value": "https://idp.example/"}], "set-cookie": [{"value": "a=1"}, {"value": "b=2"}]}}`))
	answer, body := w.get("https://localhost/")
	require.Equal(t, http.StatusFound, answer.StatusCode)
	require.Equal(t, []string{"a=1", "b=2"}, answer.Header["Set-Cookie"])
	require.Equal(t, "https://idp.example/", answer.Header.Get("Location"))
	require.Equal(t, "LambdaGeneratedResponse from cloudfront", answer.Header.Get("X-Cache"))
	require.Empty(t, answer.Header["Content-Type"])
	require.Empty(t, body)

	w = newWorld(t, say(`{"status": "200", "body": "aGVsbG8=", "bodyEncoding": "base64"}`))
	_, body = w.get("https://localhost/")
	require.Equal(t, "hello", body)
}

func TestWhatCloudFrontRefusesIsA502WithItsReasonInTheLog(t *testing.T) {
	header := func(name, value string) func(map[string]any) {
		return func(request map[string]any) {
			request["headers"].(map[string]any)[name] = []any{map[string]any{"value": value}}
		}
	}
	set := func(name string, value any) func(map[string]any) {
		return func(request map[string]any) { request[name] = value }
	}
	without := func(name string) func(map[string]any) {
		return func(request map[string]any) { delete(request, name) }
	}
	for want, result := range map[string]func(map[string]any) (string, error){
		"no JSON object":                  say("null"),
		"no JSON object: ":                say(""),
		"status: is 302, want a string":   say(`{"status": 302}`),
		`status: is \"600\"`:              say(`{"status": "600"}`),
		`status: is \"0200\"`:             say(`{"status": "0200"}`),
		"it has no method":                say(`{"Status": "200"}`),
		"it has no headers":               pass(without("headers")),
		"it has no uri":                   pass(without("uri")),
		"headers: is [], want":            say(`{"status": "200", "headers": []}`),
		"has no value":                    say(`{"status": "200", "headers": {"a": [{"key": "A"}]}}`),
		"has no entry":                    say(`{"status": "200", "headers": {"a": []}}`),
		"in lower case":                   say(`{"status": "200", "headers": {"Location": [{"value": "/"}]}}`),
		`has the key \"B\"`:               say(`{"status": "200", "headers": {"a": [{"key": "B", "value": ""}]}}`),
		"has a control character":         say(`{"status": "200", "headers": {"a": [{"value": "x\r\nb: c"}]}}`),
		`no function may set \"x-cache\"`: say(`{"status": "200", "headers": {"x-cache": [{"value": "x"}]}}`),
		`\"content-length\" is read-only`: say(`{"status": "200", "headers": {"content-length": [{"value": "0"}]}}`),
		"status 204 has none":             say(`{"status": "204", "body": "x"}`),
		"body: is no base64":              say(`{"status": "200", "body": "%", "bodyEncoding": "base64"}`),
		"bodyEncoding: is":                say(`{"status": "200", "bodyEncoding": "gzip"}`),
		"body: is 7":                      say(`{"status": "200", "body": 7}`),
		"and CloudFront takes 40960":      say(`{"status": "200", "body": "` + strings.Repeat("x", 40_961) + `"}`),
		"method and clientIp are":         pass(set("method", "POST")),
		"clientIp are read-only":          pass(set("clientIp", "192.0.2.7")),
		`uri: is \"index.html\"`:          pass(set("uri", "index.html")),
		`uri: is \"/a b\"`:                pass(set("uri", "/a b")),
		`uri: is \"/a?b\"`:                pass(set("uri", "/a?b")),
		`\"/%zz\" is no path`:             pass(set("uri", "/%zz")),
		"querystring: ":                   pass(set("querystring", "a#b")),
		"takes less than 8192":            pass(set("uri", "/"+strings.Repeat("x", 8191))),
		`\"host\" is read-only`:           pass(header("host", "other.example")),
		`\"via\" is read-only`:            pass(header("via", "1.1 x")),
		`set \"x-forwarded-proto\"`:       pass(header("x-forwarded-proto", "https")),
		`set \"connection\"`:              pass(header("connection", "close")),
		"is CloudFront's own":             pass(header("cloudfront-viewer-country", "DE")),
		"uri: is null":                    pass(set("uri", nil)),
	} {
		t.Run(want, func(t *testing.T) {
			w := newWorld(t, result)
			answer, body := w.get("https://localhost/")
			require.Equal(t, http.StatusBadGateway, answer.StatusCode)
			require.Equal(t, "LambdaValidationError from cloudfront", answer.Header.Get("X-Cache"))
			require.Contains(t, w.log.String(), want)
			require.NotContains(t, body, want, "the reason is for the log alone")
		})
	}
}

func TestAFunctionThatFailsIsA503(t *testing.T) {
	w := newWorld(t, func(map[string]any) (string, error) { return "", errors.New("Runtime.ExitError: it ended") })
	answer, _ := w.get("https://localhost/")
	require.Equal(t, http.StatusServiceUnavailable, answer.StatusCode)
	require.Equal(t, "LambdaExecutionError from cloudfront", answer.Header.Get("X-Cache"))
	require.Contains(t, w.log.String(), "Runtime.ExitError: it ended")
}

func TestCloudFrontsOwnLimitsComeBeforeTheFunction(t *testing.T) {
	long := httptest.NewRequest(http.MethodGet, "https://localhost/"+strings.Repeat("x", 8192), nil)
	big := httptest.NewRequest(http.MethodGet, "https://localhost/", nil)
	big.Header.Set("Cookie", strings.Repeat("x", 32_768))
	body := httptest.NewRequest(http.MethodGet, "https://localhost/", strings.NewReader("x"))
	for status, r := range map[int]*http.Request{http.StatusRequestURITooLong: long, 494: big, http.StatusForbidden: body} {
		w := newWorld(t, pass(nil))
		require.Equal(t, status, w.do(r).StatusCode)
		require.Empty(t, w.function.events)
	}
}

func TestAFolderIsAPrivateBucket(t *testing.T) {
	w := newWorld(t, pass(nil))
	for target, want := range map[string]string{
		"/": "home", "/index.html": "home", "/docs/a%20b.txt": "text", "/data": "{}",
		"/docs": "", "/docs/": "", "/nothing": "", "/../index.html": "", "//index.html": "", "/docs/../index.html": "",
	} {
		answer, body := w.get("https://localhost" + target)
		if want == "" {
			require.Equal(t, http.StatusForbidden, answer.StatusCode, target)
			require.Contains(t, body, "AccessDenied")
			continue
		}
		require.Equal(t, http.StatusOK, answer.StatusCode, target)
		require.Equal(t, want, body)
	}
	answer, _ := w.get("https://localhost/data")
	require.Equal(t, "binary/octet-stream", answer.Header.Get("Content-Type"))
	require.Equal(t, http.StatusForbidden, w.do(httptest.NewRequest(http.MethodPost, "https://localhost/data", nil)).StatusCode)
}

func TestTheOriginGetsWhatTheFunctionPassesOn(t *testing.T) {
	var seen *http.Request
	var sent string
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		seen, sent = r, string(body)
		w.Header().Set("X-Answer", "yes")
		_, _ = io.WriteString(w, "upstream")
	}))
	defer upstream.Close()
	target, err := url.Parse(upstream.URL + "/base")
	require.NoError(t, err)
	w := newWorld(t, pass(func(request map[string]any) {
		request["uri"], request["querystring"] = "/changed%2f", "q=1"
		h := request["headers"].(map[string]any)
		delete(h, "cookie")
		h["x-auth-subject"] = []any{map[string]any{"key": "X-Auth-Subject", "value": "ada"}}
	}))
	w.handler.Origin = cloudfront.NewUpstream(target, w.handler.Log)
	r := httptest.NewRequest(http.MethodPost, "https://localhost/asked?x", strings.NewReader("form"))
	r.Header.Set("Cookie", "session=1")
	r.Header.Set("X-Forwarded-For", "198.51.100.1")
	answer := w.do(r)
	require.Equal(t, "yes", answer.Header.Get("X-Answer"))
	require.Equal(t, "Miss from cloudfront", answer.Header.Get("X-Cache"))
	require.Equal(t, "/base/changed%2f?q=1", seen.RequestURI)
	require.Equal(t, "form", sent)
	require.Equal(t, "ada", seen.Header.Get("X-Auth-Subject"))
	require.Empty(t, seen.Header["Cookie"])
	require.Equal(t, target.Host, seen.Host)
	require.Equal(t, "198.51.100.1, 192.0.2.1", seen.Header.Get("X-Forwarded-For"))
	require.NotContains(t, seen.Header, "X-Forwarded-Proto")

	upstream.Close()
	answer, body := w.get("https://localhost/")
	require.Equal(t, http.StatusBadGateway, answer.StatusCode)
	require.Empty(t, body)
}

func TestViewerResponseMayChangeHeadersAlone(t *testing.T) {
	add := func(event map[string]any) (string, error) {
		response := event["response"].(map[string]any)
		response["headers"].(map[string]any)["set-cookie"] = []any{map[string]any{"value": "a=1"}, map[string]any{"value": "b=2"}}
		raw, err := json.Marshal(response)
		return string(raw), err
	}
	w := newWorld(t, pass(func(request map[string]any) { request["uri"] = "/data" }), add)
	w.handler.ViewerResponse = true
	answer, body := w.get("https://localhost/")
	require.Equal(t, "{}", body)
	require.Equal(t, []string{"a=1", "b=2"}, answer.Header["Set-Cookie"])
	require.Contains(t, w.function.events[1], `"eventType":"viewer-response"`)
	require.Contains(t, w.function.events[1], `"requestId":"`+answer.Header.Get("X-Amz-Cf-Id"))
	require.Contains(t, w.function.events[1], `"uri":"/data"`)
	require.Contains(t, w.function.events[1], `"status":"200"`)

	w = newWorld(t, pass(func(request map[string]any) { request["uri"] = "/nothing" }), add)
	w.handler.ViewerResponse = true
	answer, _ = w.get("https://localhost/")
	require.Equal(t, http.StatusForbidden, answer.StatusCode)
	require.Len(t, w.function.events, 1, "it does not run where the origin answers with an error")

	for want, result := range map[string]func(map[string]any) (string, error){
		"it has no status":                say(`{"headers": {}}`),
		"status: viewer-response":         say(`{"status": "201"}`),
		"body: viewer-response":           say(`{"status": "200", "body": "x"}`),
		`\"content-length\" is read-only`: say(`{"status": "200", "headers": {}}`),
		`no function may set \"x-cache\"`: say(`{"status": "200", "headers": {"x-cache": [{"value": "Hit"}]}}`),
	} {
		t.Run(want, func(t *testing.T) {
			w := newWorld(t, pass(nil), result)
			w.handler.ViewerResponse = true
			answer, body := w.get("https://localhost/")
			require.Equal(t, http.StatusBadGateway, answer.StatusCode)
			require.Contains(t, w.log.String(), want)
			require.NotContains(t, body, "home", "what the origin wrote goes nowhere")
		})
	}
}

func FuzzWhateverAFunctionReturnsIsAnswered(f *testing.F) {
	for _, seed := range []string{`{"status":"200","headers":{"a":[{"value":"b"}]},"body":"x"}`, `{"method":"GET","uri":"/","querystring":"","headers":{}}`, "null", "[]", `{"status":{}}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, result string) {
		w := newWorld(t, say(result))
		answer, body := w.get("https://localhost/")
		require.True(t, answer.StatusCode >= 200 && answer.StatusCode < 600)
		if !strings.Contains(result, "localhost") { // the host is read-only: no request goes on without it
			require.NotEqual(t, "Miss from cloudfront", answer.Header.Get("X-Cache"), body)
		}
	})
}

func TestAWebSocketReachesTheOrigin(t *testing.T) {
	origin := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Upgrade") != "websocket" || r.Header.Get("Sec-WebSocket-Key") == "" {
			http.Error(w, "no handshake", http.StatusBadRequest)
			return
		}
		connection, buffered, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		defer connection.Close()
		io.WriteString(connection, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
		line, _ := buffered.ReadString('\n')
		io.WriteString(connection, "echo "+line)
	}))
	defer origin.Close()
	target, err := url.Parse(origin.URL)
	require.NoError(t, err)
	w := newWorld(t, pass(nil))
	w.handler.Origin = cloudfront.NewUpstream(target, w.handler.Log)
	distribution := httptest.NewServer(w.handler)
	defer distribution.Close()

	connection, err := net.Dial("tcp", distribution.Listener.Addr().String())
	require.NoError(t, err)
	defer connection.Close()
	io.WriteString(connection, "GET /socket HTTP/1.1\r\nHost: app.example\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n"+
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n")
	answers := bufio.NewReader(connection)
	answer, err := http.ReadResponse(answers, nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusSwitchingProtocols, answer.StatusCode)
	io.WriteString(connection, "hello\n")
	line, err := answers.ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "echo hello\n", line)
	require.NotContains(t, w.function.events[0], "upgrade", "functions do not see it")
}

func TestABodyIsShownWhereTheFunctionIsRegisteredSo(t *testing.T) {
	for _, c := range []struct {
		sent    string
		include bool
		cut     bool
	}{{"code=a&state=b", true, false}, {"", true, false}, {"x", false, false}, {strings.Repeat("x", 40*1024+1), true, true}} {
		var shown any
		w := newWorld(t, pass(func(request map[string]any) { shown = request["body"] }))
		w.handler.IncludeBody = c.include
		var arrived []byte
		w.handler.Origin = http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { arrived, _ = io.ReadAll(r.Body) })
		w.do(httptest.NewRequest(http.MethodPost, "https://localhost/", strings.NewReader(c.sent)))
		require.Equal(t, c.sent, string(arrived), "it goes on whole")
		if !c.include {
			require.Nil(t, shown)
			continue
		}
		want := c.sent[:min(len(c.sent), 40*1024)]
		require.Equal(t, map[string]any{
			"action": "read-only", "encoding": "base64", "inputTruncated": c.cut, "data": base64.StdEncoding.EncodeToString([]byte(want)),
		}, shown)
	}
}
