package edgeauth

import (
	"net/url"
	"path"
	"strings"
)

// maxReturn is the longest return target in bytes. A longer one loses its query, and then everything.
const maxReturn = 2048

// returnTo makes a return target safe: a path of this site with its query, or "/". It is applied when a target is
// taken in and again when it is used.
func (g *Guard) returnTo(target string) string {
	raw, query, hasQuery := strings.Cut(target, "?")
	decoded, clean := cleanPath(raw)
	if !clean && dotSegments(raw) { // where such a path leads is for the browser to say
		return "/"
	}
	if hostilePath(raw) || strings.ContainsFunc(decoded, func(c rune) bool { return c < ' ' || c == 0x7f || c == '\\' }) {
		return "/"
	}
	if g.own(path.Clean(decoded)) { // a sign-in that ends at an own path would start or end another
		return "/"
	}
	raw = asciiURL(raw)
	if len(raw) > maxReturn {
		return "/"
	}
	if query = asciiURL(query); !hasQuery || len(raw)+1+len(query) > maxReturn {
		return raw
	}
	return raw + "?" + query
}

// dotSegments reports whether a raw path holds "." or ".." segments, encoded or not (WHATWG URL, 4.4).
func dotSegments(raw string) bool {
	raw = strings.ReplaceAll(strings.ToLower(raw), "%2e", ".")
	for segment := range strings.SplitSeq(raw, "/") {
		if segment == "." || segment == ".." {
			return true
		}
	}
	return false
}

// here is the return target of a request: itself where coming back to it by GET makes sense, else the page that
// it was sent from.
func (g *Guard) here(v *visit) string {
	if v.r.Method != "GET" && v.r.Method != "HEAD" {
		return g.refererPath(v)
	}
	if v.r.RawQuery == "" {
		return g.returnTo(v.r.Path)
	}
	return g.returnTo(v.r.Path + "?" + v.r.RawQuery)
}

// refererPath is the path and query of the page that sent the request, if that page is of this site.
func (g *Guard) refererPath(v *visit) string {
	rest, ok := strings.CutPrefix(v.header("Referer"), v.origin)
	if !ok || !strings.HasPrefix(rest, "/") {
		return "/"
	}
	rest, _, _ = strings.Cut(rest, "#")
	return g.returnTo(rest)
}

// asciiURL percent-encodes what may not stand in a Location header, and the "#" that would cut it.
func asciiURL(s string) string {
	const hex = "0123456789ABCDEF"
	odd := func(c byte) bool {
		return c <= ' ' || c >= 0x7f || c == '#' || c == '"' || c == '<' || c == '>' || c == '\\'
	}
	i := 0
	for i < len(s) && !odd(s[i]) {
		i++
	}
	if i == len(s) {
		return s
	}
	var b strings.Builder
	b.WriteString(s[:i])
	for ; i < len(s); i++ {
		if c := s[i]; odd(c) {
			b.Write([]byte{'%', hex[c>>4], hex[c&15]})
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// withParams adds parameters to a URL that may have a query of its own.
func withParams(base string, params url.Values) string {
	if len(params) == 0 {
		return base
	}
	separator := "?"
	if strings.Contains(base, "?") {
		separator = "&"
	}
	return base + separator + params.Encode()
}
