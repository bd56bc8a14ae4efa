package renewal

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/edgeauth/edgeauth/internal/reason"
	"github.com/edgeauth/edgeauth/internal/seal"
	"github.com/edgeauth/edgeauth/internal/session"
	"github.com/edgeauth/edgeauth/provider"
	"github.com/stretchr/testify/require"
)

// counting is a provider that renews everything, the count of its calls, and what was given back.
type counting struct {
	calls   int
	hold    chan struct{} // where set, an answer waits for its end
	begun   chan struct{}
	revoked []string
}

func (c *counting) Revoke(_ context.Context, s *session.Session, _ string) error {
	c.revoked = append(c.revoked, s.Refresh)
	return nil
}

func (c *counting) Refresh(context.Context, *session.Session, string) (session.Grant, error) {
	c.calls++
	if c.hold != nil {
		close(c.begun)
		<-c.hold
	}
	return session.Grant{Access: "a", Refresh: fmt.Sprint("of call ", c.calls), Life: time.Hour}, nil
}

func stores(t *testing.T) map[string]session.Store {
	box, err := seal.New([][]byte{make([]byte, seal.KeySize)}, "session", "site")
	require.NoError(t, err)
	return map[string]session.Store{
		"sealed": session.NewSealed(session.SealedConfig{Box: box, Name: "name"}),
		"tokens": session.NewTokens(session.TokensConfig{}),
	}
}

func someone(t *testing.T, issuer, subject string) *session.Person {
	claims, err := provider.ParseClaims(fmt.Appendf(nil, `{"sub":%q}`, subject))
	require.NoError(t, err)
	return &session.Person{Issuer: issuer, Claims: claims, Mapping: provider.Mapping{}.WithDefaults()}
}

func TestARenewalIsSharedByTheRequestsOfOneSessionAlone(t *testing.T) {
	began := time.Unix(1_800_000_000, 0)
	mine := session.Session{Who: someone(t, "https://idp.example", "alice"), Refresh: "R", Nonce: "n", Began: began}
	for rule, test := range map[string]struct {
		change func(*session.Session)
		shared bool
	}{
		"the same session":      {func(*session.Session) {}, true},
		"a later stamp":         {func(s *session.Session) { s.Seen = began.Add(time.Hour) }, true},
		"another person":        {func(s *session.Session) { s.Who = someone(t, "https://idp.example", "bob") }, false},
		"another issuer":        {func(s *session.Session) { s.Who = someone(t, "https://idp2.example", "alice") }, false},
		"a cleverly cut person": {func(s *session.Session) { s.Who = someone(t, "https://idp.example"+"\x00\x00\x00\x05alice", "") }, false},
		"another sign-in":       {func(s *session.Session) { s.Nonce = "other" }, false},
		"another beginning":     {func(s *session.Session) { s.Began = began.Add(time.Second) }, false},
		"another refresh token": {func(s *session.Session) { s.Refresh = "R2" }, false},
		"texts that add up":     {func(s *session.Session) { s.Refresh, s.Nonce = "Rn", "" }, false},
	} {
		for name, store := range stores(t) {
			t.Run(rule+", "+name, func(t *testing.T) {
				idp := &counting{}
				g := New(idp, store, time.Now)
				first, err := g.Renew(context.Background(), "https://app.example.com", &mine)
				require.Equal(t, name == "sealed", err == nil, "%v", err) // tokens want an ID token, and share its lack
				require.Equal(t, 1, idp.calls)
				other := mine
				test.change(&other)
				second, _ := g.Renew(context.Background(), "https://app.example.com", &other)
				require.Equal(t, test.shared, idp.calls == 1)
				if name == "sealed" {
					require.Equal(t, test.shared, first == second)
					require.Equal(t, other.Who, second.Who)
				}
			})
		}
	}
}

func sealedStore(t *testing.T) session.Store { return stores(t)["sealed"] }

func TestARenewalThatASignOutOvertakesIsForNobody(t *testing.T) {
	mine := session.Session{Who: someone(t, "https://idp.example", "alice"), Refresh: "R", Nonce: "n", Began: time.Unix(1_800_000_000, 0)}
	idp := &counting{hold: make(chan struct{}), begun: make(chan struct{})}
	g := New(idp, sealedStore(t), time.Now)
	result := make(chan error)
	go func() {
		_, err := g.Renew(context.Background(), "https://app.example.com", &mine)
		result <- err
	}()
	<-idp.begun
	require.Empty(t, g.End(&mine), "what is not there yet is given back by itself")
	close(idp.hold)
	require.ErrorIs(t, <-result, reason.SignedOutBefore)
	require.Equal(t, []string{"of call 1"}, idp.revoked)

	_, err := g.Renew(context.Background(), "https://app.example.com", &mine)
	require.ErrorIs(t, err, reason.SignedOutBefore, "a copy of the cookie")
	require.Equal(t, 1, idp.calls)
}

func TestAKeptRenewalIsNotHandedOutAfterASignOut(t *testing.T) {
	mine := session.Session{Who: someone(t, "https://idp.example", "alice"), Refresh: "R", Nonce: "n", Began: time.Unix(1_800_000_000, 0)}
	for rule, ended := range map[string]string{"of the old cookie": "R", "of the new one": "of call 1"} {
		t.Run(rule, func(t *testing.T) {
			idp := &counting{}
			g := New(idp, sealedStore(t), time.Now)
			_, err := g.Renew(context.Background(), "https://app.example.com", &mine)
			require.NoError(t, err)
			signedOut := mine
			signedOut.Refresh = ended
			left := g.End(&signedOut)
			require.Equal(t, ended == "R", len(left) == 1, "the new refresh token is for the caller to give back, unless it is the caller's own")
			_, err = g.Renew(context.Background(), "https://app.example.com", &mine)
			require.ErrorIs(t, err, reason.SignedOutBefore)
			require.Equal(t, 1, idp.calls)
		})
	}
}

func TestASignOutEndsNoOtherSession(t *testing.T) {
	mine := session.Session{Who: someone(t, "https://idp.example", "alice"), Refresh: "R", Nonce: "n", Began: time.Unix(1_800_000_000, 0)}
	other := mine
	other.Refresh, other.Nonce = "R2", "n2" // of another browser
	now := time.Unix(1_800_000_000, 0)
	g := New(&counting{}, sealedStore(t), func() time.Time { return now })
	first, err := g.Renew(context.Background(), "https://app.example.com", &other)
	require.NoError(t, err)
	g.End(&mine)
	g.End(&session.Session{Refresh: "of a broken session"})
	again, err := g.Renew(context.Background(), "https://app.example.com", &other)
	require.NoError(t, err)
	require.Same(t, first, again)

	_, err = g.Renew(context.Background(), "https://app.example.com", &mine)
	require.ErrorIs(t, err, reason.SignedOutBefore, "a copy that comes for the first time")
	now = now.Add(keepRefused) // it is remembered no longer: the provider refuses what was revoked
	_, err = g.Renew(context.Background(), "https://app.example.com", &mine)
	require.NoError(t, err)
}

func TestNobodyIsRefusedForTheFailuresOfManyOthers(t *testing.T) {
	g := New(&counting{}, nil, time.Now)
	now := time.Unix(1_800_000_000, 0)
	for i := range 3 * maxKept {
		g.count(key{byte(i), byte(i >> 8)}, now, reason.CodeRefused)
	}
	require.LessOrEqual(t, len(g.failed), maxKept, "people remembered")
	require.NoError(t, g.mayStart(key{9, 9, 9}, now))
}

// slow is a provider that refuses every renewal, after a while.
type slow struct{ takes time.Duration }

func (s slow) Revoke(context.Context, *session.Session, string) error { return nil }

func (s slow) Refresh(context.Context, *session.Session, string) (session.Grant, error) {
	time.Sleep(s.takes)
	return session.Grant{}, reason.CodeRefused
}

func TestWhoIsRefusedWaitsForTheAnswerOfAnotherProcess(t *testing.T) {
	for _, test := range []struct {
		rule               string
		takes, later, want time.Duration
	}{
		{"as long as the provider takes for a few answers", 100 * time.Millisecond, 0, 500 * time.Millisecond},
		{"a little while at least", time.Millisecond, 0, minYield},
		{"a second at most", 4 * time.Second, 0, time.Second},
		{"what is left of that", 100 * time.Millisecond, 200 * time.Millisecond, 300 * time.Millisecond},
		{"not for a refusal of before", 100 * time.Millisecond, time.Minute, 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			g := New(slow{test.takes}, sealedStore(t), time.Now)
			mine := &session.Session{Who: someone(t, "https://idp.example", "alice"), Refresh: "R"}
			yield := func(ctx context.Context) time.Duration {
				began := time.Now()
				g.Yield(ctx, mine)
				return time.Since(began)
			}
			require.Zero(t, yield(context.Background()), "nobody was refused")
			_, err := g.Renew(context.Background(), "https://app.example.com", mine)
			require.True(t, reason.IsRevoked(err))
			time.Sleep(test.later)
			gone, cancel := context.WithCancel(context.Background())
			cancel()
			require.Zero(t, yield(gone), test.rule)
			require.Equal(t, test.want, yield(context.Background()), test.rule)
		})
	}
}
