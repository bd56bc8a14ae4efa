package registry

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/edgeauth/edgeauth/provider"
	"github.com/stretchr/testify/require"
)

func TestSitesShareDocumentsFromTheSamePlaceAlone(t *testing.T) {
	r, n := New(), 0
	documents := func(p provider.Provider) Documents {
		n++
		d, err := r.Documents(fmt.Sprintf("s%d.example", n), source(p))
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

func source(p provider.Provider) Source {
	return Source{Provider: &p, Given: http.DefaultClient, Client: http.DefaultClient, Now: time.Now}
}

func TestNoSiteIsJudgedByWhatAnotherBringsAlong(t *testing.T) {
	r := New()
	p := provider.OIDC("https://idp.example")
	p.Endpoints.Keys = "https://idp.example/keys"
	own, err := r.Documents("a.example", source(p))
	require.NoError(t, err)
	for rule, change := range map[string]func(*Source){
		"keys to begin with": func(s *Source) {
			s.Snapshot = []byte(`{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}`)
		},
		"a client": func(s *Source) { s.Given = &http.Client{} },
	} {
		from := source(p)
		change(&from)
		other, err := r.Documents("b.example", from)
		require.NoError(t, err)
		require.NotSame(t, own.Keys, other.Keys, rule)
	}
	again, err := r.Documents("c.example", source(p))
	require.NoError(t, err)
	require.Same(t, own.Keys, again.Keys)
}

func TestDocumentsThatNoSiteUsesAreForgotten(t *testing.T) {
	r := New()
	at := func(site, issuer string) {
		_, err := r.Documents(site, source(provider.OIDC(issuer)))
		require.NoError(t, err)
	}
	at("b.example", "https://idp.example")
	for i := range 1000 { // an author who writes a document anew, again and again
		at("a.example", fmt.Sprintf("https://idp%d.example", i))
	}
	require.Len(t, r.keys, 2)
	require.Len(t, r.metadata, 2)
	at("a.example", "https://idp.example")
	r.Forget("a.example")
	require.Len(t, r.keys, 1, "another site uses them")
	r.Forget("b.example")
	require.Empty(t, r.keys)
	require.Empty(t, r.metadata)
	require.Empty(t, r.uses)
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
