package registry

import (
	"net/http"
	"testing"
	"time"

	"github.com/edgeauth/edgeauth/provider"
	"github.com/stretchr/testify/require"
)

func TestSitesShareDocumentsFromTheSamePlaceAlone(t *testing.T) {
	r := New()
	documents := func(p provider.Provider) Documents {
		d, err := r.Documents(&p, http.DefaultClient, nil, time.Now)
		require.NoError(t, err)
		return d
	}
	one := documents(provider.OIDC("https://idp.example"))
	require.Same(t, one.Keys, documents(provider.OIDC("https://idp.example")).Keys)
	require.Same(t, one.Metadata, documents(provider.OIDC("https://idp.example")).Metadata)

	other := documents(provider.OIDC("https://idp2.example"))
	require.NotSame(t, one.Keys, other.Keys)
	require.NotSame(t, one.Metadata, other.Metadata)

	p := provider.OIDC("https://idp3.example") // says the same address, and another issuer
	p.Discovery = provider.DiscoveryURL("https://idp.example")
	require.NotSame(t, one.Metadata, documents(p).Metadata)
	require.NotSame(t, one.Keys, documents(p).Keys)

	p.Discovery, p.Endpoints.Keys = "", "https://idp.example/keys"
	require.Nil(t, documents(p).Metadata)
	require.NotSame(t, one.Keys, documents(p).Keys)
}

func TestAClaimHoldsUntilItIsReleased(t *testing.T) {
	r := New()
	claim := func(host string) Claim {
		return Claim{Hosts: []string{host}, Issuers: []string{"https://idp.example"}, Audiences: []string{"client"}}
	}
	_, _, ok := r.Claim("a.example", claim("a.example"))
	require.True(t, ok)
	other, audience, ok := r.Claim("b.example", claim("b.example"))
	require.False(t, ok)
	require.Equal(t, []string{"a.example", "client"}, []string{other, audience})
	require.ElementsMatch(t, []string{"a.example", "b.example"}, r.Claimed(), "neither takes the other's away")
	r.Release("a.example")
	_, _, ok = r.Claim("b.example", claim("b.example"))
	require.True(t, ok)
}
