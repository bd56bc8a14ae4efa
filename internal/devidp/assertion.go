package devidp

import (
	"net/url"
	"slices"

	"github.com/golang-jwt/jwt/v5"
)

// #nosec G101 -- a name, and no secret
const bearerAssertion = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

// checkSignedSecret is the client secret of Apple: a token that the client's key signs.
func (s *Server) checkSignedSecret(c Client, secret string) *oauthError {
	parser := jwt.NewParser(
		jwt.WithTimeFunc(s.opts.Now), jwt.WithExpirationRequired(), jwt.WithIssuer(s.opts.Provider.SecretIssuer), jwt.WithSubject(c.ID),
		jwt.WithAudience(s.opts.Provider.AssertionAudience), jwt.WithValidMethods([]string{"ES256"}),
	)
	if _, err := parser.Parse(secret, func(*jwt.Token) (any, error) { return c.Key, nil }); err != nil {
		return invalidClient("the secret: " + err.Error())
	}
	return nil
}

// checkAssertion is private_key_jwt (OIDC Core 9; RFC 7523, 3). An assertion counts once.
func (s *Server) checkAssertion(c Client, form url.Values, other bool) *oauthError {
	claims := jwt.MapClaims{}
	parser := jwt.NewParser(
		jwt.WithTimeFunc(s.opts.Now), jwt.WithExpirationRequired(), jwt.WithIssuer(c.ID), jwt.WithSubject(c.ID),
		jwt.WithValidMethods([]string{"RS256", "PS256", "ES256", "ES384", "EdDSA"}),
	)
	_, err := parser.ParseWithClaims(form.Get("client_assertion"), claims, func(*jwt.Token) (any, error) { return c.Key, nil })
	audience, _ := claims.GetAudience()
	id, _ := claims["jti"].(string)
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case other || form.Get("client_assertion_type") != bearerAssertion:
		return invalidClient("this client is registered for private_key_jwt")
	case err != nil:
		return invalidClient("the assertion: " + err.Error())
	case !slices.Contains(audience, s.endpoints.Token) && !slices.Contains(audience, s.opts.Provider.Issuer):
		return invalidClient("the assertion is for another audience")
	case id == "" || s.assertions[id]:
		return invalidClient("the assertion was used before")
	}
	s.assertions[id] = true
	return nil
}
