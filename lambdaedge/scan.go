package lambdaedge

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// scanner walks over JSON (RFC 8259) strictly and in one pass, and decodes nothing that is not asked for.
type scanner struct {
	data  []byte
	pos   int
	depth int
}

// span is a value's place in the data, without the blanks around it. The zero span is no value.
type span struct{ start, end int }

func (s span) of(data []byte) []byte { return data[s.start:s.end] }

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
	defer func() { s.depth-- }()
	if s.take(to) {
		return nil
	}
	for {
		if err := item(); err != nil {
			return err
		}
		switch {
		case s.take(','):
		case s.take(to):
			return nil
		default:
			return s.errorf("want ',' or %q", to)
		}
	}
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
		err = s.quoted()
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

// text reads a string.
func (s *scanner) text() (string, error) {
	if s.next() != '"' {
		return "", s.errorf("want a string")
	}
	at := span{start: s.pos}
	if err := s.quoted(); err != nil {
		return "", err
	}
	at.end = s.pos
	return unquote(at.of(s.data))
}

// unquote returns the text of a JSON string that has been scanned.
func unquote(quoted []byte) (string, error) {
	if bytes.IndexByte(quoted, '\\') < 0 {
		return string(quoted[1 : len(quoted)-1]), nil
	}
	var text string
	err := json.Unmarshal(quoted, &text)
	return text, err
}

func (s *scanner) quoted() error {
	for s.pos++; s.pos < len(s.data); s.pos++ {
		switch c := s.data[s.pos]; {
		case c == '"':
			s.pos++
			return nil
		case c < ' ':
			return s.errorf("a control byte in a string")
		case c == '\\':
			if err := s.escape(); err != nil {
				return err
			}
		}
	}
	return s.errorf("a string without an end")
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
		if bytes.HasPrefix(s.data[s.pos:], []byte(word)) {
			s.pos += len(word)
			return nil
		}
	}
	return s.errorf("want a value")
}
