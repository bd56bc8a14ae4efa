package devidp

// The names that Tamper and TokenTamper had before. They go when the last test uses the new ones.
type (
	Bend      = Tamper
	TokenBend = TokenTamper
)

// Bend is [Server.Tamper].
func (s *Server) Bend(b Bend) { s.Tamper(b) }
