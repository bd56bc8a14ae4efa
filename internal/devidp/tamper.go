package devidp

import "net/url"

// Tamper makes the provider break rules: each field that is set changes one thing just before it is sent. The zero
// Tamper changes nothing.
type Tamper struct {
	IDToken, AccessToken TokenTamper
	// TokenAnswer changes a token answer; grant is the grant_type.
	TokenAnswer func(grant string, answer map[string]any)
	// Callback changes the parameters that the browser takes back.
	Callback func(url.Values)
	// Discovery and Keys change the two documents. The members of "keys" are a []map[string]any.
	Discovery, Keys func(map[string]any)
	// Answer changes what the userinfo endpoint or an API at url answers.
	Answer func(url string, answer any) any
}

// TokenTamper changes one kind of token, in the order of its fields.
type TokenTamper struct {
	Key     *Key                 // signs instead, and gives alg and kid
	Header  func(map[string]any) // the JOSE header; it does not change how the token is signed
	Claims  func(map[string]any)
	Payload func([]byte) []byte // the claims as JSON text
	Token   func(string) string // the finished token
}

// Tamper replaces the tampering before it. The zero Tamper makes the provider right again.
func (s *Server) Tamper(b Tamper) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tamper = b
}

// tampers are those that hold now: the shape, then the one of the test.
func (s *Server) tampers() [2]Tamper {
	s.mu.Lock()
	defer s.mu.Unlock()
	return [2]Tamper{s.opts.Shape, s.tamper}
}
