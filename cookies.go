package edgeauth

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/edgeauth/edgeauth/internal/cookies"
	"github.com/edgeauth/edgeauth/internal/reason"
	"github.com/edgeauth/edgeauth/internal/session"
)

// readSession returns what the cookies hold of a session. The refresh token comes along even where there is no session.
func (g *Guard) readSession(v *visit) (values session.Values, err error) {
	refresh, _ := cookies.Whole(v.r.Cookie, g.names.Refresh)
	values.Refresh, _ = cookies.FromText(refresh)
	values.Beside, _ = cookies.First(v.r.Cookie, g.names.Beside)
	var ok bool
	if values.Session, ok = cookies.Whole(v.r.Cookie, g.names.Session); ok {
		return values, nil
	}
	if cookies.Has(v.r.Cookie, g.names.Session) {
		return values, fmt.Errorf("%w: chunks are missing", reason.BadSession)
	}
	return values, reason.NoSession
}

// writeSession returns the cookies that hold a session, and those that clear whatever else of a session is there.
func (g *Guard) writeSession(v *visit, values session.Values, life time.Duration) ([]*http.Cookie, error) {
	out, err := g.setChunked(v, g.names.Session, values.Session, life)
	if err != nil {
		return nil, err
	}
	if values.Refresh != "" {
		more, err := g.setChunked(v, g.names.Refresh, cookies.Text(values.Refresh), life)
		if err != nil {
			return nil, err
		}
		out = append(out, more...)
	}
	if values.Beside != "" {
		out = append(out, g.cookie(g.names.Beside, values.Beside, life))
	}
	written := make(map[string]bool, len(out))
	total := 0
	for _, c := range out {
		written[c.Name] = true
		total += len(c.Value)
	}
	if total > cookies.MaxSize {
		return nil, fmt.Errorf("%w: %d bytes, at most %d fit; ask for fewer claims or groups", reason.SessionTooLarge, total, cookies.MaxSize)
	}
	for _, c := range g.clearSession(v) {
		if !written[c.Name] && c.Name != g.names.RedirectCount && c.Name != g.names.SignInCount {
			out = append(out, c)
		}
	}
	return out, nil
}

// writes reports whether cookies hold a session of this guard.
func (g *Guard) writes(list []*http.Cookie) bool {
	return slices.ContainsFunc(list, func(c *http.Cookie) bool { return c.Name == g.names.Session && c.MaxAge >= 0 })
}

// setChunked writes a value, over several cookies where it must, and clears the chunks of a longer one before it.
func (g *Guard) setChunked(v *visit, name, value string, life time.Duration) ([]*http.Cookie, error) {
	if len(value) > cookies.MaxSize {
		return nil, fmt.Errorf("%w: %d bytes, at most %d fit; keep fewer claims or groups", reason.SessionTooLarge, len(value), cookies.MaxSize)
	}
	var out []*http.Cookie
	chunks := cookies.Split(value)
	for i, chunk := range chunks {
		out = append(out, g.cookie(cookies.ChunkName(name, i), chunk, life))
	}
	for i := len(chunks); i < cookies.MaxChunks; i++ {
		if old := cookies.ChunkName(name, i); cookies.Has(v.r.Cookie, old) {
			out = append(out, g.clear(old))
		}
	}
	return out, nil
}

// cookie makes one of the site's cookies. A life of 0 ends it with the browser.
func (g *Guard) cookie(name, value string, life time.Duration) *http.Cookie {
	c := &http.Cookie{
		Name: name, Value: value, Path: "/", Secure: !g.cfg.InsecureHTTP, HttpOnly: true, SameSite: g.cfg.Cookie.SameSite, Partitioned: g.cfg.Cookie.Partitioned,
	}
	if g.names.Shared(name) {
		c.Domain = g.cfg.Cookie.Domain
	}
	if life > 0 {
		c.MaxAge = max(1, int(life/time.Second))
	}
	return c
}

// clear makes a cookie go away.
func (g *Guard) clear(name string) *http.Cookie {
	c := g.cookie(name, "", 0)
	c.MaxAge = -1
	return c
}

// clearSession makes the session's cookies go away, whatever they hold. Sign-ins in progress stay. It goes by the names
// that there can be: others beside them, however many, keep none of these from going.
func (g *Guard) clearSession(v *visit) []*http.Cookie {
	n := &g.names
	names := []string{n.Session, n.Refresh, n.Beside, n.RedirectCount, n.SignInCount}
	for i := 1; i < cookies.MaxChunks; i++ {
		names = append(names, cookies.ChunkName(n.Session, i), cookies.ChunkName(n.Refresh, i))
	}
	var out []*http.Cookie
	for _, name := range names {
		if !cookies.Has(v.r.Cookie, name) {
			continue
		}
		c := g.clear(name)
		if out = append(out, c); c.Domain != "" { // one of this host alone may be there too
			own := *c
			own.Domain = ""
			out = append(out, &own)
		}
	}
	return out
}
