package lambdaedge

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
)

// respond returns the response object of a viewer-response event with the headers of the hand-over. If nothing can be
// added it returns the bytes that came, and an error that says why.
func (h *handover) respond(e *event) ([]byte, error) {
	unchanged := e.payload[e.response.at.start:e.response.at.end:e.response.at.end]
	value := e.request.first(handoverHeader)
	if value == "" {
		return unchanged, nil
	}
	header, err := h.open(e.requestID.text, value)
	switch {
	case err != nil:
		return unchanged, err
	case e.response.headers.end == 0:
		return unchanged, errors.New("the event's response lacks the headers that have to change")
	}
	out := e.addToResponse(header)
	if len(out) > maxResponse {
		return unchanged, fmt.Errorf("the response has %d bytes with what was handed over, and CloudFront takes %d", len(out), maxResponse)
	}
	return out, nil
}

// addToResponse returns the response object with more headers: cookies are added to those of the response, every other
// header replaces the one of the response.
func (e *event) addToResponse(header http.Header) []byte {
	m := &e.response
	cookies := append(m.appendAll(nil, "set-cookie"), header["Set-Cookie"]...)
	for i := range m.member {
		for name := range header {
			m.member[i].gone = m.member[i].gone || sameFold(m.member[i].name, name)
		}
	}
	out := append(e.out, e.payload[m.at.start:m.headers.start]...)
	open := len(out) + 1
	out = m.appendKept(out, e.payload)
	for _, name := range slices.Sorted(maps.Keys(header)) {
		if len(out) > open {
			out = append(out, ',')
		}
		values := header[name]
		if name == "Set-Cookie" {
			values = cookies
		}
		out = appendHeader(out, name, values)
	}
	out = append(out, '}')
	return append(out, e.payload[m.headers.end:m.at.end]...)
}
