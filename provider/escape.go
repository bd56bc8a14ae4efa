package provider

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// escape reads one escape sequence. The two of a surrogate pair count as one.
func (r *reader) escape() error {
	rest := r.text[r.at:]
	if len(rest) < 2 {
		return r.fail("no end of string")
	}
	switch rest[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		r.at += 2
		return nil
	}
	_, size := unicodeEscape(rest)
	if size == 0 {
		return r.fail("invalid escape")
	}
	r.at += size
	return nil
}

// unicodeEscape reads \uXXXX, or a pair of them that is a surrogate pair. A lone surrogate is not a character (RFC
// 8259, 8.2): its size is 0.
func unicodeEscape(s string) (c rune, size int) {
	first, ok := hex4(s)
	if !ok {
		return 0, 0
	}
	if !utf16.IsSurrogate(first) {
		return first, 6
	}
	second, ok := hex4(s[6:])
	if c = utf16.DecodeRune(first, second); !ok || c == utf8.RuneError {
		return 0, 0
	}
	return c, 12
}

func hex4(s string) (rune, bool) {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(s[2:6], 16, 16) // ParseUint refuses signs, and with base 16 prefixes and underscores too
	return rune(n), err == nil
}

// unquote is the text of a JSON string.
func unquote(v string) string { return unescape(v[1 : len(v)-1]) }

func unescape(s string) string {
	i := strings.IndexByte(s, '\\')
	if i < 0 {
		return s
	}
	var b strings.Builder
	for ; i >= 0; i = strings.IndexByte(s, '\\') {
		b.WriteString(s[:i])
		size := 2
		switch c := s[i+1]; c {
		case 'b':
			b.WriteByte('\b')
		case 'f':
			b.WriteByte('\f')
		case 'n':
			b.WriteByte('\n')
		case 'r':
			b.WriteByte('\r')
		case 't':
			b.WriteByte('\t')
		case 'u':
			var char rune
			char, size = unicodeEscape(s[i:])
			b.WriteRune(char)
		default:
			b.WriteByte(c)
		}
		s = s[i+size:]
	}
	b.WriteString(s)
	return b.String()
}
