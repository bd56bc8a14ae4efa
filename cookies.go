package edgeauth

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/edgeauth/edgeauth/internal/cookies"
	"github.com/edgeauth/edgeauth/internal/reason"
	"github.com/edgeauth/edgeauth/internal/session"
)

const family = "edgeauth-" // in the name of every cookie of every site

// cookieNames are the names of one site's cookies.
type cookieNames struct {
	session       string // the sealed session, or the token that is the session
	refresh       string // tokens mode: the refresh token
	signedOut     string // the mark of a sign-out
	redirectCount string // how often this browser was just sent to the same URL again
	signInCount   string // how many sign-ins of this browser have just ended well
	attempt       string // what the names of sign-in attempts start with
}

func newCookieNames(site, domain string, insecure bool) cookieNames {
	host, shared := "__Host-", "__Host-"
	switch {
	case insecure:
		host, shared = "", "" // prefixes ask for Secure
	case domain != "":
		shared = "__Secure-"
	}
	id := sha256.Sum256([]byte(site))
	name := family + hex.EncodeToString(id[:4])
	own, all := host+name, shared+name
	return cookieNames{
		session: all, refresh: all + "-r", signedOut: all + "-o",
		redirectCount: own + "-n", signInCount: own + "-f", attempt: own + "-s-",
	}
}

// shared reports whether a cookie goes to the hosts of Cookie.Domain. No other does: a sibling could plant it.
func (n *cookieNames) shared(name string) bool {
	return name != n.redirectCount && name != n.signInCount && !strings.HasPrefix(name, n.attempt)
}

// readSession returns what the cookies hold of a session. The refresh token comes along even where there is no session.
func (g *Guard) readSession(v *visit) (values session.Values, err error) {
	refresh, _ := cookies.Whole(v.r.Cookie, g.names.refresh)
	values.Refresh, _ = cookies.FromText(refresh)
	var ok bool
	if values.Session, ok = cookies.Whole(v.r.Cookie, g.names.session); ok {
		return values, nil
	}
	if cookies.Has(v.r.Cookie, g.names.session) {
		return values, fmt.Errorf("%w: chunks are missing", reason.BadSession)
	}
	return values, reason.NoSession
}

// writeSession returns the cookies that hold a session, and those that clear whatever else of a session is there.
func (g *Guard) writeSession(v *visit, values session.Values, life time.Duration) ([]*http.Cookie, error) {
	out, err := g.setChunked(v, g.names.session, values.Session, life)
	if err != nil {
		return nil, err
	}
	if values.Refresh != "" {
		more, err := g.setChunked(v, g.names.refresh, cookies.Text(values.Refresh), life)
		if err != nil {
			return nil, err
		}
		out = append(out, more...)
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
		if !written[c.Name] && c.Name != g.names.redirectCount && c.Name != g.names.signInCount {
			out = append(out, c)
		}
	}
	return out, nil
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
		Name: name, Value: value, Path: "/", Secure: !g.cfg.InsecureHTTP, HttpOnly: true, SameSite: g.cfg.Cookie.SameSite,
	}
	if g.names.shared(name) {
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
	names := []string{n.session, n.refresh, n.redirectCount, n.signInCount}
	for i := 1; i < cookies.MaxChunks; i++ {
		names = append(names, cookies.ChunkName(n.session, i), cookies.ChunkName(n.refresh, i))
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
