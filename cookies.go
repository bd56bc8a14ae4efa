package edgeauth

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"iter"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/edgeauth/edgeauth/internal/reason"
	"github.com/edgeauth/edgeauth/internal/session"
)

const (
	// chunkSize keeps a cookie's name and value together below the 4096 bytes that browsers keep (RFC 6265bis, 5.6).
	chunkSize = 3800
	// maxSession is the most that one session may take in all its cookies: CloudFront passes 20 KB of headers.
	maxSession = 16 << 10
	maxChunks  = maxSession/chunkSize + 1
	family     = "edgeauth-" // in the name of every cookie of every site
)

// cookieNames are the names of one site's cookies.
type cookieNames struct {
	session       string // the sealed session, or the token that is the session
	refresh       string // tokens mode: the refresh token
	redirectCount string // how often this browser was just sent to the same URL again
	signInCount   string // how many sign-ins of this browser have just ended well
	attempt       string // what the names of sign-in attempts start with
}

func newCookieNames(site, domain string, insecure bool) cookieNames {
	prefix := "__Host-"
	switch {
	case insecure:
		prefix = "" // prefixes ask for Secure
	case domain != "":
		prefix = "__Secure-"
	}
	id := sha256.Sum256([]byte(site))
	all := prefix + family + hex.EncodeToString(id[:4])
	return cookieNames{session: all, refresh: all + "-r", redirectCount: all + "-n", signInCount: all + "-f", attempt: all + "-s-"}
}

// cookies yields every pair of the Cookie lines. net/http refuses a whole line for one odd pair; here an odd pair of
// somebody else's never signs anybody out.
func cookies(lines []string) iter.Seq2[string, string] {
	return func(yield func(name, value string) bool) {
		for _, line := range lines {
			for line != "" {
				var pair string
				pair, line, _ = strings.Cut(line, ";")
				if name, value, ok := strings.Cut(pair, "="); ok {
					if !yield(strings.Trim(name, " \t"), strings.Trim(value, " \t")) {
						return
					}
				}
			}
		}
	}
}

// cookie returns the first value of a name.
func cookie(lines []string, name string) (string, bool) {
	for n, value := range cookies(lines) {
		if n == name {
			return value, true
		}
	}
	return "", false
}

func hasCookie(lines []string, name string) bool {
	_, ok := cookie(lines, name)
	return ok
}

// chunked reads a value that may be spread over several cookies: the first one then starts with their number. Only
// the first cookie of a name counts, because browsers send a name twice only where somebody else planted one, and a
// planted one fails at the seal.
func chunked(lines []string, name string) (string, bool) {
	first, ok := cookie(lines, name)
	if !ok || first == "" {
		return "", false
	}
	if first[0] != '~' {
		return first, true
	}
	count, data, ok := strings.Cut(first[1:], "~")
	n, err := strconv.Atoi(count)
	if !ok || err != nil || n < 2 || n > maxChunks {
		return "", false
	}
	parts := make([]string, n)
	parts[0] = data
	found := 1
	for name2, value := range cookies(lines) {
		suffix, ok := strings.CutPrefix(name2, name+"-")
		if !ok {
			continue
		}
		if i, err := strconv.Atoi(suffix); err == nil && i > 0 && i < n && parts[i] == "" && value != "" {
			parts[i] = value
			found++
		}
	}
	if found != n {
		return "", false
	}
	return strings.Join(parts, ""), true
}

// readSession returns what the cookies hold of a session. The refresh token comes along even where there is no session.
func (g *Guard) readSession(v *visit) (values session.Values, err error) {
	refresh, _ := chunked(v.r.Cookie, g.names.refresh)
	values.Refresh, _ = fromCookieText(refresh)
	var ok bool
	if values.Session, ok = chunked(v.r.Cookie, g.names.session); ok {
		return values, nil
	}
	if hasCookie(v.r.Cookie, g.names.session) {
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
		more, err := g.setChunked(v, g.names.refresh, cookieText(values.Refresh), life)
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
	if total > maxSession {
		return nil, fmt.Errorf("%w: %d bytes, at most %d fit; ask for fewer claims or groups", reason.SessionTooLarge, total, maxSession)
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
	if len(value) > maxSession {
		return nil, fmt.Errorf("%w: %d bytes, at most %d fit; keep fewer claims or groups", reason.SessionTooLarge, len(value), maxSession)
	}
	var out []*http.Cookie
	n := (len(value) + chunkSize - 1) / chunkSize
	if n <= 1 {
		n = 1
		out = append(out, g.cookie(name, value, life))
	} else {
		for i := range n {
			part := value[i*chunkSize : min((i+1)*chunkSize, len(value))]
			if i == 0 {
				out = append(out, g.cookie(name, "~"+strconv.Itoa(n)+"~"+part, life))
				continue
			}
			out = append(out, g.cookie(name+"-"+strconv.Itoa(i), part, life))
		}
	}
	for i := n; i < maxChunks; i++ {
		if old := name + "-" + strconv.Itoa(i); hasCookie(v.r.Cookie, old) {
			out = append(out, g.clear(old))
		}
	}
	return out, nil
}

// cookie makes one of the site's cookies. A life of 0 ends it with the browser.
func (g *Guard) cookie(name, value string, life time.Duration) *http.Cookie {
	c := &http.Cookie{
		Name: name, Value: value, Path: "/", Domain: g.cfg.Cookie.Domain,
		Secure: !g.cfg.InsecureHTTP, HttpOnly: true, SameSite: g.cfg.Cookie.SameSite,
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
	for i := 1; i < maxChunks; i++ {
		names = append(names, n.session+"-"+strconv.Itoa(i), n.refresh+"-"+strconv.Itoa(i))
	}
	var out []*http.Cookie
	for _, name := range names {
		if hasCookie(v.r.Cookie, name) {
			out = append(out, g.clear(name))
		}
	}
	return out
}

// coded is what a value in base64 starts with. A chunked value starts with "~".
const coded = "!b64!"

// cookieText makes any text fit a cookie: as it is where it can be, else in base64. RFC 6749 lets a refresh token
// hold characters that RFC 6265, 4.1.1 does not let a cookie hold.
func cookieText(s string) string {
	plain := s != "" && s[0] != '~' && !strings.HasPrefix(s, coded)
	for i := 0; plain && i < len(s); i++ {
		c := s[i]
		plain = c > ' ' && c < 0x7f && c != '"' && c != ',' && c != ';' && c != '\\'
	}
	if plain {
		return s
	}
	return coded + base64.RawURLEncoding.EncodeToString([]byte(s))
}

func fromCookieText(s string) (string, bool) {
	inBase64, ok := strings.CutPrefix(s, coded)
	if !ok {
		return s, true
	}
	text, err := base64.RawURLEncoding.Strict().DecodeString(inBase64)
	return string(text), err == nil
}
