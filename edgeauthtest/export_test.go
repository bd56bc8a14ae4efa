package edgeauthtest

import "github.com/edgeauth/edgeauth/internal/devidp"

// Server lets the tests of this package break the provider in ways that are not for everybody.
func (p *IdP) Server() *devidp.Server { return p.server }
