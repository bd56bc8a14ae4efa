package lambdaedge

import (
	"encoding/json"
	"fmt"
	"math/bits"
	"strings"
)

// scanner walks over JSON (RFC 8259) strictly and in one pass, and decodes nothing that is not asked for.
type scanner struct {
	data  string
	pos   int
	depth int
}

// span is a value's place in the data, without the blanks around it. The zero span is no value.
type span struct{ start, end int }

func (s span) of(data string) string { return data[s.start:s.end] }

// maxDepth keeps hostile nesting from the stack. A CloudFront event is 8 deep.
const maxDepth = 64

func (s *scanner) errorf(format string, args ...any) error {
	return fmt.Errorf("at byte %d: "+format, append([]any{s.pos}, args...)...)
}

// next skips blanks and returns the byte there, or 0 at the end.
func (s *scanner) next() byte {
	for ; s.pos < len(s.data); s.pos++ {
		switch c := s.data[s.pos]; c {
		case ' ', '\t', '\r', '\n':
		default:
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

// list reads what stands between two brackets, separated by commas.
func (s *scanner) list(from, to byte, item func() error) error {
	if !s.take(from) {
		return s.errorf("want %q", from)
	}
	if s.depth++; s.depth > maxDepth {
		return s.errorf("nested more than %d deep", maxDepth)
	}
	for more := !s.take(to); more; {
		if err := item(); err != nil {
			return err
		}
		if more = s.take(','); !more && !s.take(to) {
			return s.errorf("want ',' or %q", to)
		}
	}
	s.depth--
	return nil
}

// object reads an object. The function has to read the value of the member that it is told of.
func (s *scanner) object(member func(name string) error) error {
	return s.list('{', '}', func() error {
		name, err := s.text()
		if err != nil {
			return err
		}
		if !s.take(':') {
			return s.errorf("want ':'")
		}
		return member(name)
	})
}

// array reads an array. The function has to read one value.
func (s *scanner) array(item func() error) error { return s.list('[', ']', item) }

// value reads any value and returns where it is.
func (s *scanner) value() (span, error) {
	c := s.next()
	at := span{start: s.pos}
	var err error
	switch {
	case c == '{':
		err = s.object(func(string) error { return s.skip() })
	case c == '[':
		err = s.array(s.skip)
	case c == '"':
		_, err = s.quoted()
	case c == '-' || '0' <= c && c <= '9':
		err = s.number()
	default:
		err = s.literal()
	}
	at.end = s.pos
	return at, err
}

func (s *scanner) skip() error {
	_, err := s.value()
	return err
}

// text reads a string. It is a part of the data, unless there are escapes in it.
func (s *scanner) text() (string, error) {
	raw, escaped, err := s.raw()
	if escaped && err == nil {
		return unescape(raw), nil
	}
	return raw, err
}

// raw reads a string as it stands between its quotes.
func (s *scanner) raw() (raw string, escaped bool, err error) {
	if s.next() != '"' {
		return "", false, s.errorf("want a string")
	}
	start := s.pos + 1
	if escaped, err = s.quoted(); err != nil {
		return "", false, err
	}
	return s.data[start : s.pos-1], escaped, nil
}

// unescape returns the text of a string that has been read.
func unescape(raw string) string {
	var text string
	_ = json.Unmarshal([]byte(`"`+raw+`"`), &text) // what has been read is well formed
	return text
}

// quoted skips a string.
func (s *scanner) quoted() (escaped bool, err error) {
	s.pos++
	for {
		s.pos += plain(s.data[s.pos:])
		switch {
		case s.pos == len(s.data):
			return escaped, s.errorf("a string without an end")
		case s.data[s.pos] == '"':
			s.pos++
			return escaped, nil
		case s.data[s.pos] != '\\':
			return escaped, s.errorf("a control byte in a string")
		}
		escaped = true
		if err := s.escape(); err != nil {
			return escaped, err
		}
		s.pos++
	}
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

// escape reads an escape up to its last byte.
func (s *scanner) escape() error {
	s.pos++
	if s.pos == len(s.data) {
		return s.errorf("a string without an end")
	}
	switch s.data[s.pos] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return nil
	case 'u':
		for range 4 {
			s.pos++
			if s.pos == len(s.data) || !isHex(s.data[s.pos]) {
				return s.errorf("a \\u escape without four hexadecimal digits")
			}
		}
		return nil
	}
	return s.errorf("an unknown escape")
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

func (s *scanner) number() error {
	s.skipByte('-')
	if !s.skipByte('0') && s.digits() == 0 {
		return s.errorf("a number without digits")
	}
	if s.skipByte('.') && s.digits() == 0 {
		return s.errorf("a number without digits")
	}
	if s.skipByte('e') || s.skipByte('E') {
		_ = s.skipByte('+') || s.skipByte('-')
		if s.digits() == 0 {
			return s.errorf("a number without digits")
		}
	}
	return nil
}

func (s *scanner) skipByte(c byte) bool {
	if s.pos == len(s.data) || s.data[s.pos] != c {
		return false
	}
	s.pos++
	return true
}

func (s *scanner) digits() (n int) {
	for s.pos < len(s.data) && '0' <= s.data[s.pos] && s.data[s.pos] <= '9' {
		s.pos++
		n++
	}
	return n
}

func (s *scanner) literal() error {
	for _, word := range []string{"true", "false", "null"} {
		if strings.HasPrefix(s.data[s.pos:], word) {
			s.pos += len(word)
			return nil
		}
	}
	return s.errorf("want a value")
}
