package edgeauth

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/edgeauth/edgeauth/entraid"
	"github.com/edgeauth/edgeauth/provider"
	"github.com/stretchr/testify/require"
)

// documents is a source that holds configurations by host.
type documents map[string]Config

func (d documents) Config(_ context.Context, host string) (Config, error) {
	if c, ok := d[host]; ok {
		return c, nil
	}
	return Config{}, ErrUnknownSite
}

const oneTenant, twoTenant = "37c156ce-36f2-4e30-ab8a-c9e8d79d09f4", "47c156ce-36f2-4e30-ab8a-c9e8d79d09f4"

func tenants(t *testing.T, c entraid.Config) provider.Provider {
	p, err := entraid.New(c)
	require.NoError(t, err)
	return p
}

func tokensAt(p provider.Provider, client string, hosts ...string) Config {
	return Config{Provider: p, ClientID: client, Hosts: hosts, Session: Session{Mode: Tokens}, OpenToEveryone: true}
}

// visits asks many sites for each host in turn and returns the reasons.
func visits(sites *Sites, hosts ...string) (codes []string) {
	for _, host := range hosts {
		d := sites.Check(context.Background(), &Request{Method: "GET", Host: host, Path: "/"})
		codes = append(codes, Code(d.Reason))
	}
	return codes
}

func TestSitesOfTokensWithoutKeysAreToldOfEachOther(t *testing.T) {
	a, b := tenants(t, entraid.Config{Tenant: oneTenant}), tenants(t, entraid.Config{Tenant: twoTenant})
	both := tenants(t, entraid.Config{Tenants: []string{oneTenant, twoTenant}})
	every := tenants(t, entraid.Config{Tenant: "organizations", AnyTenant: true})
	custom := tenants(t, entraid.Config{Tenant: twoTenant, Issuer: "https://{tid}.ciamlogin.com/{tid}/v2.0"})
	for _, test := range []struct {
		rule     string
		one, two provider.Provider
		told     bool
	}{
		{"one tenant and the same", a, a, true},
		{"one tenant and a list with it", a, both, true},
		{"a list and one tenant of it", both, b, true},
		{"one tenant and every one", a, every, true},
		{"every one and a list", every, both, true},
		{"every one and every one", every, every, true},
		{"one tenant and another", a, b, false},
		{"every one, and one at another place", every, custom, false},
		{"another provider", a, provider.OIDC("https://idp.example"), false},
	} {
		t.Run(test.rule, func(t *testing.T) {
			var log bytes.Buffer
			sites, err := NewSites(SitesConfig{Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelWarn})), Source: documents{
				"one.example.com":   tokensAt(test.one, "same", "one.example.com"),
				"two.example.com":   tokensAt(test.two, "same", "two.example.com"),
				"three.example.com": tokensAt(test.two, "other", "three.example.com"),
			}})
			require.NoError(t, err)
			require.Equal(t, []string{"no_session", "no_session", "no_session"}, visits(sites, "one.example.com", "two.example.com", "three.example.com"), "no document takes a site down")
			require.Equal(t, test.told, strings.Contains(log.String(), "site=two.example.com other=one.example.com audience=same"), log.String())
			require.NotContains(t, log.String(), "three")
		})
	}
}

func TestManySitesCallNoProviderAtAnAddressThatIsNotPublic(t *testing.T) {
	calls := 0
	local := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { calls++ }))
	defer local.Close()
	p := provider.OIDC("https://idp.example")
	p.Discovery = local.URL
	docs := documents{"one.example.com": tokensAt(p, "one", "one.example.com"), "two.example.com": tokensAt(provider.OIDC("https://idp.example"), "two", "two.example.com")}
	config := SitesConfig{Source: docs, Logger: slog.New(slog.DiscardHandler)}
	sites, err := NewSites(config)
	require.NoError(t, err)
	require.Equal(t, []string{"config_failure", "no_session"}, visits(sites, "one.example.com", "two.example.com"), "as it is written")
	_, err = sites.calls[false].client.Get(local.URL)
	require.ErrorContains(t, err, "is not a public address", "as it is called")
	require.Zero(t, calls)
	development := tokensAt(p, "one", "localhost:8080")
	development.InsecureHTTP = true
	config.Source = documents{"localhost:8080": development}
	sites, err = NewSites(config)
	require.NoError(t, err)
	require.Equal(t, []string{"no_session"}, visits(sites, "localhost:8080"), "in development this machine may be called")
	config.Source = docs
	config.ProviderNetworks = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	sites, err = NewSites(config)
	require.NoError(t, err)
	require.Equal(t, []string{"no_session"}, visits(sites, "one.example.com"))
}

func TestHostsOfOneDocumentKeepTheirTokensThroughChanges(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	a := tenants(t, entraid.Config{Tenant: oneTenant})
	docs := documents{}
	document := func(hosts ...string) {
		for _, host := range hosts {
			docs[host] = tokensAt(a, "same", hosts...)
		}
	}
	document("one.example.com", "two.example.com")
	var log bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelWarn}))
	sites, err := NewSites(SitesConfig{Source: docs, Now: func() time.Time { return now }, Logger: logger})
	require.NoError(t, err)
	fine := []string{"no_session", "no_session"}
	require.Equal(t, fine, visits(sites, "one.example.com", "two.example.com"))

	// A version of the document names one host more. Nobody goes to the second host for more than a day.
	document("one.example.com", "two.example.com", "three.example.com")
	for range 50 {
		now = now.Add(30 * time.Minute)
		require.Equal(t, fine, visits(sites, "one.example.com", "three.example.com"))
	}
	require.Equal(t, fine, visits(sites, "two.example.com", "one.example.com"))

	// And one names it no more.
	delete(docs, "two.example.com")
	document("one.example.com", "three.example.com")
	for range 50 {
		now = now.Add(30 * time.Minute)
		require.Equal(t, fine, visits(sites, "one.example.com", "three.example.com"))
	}
	require.NotContains(t, log.String(), "two sites take")

	// Somebody else's site, which names the same client, is served, and so are they.
	docs["evil.example.com"] = tokensAt(a, "same", "evil.example.com")
	require.Equal(t, []string{"no_session", "no_session", "no_session"}, visits(sites, "evil.example.com", "three.example.com", "one.example.com"))
	require.Contains(t, log.String(), "site=evil.example.com")
}

// moody is a source whose sites come, change, fail and go.
type moody struct {
	p provider.Provider
	n atomic.Int64
}

func (m *moody) Config(_ context.Context, host string) (Config, error) {
	n := m.n.Add(1)
	c := tokensAt(m.p, fmt.Sprint("client ", host, n%3), host)
	switch n % 7 {
	case 0:
		return Config{}, ErrUnknownSite
	case 1:
		return Config{}, io.ErrUnexpectedEOF
	case 2:
		panic("a source may")
	case 3:
		c.Session = Session{Keys: [][]byte{firstKey}}
	case 4:
		c.ClientID = "everybody's"
	}
	return c, nil
}

func TestSitesThatComeAndGoLeaveNothingBehind(t *testing.T) {
	var clock atomic.Int64
	sites, err := NewSites(SitesConfig{
		Source: &moody{p: tenants(t, entraid.Config{Tenant: oneTenant})}, Max: 5, TTL: time.Minute, Logger: slog.New(slog.DiscardHandler),
		Now: func() time.Time { return time.Unix(1_800_000_000+clock.Load(), 0) },
	})
	require.NoError(t, err)
	var all sync.WaitGroup
	for worker := range 8 {
		all.Go(func() {
			for i := range 300 {
				host := fmt.Sprintf("h%d.example.com", (i*worker+i)%20)
				if d := sites.Check(context.Background(), &Request{Method: "GET", Host: host, Path: "/"}); d.Action == Allow {
					t.Error("allowed")
				}
				clock.Add(1)
			}
		})
	}
	all.Wait()
	require.LessOrEqual(t, sites.guards.Len(), 5)
	for _, name := range sites.shared.Claimed() {
		require.True(t, sites.guards.Holds(name), "%s accepts tokens, and has gone", name)
	}
}
