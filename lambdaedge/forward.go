package lambdaedge

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/internal/address"
	"github.com/edgeauth/edgeauth/internal/answer"
	"github.com/edgeauth/edgeauth/internal/reason"
)

// maxTarget is CloudFront's limit for path and query together, in characters.
const maxTarget = 8192

// forward returns the request object to pass on: the bytes that came, changed only where f asks for it, with handed as
// the hand-over to the viewer-response event. It returns an error for what CloudFront would answer with 502.
func (e *event) forward(f *edgeauth.Forward, handed string) ([]byte, error) {
	if err := e.checkTarget(f.Path); err != nil {
		return nil, err
	}
	cookie := f.Cookie // the new Cookie header
	// The lines are read again, because the checker may have changed those that it got.
	if lines := e.request.appendAll(e.asked.Cookie[:0], "cookie"); len(lines) == 1 && lines[0] == f.Cookie {
		cookie = "" // the header stays as it is
	}
	cut, err := e.cutHeaders(f, cookie != "" || f.Cookie == "")
	if err != nil {
		return nil, err
	}
	newHeaders := cut || cookie != "" || handed != "" || len(f.Set) > 0
	newPath := f.Path != "" && f.Path != e.uri.text
	switch {
	case newHeaders && e.request.headers.end == 0 || newPath && e.uri.at.end == 0:
		return nil, errors.New("the event's request lacks the uri or the headers that have to change")
	case !newHeaders && !newPath:
		return e.payload[e.request.at.start:e.request.at.end:e.request.at.end], nil
	}
	out, done := e.out, e.request.at.start
	upTo := func(at span) {
		out = append(out, e.payload[done:at.start]...)
		done = at.end
	}
	path := func() {
		if newPath {
			upTo(e.uri.at)
			out = appendString(out, f.Path)
		}
	}
	if e.uri.at.start < e.request.headers.start {
		path()
	}
	if newHeaders {
		upTo(e.request.headers)
		out = e.appendHeaders(out, f, cookie, handed)
	}
	if e.uri.at.start > e.request.headers.start {
		path()
	}
	return append(out, e.payload[done:e.request.at.end]...), nil
}

func (e *event) checkTarget(path string) error {
	if path == "" {
		path = e.uri.text
	}
	query := strings.TrimPrefix(e.query.text, "?")
	if len(path)+len("?")+len(query) >= maxTarget {
		return &refusal{reason.BadPath, http.StatusRequestURITooLong, "This address is too long.\n",
			fmt.Sprintf("path and query have %d characters, and CloudFront takes less than %d", len(path)+len("?")+len(query), maxTarget)}
	}
	for i := range len(query) {
		if c := query[i]; c <= ' ' || c == '#' || c == 0x7f {
			return &refusal{reason.BadRequest, http.StatusBadRequest, "This address is not well formed.\n",
				fmt.Sprintf("the query has the byte %q, which CloudFront does not let a function pass on", c)}
		}
	}
	return nil
}

// cutHeaders marks the headers that are not passed on, and reports whether there are any.
func (e *event) cutHeaders(f *edgeauth.Forward, cookies bool) (some bool, err error) {
	for name := range f.Set {
		if !settable(name) {
			return false, fmt.Errorf("the decision sets the header %s, which CloudFront does not let a function set", name)
		}
	}
	for i := range e.request.member {
		h := &e.request.member[i]
		h.gone = cookies && sameFold(h.name, "cookie") || answer.SameName(h.name, handoverHeader) || answer.Replaced(f, h.name) || claimsToAsk(h.name)
		if !h.gone {
			continue
		}
		some = true
		if lower := strings.ToLower(h.name); disallowed(lower) || readOnly(lower) {
			return false, fmt.Errorf("the decision drops the header %s, which CloudFront does not let a function change", h.name)
		}
	}
	return some, nil
}

// claimsToAsk reports whether a header says who asks. Nothing that could know stands in front of CloudFront.
func claimsToAsk(name string) bool {
	return slices.ContainsFunc(asker, func(other string) bool { return answer.SameName(other, name) })
}

var asker = address.Asker()

func (e *event) appendHeaders(out []byte, f *edgeauth.Forward, cookie, handed string) []byte {
	open := len(out) + 1
	out = e.request.appendKept(out, e.payload)
	put := func(name string, values ...string) {
		if len(out) > open {
			out = append(out, ',')
		}
		out = appendHeader(out, name, values)
	}
	if cookie != "" {
		put("Cookie", cookie)
	}
	if handed != "" {
		put(handoverHeader, handed)
	}
	if len(f.Set) > 0 {
		for _, name := range slices.Sorted(maps.Keys(f.Set)) {
			if values := f.Set[name]; len(values) > 0 {
				put(name, values...)
			}
		}
	}
	return append(out, '}')
}
