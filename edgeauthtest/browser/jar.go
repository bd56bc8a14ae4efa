package browser

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// Cookie is a cookie as the browser keeps it.
type Cookie struct {
	Name, Value string
	Domain      string // the host, or the Domain attribute where HostOnly is false
	Path        string
	Expires     time.Time // zero: until the browser is closed
	HostOnly    bool
	Secure      bool
	HttpOnly    bool
	SameSite    http.SameSite
}

// jar keeps cookies as RFC 6265bis, 5.7 says, in the order of their creation. Ports and schemes share it.
type jar struct {
	now func() time.Time

	mu      sync.Mutex
	cookies []Cookie
}

// store takes a Set-Cookie line of an answer from u, or of a script there. A cross-site answer that is no
// top-level navigation may only set SameSite=None.
func (j *jar) store(line string, u *url.URL, crossSite, script bool) {
	in, ok := parseSetCookie(line, j.now())
	if !ok || (script && in.httpOnly) {
		return
	}
	c := Cookie{
		Name: in.name, Value: in.value, Domain: u.Hostname(), Path: in.path, Expires: in.expires,
		HostOnly: true, Secure: in.secure, HttpOnly: in.httpOnly, SameSite: in.sameSite,
	}
	if !strings.HasPrefix(c.Path, "/") {
		c.Path = defaultPath(u)
	}
	switch {
	case in.domain == "" || in.domain == c.Domain && isPublicSuffix(in.domain):
	case isPublicSuffix(in.domain) || !domainMatches(c.Domain, in.domain):
		return
	default:
		c.Domain, c.HostOnly = in.domain, false
	}
	if (c.Secure && !trustworthy(u)) || !prefixHolds(c, in) ||
		(c.SameSite == http.SameSiteNoneMode && !c.Secure) ||
		(crossSite && c.SameSite != http.SameSiteNoneMode) {
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, old := range j.cookies {
		if old.Secure && !trustworthy(u) && old.Name == c.Name && pathMatches(c.Path, old.Path) &&
			(domainMatches(c.Domain, old.Domain) || domainMatches(old.Domain, c.Domain)) {
			return // a plain page cannot shadow a secure cookie
		}
	}
	same := func(old Cookie) bool {
		return old.Name == c.Name && old.Domain == c.Domain && old.HostOnly == c.HostOnly && old.Path == c.Path
	}
	switch i := slices.IndexFunc(j.cookies, same); {
	case i < 0:
		j.cookies = append(j.cookies, c)
	case script && j.cookies[i].HttpOnly:
		return
	default:
		j.cookies[i] = c
	}
	j.expire()
}

// prefixHolds: RFC 6265bis, 4.1.3. Browsers count loopback as secure here too, and compare without case.
func prefixHolds(c Cookie, in setCookie) bool {
	name := strings.ToLower(c.Name)
	if name == "" {
		name = strings.ToLower(c.Value) // or a nameless cookie would be sent as one with a prefix
		return !strings.HasPrefix(name, "__secure-") && !strings.HasPrefix(name, "__host-")
	}
	switch {
	case strings.HasPrefix(name, "__secure-"):
		return c.Secure
	case strings.HasPrefix(name, "__host-"):
		return c.Secure && in.domain == "" && in.path == "/"
	}
	return true
}

func (j *jar) expire() {
	now := j.now()
	j.cookies = slices.DeleteFunc(j.cookies, func(c Cookie) bool { return !c.Expires.IsZero() && !now.Before(c.Expires) })
}

// reach says which cookies go with a request, by how close the page is that makes it.
type reach int

const (
	crossSite reach = iota // only SameSite=None
	topLevel               // and Lax: a cross-site navigation with a safe method
	sameSite               // all
)

// line is the Cookie header for u, or what a script at u sees.
func (j *jar) line(u *url.URL, near reach, script bool) string {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.expire()
	var found []Cookie
	for _, c := range j.cookies {
		hostFits := c.Domain == u.Hostname() || !c.HostOnly && domainMatches(u.Hostname(), c.Domain)
		if !hostFits || !pathMatches(requestPath(u), c.Path) || (c.Secure && !trustworthy(u)) || (script && c.HttpOnly) {
			continue
		}
		if near == crossSite && c.SameSite != http.SameSiteNoneMode || near == topLevel && c.SameSite == http.SameSiteStrictMode {
			continue
		}
		found = append(found, c)
	}
	slices.SortStableFunc(found, func(a, b Cookie) int { return len(b.Path) - len(a.Path) })
	pairs := make([]string, len(found))
	for i, c := range found {
		if pairs[i] = c.Value; c.Name != "" {
			pairs[i] = c.Name + "=" + c.Value
		}
	}
	return strings.Join(pairs, "; ")
}

func (j *jar) list() []Cookie {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.expire()
	return slices.Clone(j.cookies)
}

func (j *jar) drop(name string) int {
	j.mu.Lock()
	defer j.mu.Unlock()
	before := len(j.cookies)
	j.cookies = slices.DeleteFunc(j.cookies, func(c Cookie) bool { return strings.Contains(c.Name, name) })
	return before - len(j.cookies)
}

func domainMatches(host, domain string) bool {
	return host == domain || strings.HasSuffix(host, "."+domain) && !isIP(host)
}

func pathMatches(path, prefix string) bool {
	rest, ok := strings.CutPrefix(path, prefix)
	return ok && (rest == "" || strings.HasSuffix(prefix, "/") || rest[0] == '/')
}

func requestPath(u *url.URL) string {
	if path := u.EscapedPath(); path != "" {
		return path
	}
	return "/"
}

func defaultPath(u *url.URL) string {
	path := requestPath(u)
	if i := strings.LastIndexByte(path, '/'); i > 0 {
		return path[:i]
	}
	return "/"
}
