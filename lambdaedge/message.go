package lambdaedge

import (
	"strings"
)

// message is the request or the response of an event.
type message struct {
	at      span // the object
	headers span // its headers object
	member  []member
	line    []line
}

// member is one member of a headers object.
type member struct {
	name string
	at   span // name and value
	gone bool // does not go on
}

// line is one value of a header. Few are ever looked at, so escapes in it are still there.
type line struct {
	name, raw string
	escaped   bool
}

func (l *line) value() string {
	if l.escaped {
		return unescape(l.raw)
	}
	return l.raw
}

func (m *message) there() bool { return m.at.end != 0 }

// read reads the object. The headers it reads itself; other members are for other, where it is not nil.
func (m *message) read(s *scanner, name string, other func(name string) error) error {
	if m.there() {
		return s.errorf("a second %s", name)
	}
	s.next()
	m.at.start = s.pos
	err := s.object(func(name string) error {
		switch {
		case name == "headers":
			return m.readHeaders(s)
		case other != nil:
			return other(name)
		}
		return s.skip()
	})
	m.at.end = s.pos
	return err
}

func (m *message) readHeaders(s *scanner) error {
	if m.headers.end != 0 {
		return s.errorf("a second headers")
	}
	s.next()
	m.headers.start = s.pos
	err := s.list('{', '}', func() error {
		s.next()
		h := member{at: span{start: s.pos}}
		var err error
		if h.name, err = s.text(); err != nil {
			return err
		}
		if !s.take(':') {
			return s.errorf("want ':'")
		}
		err = s.array(func() error { return m.readLine(s, h.name) })
		h.at.end = s.pos
		m.member = append(m.member, h)
		return err
	})
	m.headers.end = s.pos
	return err
}

func (m *message) readLine(s *scanner, name string) error {
	found := false
	return s.object(func(member string) error {
		switch {
		case member != "value":
			return s.skip()
		case found:
			return s.errorf("a second value")
		}
		found = true
		raw, escaped, err := s.raw()
		m.line = append(m.line, line{name, raw, escaped})
		return err
	})
}

// first returns the first value of a header, whatever its case, or "".
func (m *message) first(name string) string {
	for i := range m.line {
		if sameFold(m.line[i].name, name) {
			return m.line[i].value()
		}
	}
	return ""
}

// appendAll appends the values of a header, whatever its case, in the order they came.
func (m *message) appendAll(values []string, name string) []string {
	for i := range m.line {
		if sameFold(m.line[i].name, name) {
			values = append(values, m.line[i].value())
		}
	}
	return values
}

// sameFold compares header names, which are ASCII: equal ones have one length.
func sameFold(a, b string) bool { return len(a) == len(b) && strings.EqualFold(a, b) }

// appendKept appends the headers object without its last brace and without the members that are gone.
func (m *message) appendKept(out, payload []byte) []byte {
	out = append(out, '{')
	sep := false
	for i := range m.member {
		if h := &m.member[i]; !h.gone {
			if sep {
				out = append(out, ',')
			}
			sep = true
			out = append(out, payload[h.at.start:h.at.end]...)
		}
	}
	return out
}

// reset makes m ready for the next event, and keeps no text of this one.
func (m *message) reset() {
	clear(m.member)
	clear(m.line)
	*m = message{member: m.member[:0], line: m.line[:0]}
}
