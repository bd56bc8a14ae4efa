package lambdaedge

import "strings"

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
	gone bool // is not passed on
}

// line is one value of a header. It still has its escapes, because most values are never read.
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

// read reads the object: headers itself, the other members of a request by its event.
func (m *message) read(s *scanner, name string, e *event) {
	if m.there() {
		s.fail("a second %s", name)
		return
	}
	s.next()
	m.at.start = s.pos
	for s.open('{'); s.more('}'); {
		switch name := s.name(); {
		case name == "headers":
			m.readHeaders(s)
		case e != nil:
			e.readRequest(s, name)
		default:
			s.skip()
		}
	}
	m.at.end = s.pos
}

func (m *message) readHeaders(s *scanner) {
	if m.headers.end != 0 {
		s.fail("a second headers")
		return
	}
	s.next()
	m.headers.start = s.pos
	for s.open('{'); s.more('}'); {
		s.next()
		at := span{start: s.pos}
		name := s.name()
		for s.open('['); s.more(']'); {
			m.readLine(s, name)
		}
		at.end = s.pos
		m.member = append(m.member, member{name: name, at: at})
	}
	m.headers.end = s.pos
}

func (m *message) readLine(s *scanner, header string) {
	found := false
	for s.open('{'); s.more('}'); {
		switch name := s.name(); {
		case name != "value":
			s.skip()
		case found:
			s.fail("a second value")
		default:
			found = true
			raw, escaped := s.raw()
			m.line = append(m.line, line{header, raw, escaped})
		}
	}
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

// appendKept appends the headers object without its last brace and without the members that are not passed on.
func (m *message) appendKept(out, payload []byte) []byte {
	out = append(out, '{')
	start := len(out)
	for i := 0; i < len(m.member); i++ {
		first := i
		for i < len(m.member) && !m.member[i].gone {
			i++
		}
		if i == first {
			continue
		}
		if len(out) > start {
			out = append(out, ',')
		}
		out = append(out, payload[m.member[first].at.start:m.member[i-1].at.end]...)
	}
	return out
}

// reset makes m ready for the next event, and keeps no string of this one.
func (m *message) reset() {
	clear(m.member)
	clear(m.line)
	*m = message{member: m.member[:0], line: m.line[:0]}
}
