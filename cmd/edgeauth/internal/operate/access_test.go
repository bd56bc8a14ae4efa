package operate_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/cmd/edgeauth/internal/operate"
	"github.com/edgeauth/edgeauth/nethttp"
)

// decides is a checker that always says the same.
type decides edgeauth.Decision

func (d decides) Check(context.Context, *edgeauth.Request) edgeauth.Decision {
	return edgeauth.Decision(d)
}

func alice(t *testing.T) edgeauth.Identity {
	id, err := edgeauth.NewIdentity("https://idp.example", map[string]any{"sub": "alice", "email": "alice@example.com"})
	require.NoError(t, err)
	return id
}

// record sends one request through a server and returns what is logged of it.
func record(t *testing.T, checker edgeauth.Checker, next http.HandlerFunc, r *http.Request, m *operate.Metrics) map[string]any {
	var log bytes.Buffer
	handler := operate.Access(nethttp.Protect(operate.Observe(checker, m), next), proxies(t, "10.0.0.0/8"), slog.New(slog.NewJSONHandler(&log, nil)), m)
	func() {
		defer func() { _ = recover() }() // as net/http does
		handler.ServeHTTP(httptest.NewRecorder(), r)
	}()
	var found map[string]any
	require.NoError(t, json.Unmarshal(log.Bytes(), &found), log.String())
	return found
}

func TestEachRequestIsRecordedOnce(t *testing.T) {
	allow := decides{Action: edgeauth.Allow, Identity: alice(t)}
	for name, c := range map[string]struct {
		checker edgeauth.Checker
		next    http.HandlerFunc
		want    map[string]any
	}{
		"an allowed one": {allow, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") },
			map[string]any{"status": 200.0, "bytes": 5.0, "code": "allowed", "subject": "alice"}},
		"an answer without a body": {allow, func(http.ResponseWriter, *http.Request) {},
			map[string]any{"status": 200.0, "bytes": 0.0}},
		"what the upstream says": {allow, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) },
			map[string]any{"status": 418.0}},
		"early hints are not the answer": {allow, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusEarlyHints)
			w.WriteHeader(http.StatusNotFound)
		}, map[string]any{"status": 404.0}},
		"a file": {allow, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.Copy(w, strings.NewReader("a file")) },
			map[string]any{"bytes": 6.0}},
		"a broken one": {allow, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
			map[string]any{"code": "allowed"}},
		"a refused one": {decides{Action: edgeauth.Deny, Status: 403, Reason: edgeauth.ReasonForbiddenGroup, Identity: alice(t)}, nil,
			map[string]any{"status": 403.0, "code": "forbidden_group", "subject": "alice"}},
		"a public one": {decides{Action: edgeauth.Allow}, func(http.ResponseWriter, *http.Request) {},
			map[string]any{"code": "allowed", "subject": ""}},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodGet, "https://app.example/a%20b?code=secret", nil)
			r.Header.Set("Cookie", "secret=1")
			r.Header.Set("Authorization", "secret")
			r.RemoteAddr = "10.0.0.1:1"
			r.Header.Set("X-Forwarded-For", "203.0.113.9")
			found := record(t, c.checker, c.next, r, operate.NewMetrics("test"))
			for name, value := range c.want {
				require.Equal(t, value, found[name], name)
			}
			require.Equal(t, "request", found["msg"])
			require.Equal(t, "GET", found["method"])
			require.Equal(t, "app.example", found["host"])
			require.Equal(t, "/a%20b", found["path"])
			require.Equal(t, "203.0.113.9", found["client"])
			require.Len(t, found["reference"], 10)
			require.GreaterOrEqual(t, found["seconds"], 0.0)
			text, _ := json.Marshal(found)
			require.NotContains(t, string(text), "secret")
		})
	}
}

// The reference on a page is the one in the record.
func TestTheReferenceIsTheSameEverywhere(t *testing.T) {
	var asked string
	checker := checkerFunc(func(r *edgeauth.Request) edgeauth.Decision {
		asked = r.ID
		return edgeauth.Decision{Action: edgeauth.Allow}
	})
	found := record(t, checker, func(http.ResponseWriter, *http.Request) {}, httptest.NewRequest(http.MethodGet, "/", nil), operate.NewMetrics("test"))
	require.Equal(t, asked, found["reference"])
	require.NotEmpty(t, asked)
}

type checkerFunc func(*edgeauth.Request) edgeauth.Decision

func (f checkerFunc) Check(_ context.Context, r *edgeauth.Request) edgeauth.Decision { return f(r) }

func TestMetricsCountWhatHappened(t *testing.T) {
	m := operate.NewMetrics("v1.2.3")
	for range 3 {
		record(t, decides{Action: edgeauth.Allow}, func(http.ResponseWriter, *http.Request) {}, httptest.NewRequest(http.MethodGet, "/", nil), m)
	}
	record(t, decides{Action: edgeauth.Deny, Status: 403, Reason: edgeauth.ReasonForbiddenGroup}, nil, httptest.NewRequest(http.MethodGet, "/", nil), m)
	m.Gauge("edgeauth_certificate_end_seconds", func() float64 { return 17 })
	w := httptest.NewRecorder()
	(&operate.Health{Metrics: m}).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	require.Equal(t, "text/plain; version=0.0.4; charset=utf-8", w.Header().Get("Content-Type"))
	for _, line := range []string{
		`edgeauth_requests_total{code="allowed",status="200"} 3`,
		`edgeauth_requests_total{code="forbidden_group",status="403"} 1`,
		`edgeauth_requests_in_flight 0`,
		`edgeauth_decision_seconds_count 4`,
		`edgeauth_request_seconds_count 4`,
		`edgeauth_request_seconds_bucket{le="+Inf"} 4`,
		`edgeauth_reloads_total{outcome="refused"} 0`,
		`edgeauth_build_info{version="v1.2.3"} 1`,
		`edgeauth_certificate_end_seconds 17`,
		`# TYPE edgeauth_requests_total counter`,
		`# TYPE edgeauth_request_seconds histogram`,
	} {
		require.Contains(t, w.Body.String(), line+"\n")
	}
	require.Contains(t, w.Body.String(), "\ngo_goroutines ")
}

func TestHealthSaysWhenItEnds(t *testing.T) {
	h := &operate.Health{Metrics: operate.NewMetrics("test")}
	status := func(method, target string) int {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(method, target, nil))
		return w.Code
	}
	for target, want := range map[string]int{"/live": 200, "/ready": 200, "/metrics": 200, "/": 404, "/ready/": 404} {
		require.Equal(t, want, status(http.MethodGet, target), target)
	}
	require.Equal(t, 405, status(http.MethodPost, "/ready"))
	h.End()
	require.Equal(t, 200, status(http.MethodGet, "/live"), "a restart would lose requests")
	require.Equal(t, 503, status(http.MethodHead, "/ready"))
}
