package lambdaedge

import (
	"errors"
	"fmt"
	"strings"
	"unsafe"

	"github.com/edgeauth/edgeauth"
)

// event is a CloudFront event. It keeps the payload and where in it things are, so that what goes on is what came.
type event struct {
	payload []byte
	out     []byte // empty, with room for the result

	eventType, requestID, distribution field // config
	method, uri, query                 field // request

	request  message
	response message
	origin   bool // the request names an origin, as it does at origin events alone

	asked edgeauth.Request
}

// field is a member that is a text. The zero field is missing.
type field struct {
	text string
	at   span
}

func newEvent() *event {
	e := &event{}
	e.asked.Header = e.request.first
	return e
}

// read reads the payload. After an error, e holds what was read before it.
func (e *event) read(payload []byte) error {
	e.payload = payload
	// The runtime's client uses the memory of a payload again, while caches may keep texts of a request: hence a
	// copy. It shares one allocation with the result, and nothing is ever written to it after this.
	both := append(make([]byte, 0, 2*len(payload)+256), payload...)
	e.out = both[len(both):]
	s := &scanner{data: unsafe.String(unsafe.SliceData(both), len(both))}
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
	case !e.request.there() && !e.response.there():
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
			return e.request.read(s, name, func(name string) error { return e.readRequest(s, name) })
		case "response":
			return e.response.read(s, name, nil)
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

// readRequest reads a member of the request.
func (e *event) readRequest(s *scanner, name string) error {
	switch name {
	case "method":
		return e.method.read(s, name)
	case "uri":
		return e.uri.read(s, name)
	case "querystring":
		return e.query.read(s, name)
	case "origin":
		e.origin = true
	}
	return s.skip()
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

// ask states the request as the core wants it.
func (e *event) ask() *edgeauth.Request {
	r := &e.asked
	r.ID = e.requestID.text
	r.Method = e.method.text
	r.Host = e.request.first("host")
	r.Path = e.uri.text
	r.RawQuery = strings.TrimPrefix(e.query.text, "?")
	r.Cookie = e.request.appendAll(r.Cookie[:0], "cookie")
	r.Distribution = e.distribution.text
	r.CookiesOnAllow = false
	return r
}

// maxHeaders is how many headers an event may have had to be used again.
const maxHeaders = 256

// reset makes e ready for the next event, and keeps no text of this one.
func (e *event) reset() {
	e.request.reset()
	e.response.reset()
	clear(e.asked.Cookie[:cap(e.asked.Cookie)])
	*e = event{
		request: e.request, response: e.response,
		asked: edgeauth.Request{Header: e.asked.Header, Cookie: e.asked.Cookie[:0]},
	}
}

// wrongPlace says why the event is none that may be decided, or nil. A response given at origin-request is cached
// and shown to others; at the response events it is too late. Test events often lack the type.
func (e *event) wrongPlace() error {
	switch {
	case e.eventType.text != "" && e.eventType.text != "viewer-request":
		return fmt.Errorf("the event type is %q", e.eventType.text)
	case e.response.there():
		return errors.New("the event has a response")
	case e.origin:
		return errors.New("the event's request has an origin")
	}
	return nil
}
