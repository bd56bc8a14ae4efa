package address

import (
	"net/url"
	"path"
	"strings"
)

// MaxReturn is the longest return target in bytes. A longer one loses its fragment, then its query, and then everything.
const MaxReturn = 2048

// ReturnTarget makes a return target safe: a path of this site with its query and fragment, or "/". It is applied when a
// target is taken in and again when it is used. Own says which paths are the site's own: a sign-in that ended at one of them
// would start or end another.
func ReturnTarget(target string, own func(path string) bool) string {
	target, fragment, hasFragment := strings.Cut(target, "#")
	raw, query, hasQuery := strings.Cut(target, "?")
	decoded, clean := CleanPath(raw)
	if !clean && dotSegments(raw) { // only the browser knows where such a path leads
		return "/"
	}
	if HostilePath(raw) || strings.ContainsFunc(decoded, func(c rune) bool { return c < ' ' || c == 0x7f || c == '\\' }) {
		return "/"
	}
	if own(path.Clean(decoded)) {
		return "/"
	}
	raw = EscapeURL(raw)
	if len(raw) > MaxReturn {
		return "/"
	}
	for _, part := range []struct {
		has        bool
		sign, text string
	}{{hasQuery, "?", EscapeURL(query)}, {hasFragment, "#", escapeFragment(fragment)}} {
		if part.has && len(raw)+1+len(part.text) > MaxReturn {
			break
		} else if part.has {
			raw += part.sign + part.text
		}
	}
	return raw
}

// escapeFragment is EscapeURL but for further signs "#", which browsers leave as they are (URL Standard, fragment state).
func escapeFragment(s string) string {
	parts := strings.Split(s, "#")
	for i, part := range parts {
		parts[i] = EscapeURL(part)
	}
	return strings.Join(parts, "#")
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

// EscapeURL percent-encodes what may not stand in a Location header, and the "#" that would cut it.
func EscapeURL(s string) string {
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

// WithParams adds parameters to a URL that may have a query of its own.
func WithParams(base string, params url.Values) string {
	if len(params) == 0 {
		return base
	}
	separator := "?"
	if strings.Contains(base, "?") {
		separator = "&"
	}
	return base + separator + params.Encode()
}

// WithoutOrigin is the path, query and fragment of a URL of an origin, and any other text as it is.
func WithoutOrigin(origin, target string) string {
	n := len(origin)
	if n == 0 || len(target) < n || !strings.EqualFold(target[:n], origin) { // RFC 3986, 6.2.2.1
		return target
	}
	switch rest := target[n:]; {
	case strings.HasPrefix(rest, "/"):
		return rest
	case rest == "" || rest[0] == '?' || rest[0] == '#':
		return "/" + rest
	}
	return target // of a host whose name only begins as this one's does
}

// Param is the first value of a query parameter; "" where the query cannot be read.
func Param(query, name string) string {
	values, _ := url.ParseQuery(query) // what can be read of it
	return values.Get(name)
}
