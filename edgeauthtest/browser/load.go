package browser

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
)

// Hop is one request of a chain and what came back.
type Hop struct {
	Method, URL string
	Status      int
	Header      http.Header // of the answer
}

func (h Hop) String() string { return fmt.Sprintf("%s %s: %d", h.Method, h.URL, h.Status) }

// load is a request that the browser makes, with its redirects.
type load struct {
	method, body, contentType string
	url                       *url.URL
	mode, dest, accept        string
	purpose                   string   // Sec-Purpose
	initiator                 *url.URL // the page that asks; nil is the person at the address bar
	byHand                    bool     // Sec-Fetch-User
	policy                    string   // the referrer policy that holds
	chain                     []*url.URL
	tainted                   bool // the origin was lost on the way
	formBound                 bool // the page's policy says where its forms may go:
	formAction                []string
}

const maxRedirects = 20

// answer is the end of a chain.
type answer struct {
	hops   []Hop
	url    *url.URL
	status int
	header http.Header
	body   string
}

func (b *Browser) do(l load) (answer, error) {
	var hops []Hop
	for {
		if l.formBound && !allowsForm(l.formAction, l.initiator, l.url) {
			return answer{hops: hops}, fmt.Errorf("form to %s: blocked by the page's form-action %q", l.url, l.formAction)
		}
		l.chain = append(l.chain, l.url)
		resp, err := b.roundTrip(l)
		if err != nil {
			return answer{hops: hops}, err
		}
		status, header := resp.Code, resp.Header()
		hops = append(hops, Hop{l.method, l.url.String(), status, header})
		if l.mode == "cors" && !l.mayRead(header) {
			return answer{hops: hops}, fmt.Errorf("fetch of %s: blocked: no Access-Control-Allow-Origin for %s", l.url, origin(l.initiator))
		}
		location := header.Get("Location")
		if !slices.Contains([]int{301, 302, 303, 307, 308}, status) || location == "" {
			return answer{hops, l.url, status, header, resp.Body.String()}, nil
		}
		if len(hops) > maxRedirects {
			return answer{hops: hops}, fmt.Errorf("more than %d redirects:\n%s", maxRedirects, list(hops))
		}
		if err := l.follow(status, location, header); err != nil {
			return answer{hops: hops}, err
		}
	}
}

func list(hops []Hop) string {
	var lines []string
	for _, h := range hops {
		lines = append(lines, "\t"+h.String())
	}
	return strings.Join(lines, "\n")
}

// follow turns l into the request for a redirect's target (Fetch, 4.4).
func (l *load) follow(status int, location string, header http.Header) error {
	next, err := l.url.Parse(location)
	if err != nil || next.Host == "" || next.Scheme != "https" && next.Scheme != "http" {
		return fmt.Errorf("%s redirects to %q, which is no web address", l.url, location)
	}
	if next.Fragment == "" {
		next.Fragment = l.url.Fragment
	}
	if status == 303 && l.method != http.MethodHead || status < 303 && l.method == http.MethodPost {
		l.method, l.body, l.contentType = http.MethodGet, "", ""
	}
	if origin(next) != origin(l.url) && (l.mode == "navigate" || l.initiator != nil && origin(l.url) != origin(l.initiator)) {
		l.tainted = true
	}
	if policy := header.Get("Referrer-Policy"); policy != "" {
		l.policy = policy
	}
	l.url = canonical(next)
	return nil
}

// mayRead reports whether a script may read the answer: that of its own origin, or of one that allows it (Fetch, 4.9).
func (l *load) mayRead(header http.Header) bool {
	allowed := header.Get("Access-Control-Allow-Origin")
	return origin(l.url) == origin(l.initiator) && !l.tainted || allowed == "*" || allowed == l.origin()
}

func (l *load) origin() string {
	if l.tainted || l.mode != "cors" && hidesOrigin(l.initiator, l.url, l.policy) {
		return "null"
	}
	return origin(l.initiator)
}

// reach says which cookies go along (RFC 6265bis, 5.2).
func (l *load) reach() reach {
	safe := l.method == http.MethodGet || l.method == http.MethodHead
	switch {
	case l.initiator == nil || isSameSite(l.initiator, l.url):
		return sameSite
	case l.mode == "navigate" && safe:
		return topLevel
	}
	return crossSite
}

func (b *Browser) roundTrip(l load) (w *httptest.ResponseRecorder, err error) {
	handler, ok := b.shared.hosts[l.url.Host]
	if !ok {
		return nil, fmt.Errorf("no such host: %s", l.url.Host)
	}
	r := httptest.NewRequest(l.method, "/", strings.NewReader(l.body))
	if l.body == "" {
		r.Body, r.ContentLength = http.NoBody, 0
	}
	sent := *l.url
	sent.Fragment, sent.Scheme, sent.Host = "", "", ""
	r.RequestURI = sent.RequestURI()
	if r.URL, err = url.ParseRequestURI(r.RequestURI); err != nil {
		return nil, fmt.Errorf("%s cannot be asked for: %w", l.url, err)
	}
	r.Host = l.url.Host
	if l.url.Scheme == "https" {
		r.TLS = &tls.ConnectionState{}
	}
	b.addHeaders(r.Header, l)
	w = httptest.NewRecorder()
	defer func() {
		switch cause := recover(); {
		case cause == nil:
		case cause == http.ErrAbortHandler:
			w, err = nil, errors.New("connection closed without an answer: "+l.url.Host)
		default:
			panic(cause)
		}
	}()
	handler.ServeHTTP(w, r)
	if l.credentials() {
		subresource := l.mode != "navigate" && l.reach() != sameSite
		for _, line := range w.Header()["Set-Cookie"] {
			b.shared.jar.store(line, l.url, subresource, false)
		}
	}
	return w, nil
}

// credentials reports whether cookies are sent: fetch(url) without options sends them to its own origin only.
func (l *load) credentials() bool {
	return l.mode != "cors" || origin(l.url) == origin(l.initiator)
}

func (b *Browser) addHeaders(h http.Header, l load) {
	set := func(name, value string) {
		if value != "" {
			h.Set(name, value)
		}
	}
	set("User-Agent", "Mozilla/5.0 (edgeauthtest)")
	set("Accept", l.accept)
	set("Accept-Language", "en")
	set("Content-Type", l.contentType)
	set("Referer", referrer(l.initiator, l.url, l.policy))
	unsafe := l.method != http.MethodGet && l.method != http.MethodHead
	if l.initiator != nil && (unsafe || l.mode == "cors" && (l.tainted || origin(l.url) != origin(l.initiator))) {
		set("Origin", l.origin())
	}
	if l.credentials() {
		set("Cookie", b.shared.jar.line(l.url, l.reach(), false))
	}
	if !trustworthy(l.url) {
		return
	}
	set("Sec-Fetch-Site", fetchSite(l.initiator, l.chain))
	set("Sec-Fetch-Mode", l.mode)
	set("Sec-Fetch-Dest", l.dest)
	set("Sec-Purpose", l.purpose)
	if l.byHand {
		set("Sec-Fetch-User", "?1")
	}
	if l.mode == "navigate" {
		set("Upgrade-Insecure-Requests", "1")
	}
}
