package lambdaedge

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth"
)

// decide is a checker with a fixed mind.
type decide edgeauth.Decision

func (d decide) Check(context.Context, *edgeauth.Request) edgeauth.Decision {
	return edgeauth.Decision(d)
}

// ask is a checker that is a function.
type ask func(*edgeauth.Request) edgeauth.Decision

func (f ask) Check(_ context.Context, r *edgeauth.Request) edgeauth.Decision { return f(r) }

var passing = decide{Action: edgeauth.Allow, Forward: edgeauth.Forward{Cookie: "session=1; theme=dark"}}

// result is what CloudFront reads from an answer of ours.
type result struct {
	Status            string
	StatusDescription string
	Headers           map[string][]struct{ Key, Value string }
	Body              string
	BodyEncoding      string
}

// invoke serves a payload and returns the result, raw and read, and what was logged.
func invoke(t testing.TB, c edgeauth.Checker, payload string) ([]byte, result, string) {
	var logged bytes.Buffer
	h, err := NewWithOptions(c, Options{Logger: slog.New(slog.NewTextHandler(&logged, nil))})
	require.NoError(t, err)
	out, err := h.Invoke(context.Background(), []byte(payload))
	require.NoError(t, err, "CloudFront answers 503 for an error")
	var res result // stays zero where the request goes on
	if bytes.HasPrefix(out, []byte(`{"status":"`)) {
		require.NoError(t, json.Unmarshal(out, &res), "%s", out)
	}
	return out, res, logged.String()
}

func requireDenied(t testing.TB, status string, res result) {
	t.Helper()
	require.Equal(t, status, res.Status)
	require.Equal(t, "no-store", res.Headers["cache-control"][0].Value)
	require.NotEmpty(t, res.Body)
}

func viewerRequest(request string) string {
	return `{"Records":[{"cf":{"config":{"eventType":"viewer-request","requestId":"req-1"},"request":` + request + `}}]}`
}

func neverAsked(t testing.TB) edgeauth.Checker {
	return ask(func(*edgeauth.Request) edgeauth.Decision {
		t.Error("the checker was asked")
		return edgeauth.Decision{}
	})
}

func TestWhatCannotBeReadIsAnsweredWith400(t *testing.T) {
	for _, payload := range []string{"", "{", "null", `{"Records":[]}`, viewerRequest(`{"uri":7}`), "\xff"} {
		_, res, logged := invoke(t, neverAsked(t), payload)
		requireDenied(t, "400", res)
		require.Contains(t, logged, "not a CloudFront event")
	}
}

func TestOnlyViewerRequestEventsAreServed(t *testing.T) {
	request := `"request":{"uri":"/","headers":{}}`
	for name, cf := range map[string]string{
		"origin-request":                      `"config":{"eventType":"origin-request"},` + request,
		"origin-response":                     `"config":{"eventType":"origin-response"},` + request,
		"viewer-response":                     `"config":{"eventType":"viewer-response"},` + request,
		"another case":                        `"config":{"eventType":"Viewer-Request"},` + request,
		"no type, but an origin":              `"config":{},"request":{"uri":"/","origin":{"s3":{}}}`,
		"no type, but a response":             `"config":{},` + request + `,"response":{"status":"200"}`,
		"no type, and a response alone":       `"response":{"status":"200"}`,
		"viewer-request, but with an origin":  `"config":{"eventType":"viewer-request"},"request":{"origin":null}`,
		"viewer-request, but with a response": `"config":{"eventType":"viewer-request"},"response":{},` + request,
	} {
		t.Run(name, func(t *testing.T) {
			_, res, logged := invoke(t, neverAsked(t), `{"Records":[{"cf":{`+cf+`}}]}`)
			requireDenied(t, "500", res)
			require.Contains(t, res.Body, "viewer-request")
			require.Contains(t, logged, "want viewer-request")
		})
	}
}

func TestAPanicIsAnsweredAndTheProcessLivesOn(t *testing.T) {
	var logged bytes.Buffer
	panics := ask(func(*edgeauth.Request) edgeauth.Decision { panic(errors.New("eyJhbGci")) })
	h, err := NewWithOptions(panics, Options{Logger: slog.New(slog.NewTextHandler(&logged, nil))})
	require.NoError(t, err)
	for range 2 {
		out, err := h.Invoke(context.Background(), []byte(fullEvent))
		require.NoError(t, err)
		var res result
		require.NoError(t, json.Unmarshal(out, &res))
		requireDenied(t, "500", res)
	}
	require.Contains(t, logged.String(), "panic")
	require.Contains(t, logged.String(), "req-1==", "the log names the request")
	require.NotContains(t, logged.String(), "eyJ", "a panic's text may be a secret")
}

func TestANilCheckerDenies(t *testing.T) {
	_, res, _ := invoke(t, nil, fullEvent)
	requireDenied(t, "500", res)
}

type brokenLog struct{ slog.Handler }

func (brokenLog) Enabled(context.Context, slog.Level) bool { panic("broken") }

func TestABrokenLogLocksNobodyOut(t *testing.T) {
	h, err := NewWithOptions(decide{}, Options{Logger: slog.New(brokenLog{})})
	require.NoError(t, err)
	out, err := h.Invoke(context.Background(), []byte(fullEvent))
	require.NoError(t, err)
	require.Contains(t, string(out), `"status":"500"`)
}

func TestAnAllowWithHeadersForTheViewerIsRefused(t *testing.T) {
	for name, d := range map[string]edgeauth.Decision{
		"a cookie": {Action: edgeauth.Allow, Cookies: []*http.Cookie{{Name: "session", Value: "secret"}}},
		"a header": {Action: edgeauth.Allow, Header: http.Header{"Cache-Control": {"private"}}},
	} {
		t.Run(name, func(t *testing.T) {
			out, res, logged := invoke(t, decide(d), fullEvent)
			requireDenied(t, "500", res)
			require.Contains(t, logged, "cannot add")
			require.NotContains(t, string(out)+logged, "secret")
		})
	}
}

func TestTheCheckerIsNotToldThatCookiesCanRideOnAnAllow(t *testing.T) {
	invoke(t, ask(func(r *edgeauth.Request) edgeauth.Decision {
		require.False(t, r.CookiesOnAllow)
		return edgeauth.Decision{}
	}), fullEvent)
}

func TestAnEventKnowsNothingOfTheOneBeforeIt(t *testing.T) {
	var seen []edgeauth.Request
	h := New(ask(func(r *edgeauth.Request) edgeauth.Decision {
		require.Empty(t, r.Header("host")+r.Header("x-quote"))
		seen = append(seen, *r)
		return edgeauth.Decision{Action: edgeauth.Allow}
	}))
	e := newEvent()
	for range 3 {
		require.NoError(t, e.read([]byte(fullEvent)))
		e.ask()
		e.asked.CookiesOnAllow = true
		h.release(e)
		require.Equal(t, `{}`, serve(t, h, viewerRequest(`{}`)))
	}
	for _, r := range seen {
		r.Header, r.Body = nil, nil
		require.Equal(t, edgeauth.Request{ID: "req-1", Cookie: r.Cookie}, r)
		require.Empty(t, r.Cookie)
	}
}

func TestAnEventThatIsOverKeepsNoText(t *testing.T) {
	e := read(t, fullEvent)
	e.ask()
	s := &scanner{data: originsResponse}
	e.response.read(s, "response", nil)
	require.NoError(t, s.err)
	e.reset()
	require.Equal(t, message{member: e.request.member, line: e.request.line}, e.request)
	require.Equal(t, message{member: e.response.member, line: e.response.line}, e.response)
	for _, m := range []message{e.request, e.response} {
		require.Empty(t, len(m.member)+len(m.line))
		require.NotZero(t, cap(m.member)*cap(m.line))
		for _, member := range m.member[:cap(m.member)] {
			require.Zero(t, member)
		}
		for _, line := range m.line[:cap(m.line)] {
			require.Zero(t, line)
		}
	}
	for _, line := range e.asked.Cookie[:cap(e.asked.Cookie)] {
		require.Zero(t, line)
	}
	e.request, e.response, e.asked = message{}, message{}, edgeauth.Request{}
	require.Equal(t, &event{}, e)
}

func FuzzInvoke(f *testing.F) {
	f.Add([]byte(fullEvent), "/index.html", "theme=dark", "X-Auth-Subject", "me")
	f.Add([]byte(viewerRequest(`{}`)), "", "", "", "")
	f.Add([]byte(viewerRequest(`{"uri":"/","headers":{"cookie":[{}]}}`)), "/%zz", "a\r\nb", "Host", "\xff")
	f.Add([]byte(strings.Repeat("[", 100)), "", "", "", "")
	f.Fuzz(func(t *testing.T, payload []byte, path, cookie, name, value string) {
		_, res, _ := invoke(t, decide{Action: edgeauth.Deny, Status: 403, Body: []byte(value)}, string(payload))
		require.NotEmpty(t, res.Status, "nothing goes on without an Allow")

		asked := false
		out, res, _ := invoke(t, ask(func(*edgeauth.Request) edgeauth.Decision {
			asked = true
			return edgeauth.Decision{Action: edgeauth.Allow, Forward: edgeauth.Forward{
				Path: path, Cookie: cookie, Set: http.Header{name: {value}}, Drop: []string{value},
			}}
		}), string(payload))
		require.True(t, asked || res.Status != "", "nothing goes on unasked")
		require.True(t, json.Valid(out))
	})
}
