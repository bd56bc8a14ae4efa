package forwardauth_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/edgeauthtest/platformtest"
	"github.com/edgeauth/edgeauth/forwardauth"
)

// once asks a checker once, and repeats what it did. Of one request nginx asks twice, and so does a proxy here that finds out
// only then that the path is an own one of the site.
type once struct {
	edgeauth.Checker
	asked    bool
	decision edgeauth.Decision
	panicked any
}

func (o *once) Check(ctx context.Context, r *edgeauth.Request) edgeauth.Decision {
	if !o.asked {
		o.asked = true
		func() {
			defer func() { o.panicked = recover() }()
			o.decision = o.Checker.Check(ctx, r)
		}()
	}
	if o.panicked != nil {
		panic(o.panicked)
	}
	return o.decision
}

// proxy is a small reverse proxy that is set up as docs/behind-a-proxy.md says.
type proxy struct {
	path string
	// state sets what it says of a viewer's request, and takes out what a viewer says.
	state func(h http.Header, in platformtest.Request, uri string)
}

var proxies = map[string]proxy{
	"as Caddy and Traefik do": {forwardauth.ForwardAuthPath, func(h http.Header, in platformtest.Request, uri string) {
		for _, name := range []string{"X-Original-Method", "X-Original-Uri", "X-Original-Url"} {
			h.Del(name)
		}
		h["X-Forwarded-Method"], h["X-Forwarded-Uri"] = []string{in.Method}, []string{uri}
		h["X-Forwarded-Proto"], h["X-Forwarded-Host"] = []string{"https"}, []string{in.Host}
	}},
	"as nginx does": {forwardauth.AuthRequestPath, func(h http.Header, in platformtest.Request, uri string) {
		for _, name := range []string{"X-Forwarded-Method", "X-Forwarded-Uri", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Original-Url"} {
			h.Del(name)
		}
		h["X-Original-Method"], h["X-Original-Uri"] = []string{in.Method}, []string{uri}
	}},
}

// ask sends a request of its own.
func (p proxy) ask(checker edgeauth.Checker, in platformtest.Request, path, uri string, viewer http.Header) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.RemoteAddr, r.Host, r.Header = peer, in.Host, viewer.Clone()
	p.state(r.Header, in, uri)
	o := loopback
	o.Logger = slog.New(slog.DiscardHandler)
	w := httptest.NewRecorder()
	forwardauth.Handler(checker, o).ServeHTTP(w, r)
	return w
}

func (p proxy) carry(checker edgeauth.Checker, in platformtest.Request) (platformtest.Result, error) {
	uri := in.Path
	if in.RawQuery != "" {
		uri += "?" + in.RawQuery
	}
	viewer := http.Header{}
	for _, line := range in.Header {
		if !strings.Contains(line.Name, "_") { // nginx drops these by itself
			viewer.Add(line.Name, line.Value)
		}
	}
	asked := &once{Checker: checker}
	w := p.ask(asked, in, p.path, uri, viewer)
	if d := asked.decision; d.Action == edgeauth.Respond && w.Code/100 != 2 && d.Status/100 == 2 {
		w = p.ask(asked, in, uri, uri, viewer) // an own path: it would have been routed there
	} else if p.path == forwardauth.AuthRequestPath && w.Code/100 != 2 {
		w = p.ask(asked, in, forwardauth.AnswerPath, uri, viewer)
	}
	if w.Code != http.StatusOK || asked.decision.Action != edgeauth.Allow {
		body := w.Body.String()
		if in.Method == http.MethodHead {
			body = ""
		}
		return platformtest.Result{Status: w.Code, Header: w.Header(), Body: body}, nil
	}
	passed := platformtest.Request{Method: in.Method, Host: in.Host, Path: in.Path, RawQuery: in.RawQuery}
	if path := w.Header().Get("X-Edgeauth-Path"); path != "" {
		passed.Path = path
	}
	for _, name := range []string{"X-Auth-Subject", "X-Auth-Group", "Cookie"} { // what it is told to copy
		viewer.Del(name)
		for _, value := range w.Header()[name] {
			if value != "" {
				viewer.Add(name, value)
			}
		}
	}
	for name, values := range viewer {
		for _, value := range values {
			passed.Header = append(passed.Header, platformtest.HeaderLine{Name: name, Value: value})
		}
	}
	answer := httptest.NewRecorder()
	platformtest.Application(answer, nil)
	for _, n := range []string{"1", "2", "3", "4", "5", "6", "7", "8"} {
		if cookie := w.Header().Get("X-Edgeauth-Set-Cookie-" + n); cookie != "" {
			answer.Header().Add("Set-Cookie", cookie)
		}
	}
	if caching := w.Header().Get("X-Edgeauth-Cache-Control"); caching != "" {
		answer.Header().Set("Cache-Control", caching)
	}
	return platformtest.Result{Passed: &passed, Status: answer.Code, Header: answer.Header(), Body: answer.Body.String()}, nil
}

func TestPlatform(t *testing.T) {
	before := slog.Default()
	slog.SetDefault(slog.New(slog.DiscardHandler))
	t.Cleanup(func() { slog.SetDefault(before) })
	for name, p := range proxies {
		t.Run(name, func(t *testing.T) {
			platformtest.Test(t, platformtest.Platform{CookiesOnAllow: p.path == forwardauth.AuthRequestPath, Carry: p.carry})
		})
	}
}
