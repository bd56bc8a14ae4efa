package edgeauthtest

import (
	"fmt"
	"slices"

	"github.com/edgeauth/edgeauth/internal/devidp"
)

// IdP is the fake identity provider of a [World]. It refuses what a strict provider refuses: a redirect URI that is not
// registered, a code used twice, a refresh token used twice. Its methods are the idp lines of a story.
type IdP struct{ server *devidp.Server }

// Down breaks every connection to the provider, until [IdP.Up].
func (p *IdP) Down() { p.server.FailAll(devidp.Down()) }

// Up ends an outage that [IdP.Down] began.
func (p *IdP) Up() { p.server.FailAll(nil) }

// RotateKeys signs with a new key from now on. The old keys stay published.
func (p *IdP) RotateKeys() error { return p.server.Rotate() }

// EndSessions signs everybody out at the provider and revokes all refresh tokens.
func (p *IdP) EndSessions() { p.server.EndSessions() }

// Calls is how many requests have come to an endpoint: "discovery", "authorize", "token", "keys", "userinfo", "api",
// "revoke" or "end_session". It panics at any other name, which would count nothing for ever.
func (p *IdP) Calls(endpoint string) int {
	if err := checkEndpoint(endpoint); err != nil {
		panic("edgeauthtest: " + err.Error())
	}
	return p.server.Calls(devidp.Endpoint(endpoint))
}

func checkEndpoint(name string) error {
	if !slices.Contains(devidp.Endpoints(), devidp.Endpoint(name)) {
		return fmt.Errorf("%q is no endpoint; the endpoints are %v", name, devidp.Endpoints())
	}
	return nil
}
