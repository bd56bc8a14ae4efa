package devidp

import (
	"crypto/subtle"
	"fmt"
	"net/http"
	"net/url"

	"github.com/edgeauth/edgeauth/provider"
)

// authenticate finds the client of a request to the token or revocation endpoint. A client authenticates in one way,
// the registered one (RFC 6749, 2.3).
func (s *Server) authenticate(r *http.Request, form url.Values) (Client, *oauthError) {
	user, password, basic := r.BasicAuth()
	post := form.Has("client_secret")
	id := form.Get("client_id")
	if basic {
		// RFC 6749, 2.3.1: both halves are form-encoded before they are joined.
		decodedID, err1 := url.QueryUnescape(user)
		decoded, err2 := url.QueryUnescape(password)
		if err1 != nil || err2 != nil || (id != "" && id != decodedID) {
			return Client{}, invalidClient("malformed credentials")
		}
		id, password = decodedID, decoded
	} else {
		password = form.Get("client_secret")
	}
	c, ok := s.client(id)
	want := s.opts.Provider.ClientAuth
	if want == "" {
		want = provider.ClientSecretBasic
	}
	switch {
	case !ok:
		return c, invalidClient("no such client")
	case c.Key != nil && s.opts.Provider.SecretIssuer != "":
		return c, s.checkSignedSecret(c, form.Get("client_secret"))
	case c.Key != nil:
		return c, s.checkAssertion(c, form, basic || post)
	case basic && post:
		return c, &oauthError{Status: http.StatusBadRequest, Code: "invalid_request", Description: "two ways of client authentication"}
	case c.Secret == "" && (basic || post):
		return c, invalidClient("a public client has no secret")
	case c.Secret == "":
		return c, nil
	case basic != (want == provider.ClientSecretBasic) || post != (want == provider.ClientSecretPost):
		return c, invalidClient(fmt.Sprintf("this client is registered for %s", want))
	case subtle.ConstantTimeCompare([]byte(password), []byte(c.Secret)) == 0:
		return c, invalidClient("wrong secret")
	}
	return c, nil
}

// checkOrigin is the rule of Entra's platforms: a code or refresh token of a single-page application can only be used
// by a script of the application's origin, one of a web application never by a script.
func (c Client) checkOrigin(r *http.Request, redirectURI string) *oauthError {
	got := r.Header.Get("Origin")
	u, err := url.Parse(redirectURI)
	switch {
	case c.Origin == OriginRequired && (err != nil || got != u.Scheme+"://"+u.Host):
		return &oauthError{
			Status: http.StatusBadRequest, Code: "invalid_request", Codes: []int{9002327},
			Description: fmt.Sprintf("AADSTS9002327: a single-page application redeems with its own Origin, not %q.", got),
		}
	case c.Origin == OriginForbidden && got != "":
		return &oauthError{
			Status: http.StatusBadRequest, Code: "invalid_request", Codes: []int{9002326},
			Description: fmt.Sprintf("AADSTS9002326: only a single-page application may redeem with an Origin, here %q.", got),
		}
	}
	return nil
}
