package devidp

import (
	"crypto/rand"
	"net/http"
	"net/url"
)

// requestURIPrefix is that of RFC 9126, 2.2.
const requestURIPrefix = "urn:ietf:params:oauth:request_uri:"

// push takes an authorization request from the client itself (RFC 9126, 2).
func (s *Server) push(w http.ResponseWriter, r *http.Request) {
	form, fault := readForm(r)
	var c Client
	if fault == nil {
		c, fault = s.authenticate(r, form)
	}
	if fault == nil && form.Has("request_uri") {
		fault = &oauthError{Status: http.StatusBadRequest, Code: "invalid_request", Description: "a pushed request has no request_uri"}
	}
	if fault != nil {
		writeJSON(w, fault.Status, fault)
		return
	}
	form.Set("client_id", c.ID)
	for _, name := range []string{"client_secret", "client_assertion", "client_assertion_type"} {
		form.Del(name)
	}
	uri := requestURIPrefix + rand.Text()
	s.mu.Lock()
	s.pushed[uri] = form
	s.mu.Unlock()
	writeJSON(w, http.StatusCreated, map[string]any{"request_uri": uri, "expires_in": 60})
}

// request is the authorization request that a query stands for: its own, or one that was pushed.
func (s *Server) request(q url.Values) (url.Values, string) {
	uri := q.Get("request_uri")
	if uri == "" && s.opts.Provider.PushRequests {
		return nil, "This provider takes pushed requests alone."
	}
	if uri == "" {
		return q, ""
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	pushed, ok := s.pushed[uri]
	if !ok || pushed.Get("client_id") != q.Get("client_id") {
		return nil, "There is no such pushed request of this client."
	}
	return pushed, ""
}
