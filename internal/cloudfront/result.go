package cloudfront

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// made is a response that a function has made.
type made struct {
	status  int
	headers headers
	body    []byte
}

// readRequestResult reads what a viewer-request function returns: a response, or a request to pass on.
func readRequestResult(result []byte, sent *request) (*made, *request, error) {
	members, err := readObject(result)
	if err != nil {
		return nil, nil, err
	}
	if _, ok := members["status"]; ok {
		m, err := readMade(members)
		return m, nil, err
	}
	passed, err := readPassed(members, sent)
	return nil, passed, err
}

func readObject(result []byte) (map[string]json.RawMessage, error) {
	// A map, because a struct would also accept "Status", which CloudFront does not.
	var members map[string]json.RawMessage
	if err := json.Unmarshal(result, &members); err != nil || members == nil {
		return nil, fmt.Errorf("the function returned no JSON object: %.60q", result)
	}
	return members, nil
}

// read reads a member if it is present, and reports its name if it has another type.
func read(members map[string]json.RawMessage, name string, into any, want string) error {
	raw, ok := members[name]
	if !ok {
		return nil
	}
	if string(raw) == "null" || json.Unmarshal(raw, into) != nil {
		return fmt.Errorf("%s: is %.60s, want %s", name, raw, want)
	}
	return nil
}

func readHeaders(members map[string]json.RawMessage) (headers, error) {
	type given struct{ Key, Value *string }
	var found map[string][]given
	if err := read(members, "headers", &found, `{"name": [{"key": "Name", "value": "text"}]}`); err != nil {
		return nil, err
	}
	h := make(headers, len(found))
	for name, values := range found {
		h[name] = []entry{}
		for _, value := range values {
			if value.Value == nil {
				return nil, fmt.Errorf("headers: an entry of %q has no value", name)
			}
			e := entry{Value: *value.Value}
			if value.Key != nil {
				e.Key = *value.Key
			}
			h[name] = append(h[name], e)
		}
	}
	return h, nil
}

// readMade reads a generated response: page "Generate HTTP responses in request triggers".
func readMade(members map[string]json.RawMessage) (*made, error) {
	var status, description, body string
	encoding := "text"
	h, err := readHeaders(members)
	err = errors.Join(err,
		read(members, "status", &status, `a string such as "302"`), read(members, "statusDescription", &description, "a string"),
		read(members, "body", &body, "a string"), read(members, "bodyEncoding", &encoding, `"text" or "base64"`))
	if err != nil {
		return nil, err
	}
	m := &made{headers: h, body: []byte(body)}
	if m.status, err = strconv.Atoi(status); err != nil || len(status) != 3 || m.status < 200 || m.status > 599 {
		return nil, fmt.Errorf(`status: is %q, want "200" to "599"`, status)
	}
	switch encoding {
	case "text":
	case "base64":
		if m.body, err = base64.StdEncoding.DecodeString(body); err != nil {
			return nil, errors.New("body: is no base64, as bodyEncoding says")
		}
	default:
		return nil, fmt.Errorf(`bodyEncoding: is %q, want "text" or "base64"`, encoding)
	}
	if err := h.check(nil, readOnlyAtRequest); err != nil {
		return nil, err
	}
	if size := h.size() + len(m.body); size > maxMade {
		return nil, fmt.Errorf("the response has %d bytes, and CloudFront takes %d", size, maxMade)
	}
	if m.status == http.StatusNoContent && len(m.body) > 0 {
		return nil, errors.New("body: a response with status 204 has none")
	}
	return m, nil
}

// readPassed reads a request that is passed on.
func readPassed(members map[string]json.RawMessage, sent *request) (*request, error) {
	for _, name := range []string{"method", "uri", "querystring", "headers"} {
		if _, ok := members[name]; !ok {
			return nil, fmt.Errorf("the function returned neither a response, with a status, nor a request: it has no %s", name)
		}
	}
	p := *sent
	var err error
	if p.Headers, err = readHeaders(members); err != nil {
		return nil, err
	}
	err = errors.Join(read(members, "method", &p.Method, "a string"), read(members, "uri", &p.URI, "a string"),
		read(members, "querystring", &p.Querystring, "a string"), read(members, "clientIp", &p.ClientIP, "a string"))
	if err != nil {
		return nil, err
	}
	space := func(r rune) bool { return r <= ' ' || r == 0x7f || r == '#' }
	switch {
	case p.Method != sent.Method || p.ClientIP != sent.ClientIP:
		return nil, errors.New("method and clientIp are read-only")
	case !strings.HasPrefix(p.URI, "/") || strings.ContainsFunc(p.URI, space) || strings.Contains(p.URI, "?"):
		return nil, fmt.Errorf("uri: is %q, want a path", p.URI)
	case strings.ContainsFunc(p.Querystring, space):
		return nil, fmt.Errorf("querystring: %q has a space, a control character or #", p.Querystring)
	case len(p.URI)+len(p.Querystring) >= maxURL:
		return nil, fmt.Errorf("uri and querystring have %d characters, and CloudFront takes less than %d", len(p.URI)+len(p.Querystring), maxURL)
	}
	return &p, p.Headers.check(sent.Headers, readOnlyAtRequest)
}

func (m *made) write(w http.ResponseWriter) {
	h := w.Header()
	h.Set("X-Cache", "LambdaGeneratedResponse from cloudfront")
	h["Content-Type"] = nil // so that net/http does not guess it
	for name, values := range m.headers {
		h.Del(name)
		for _, value := range values {
			h.Add(name, value.Value)
		}
	}
	w.WriteHeader(m.status)
	_, _ = w.Write(m.body)
}
