// Package devsite is one site in front of the fake provider of package devidp, with one browser and a clock that stands
// still. This module's own tests and the kit for providers stand on it.
package devsite

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/internal/devidp"
	"html"
	"io"
	"regexp"
)

// Navigation are the headers of a page view.
var Navigation = map[string]string{
	"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Sec-Fetch-Site": "none", "Accept": "text/html,*/*;q=0.8",
}

// Site is a site and whoever visits it. Guard and IdP are for the caller to set.
type Site struct {
	Guard *edgeauth.Guard
	IdP   *devidp.Server
	Host  string

	Jar            map[string]string // the browser's cookies by name
	Header         map[string]string // of its requests; default [Navigation]
	CookiesOnAllow bool              // the platform sets cookies on allowed responses
	Sends          func(name string) bool

	mu  sync.Mutex
	now time.Time
}

// New returns a site at a host, without a guard yet.
func New(host string) *Site {
	return &Site{Host: host, Jar: map[string]string{}, CookiesOnAllow: true, now: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)}
}

// Now is the site's clock, for guard and provider alike.
func (s *Site) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

// Wait moves the clock.
func (s *Site) Wait(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(d)
}

// Request is a request of the browser for a path with an optional query, or for such a URL of the site.
func (s *Site) Request(method, target string) *edgeauth.Request {
	path, query, _ := strings.Cut(strings.TrimPrefix(target, "https://"+s.Host), "?")
	header := s.Header
	if header == nil {
		header = Navigation
	}
	r := &edgeauth.Request{
		Method: method, Host: s.Host, Path: path, RawQuery: query, CookiesOnAllow: s.CookiesOnAllow,
		Header: func(name string) string { return header[name] },
	}
	var line []string
	for name, value := range s.Jar {
		if s.Sends == nil || s.Sends(name) {
			line = append(line, name+"="+value)
		}
	}
	if len(line) > 0 {
		r.Cookie = []string{strings.Join(line, "; ")}
	}
	return r
}

// Do asks the guard and keeps the cookies of the answer.
func (s *Site) Do(r *edgeauth.Request) edgeauth.Decision {
	d := s.Guard.Check(context.Background(), r)
	s.Keep(d)
	return d
}

// Keep keeps the cookies of an answer.
func (s *Site) Keep(d edgeauth.Decision) {
	for _, c := range d.Cookies {
		if s.Jar[c.Name] = c.Value; c.MaxAge < 0 {
			delete(s.Jar, c.Name)
		}
	}
}

// AtProvider sends the browser to the provider, with a form where the person fills one in, and returns the address that
// the provider sends it on to.
func (s *Site) AtProvider(method, location string, form url.Values) (back string, err error) {
	r, err := http.NewRequest(method, location, strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := s.IdP.Transport().RoundTrip(r)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	if back = resp.Header.Get("Location"); back != "" {
		return back, nil
	}
	page, err := io.ReadAll(resp.Body)
	if action, fields := Form(page); err == nil && strings.HasPrefix(action, "https://"+s.Host+"/") {
		return s.posts(action, fields) // Form Post Response Mode
	}
	return "", fmt.Errorf("the provider answered %d and did not send the browser on", resp.StatusCode)
}

// posts is a form of the provider's page that the browser posts to the site, without cookies: those are Lax.
func (s *Site) posts(action string, fields url.Values) (back string, err error) {
	r := s.Request(http.MethodPost, action)
	r.Cookie, r.Body = nil, func() ([]byte, error) { return []byte(fields.Encode()), nil }
	d := s.Guard.Check(context.Background(), r)
	if d.Location == "" {
		return "", fmt.Errorf("the site did not take the provider's answer: %v", d.Reason)
	}
	return d.Location, nil
}

var (
	formAction  = regexp.MustCompile(`<form[^>]* action="([^"]*)"`)
	hiddenField = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)">`)
)

// Form reads the first form of a page that posts itself; the action is "" where there is none.
func Form(page []byte) (action string, fields url.Values) {
	found := formAction.FindSubmatch(page)
	if found == nil {
		return "", nil
	}
	fields = url.Values{}
	for _, field := range hiddenField.FindAllSubmatch(page, -1) {
		fields.Set(html.UnescapeString(string(field[1])), html.UnescapeString(string(field[2])))
	}
	return html.UnescapeString(string(found[1])), fields
}
