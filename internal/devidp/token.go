package devidp

import (
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// oauthError is an error answer of the token endpoint (RFC 6749, 5.2). Codes are Entra's numbers.
type oauthError struct {
	Status      int    `json:"-"`
	Code        string `json:"error"`
	Description string `json:"error_description,omitempty"`
	Codes       []int  `json:"error_codes,omitempty"`
}

func invalidGrant(description string) *oauthError {
	return &oauthError{Status: http.StatusBadRequest, Code: "invalid_grant", Description: description}
}

func invalidClient(description string) *oauthError {
	return &oauthError{Status: http.StatusUnauthorized, Code: "invalid_client", Description: description}
}

func (s *Server) token(w http.ResponseWriter, r *http.Request) {
	answer, fault := s.tokenAnswer(r)
	if fault != nil {
		status := fault.Status
		if s.opts.ErrorStatus != 0 {
			status = s.opts.ErrorStatus
		}
		if status == http.StatusUnauthorized {
			w.Header().Set("WWW-Authenticate", `Basic realm="token"`)
		}
		writeJSON(w, status, fault)
		return
	}
	if s.opts.FormAnswers && !strings.Contains(r.Header.Get("Accept"), "json") {
		form := url.Values{}
		for name, value := range answer {
			form.Set(name, fmt.Sprint(value))
		}
		w.Header().Set("Content-Type", "application/x-www-form-urlencoded")
		_, _ = w.Write([]byte(form.Encode()))
		return
	}
	writeJSON(w, http.StatusOK, answer)
}

func (s *Server) tokenAnswer(r *http.Request) (map[string]any, *oauthError) {
	form, fault := readForm(r)
	if fault != nil {
		return nil, fault
	}
	c, fault := s.authenticate(r, form)
	if fault != nil {
		return nil, fault
	}
	var g *grant
	var refresh string
	grantType := form.Get("grant_type")
	switch grantType {
	case "authorization_code":
		// A wrong Origin does not use up the code: Entra checks the platform first.
		if fault := c.checkOrigin(r, form.Get("redirect_uri")); fault != nil {
			return nil, fault
		}
		g, fault = s.redeem(form.Get("code"), form.Get("redirect_uri"), form.Get("code_verifier"), c)
		if fault == nil && s.givesRefresh(g) {
			refresh = s.newRefresh(g)
		}
	case "refresh_token":
		if fault := s.checkRefreshOrigin(r, form.Get("refresh_token"), c); fault != nil {
			return nil, fault
		}
		g, refresh, fault = s.renew(form.Get("refresh_token"), c)
	default:
		fault = &oauthError{Status: http.StatusBadRequest, Code: "unsupported_grant_type", Description: fmt.Sprintf("grant_type %q", grantType)}
	}
	if fault != nil {
		return nil, fault
	}
	return s.answerFor(g, grantType, form.Get("scope"), refresh)
}

func (s *Server) answerFor(g *grant, grantType, scope, refresh string) (map[string]any, *oauthError) {
	if scope == "" {
		scope = g.scope
	}
	for _, word := range strings.Fields(scope) {
		if !hasWord(g.scope, word) { // RFC 6749, 6: never wider than granted
			return nil, &oauthError{Status: http.StatusBadRequest, Code: "invalid_scope", Description: fmt.Sprintf("scope %q was not granted", word)}
		}
	}
	tokens, err := s.issue(g, scope, grantType == "authorization_code")
	if err != nil {
		return nil, &oauthError{Status: http.StatusInternalServerError, Code: "server_error", Description: err.Error()}
	}
	answer := map[string]any{
		"access_token": tokens.access,
		"token_type":   "Bearer",
		"expires_in":   int(s.opts.TokenLife.Seconds()),
		"scope":        scope,
	}
	if hasWord(scope, "openid") && (grantType == "authorization_code" || !s.opts.RefreshOmitsIDToken) {
		answer["id_token"] = tokens.id
	}
	if refresh != "" {
		answer["refresh_token"] = refresh
	}
	for _, b := range s.tampers() {
		if b.TokenAnswer != nil {
			b.TokenAnswer(grantType, answer)
		}
	}
	return answer, nil
}

func (s *Server) givesRefresh(g *grant) bool {
	return s.opts.Refresh != NoRefresh && (s.opts.RefreshScope == "" || hasWord(g.scope, s.opts.RefreshScope))
}

func (s *Server) checkRefreshOrigin(r *http.Request, token string, c Client) *oauthError {
	s.mu.Lock()
	found := s.grants.refresh[token]
	s.mu.Unlock()
	if found == nil {
		return nil // renew reports the unknown token
	}
	return c.checkOrigin(r, found.redirectURI)
}

// readForm reads a form post in which no parameter repeats (RFC 6749, 3.2).
func readForm(r *http.Request) (url.Values, *oauthError) {
	bad := func(description string) (url.Values, *oauthError) {
		return nil, &oauthError{Status: http.StatusBadRequest, Code: "invalid_request", Description: description}
	}
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case r.Method != http.MethodPost:
		return bad("the method must be POST")
	case kind != "application/x-www-form-urlencoded":
		return bad("the body must be form-encoded")
	case r.ParseForm() != nil:
		return bad("the body cannot be read")
	}
	for name, values := range r.PostForm {
		if len(values) > 1 {
			return bad(fmt.Sprintf("parameter %q repeats", name))
		}
	}
	return r.PostForm, nil
}

func hasWord(text, word string) bool { return slices.Contains(strings.Fields(text), word) }
