package lambdaedge

import (
	"encoding/json"
	"fmt"
	"math/bits"
	"strings"
)

// scanner walks over JSON (RFC 8259) strictly and in one pass, and decodes only what is asked for. After an error it
// reports neither items nor values.
type scanner struct {
	data  string
	pos   int
	depth int
	begun bool // an object or array whose first item comes next
	err   error
}

// span is a value's place in the data, without the blanks around it. The zero span stands for no value.
type span struct{ start, end int }

func (s span) of(data string) string { return data[s.start:s.end] }

// maxDepth protects the stack from hostile nesting. A CloudFront event is 8 deep.
const maxDepth = 64

func (s *scanner) fail(format string, args ...any) {
	if s.err == nil {
		s.err = fmt.Errorf("at byte %d: "+format, append([]any{s.pos}, args...)...)
	}
}

// next skips blanks and returns the byte there, or 0 at the end.
func (s *scanner) next() byte {
	for ; s.pos < len(s.data); s.pos++ {
		if c := s.data[s.pos]; c > ' ' || c != ' ' && c != '\t' && c != '\r' && c != '\n' {
			return c
		}
	}
	return 0
}

// take skips blanks and the byte c, if it is there.
func (s *scanner) take(c byte) bool {
	if s.next() != c {
		return false
	}
	s.pos++
	return true
}

// open begins an object or an array, whose items are then read while there are [scanner.more]:
//
//	for s.open('{'); s.more('}'); {
//		name := s.name()
//		s.skip()
//	}
func (s *scanner) open(bracket byte) {
	switch {
	case !s.take(bracket):
		s.fail("want %q", bracket)
	case s.depth == maxDepth:
		s.fail("nested more than %d deep", maxDepth)
	}
	s.depth++
	s.begun = true
}

// more reports whether there is another item. It reads the comma before the item, or the closing bracket.
func (s *scanner) more(bracket byte) bool {
	begun := s.begun
	s.begun = false
	switch c := s.next(); {
	case s.err != nil:
		return false
	case c == bracket:
		s.pos++
		s.depth--
		return false
	case begun:
		return true
	case c != ',':
		s.fail("want ',' or %q", bracket)
		return false
	}
	s.pos++
	return true
}

// name reads a member's name and the colon after it.
func (s *scanner) name() string {
	name := s.text()
	if s.err == nil && !s.take(':') {
		s.fail("want ':'")
	}
	return name
}

// skip reads any value.
func (s *scanner) skip() {
	switch c := s.next(); {
	case c == '"':
		s.raw()
	case c == '{':
		for s.open('{'); s.more('}'); {
			s.name()
			s.skip()
		}
	case c == '[':
		for s.open('['); s.more(']'); {
			s.skip()
		}
	case c == '-' || '0' <= c && c <= '9':
		s.number()
	default:
		s.literal()
	}
}

// text reads a string. The result shares memory with the data, unless there are escapes in it.
func (s *scanner) text() string {
	raw, escaped := s.raw()
	if escaped {
		return unescape(raw)
	}
	return raw
}

// raw reads a string as it stands between its quotes.
func (s *scanner) raw() (raw string, escaped bool) {
	if s.next() != '"' {
		s.fail("want a string")
		return "", false
	}
	s.pos++
	for start := s.pos; ; {
		s.pos += plain(s.data[s.pos:])
		switch {
		case s.pos == len(s.data):
			s.fail("a string without an end")
		case s.data[s.pos] == '"':
			s.pos++
			return s.data[start : s.pos-1], escaped
		case s.data[s.pos] == '\\':
			escaped = true
			s.escape()
		default:
			s.fail("a control byte in a string")
		}
		if s.err != nil {
			return "", false
		}
	}
}

// unescape undoes the escapes of a string that raw has read.
func unescape(raw string) string {
	var text string
	_ = json.Unmarshal([]byte(`"`+raw+`"`), &text) // raw has checked it
	return text
}

// plain counts the bytes before the first quote, backslash or control byte. Most of an event is strings, so it looks
// at eight bytes at a time.
func plain(text string) int {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	n := 0
	for ; n+8 <= len(text); n += 8 {
		b := text[n : n+8]
		word := uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 |
			uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
		quote, backslash := word^'"'*ones, word^'\\'*ones
		// x-1 borrows into the top bit of a byte that was 0, and x-' ' of one that was below ' '. A borrow may run on
		// into the bytes above, but the first of them is right.
		if found := ((quote-ones)&^quote | (backslash-ones)&^backslash | (word-' '*ones)&^word) & tops; found != 0 {
			return n + bits.TrailingZeros64(found)/8
		}
	}
	for ; n < len(text); n++ {
		if c := text[n]; c == '"' || c == '\\' || c < ' ' {
			break
		}
	}
	return n
}

// escape skips an escape.
func (s *scanner) escape() {
	rest := s.data[s.pos+1:]
	switch {
	case rest == "":
		s.fail("a string without an end")
	case strings.Contains(`"\/bfnrt`, rest[:1]):
		s.pos += 2
	case rest[0] == 'u' && len(rest) > 4 && isHex(rest[1]) && isHex(rest[2]) && isHex(rest[3]) && isHex(rest[4]):
		s.pos += 6
	default:
		s.fail("an unknown escape")
	}
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

func (s *scanner) number() {
	s.skipByte('-')
	if !s.skipByte('0') {
		s.digits()
	}
	if s.skipByte('.') {
		s.digits()
	}
	if s.skipByte('e') || s.skipByte('E') {
		_ = s.skipByte('+') || s.skipByte('-')
		s.digits()
	}
}

func (s *scanner) skipByte(c byte) bool {
	if s.pos == len(s.data) || s.data[s.pos] != c {
		return false
	}
	s.pos++
	return true
}

func (s *scanner) digits() {
	start := s.pos
	for s.pos < len(s.data) && '0' <= s.data[s.pos] && s.data[s.pos] <= '9' {
		s.pos++
	}
	if s.pos == start {
		s.fail("a number without digits")
	}
}

func (s *scanner) literal() {
	for _, word := range []string{"true", "false", "null"} {
		if strings.HasPrefix(s.data[s.pos:], word) {
			s.pos += len(word)
			return
		}
	}
	s.fail("want a value")
}
