package lambdaedge

import (
	"errors"
	"fmt"
	"strings"

	"github.com/edgeauth/edgeauth"
)

// event is a CloudFront event. It keeps the payload and where in it things are, so that what goes on is what came.
type event struct {
	payload []byte

	eventType, requestID, distribution field // config
	method, uri, query                 field // request

	request  span // the request object
	headers  span // its headers object
	header   []header
	origin   bool // the request names an origin, as it does at origin events alone
	response bool // there is a response, as there is at response events alone
}

// field is a member that is a text. The zero field is missing.
type field struct {
	text string
	at   span
}

// header is one member of the headers object.
type header struct {
	name   string
	member span // name and value
	value  span // an array of objects with a key and a value
}

// read reads the payload. After an error, e holds what was read before it.
func (e *event) read(payload []byte) error {
	e.payload = payload
	s := &scanner{data: payload}
	records := 0
	err := s.object(func(name string) error {
		if name != "Records" {
			return s.skip()
		}
		return s.array(func() error {
			records++
			return s.object(func(name string) error {
				if name != "cf" {
					return s.skip()
				}
				return e.readCF(s)
			})
		})
	})
	switch {
	case err != nil:
		return err
	case s.next() != 0 || s.pos != len(payload):
		return s.errorf("more than one value")
	case records != 1:
		return fmt.Errorf("%d records, want 1", records)
	case e.request.end == 0 && !e.response:
		return errors.New("no request")
	}
	return nil
}

func (e *event) readCF(s *scanner) error {
	return s.object(func(name string) error {
		switch name {
		case "config":
			return e.readConfig(s)
		case "request":
			return e.readRequest(s)
		case "response":
			e.response = true
		}
		return s.skip()
	})
}

func (e *event) readConfig(s *scanner) error {
	return s.object(func(name string) error {
		switch name {
		case "eventType":
			return e.eventType.read(s, name)
		case "requestId":
			return e.requestID.read(s, name)
		case "distributionDomainName":
			return e.distribution.read(s, name)
		}
		return s.skip()
	})
}

func (e *event) readRequest(s *scanner) error {
	if e.request.end != 0 {
		return s.errorf("a second request")
	}
	s.next()
	e.request.start = s.pos
	err := s.object(func(name string) error {
		switch name {
		case "method":
			return e.method.read(s, name)
		case "uri":
			return e.uri.read(s, name)
		case "querystring":
			return e.query.read(s, name)
		case "headers":
			return e.readHeaders(s)
		case "origin":
			e.origin = true
		}
		return s.skip()
	})
	e.request.end = s.pos
	return err
}

func (e *event) readHeaders(s *scanner) error {
	if e.headers.end != 0 {
		return s.errorf("a second headers")
	}
	s.next()
	e.headers.start = s.pos
	err := s.list('{', '}', func() error {
		s.next()
		h := header{member: span{start: s.pos}}
		var err error
		if h.name, err = s.text(); err != nil {
			return err
		}
		if !s.take(':') {
			return s.errorf("want ':'")
		}
		s.next()
		h.value.start = s.pos
		err = s.values(nil)
		h.value.end, h.member.end = s.pos, s.pos
		e.header = append(e.header, h)
		return err
	})
	e.headers.end = s.pos
	return err
}

// values reads the array of one header. Where the function is not nil it is told every value.
func (s *scanner) values(each func(value string)) error {
	return s.array(func() error {
		return s.object(func(name string) error {
			if name != "value" {
				return s.skip()
			}
			value, err := s.text()
			if err == nil && each != nil {
				each(value)
			}
			return err
		})
	})
}

func (f *field) read(s *scanner, name string) error {
	if f.at.end != 0 {
		return s.errorf("a second %s", name)
	}
	s.next()
	f.at.start = s.pos
	var err error
	f.text, err = s.text()
	f.at.end = s.pos
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// all returns the values of a header, whatever its case, in the order they came.
func (e *event) all(name string) (values []string) {
	for i := range e.header {
		if strings.EqualFold(e.header[i].name, name) {
			s := &scanner{data: e.payload[:e.header[i].value.end], pos: e.header[i].value.start}
			// The scan has read this before, without an error.
			_ = s.values(func(value string) { values = append(values, value) })
		}
	}
	return values
}

// first returns the first value of a header, or "".
func (e *event) first(name string) string {
	if values := e.all(name); len(values) > 0 {
		return values[0]
	}
	return ""
}

// toRequest states the request as the core wants it.
func (e *event) toRequest() *edgeauth.Request {
	return &edgeauth.Request{
		ID:           e.requestID.text,
		Method:       e.method.text,
		Host:         e.first("host"),
		Path:         e.uri.text,
		RawQuery:     strings.TrimPrefix(e.query.text, "?"),
		Cookie:       e.all("cookie"),
		Header:       e.first,
		Distribution: e.distribution.text,
	}
}

// wrongPlace says why the event is none that may be served, or nil. A response given at origin-request is cached
// and shown to others; at the response events it is too late. Test events often lack the type.
func (e *event) wrongPlace() error {
	switch {
	case e.eventType.text != "" && e.eventType.text != "viewer-request":
		return fmt.Errorf("the event type is %q", e.eventType.text)
	case e.response:
		return errors.New("the event has a response")
	case e.origin:
		return errors.New("the event's request has an origin")
	}
	return nil
}
