package lambdaedge

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"unsafe"

	"github.com/edgeauth/edgeauth"
)

// event is a CloudFront event. It keeps the payload and the places of its parts, so that a request is passed on byte
// for byte.
type event struct {
	payload []byte
	out     []byte // empty, with room for the result

	eventType, requestID, distribution field // config
	method, uri, query                 field // request
	encoding, data                     field // of its body
	cut                                bool  // the body is not whole

	request  message
	response message
	origin   bool // the request names an origin, which only the origin events do

	asked edgeauth.Request
}

// field is a member that is a string. The zero field is absent.
type field struct {
	text string
	at   span
}

func newEvent() *event {
	e := &event{}
	e.asked.Header, e.asked.Body = e.request.first, e.body
	return e
}

// read reads the payload. After an error, e holds what was read before it.
func (e *event) read(payload []byte) error {
	e.payload = payload
	// The runtime's client reuses the memory of a payload, while caches may keep strings of a request: hence a copy. It
	// shares one allocation with the result, and is never changed after this.
	both := append(make([]byte, 0, 2*len(payload)+256), payload...)
	e.out = both[len(both):]
	// #nosec G103 -- nothing changes these bytes any more
	s := &scanner{data: unsafe.String(unsafe.SliceData(both), len(both))}
	records := 0
	for s.open('{'); s.more('}'); {
		if s.name() != "Records" {
			s.skip()
			continue
		}
		for s.open('['); s.more(']'); records++ {
			for s.open('{'); s.more('}'); {
				if s.name() == "cf" {
					e.readCF(s)
				} else {
					s.skip()
				}
			}
		}
	}
	switch {
	case s.err == nil && (s.next() != 0 || s.pos != len(payload)):
		s.fail("more than one value")
	case s.err == nil && records != 1:
		s.fail("%d records, want 1", records)
	case s.err == nil && !e.request.there() && !e.response.there():
		s.fail("no request")
	}
	return s.err
}

func (e *event) readCF(s *scanner) {
	for s.open('{'); s.more('}'); {
		switch name := s.name(); name {
		case "config":
			e.readConfig(s)
		case "request":
			e.request.read(s, name, e)
		case "response":
			e.response.read(s, name, nil)
		default:
			s.skip()
		}
	}
}

func (e *event) readConfig(s *scanner) {
	for s.open('{'); s.more('}'); {
		switch name := s.name(); name {
		case "eventType":
			e.eventType.read(s, name)
		case "requestId":
			e.requestID.read(s, name)
		case "distributionDomainName":
			e.distribution.read(s, name)
		default:
			s.skip()
		}
	}
}

// readRequest reads a member of the request other than its headers.
func (e *event) readRequest(s *scanner, name string) {
	switch name {
	case "method":
		e.method.read(s, name)
	case "uri":
		e.uri.read(s, name)
	case "querystring":
		e.query.read(s, name)
	case "body":
		e.readBody(s)
	case "origin":
		e.origin = true
		s.skip()
	default:
		s.skip()
	}
}

// readBody reads the body, which is there where the function was registered with IncludeBody.
func (e *event) readBody(s *scanner) {
	for s.open('{'); s.more('}'); {
		switch name := s.name(); name {
		case "encoding":
			e.encoding.read(s, name)
		case "data":
			e.data.read(s, name)
		case "inputTruncated":
			s.next()
			start := s.pos
			s.skip()
			e.cut = s.err == nil && s.data[start:s.pos] != "false"
		default:
			s.skip()
		}
	}
}

// body is for [edgeauth.Request.Body].
func (e *event) body() ([]byte, error) {
	switch {
	case e.data.at.end == 0:
		return nil, errors.New("the event has no body: register the function with IncludeBody")
	case e.cut:
		return nil, errors.New("CloudFront has cut the body")
	case e.encoding.text == "base64":
		return base64.StdEncoding.DecodeString(e.data.text)
	}
	return []byte(e.data.text), nil
}

func (f *field) read(s *scanner, name string) {
	if f.at.end != 0 {
		s.fail("a second %s", name)
		return
	}
	s.next()
	f.at.start = s.pos
	f.text = s.text()
	f.at.end = s.pos
}

// ask fills in the request for the core.
func (e *event) ask() *edgeauth.Request {
	r := &e.asked
	r.ID = e.requestID.text
	r.Method = e.method.text
	r.Host = e.request.first("host")
	r.Path = e.uri.text
	r.RawQuery = strings.TrimPrefix(e.query.text, "?")
	r.Cookie = e.request.appendAll(r.Cookie[:0], "cookie")
	r.Distribution = e.distribution.text
	return r
}

// maxHeaders bounds the memory of an event that is reused: one with more headers is dropped.
const maxHeaders = 256

// reset makes e ready for the next event, and keeps no string of this one.
func (e *event) reset() {
	e.request.reset()
	e.response.reset()
	clear(e.asked.Cookie[:cap(e.asked.Cookie)])
	*e = event{
		request: e.request, response: e.response,
		asked: edgeauth.Request{Header: e.asked.Header, Body: e.asked.Body, Cookie: e.asked.Cookie[:0]},
	}
}

// wrongPlace is why this kind of event cannot be decided, or nil. A response given at origin-request is cached and
// shown to others; at the response events it is too late. Test events often have no type.
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
