package edgeauth

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unsafe"

	"github.com/edgeauth/edgeauth/entraid"
	"github.com/edgeauth/edgeauth/internal/seal"
	"github.com/edgeauth/edgeauth/provider"
	"github.com/stretchr/testify/require"
)

// refreshing is a guard whose provider renews everything, and the count of its token calls.
func refreshing(t *testing.T, mode SessionMode) (*Guard, *int) {
	calls := new(int)
	c := Config{
		Provider: provider.OIDC("https://idp.example"), ClientID: "site", Hosts: []string{"app.example.com"},
		Session: Session{Mode: mode}, Logger: slog.New(slog.DiscardHandler),
		HTTPClient: &http.Client{Transport: transport(func(*http.Request) (*http.Response, error) {
			*calls++
			body := fmt.Sprintf(`{"access_token":"a","token_type":"Bearer","expires_in":3600,"refresh_token":"of call %d"}`, *calls)
			return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body))}, nil
		})},
	}
	c.Provider.Discovery, c.Provider.JWKS = "", json.RawMessage(`{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"k","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}`)
	c.Provider.Endpoints = provider.Endpoints{Authorize: "https://idp.example/authorize", Token: "https://idp.example/token"}
	if mode == Sealed {
		c.Session.Keys = [][]byte{make([]byte, seal.KeySize)}
	}
	g, err := New(c)
	require.NoError(t, err)
	return g, calls
}

type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestARenewalIsSharedByTheRequestsOfOneSessionAlone(t *testing.T) {
	someone := func(issuer, subject string) Identity {
		id, err := NewIdentity(issuer, map[string]any{"sub": subject})
		require.NoError(t, err)
		return id
	}
	began := time.Unix(1_800_000_000, 0)
	mine := session{identity: someone("https://idp.example", "alice"), refresh: "R", nonce: "n", began: began}
	for rule, test := range map[string]struct {
		change func(*session)
		shared bool
	}{
		"the same session":      {func(*session) {}, true},
		"a later stamp":         {func(s *session) { s.seen = began.Add(time.Hour) }, true},
		"another person":        {func(s *session) { s.identity = someone("https://idp.example", "bob") }, false},
		"another issuer":        {func(s *session) { s.identity = someone("https://idp2.example", "alice") }, false},
		"a cleverly cut person": {func(s *session) { s.identity = someone("https://idp.example"+"\x00\x00\x00\x05alice", "") }, false},
		"another sign-in":       {func(s *session) { s.nonce = "other" }, false},
		"another beginning":     {func(s *session) { s.began = began.Add(time.Second) }, false},
		"another refresh token": {func(s *session) { s.refresh = "R2" }, false},
		"texts that add up":     {func(s *session) { s.refresh, s.nonce = "Rn", "" }, false},
	} {
		for name, mode := range map[string]SessionMode{"sealed": Sealed, "tokens": Tokens} {
			t.Run(rule+", "+name, func(t *testing.T) {
				g, calls := refreshing(t, mode)
				first, err := g.renew(context.Background(), "https://app.example.com", &mine)
				require.Equal(t, mode == Sealed, err == nil, "%v", err) // tokens mode wants an ID token, and shares its lack
				require.Equal(t, 1, *calls)
				other := mine
				test.change(&other)
				second, _ := g.renew(context.Background(), "https://app.example.com", &other)
				require.Equal(t, test.shared, *calls == 1)
				if mode == Sealed {
					require.Equal(t, test.shared, first == second)
					require.Equal(t, other.identity, second.identity)
				}
			})
		}
	}
}

func TestNobodyIsRefusedForTheFailuresOfManyOthers(t *testing.T) {
	var f flights
	now := time.Unix(1_800_000_000, 0)
	for i := range 3 * maxFlights {
		f.count([32]byte{byte(i), byte(i >> 8)}, now, ErrUnknownSite)
	}
	require.LessOrEqual(t, len(f.failed), maxFlights, "people remembered")
	require.NoError(t, f.mayStart([32]byte{9, 9, 9}, now))
}

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

func TestTwoSitesOfTokensDoNotTakeEachOthers(t *testing.T) {
	a, b := tenants(t, entraid.Config{Tenant: oneTenant}), tenants(t, entraid.Config{Tenant: twoTenant})
	both := tenants(t, entraid.Config{Tenants: []string{oneTenant, twoTenant}})
	every := tenants(t, entraid.Config{Tenant: "organizations", AnyTenant: true})
	custom := tenants(t, entraid.Config{Tenant: twoTenant, Issuer: "https://{tid}.ciamlogin.com/{tid}/v2.0"})
	for _, test := range []struct {
		rule     string
		one, two provider.Provider
		refused  bool
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
			sites, err := NewSites(SitesConfig{Logger: slog.New(slog.DiscardHandler), Source: documents{
				"one.example.com":   tokensAt(test.one, "same", "one.example.com"),
				"two.example.com":   tokensAt(test.two, "same", "two.example.com"),
				"three.example.com": tokensAt(test.two, "other", "three.example.com"),
			}})
			require.NoError(t, err)
			want := "no_session"
			if test.refused {
				want = "config_failure"
			}
			require.Equal(t, []string{"no_session", want, "no_session"}, visits(sites, "one.example.com", "two.example.com", "three.example.com"))
		})
	}
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
	sites, err := NewSites(SitesConfig{Source: docs, Now: func() time.Time { return now }, Logger: slog.New(slog.DiscardHandler)})
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

	// Somebody else's site does not get in where one of the hosts has gone.
	docs["evil.example.com"] = tokensAt(a, "same", "evil.example.com")
	require.Equal(t, []string{"unknown_host", "config_failure", "no_session"}, visits(sites, "two.example.com", "evil.example.com", "one.example.com"))
	delete(docs, "three.example.com")
	now = now.Add(30 * time.Minute)
	require.Equal(t, []string{"unknown_host", "config_failure", "no_session"}, visits(sites, "three.example.com", "evil.example.com", "one.example.com"))
	delete(docs, "one.example.com")
	now = now.Add(30 * time.Minute)
	require.Equal(t, []string{"unknown_host", "no_session"}, visits(sites, "one.example.com", "evil.example.com"))
}

func TestASiteThatCannotBeRebuiltKeepsItsClaim(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	a := tenants(t, entraid.Config{Tenant: oneTenant})
	docs := documents{"one.example.com": tokensAt(a, "first", "one.example.com"), "two.example.com": tokensAt(a, "second", "two.example.com")}
	sites, err := NewSites(SitesConfig{Source: docs, Now: func() time.Time { return now }, Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	require.Equal(t, []string{"no_session", "no_session"}, visits(sites, "one.example.com", "two.example.com"))
	docs["two.example.com"] = tokensAt(a, "first", "two.example.com") // which is taken
	now = now.Add(10 * time.Minute)
	require.Equal(t, []string{"no_session"}, visits(sites, "two.example.com"), "the last good one goes on")
	docs["three.example.com"] = tokensAt(a, "second", "three.example.com")
	require.Equal(t, []string{"config_failure"}, visits(sites, "three.example.com"), "and keeps what it takes")
}

func TestUnknownHostsAreRememberedInBoundedSpaceAndWork(t *testing.T) {
	const life = time.Minute
	now := time.Unix(1_800_000_000, 0)
	var a absent
	for i := range maxAbsent {
		a.add(fmt.Sprint(i), now, life)
	}
	require.Len(t, a.until, maxAbsent)

	// Full of what still counts: each new one takes one place.
	for i := range 100 {
		a.add(fmt.Sprint("x", i), now, life)
		require.True(t, a.has(fmt.Sprint("x", i), now, life))
	}
	require.Len(t, a.until, maxAbsent)
	kept := 0
	for i := range maxAbsent {
		if a.has(fmt.Sprint(i), now, life) {
			kept++
		}
	}
	require.GreaterOrEqual(t, kept, maxAbsent-101, "one goes for one, not all for one")

	// Full of what is over: it is looked through once a second, not at each new one.
	later := now.Add(time.Hour)
	a.swept = later.Unix()
	a.add("y", later, life)
	require.Len(t, a.until, maxAbsent)
	a.add("z", later.Add(time.Second), life)
	require.Len(t, a.until, 2, "y and z")
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
		c.Session = Session{Keys: [][]byte{make([]byte, seal.KeySize)}}
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
	require.LessOrEqual(t, len(sites.known), 5)
	for name := range sites.shared.takers {
		require.True(t, sites.known[name] != nil || sites.pending[name] != nil, "%s takes tokens, and has gone", name)
	}
}

// gated is a source that answers for one host when it is told to.
type gated struct {
	documents
	host         string
	asked, leave chan struct{}
}

func (g gated) Config(ctx context.Context, host string) (Config, error) {
	if host == g.host {
		g.asked <- struct{}{}
		<-g.leave
	}
	return g.documents.Config(ctx, host)
}

func TestASiteThatMadeRoomWhileItWasLoadedHoldsNoTokens(t *testing.T) {
	a := tenants(t, entraid.Config{Tenant: oneTenant})
	src := gated{documents{
		"slow.example.com": tokensAt(a, "same", "slow.example.com"), "next.example.com": tokensAt(a, "same", "next.example.com"),
	}, "slow.example.com", make(chan struct{}), make(chan struct{})}
	sites, err := NewSites(SitesConfig{Source: src, Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	var done sync.WaitGroup
	done.Go(func() { visits(sites, "slow.example.com") })
	<-src.asked
	sites.mu.Lock()
	sites.makeRoom(sites.pending, 1)
	sites.mu.Unlock()
	src.leave <- struct{}{}
	done.Wait()
	require.Equal(t, []string{"no_session"}, visits(sites, "next.example.com"))
}

func TestAHostThatIsHeldKeepsNoRequestInMemory(t *testing.T) {
	sites, err := NewSites(SitesConfig{Source: documents{}, Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	request := strings.Repeat("x", 20<<10) + "a.example.com"
	host := request[20<<10:]
	_, ok := sites.site(host, time.Now())
	require.True(t, ok)
	for held := range sites.pending {
		require.NotSame(t, unsafe.StringData(host), unsafe.StringData(held))
	}
}
