package devidp

import "net/url"

// Bend makes the provider break rules: each member that is set changes one thing just before it goes out. The
// zero Bend breaks none.
type Bend struct {
	IDToken, AccessToken TokenBend
	// TokenAnswer changes a token answer; grant is the grant_type.
	TokenAnswer func(grant string, answer map[string]any)
	// Callback changes the parameters that the browser takes back.
	Callback func(url.Values)
	// Discovery and Keys change the two documents. The members of "keys" are a []map[string]any.
	Discovery, Keys func(map[string]any)
	// Answer changes what the userinfo endpoint or an API at url answers.
	Answer func(url string, answer any) any
}

// TokenBend changes one kind of token, in the order of its members.
type TokenBend struct {
	Key     *Key                 // signs instead, and gives alg and kid
	Header  func(map[string]any) // the JOSE header; it does not change how the token is signed
	Claims  func(map[string]any)
	Payload func([]byte) []byte // the claims as JSON text
	Token   func(string) string // the finished token
}

// Bend replaces what is bent. Bend(Bend{}) makes the provider right again.
func (s *Server) Bend(b Bend) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bend = b
}

// bends are those that hold now: the shape, then the bend.
func (s *Server) bends() [2]Bend {
	s.mu.Lock()
	defer s.mu.Unlock()
	return [2]Bend{s.opts.Shape, s.bend}
}
