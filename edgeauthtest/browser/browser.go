// Package browser is a web browser for tests: it reaches handlers without a socket, and its cookies, redirects and
// request headers follow the rules of today's browsers.
package browser

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Browser is one tab of a web browser. It runs no scripts, but it can make the requests of a script. A tab is for one
// goroutine; several goroutines may use tabs of the same browser.
//
// Left out: the two minutes in which Chromium sends a new cookie without SameSite along on a cross-site POST,
// and all but a few entries of the public suffix list.
type Browser struct {
	shared *shared

	url    *url.URL
	last   load // for Reload
	status int
	header http.Header
	body   string
	hops   []Hop
}

// shared is what the tabs of a browser have in common.
type shared struct {
	hosts map[string]http.Handler
	jar   jar
}

// New opens a browser whose cookies expire by the clock now. The handlers are found by host, with the port unless it
// is the scheme's default: "app.example.com", "localhost:8080". The scheme decides only the request's TLS field.
func New(now func() time.Time, hosts map[string]http.Handler) *Browser {
	return &Browser{shared: &shared{hosts: hosts, jar: jar{now: now}}}
}

// NewTab opens another tab with the same cookies.
func (b *Browser) NewTab() *Browser { return &Browser{shared: b.shared} }

const acceptPage = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"

// Navigate goes to an address as if it was typed, and follows redirects. The error says why no page came; a page with
// an error status is a page.
func (b *Browser) Navigate(address string) error {
	u, err := b.resolve(address)
	if err != nil {
		return err
	}
	return b.navigate(load{method: http.MethodGet, url: u, byHand: true})
}

// Follow goes to an address as a link on the current page does.
func (b *Browser) Follow(address string) error {
	u, err := b.resolve(address)
	if err != nil {
		return err
	}
	return b.navigate(load{method: http.MethodGet, url: u, byHand: true, initiator: b.url, policy: b.policy()})
}

// Reload repeats the last request of the current page, with its method and its body.
func (b *Browser) Reload() error {
	if b.url == nil {
		return errors.New("there is no page to reload")
	}
	l := b.last
	l.byHand = false
	return b.navigate(l)
}

func (b *Browser) navigate(l load) error {
	l.mode, l.dest, l.accept = "navigate", "document", acceptPage
	a, err := b.do(l)
	b.hops = a.hops
	if err != nil {
		return err
	}
	if a.status == http.StatusNoContent || a.status == http.StatusResetContent {
		return nil // the tab keeps its page
	}
	b.url, b.status, b.header, b.body = a.url, a.status, a.header, a.body
	l.url, l.chain, l.formBound = a.url, nil, false
	if l.method = a.hops[len(a.hops)-1].Method; l.method == http.MethodGet {
		l.body, l.contentType = "", ""
	}
	b.last = l
	return nil
}

// Answer is what a script's request gives.
type Answer struct {
	Status     int
	Header     http.Header
	Body       string
	URL        string
	Redirected bool
}

// Fetch asks as a script on the current page does with fetch(url, {method, body}). An answer that the script may
// not read is an error.
func (b *Browser) Fetch(method, address, body string) (Answer, error) {
	contentType := ""
	if body != "" {
		contentType = "text/plain;charset=UTF-8"
	}
	return b.subresource(load{method: method, body: body, contentType: contentType, mode: "cors", dest: "empty", accept: "*/*"}, address)
}

// LoadImage asks as an <img> on the current page does.
func (b *Browser) LoadImage(address string) (Answer, error) {
	return b.subresource(load{method: http.MethodGet, mode: "no-cors", dest: "image", accept: "image/*,*/*;q=0.8"}, address)
}

// Prefetch asks for a page ahead of time, as a speculation rule (<script type="speculationrules">) on the current
// page does.
func (b *Browser) Prefetch(address string) (Answer, error) {
	return b.subresource(load{method: http.MethodGet, mode: "navigate", dest: "document", accept: acceptPage, purpose: "prefetch"}, address)
}

func (b *Browser) subresource(l load, address string) (Answer, error) {
	if b.url == nil {
		return Answer{}, errors.New("there is no page that could ask")
	}
	u, err := b.resolve(address)
	if err != nil {
		return Answer{}, err
	}
	l.url, l.initiator, l.policy = u, b.url, b.policy()
	a, err := b.do(l)
	if err != nil {
		return Answer{}, err
	}
	return Answer{a.status, a.header, a.body, a.url.String(), len(a.hops) > 1}, nil
}

// resolve reads an address relative to the current page.
func (b *Browser) resolve(address string) (*url.URL, error) {
	u, err := url.Parse(address)
	if err == nil && b.url != nil {
		u, err = b.url.Parse(address)
	}
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("%q is no web address", address)
	}
	return canonical(u), nil
}

// canonical folds the host's case and cuts the default port, as browsers do.
func canonical(u *url.URL) *url.URL {
	out := *u
	out.Host = strings.ToLower(out.Host)
	port := map[string]string{"https": ":443", "http": ":80"}[out.Scheme]
	out.Host = strings.TrimSuffix(out.Host, port)
	if out.Path == "" {
		out.Path = "/"
	}
	return &out
}

func (b *Browser) policy() string {
	if b.header == nil {
		return ""
	}
	return b.header.Get("Referrer-Policy")
}

// URL is the current page's address; "" before the first.
func (b *Browser) URL() string {
	if b.url == nil {
		return ""
	}
	return b.url.String()
}

// Status, Header and Body are the current page's.
func (b *Browser) Status() int         { return b.status }
func (b *Browser) Header() http.Header { return b.header }
func (b *Browser) Body() string        { return b.body }

// Title is the current page's title.
func (b *Browser) Title() string { return parsePage(b.body).title }

// History is the chain of requests that led to the current page, or to the last failure.
func (b *Browser) History() []Hop { return slices.Clone(b.hops) }

// Cookies are all cookies of the browser.
func (b *Browser) Cookies() []Cookie { return b.shared.jar.list() }

// DropCookies deletes the cookies whose names contain name, and says how many.
func (b *Browser) DropCookies(name string) int { return b.shared.jar.drop(name) }

// ScriptCookies is document.cookie on the current page.
func (b *Browser) ScriptCookies() string {
	if b.url == nil {
		return ""
	}
	return b.shared.jar.line(b.url, sameSite, true)
}

// SetScriptCookie is document.cookie = line on the current page.
func (b *Browser) SetScriptCookie(line string) {
	if b.url != nil {
		b.shared.jar.store(line, b.url, false, true)
	}
}
