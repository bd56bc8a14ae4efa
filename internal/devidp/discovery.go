package devidp

import "net/http"

func (s *Server) discovery(w http.ResponseWriter, _ *http.Request) {
	algorithms := []string{}
	for _, key := range s.Keys() {
		algorithms = append(algorithms, key.Algorithm)
	}
	e := s.endpoints
	doc := map[string]any{
		"issuer":                                         s.opts.Provider.Issuer,
		"authorization_endpoint":                         e.Authorize,
		"token_endpoint":                                 e.Token,
		"jwks_uri":                                       e.Keys,
		"userinfo_endpoint":                              e.Userinfo,
		"revocation_endpoint":                            e.Revoke,
		"end_session_endpoint":                           e.EndSession,
		"pushed_authorization_request_endpoint":          e.PushedRequests,
		"require_pushed_authorization_requests":          s.opts.Provider.PushRequests,
		"response_types_supported":                       []string{"code"},
		"response_modes_supported":                       []string{"query"},
		"subject_types_supported":                        []string{"public"},
		"id_token_signing_alg_values_supported":          algorithms,
		"code_challenge_methods_supported":               []string{"S256"},
		"scopes_supported":                               []string{"openid", "profile", "email", "offline_access"},
		"token_endpoint_auth_methods_supported":          []string{"none", "client_secret_basic", "client_secret_post", "private_key_jwt"},
		"grant_types_supported":                          []string{"authorization_code", "refresh_token"},
		"authorization_response_iss_parameter_supported": s.opts.CallbackIssuer,
	}
	for name, value := range doc {
		if value == "" {
			delete(doc, name)
		}
	}
	for _, b := range s.tampers() {
		if b.Discovery != nil {
			b.Discovery(doc)
		}
	}
	writeJSON(w, http.StatusOK, doc)
}
