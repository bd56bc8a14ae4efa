package devidp

import (
	"crypto"
	"net/http"
	"net/url"
	"slices"

	"github.com/golang-jwt/jwt/v5"
)

const sessionCookie = "devidp_session"

// endSession signs out without asking and goes to a registered address, if there is one (OpenID Connect
// RP-Initiated Logout 1.0, in the form that the provider's Logout gives it).
func (s *Server) endSession(w http.ResponseWriter, r *http.Request) {
	form := s.opts.Provider.Logout
	returnParam, clientParam := form.ReturnParam, form.ClientParam
	if returnParam == "" {
		returnParam = "post_logout_redirect_uri"
	}
	if clientParam == "" {
		clientParam = "client_id"
	}
	if r.ParseForm() != nil {
		s.page(w, http.StatusBadRequest, page{Message: "The request cannot be read."})
		return
	}
	if form.IDTokenHint && !s.knows(r.Form.Get("id_token_hint")) { // as Okta, which ends nothing without it
		s.page(w, http.StatusBadRequest, page{Message: "Whose session? The id_token_hint is missing, or not from here."})
		return
	}
	s.forget(w, r)
	back := r.Form.Get(returnParam)
	if back == "" {
		s.page(w, http.StatusOK, page{Message: "You are signed out."})
		return
	}
	u, err := url.Parse(back)
	if err != nil || !s.mayReturn(r.Form.Get(clientParam), back) {
		s.page(w, http.StatusBadRequest, page{Message: "You are signed out. The address to go on to is not registered:", Detail: back})
		return
	}
	if state := r.Form.Get("state"); state != "" {
		q := u.Query()
		q.Set("state", state)
		u.RawQuery = q.Encode()
	}
	// #nosec G710 -- one of the registered URIs
	http.Redirect(w, r, u.String(), http.StatusFound)
}

// knows reports whether an ID token was signed here, be it over by now.
func (s *Server) knows(hint string) bool {
	for _, key := range s.Keys() {
		private, ok := key.Private.(crypto.Signer)
		if !ok {
			continue
		}
		_, err := jwt.NewParser(jwt.WithoutClaimsValidation()).Parse(hint, func(*jwt.Token) (any, error) { return private.Public(), nil })
		if err == nil {
			return true
		}
	}
	return false
}

// mayReturn reports whether the address is registered for the client, or for any client if the request names none.
func (s *Server) mayReturn(client, back string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, c := range s.clients {
		if (client == "" || client == id) && slices.Contains(c.PostLogoutURIs, back) {
			return true
		}
	}
	return false
}

func (s *Server) forget(w http.ResponseWriter, r *http.Request) {
	if c, err := r.Cookie(sessionCookie); err == nil {
		s.mu.Lock()
		delete(s.grants.sessions, c.Value)
		s.mu.Unlock()
	}
	http.SetCookie(w, &http.Cookie{Name: sessionCookie, Path: "/", MaxAge: -1, HttpOnly: true})
}

// revoke ends the family of a refresh token (RFC 7009, 2). An unknown token counts as revoked.
func (s *Server) revoke(w http.ResponseWriter, r *http.Request) {
	form, fault := readForm(r)
	var c Client
	if fault == nil {
		c, fault = s.authenticate(r, form)
	}
	if fault != nil {
		writeJSON(w, fault.Status, fault)
		return
	}
	s.mu.Lock()
	if t := s.grants.refresh[form.Get("token")]; t != nil && t.client.ID == c.ID {
		t.revoked = true
	}
	s.mu.Unlock()
	w.WriteHeader(http.StatusOK)
}
