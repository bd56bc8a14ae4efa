package lambdaedge_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/edgeauthtest"
	"github.com/edgeauth/edgeauth/lambdaedge"
)

const (
	appHost = "app.example.com"
	appURL  = "https://" + appHost
)

// cloudFront plays a distribution: what a browser sends becomes a viewer-request event, what the function passes on
// goes to the origin, and the origin's answer becomes a viewer-response event where the function is there, too.
type cloudFront struct {
	t       testing.TB
	handler *lambdaedge.Handler
	origin  http.Handler
	later   bool // the function is at viewer-response
	log     bytes.Buffer

	events  [][]byte // of viewer-request, as they came
	results [][]byte // of the function, to all events
}

// message is a request or response as an event has it.
type message struct {
	ClientIP          string             `json:"clientIp,omitempty"`
	Method            string             `json:"method,omitempty"`
	URI               string             `json:"uri,omitempty"`
	QueryString       *string            `json:"querystring,omitempty"`
	Headers           map[string][]entry `json:"headers"`
	Status            string             `json:"status,omitempty"`
	StatusDescription string             `json:"statusDescription,omitempty"`
	Body              string             `json:"body,omitempty"`
	BodyEncoding      string             `json:"bodyEncoding,omitempty"`
}

// newSite is a world with a site behind a distribution. change changes what is configured; origin nil shows the
// request that came to it.
func newSite(t testing.TB, o lambdaedge.Options, origin http.HandlerFunc, change func(*edgeauth.Config)) (*edgeauthtest.World, *cloudFront) {
	t.Helper()
	w := edgeauthtest.NewWorld(t, edgeauthtest.WorldOptions{People: []edgeauthtest.Person{
		{Name: "alice", Groups: []string{"staff"}, Claims: map[string]any{"name": "Alice"}},
		{Name: "bob", Password: "hunter2", Groups: []string{"staff", "admins"}},
	}})
	c := &cloudFront{t: t, origin: origin, later: o.ViewerResponse}
	if origin == nil {
		c.origin = http.HandlerFunc(show)
	}
	logger := slog.New(slog.NewJSONHandler(&c.log, &slog.HandlerOptions{Level: slog.LevelInfo}))
	config := w.Config(appHost)
	config.Logger, o.Logger = logger, logger
	if change != nil {
		change(&config)
	}
	guard, err := edgeauth.New(config)
	require.NoError(t, err)
	require.NoError(t, lambdaedge.CheckConfig(config))
	c.handler, err = lambdaedge.NewWithOptions(guard, o)
	require.NoError(t, err)
	w.Register(config)
	w.Handle(appHost, c)
	return w, c
}

// show answers with the request as it came to the origin.
func show(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	w.Header().Set("Cache-Control", "public, max-age=60")
	fmt.Fprintf(w, "%s %s cookies %q subject %q authorization %q %s",
		r.Method, r.URL.RequestURI(), r.Header["Cookie"], r.Header.Get("X-Auth-Subject"), r.Header.Get("Authorization"), body)
}

func tokensMode(c *edgeauth.Config) { c.Session = edgeauth.Session{Mode: edgeauth.Tokens} }

func (c *cloudFront) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	require.NoError(c.t, err)
	id := "request-" + strconv.Itoa(len(c.events)) + "=="
	sent := message{ClientIP: "2001:db8::1", Method: r.Method, URI: r.URL.EscapedPath(), QueryString: &r.URL.RawQuery, Headers: entries(r.Header)}
	sent.Headers["host"] = []entry{{"Host", r.Host}}
	payload := c.event("viewer-request", id, sent, nil)
	c.events = append(c.events, payload)
	passed := c.invoke(payload)
	if passed.Status != "" {
		c.strict(passed)
		c.answer(w, passed)
		return
	}
	for _, name := range []string{"host", "via", "content-length"} {
		require.Equal(c.t, sent.Headers[name], passed.Headers[name], "CloudFront answers 502: %s is read-only", name)
	}
	at := httptest.NewRequest(passed.Method, strings.TrimSuffix(passed.URI+"?"+*passed.QueryString, "?"), bytes.NewReader(body))
	at.Header = header(passed.Headers)
	rec := httptest.NewRecorder()
	c.origin.ServeHTTP(rec, at)
	res := message{Status: strconv.Itoa(rec.Code), StatusDescription: "X", Headers: entries(rec.Header())}
	if c.later && rec.Code < 400 {
		added := c.invoke(c.event("viewer-response", id, passed, &res))
		require.Equal(c.t, res.Status, added.Status, "CloudFront answers 502: viewer-response cannot change the status")
		res = added
	}
	res.Body = rec.Body.String()
	c.answer(w, res)
}

// event is the payload of an event.
func (c *cloudFront) event(kind, id string, request message, response *message) []byte {
	cf := map[string]any{
		"config":  map[string]any{"distributionDomainName": "d111111abcdef8.cloudfront.net", "distributionId": "E1", "eventType": kind, "requestId": id},
		"request": request,
	}
	if response != nil {
		cf["response"] = response
	}
	payload, err := json.Marshal(map[string]any{"Records": []any{map[string]any{"cf": cf}}})
	require.NoError(c.t, err)
	return payload
}

func (c *cloudFront) invoke(payload []byte) (m message) {
	out, err := c.handler.Invoke(context.Background(), payload)
	require.NoError(c.t, err, "CloudFront answers 503")
	c.results = append(c.results, bytes.Clone(out))
	require.NoError(c.t, json.Unmarshal(out, &m), "CloudFront answers 502: %s", out)
	return m
}

// strict refuses what CloudFront refuses in a response made at viewer-request.
func (c *cloudFront) strict(m message) {
	for name, values := range m.Headers {
		require.Equal(c.t, strings.ToLower(name), name)
		require.NotContains(c.t, []string{"connection", "content-length", "transfer-encoding", "via", "host"}, name)
		for _, e := range values {
			require.True(c.t, strings.EqualFold(e.Key, name))
		}
	}
	status, err := strconv.Atoi(m.Status)
	require.NoError(c.t, err)
	require.True(c.t, status >= 200 && status <= 599)
	require.Less(c.t, len(c.results[len(c.results)-1]), 40_000)
}

func (c *cloudFront) answer(w http.ResponseWriter, m message) {
	for name, values := range header(m.Headers) {
		w.Header()[name] = values
	}
	status, _ := strconv.Atoi(m.Status)
	w.WriteHeader(status)
	body := []byte(m.Body)
	if m.BodyEncoding == "base64" {
		body, _ = base64.StdEncoding.DecodeString(m.Body)
	}
	_, _ = w.Write(body)
}

func entries(h http.Header) map[string][]entry {
	out := map[string][]entry{}
	for name, values := range h {
		for _, value := range values {
			out[strings.ToLower(name)] = append(out[strings.ToLower(name)], entry{name, value})
		}
	}
	return out
}

func header(m map[string][]entry) http.Header {
	h := http.Header{}
	for name, values := range m {
		for _, e := range values {
			h.Add(name, e.Value)
		}
	}
	return h
}
