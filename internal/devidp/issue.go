package devidp

import (
	"crypto"
	"crypto/rand"
	_ "crypto/sha256" // the hashes of at_hash
	_ "crypto/sha512"
	"encoding/json"
	"maps"
	"strings"

	"github.com/edgeauth/edgeauth/provider"
)

type tokens struct{ access, id string }

// issue makes both tokens. Only the answer to a code has the nonce (OIDC Core 12.2).
func (s *Server) issue(g *grant, scope string, withNonce bool) (tokens, error) {
	keys, tampers := s.Keys(), s.tampers()
	access, err := rand.Text()+rand.Text(), error(nil)
	if !s.opaque(g) {
		claims := s.accessClaims(g, scope)
		access, err = s.seal(keys[len(keys)-1], s.accessType(), claims, tampers[0].AccessToken, tampers[1].AccessToken)
	}
	if err != nil {
		return tokens{}, err
	}
	s.addAccess(access, g)

	claims := s.common(g, s.opts.Provider.IDToken)
	claims["aud"] = g.client.ID
	claims["auth_time"] = g.at.Unix()
	if withNonce && g.nonce != "" {
		claims["nonce"] = g.nonce
	}
	if s.opts.AtHash {
		claims["at_hash"] = leftHalf(keys[0].Algorithm, access)
	}
	id, err := s.seal(keys[0], "JWT", claims, tampers[0].IDToken, tampers[1].IDToken)
	return tokens{access, id}, err
}

// opaque reports whether the access token is opaque, as it is without an audience at a provider that takes the audience
// as a parameter.
func (s *Server) opaque(g *grant) bool {
	return s.opts.OpaqueAccessToken || (s.opts.Provider.AudienceParam != "" && g.audience == "")
}

func (s *Server) accessType() string {
	if types := s.opts.Provider.AccessToken.Types; len(types) > 0 {
		return types[0]
	}
	return "at+jwt" // RFC 9068, 2.1
}

func (s *Server) accessClaims(g *grant, scope string) map[string]any {
	rules := s.opts.Provider.AccessToken
	claims := s.common(g, rules)
	claims["jti"] = rand.Text()
	put(claims, s.opts.Provider.Mapping.Scopes, scope)
	clientClaim := "client_id"
	if len(rules.ClientClaims) > 0 {
		clientClaim = rules.ClientClaims[0]
	}
	claims[clientClaim] = g.client.ID
	switch {
	case g.audience != "":
		claims["aud"] = g.audience
	case len(rules.Audience) > 0:
		claims["aud"] = strings.ReplaceAll(rules.Audience[0], "{client_id}", g.client.ID)
	case !rules.AudienceOptional:
		claims["aud"] = g.client.ID
	}
	return claims
}

// common are the claims of both kinds, with those that the provider's own rules ask for.
func (s *Server) common(g *grant, rules provider.TokenRules) map[string]any {
	p := s.opts.Provider
	claims := map[string]any{"sub": g.user.Name}
	put(claims, p.Mapping.Subject, g.user.Name)
	for name, allowed := range rules.Equal {
		if len(allowed) > 0 {
			claims[name] = allowed[0]
		}
	}
	if g.user.Groups != nil {
		put(claims, p.Mapping.Groups, g.user.Groups)
	}
	maps.Copy(claims, g.user.Claims)
	now := s.opts.Now()
	claims["iss"] = s.issuerFor(claims)
	claims["iat"] = now.Unix()
	claims["exp"] = now.Add(s.opts.TokenLife).Unix()
	return claims
}

// put sets a claim by its name in a mapping: a member, or a JSON Pointer to one (RFC 6901, 4).
func put(claims map[string]any, name string, value any) {
	path, isPointer := strings.CutPrefix(name, "/")
	if !isPointer {
		claims[name] = value
		return
	}
	steps := strings.Split(path, "/")
	for i, step := range steps {
		step = strings.NewReplacer("~1", "/", "~0", "~").Replace(step)
		if i == len(steps)-1 {
			claims[step] = value
			return
		}
		inner, ok := claims[step].(map[string]any)
		if !ok {
			inner = map[string]any{}
			claims[step] = inner
		}
		claims = inner
	}
}

// issuerFor fills the issuer's placeholder with the claim of that name.
func (s *Server) issuerFor(claims map[string]any) string {
	p := s.opts.Provider
	if len(p.TokenIssuers) == 0 {
		return p.Issuer
	}
	issuer := p.TokenIssuers[0]
	before, rest, ok := strings.Cut(issuer, "{")
	name, after, closed := strings.Cut(rest, "}")
	if value, is := claims[name].(string); ok && closed && is {
		return before + value + after
	}
	return issuer
}

// seal makes and signs a token. The tamperings change it on the way.
func (s *Server) seal(key *Key, typ string, claims map[string]any, tampers ...TokenTamper) (string, error) {
	for _, b := range tampers {
		if b.Key != nil {
			key = b.Key
		}
	}
	header := map[string]any{"alg": key.Algorithm, "typ": typ}
	if key.ID != "" {
		header["kid"] = key.ID
	}
	for _, b := range tampers {
		if b.Header != nil {
			b.Header(header)
		}
		if b.Claims != nil {
			b.Claims(claims)
		}
	}
	head, err := json.Marshal(header)
	if err != nil {
		return "", err
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	for _, b := range tampers {
		if b.Payload != nil {
			payload = b.Payload(payload)
		}
	}
	token, err := key.sign(encode(head) + "." + encode(payload))
	for _, b := range tampers {
		if b.Token != nil {
			token = b.Token(token)
		}
	}
	return token, err
}

// leftHalf is at_hash (OIDC Core 3.1.3.6): half of the hash that the token's algorithm uses.
func leftHalf(algorithm, token string) string {
	hash := crypto.SHA256
	switch {
	case strings.HasSuffix(algorithm, "384"):
		hash = crypto.SHA384
	case strings.HasSuffix(algorithm, "512"), algorithm == "EdDSA":
		hash = crypto.SHA512
	}
	h := hash.New()
	h.Write([]byte(token))
	sum := h.Sum(nil)
	return encode(sum[:len(sum)/2])
}
