package devidp

import (
	"io"
	"maps"
	"net/http"
	"strings"
)

// api answers about the owner of the access token: with the user's answer for this URL or, at the userinfo endpoint,
// with the claims.
func (s *Server) api(url string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		g, ok := s.bearer(r)
		if !ok {
			w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`) // RFC 6750, 3
			writeJSON(w, http.StatusUnauthorized, map[string]any{"error": "invalid_token"})
			return
		}
		answer, found := g.user.API[url]
		if !found && url != s.endpoints.Userinfo {
			writeJSON(w, http.StatusNotFound, map[string]any{"message": "Not Found"})
			return
		}
		if !found {
			claims := s.common(g, s.opts.Provider.IDToken)
			maps.DeleteFunc(claims, func(name string, _ any) bool { return strings.Contains(" iss iat exp ", " "+name+" ") })
			answer = claims
		}
		for _, b := range s.tampers() {
			if b.Answer != nil {
				answer = b.Answer(url, answer)
			}
		}
		if signed, ok := answer.(string); ok { // OIDC Core 5.3.2
			w.Header().Set("Content-Type", "application/jwt")
			_, _ = io.WriteString(w, signed)
			return
		}
		writeJSON(w, http.StatusOK, answer)
	}
}

// bearer finds the grant of the token in the Authorization header, the only place where it may be.
func (s *Server) bearer(r *http.Request) (*grant, bool) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	s.mu.Lock()
	defer s.mu.Unlock()
	found, ok := s.grants.access[token]
	if !ok || !strings.EqualFold(scheme, "Bearer") || found.revoked || !s.opts.Now().Before(found.expires) {
		return nil, false
	}
	return found.grant, true
}
