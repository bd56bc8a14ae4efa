// Package address says which paths, hosts and return targets are accepted, and in what form they are compared.
//
// A path or a host is read by several programs on its way: the browser, the platform, this library, and the server
// behind it. What they could read in different ways is refused here, so that no rule is met by one reading and
// missed by another.
package address

import (
	"strings"
	"unicode/utf8"
)

// HostilePath reports whether a raw path must not be looked at any further: browsers and servers read "//host" and
// "/\host" as another site, and control bytes, "?" and "#" do not belong into a path at all.
func HostilePath(raw string) bool {
	if raw == "" || raw[0] != '/' || strings.HasPrefix(raw, "//") {
		return true
	}
	for i := 0; i < len(raw); i++ {
		if c := raw[i]; c <= ' ' || c == 0x7f || c == '\\' || c == '?' || c == '#' {
			return true
		}
	}
	return false
}

// CleanPath decodes a raw path once and reports whether every server would read it the same way. A path is not
// clean if it holds dot segments, empty segments, an encoded slash or backslash, a semicolon, an octet that is still
// encoded after decoding, or invalid UTF-8; nor if Windows would read one of these, or a short name.
func CleanPath(raw string) (path string, clean bool) {
	path = raw
	if strings.IndexByte(raw, '%') >= 0 {
		var ok bool
		if path, ok = decodeOnce(raw); !ok {
			return raw, false
		}
	}
	if path == "" || path[0] != '/' || !utf8.ValidString(path) {
		return path, false
	}
	segment, odd := 1, false
	for i := 1; i <= len(path); i++ {
		if i < len(path) {
			switch c := path[i]; {
			case c < ' ' || c == 0x7f || c == '\\' || c == ';':
				return path, false
			case c >= utf8.RuneSelf || c == ' ' || c == '~' || c == '%' || c == '(':
				odd = true
				continue
			case c != '/':
				continue
			}
		}
		switch s := path[segment:i]; {
		case s == "." || s == "..":
			return path, false
		case s == "" && i < len(path): // an empty segment anywhere but at the end
			return path, false
		}
		segment = i + 1
	}
	return path, !odd || !misread(path)
}

func decodeOnce(raw string) (string, bool) {
	var b strings.Builder
	b.Grow(len(raw))
	for i := 0; i < len(raw); i++ {
		c := raw[i]
		if c == '%' {
			if i+2 >= len(raw) || !isHex(raw[i+1]) || !isHex(raw[i+2]) {
				return "", false
			}
			c = unhex(raw[i+1])<<4 | unhex(raw[i+2])
			if c == '/' || c == '\\' {
				return "", false
			}
			i += 2
		}
		b.WriteByte(c)
	}
	return b.String(), true
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

func unhex(c byte) byte {
	switch {
	case c <= '9':
		return c - '0'
	case c >= 'a':
		return c - 'a' + 10
	}
	return c - 'A' + 10
}
