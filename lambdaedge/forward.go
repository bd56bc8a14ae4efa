package lambdaedge

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/internal/answer"
)

// maxTarget is CloudFront's limit for path and query together, in characters.
const maxTarget = 8192

// forward returns the request object to pass on: the bytes that came, with only that cut and put in which f
// changes. What would make CloudFront answer 502 is an error.
func (e *event) forward(f *edgeauth.Forward) ([]byte, error) {
	if err := e.checkTarget(f.Path); err != nil {
		return nil, err
	}
	headers, err := e.forwardHeaders(f)
	if err != nil {
		return nil, err
	}
	var edits []edit
	if headers != nil {
		edits = append(edits, edit{e.headers, headers})
	}
	if f.Path != "" && f.Path != e.uri.text {
		edits = append(edits, edit{e.uri.at, appendString(nil, f.Path)})
	}
	return apply(e.payload, e.request, edits)
}

// edit puts a text where something else was.
type edit struct {
	at   span
	text []byte
}

// apply returns the part of data with the edits made.
func apply(data []byte, part span, edits []edit) ([]byte, error) {
	if len(edits) == 0 {
		return data[part.start:part.end:part.end], nil
	}
	slices.SortFunc(edits, func(a, b edit) int { return a.at.start - b.at.start })
	out := make([]byte, 0, part.end-part.start+256)
	pos := part.start
	for _, e := range edits {
		if e.at.end == 0 {
			return nil, errors.New("the event's request lacks the uri or the headers that have to change")
		}
		out = append(out, data[pos:e.at.start]...)
		out = append(out, e.text...)
		pos = e.at.end
	}
	return append(out, data[pos:part.end]...), nil
}

func (e *event) checkTarget(path string) error {
	if path == "" {
		path = e.uri.text
	}
	query := strings.TrimPrefix(e.query.text, "?")
	if len(path)+len("?")+len(query) >= maxTarget {
		return &refusal{http.StatusRequestURITooLong, "This address is too long.\n",
			fmt.Sprintf("path and query have %d characters, and CloudFront takes less than %d", len(path)+len("?")+len(query), maxTarget)}
	}
	for i := range len(query) {
		if c := query[i]; c <= ' ' || c == '#' || c == 0x7f {
			return &refusal{http.StatusBadRequest, "This address is not well formed.\n",
				fmt.Sprintf("the query has the byte %q, which CloudFront does not let a function pass on", c)}
		}
	}
	return nil
}

// forwardHeaders returns the headers object to pass on, or nil where it is the one that came.
func (e *event) forwardHeaders(f *edgeauth.Forward) ([]byte, error) {
	for name := range f.Set {
		if lower := strings.ToLower(name); disallowed(lower) || readOnly(lower) || cloudFronts(lower) {
			return nil, fmt.Errorf("the decision sets the header %s, which CloudFront does not let a function set", name)
		}
	}
	newCookie, oldCookies := f.Cookie != "", e.all("cookie")
	keepCookies := len(oldCookies) == 1 && oldCookies[0] == f.Cookie
	changed := len(f.Set) > 0 || newCookie && !keepCookies

	out := []byte{'{'}
	for _, h := range e.header {
		lower := strings.ToLower(h.name)
		gone := answer.Replaced(f, h.name) || lower == "cookie" && !keepCookies
		if gone {
			if disallowed(lower) || readOnly(lower) {
				return nil, fmt.Errorf("the decision drops the header %s, which CloudFront does not let a function change", h.name)
			}
			changed = true
			continue
		}
		out = append(separate(out), h.member.of(e.payload)...)
	}
	if !changed {
		return nil, nil
	}
	if newCookie && !keepCookies {
		out = appendHeader(separate(out), "Cookie", []string{f.Cookie})
	}
	for _, name := range slices.Sorted(maps.Keys(f.Set)) {
		if values := f.Set[name]; len(values) > 0 {
			out = appendHeader(separate(out), name, values)
		}
	}
	return append(out, '}'), nil
}

// separate appends a comma where something is there already.
func separate(object []byte) []byte {
	if len(object) > 1 {
		return append(object, ',')
	}
	return object
}
