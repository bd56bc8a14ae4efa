package outbound

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth/provider"
)

func TestAProvidersAddressesArePublicAll(t *testing.T) {
	const inside = "http://169.254.169.254/latest"
	for name, change := range map[string]func(*provider.Provider){
		"discovery": func(p *provider.Provider) { p.Discovery = inside },
		"token":     func(p *provider.Provider) { p.Endpoints.Token = inside },
		"keys":      func(p *provider.Provider) { p.Endpoints.Keys = inside },
		"userinfo":  func(p *provider.Provider) { p.Endpoints.Userinfo = inside },
		"revoke":    func(p *provider.Provider) { p.Endpoints.Revoke = inside },
		"pushed":    func(p *provider.Provider) { p.Endpoints.PushedRequests = inside },
		"API":       func(p *provider.Provider) { p.Userinfo.URLs = []string{inside} },
		"groups":    func(p *provider.Provider) { p.GroupsLookup.URL = inside + "?of={email}" },
	} {
		p := provider.OIDC("https://id.example")
		require.NoError(t, Policy{}.CheckProvider(&p))
		change(&p)
		require.Error(t, Policy{}.CheckProvider(&p), name)
	}
}
