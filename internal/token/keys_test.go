package token

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth/internal/reason"
)

// site is a verifier whose keys are fetched, in a bubble of its own time.
type site struct {
	*testing.T
	*endpoint
	*Verifier
}

// inBubble runs a story: the clock stands still unless it sleeps, and there is no network.
func inBubble(t *testing.T, story func(site)) {
	rsaKey() // not in the bubble: the keys serve all tests
	otherRSAKey()
	synctest.Test(t, func(t *testing.T) {
		e := &endpoint{}
		e.publish(http.StatusOK, jwks(jwk(rsaKey(), "kid", "k1")))
		c := config()
		c.Keys, c.Now = e.keys(time.Now), time.Now
		story(site{t, e, must(New(c))})
	})
}

// token is one with this kid, good now.
func (s site) token(kid string, key any) string {
	now := time.Now().Unix()
	return sign(goodHeader().with("kid", kid).String(), payload().with("iat", now).with("exp", now+3600).String(), jwt.SigningMethodRS256, key)
}

func (s site) requires(want reason.Reason, raw string) {
	s.Helper()
	_, err := s.Verify(context.Background(), raw, Expect{})
	requireReason(s.T, want, err)
}

func (s site) requireCalls(want int) {
	s.Helper()
	require.EqualValues(s.T, want, s.calls.Load())
}

// rotate publishes the other key alone.
func (s site) rotate() { s.publish(http.StatusOK, jwks(jwk(otherRSAKey(), "kid", "k2"))) }

func TestKeysAreFetchedWhenFirstNeededAndThenNotForAnHour(t *testing.T) {
	inBubble(t, func(s site) {
		s.requireCalls(0)
		for range 5 {
			s.requires("", s.token("k1", rsaKey()))
			time.Sleep(11 * time.Minute)
		}
		s.requireCalls(1)
		time.Sleep(5 * time.Minute)
		s.requires("", s.token("k1", rsaKey()))
		s.requireCalls(2)
	})
}

func TestAThousandRequestsWithOneUnknownKeyMakeOneFetch(t *testing.T) {
	for rule, warm := range map[string]bool{"cold": false, "warm": true} {
		t.Run(rule, func(t *testing.T) {
			inBubble(t, func(s site) {
				fetches := 1
				if warm {
					s.requires("", s.token("k1", rsaKey()))
					fetches = 2
				}
				s.rotate()
				s.delay = time.Second
				raw := s.token("k2", otherRSAKey())
				s.thousand(func(int) string { return raw }, "")
				s.requireCalls(fetches)
			})
		})
	}
	t.Run("made up, cold", func(t *testing.T) {
		inBubble(t, func(s site) {
			s.delay = time.Second
			raw := s.token("made-up", rsaKey())
			s.thousand(func(int) string { return raw }, reason.UnknownKey)
			s.requireCalls(1)
		})
	})
	t.Run("made up, warm", func(t *testing.T) {
		inBubble(t, func(s site) {
			s.requires("", s.token("k1", rsaKey()))
			raw := s.token("made-up", rsaKey())
			s.thousand(func(int) string { return raw }, reason.UnknownKey)
			s.requireCalls(2)
			time.Sleep(9 * time.Second)
			s.thousand(func(int) string { return raw }, reason.UnknownKey)
			s.requireCalls(2)
		})
	})
}

// thousand verifies tokens at the same time.
func (s site) thousand(raw func(int) string, want reason.Reason) {
	var wait sync.WaitGroup
	for i := range 1000 {
		raw := raw(i)
		wait.Go(func() {
			_, err := s.Verify(context.Background(), raw, Expect{})
			if got := reasons(err); want == "" && err != nil || want != "" && (len(got) != 1 || got[0] != want) {
				s.Errorf("want %q, got %v", want, err)
			}
		})
	}
	wait.Wait()
}

func TestAFloodOfUnknownKeysCostsThreeFetchesAndOneEveryTenSeconds(t *testing.T) {
	inBubble(t, func(s site) {
		s.requires("", s.token("k1", rsaKey()))
		flood := func() {
			for i := range 100 {
				s.requires(reason.UnknownKey, s.token(fmt.Sprint("flood-", time.Now().UnixNano(), i), rsaKey()))
			}
		}
		flood()
		s.requireCalls(1 + 3)
		for i := range 5 {
			time.Sleep(10 * time.Second)
			flood()
			s.requireCalls(1 + 3 + 1 + i)
		}
		time.Sleep(time.Minute)
		flood()
		s.requireCalls(1 + 3 + 5 + 3)
	})
}

func TestANewKeyIsAcceptedAtMostTenSecondsAfterAFlood(t *testing.T) {
	inBubble(t, func(s site) {
		s.requires("", s.token("k1", rsaKey()))
		for i := range 300 {
			s.requires(reason.UnknownKey, s.token(fmt.Sprint("flood-", i), rsaKey()))
		}
		s.rotate()
		s.requires(reason.UnknownKey, s.token("k2", otherRSAKey()))
		time.Sleep(10 * time.Second)
		s.requires("", s.token("k2", otherRSAKey()))
		s.requires(reason.UnknownKey, s.token("k1", rsaKey())) // replaced, not merged
	})
}

func TestANewKeyIsAcceptedInTheSameRequestWithoutAFlood(t *testing.T) {
	inBubble(t, func(s site) {
		s.requires("", s.token("k1", rsaKey()))
		s.rotate()
		s.requires("", s.token("k2", otherRSAKey()))
		s.requireCalls(2)
	})
}

func TestAKeyThatIsPublishedLateIsAcceptedTenSecondsAfterItWasMissed(t *testing.T) {
	inBubble(t, func(s site) {
		s.requires(reason.UnknownKey, s.token("k2", otherRSAKey()))
		s.requireCalls(1) // what this request has fetched it does not fetch again
		s.rotate()
		s.requires(reason.UnknownKey, s.token("k2", otherRSAKey()))
		s.requireCalls(1)
		time.Sleep(10 * time.Second)
		s.requires("", s.token("k2", otherRSAKey()))
	})
}

func TestATokenThatWouldNotPassFetchesNothing(t *testing.T) {
	inBubble(t, func(s site) {
		s.requires("", s.token("k1", rsaKey()))
		now := time.Now().Unix()
		p := payload().with("iat", now).with("exp", now+3600)
		h := goodHeader().with("kid", "k2")
		for rule, raw := range map[string]string{
			"bad signature":  s.token("k1", otherRSAKey()),
			"foreign issuer": sign(h.String(), p.with("iss", "x").String(), jwt.SigningMethodRS256, rsaKey()),
			"foreign client": sign(h.String(), p.with("aud", "x").String(), jwt.SigningMethodRS256, rsaKey()),
			"expired":        sign(h.String(), p.with("exp", now-3600).String(), jwt.SigningMethodRS256, rsaKey()),
			"not yet valid":  sign(h.String(), p.with("nbf", now+3600).String(), jwt.SigningMethodRS256, rsaKey()),
			"wrong alg":      sign(h.with("alg", "RS512").String(), p.String(), jwt.SigningMethodRS256, rsaKey()),
			"foreign keys":   s.token("k1", otherRSAKey()),
			"too large":      strings.Repeat("x", maxToken+1),
		} {
			for range 20 {
				_, err := s.Verify(context.Background(), raw, Expect{})
				require.Error(t, err, rule)
			}
		}
		s.requireCalls(1)
	})
}

func TestAnEndpointThatFailsKeepsTheLastGoodKeys(t *testing.T) {
	for rule, serve := range map[string]func(*endpoint){
		"down": func(e *endpoint) {
			e.become(func(*http.Request) (*http.Response, error) { return nil, errors.New("refused") })
		},
		"HTML, D04":       func(e *endpoint) { e.publish(http.StatusOK, []byte("<html>sign in</html>")) },
		"empty keys, D04": func(e *endpoint) { e.publish(http.StatusOK, jwks()) },
		"5 MB, D04": func(e *endpoint) {
			e.publish(http.StatusOK, append(jwks(jwk(otherRSAKey(), "kid", "k2")), strings.Repeat(" ", 5<<20)...))
		},
		"one byte too large": func(e *endpoint) {
			e.publish(http.StatusOK, append(jwks(jwk(otherRSAKey(), "kid", "k2")), strings.Repeat(" ", 512<<10)...))
		},
		"a redirect, D03": func(e *endpoint) {
			e.publish(http.StatusFound, jwks(jwk(otherRSAKey(), "kid", "k2")), "Location", "https://evil.test/")
		},
		"status 500": func(e *endpoint) { e.publish(http.StatusInternalServerError, jwks(jwk(otherRSAKey(), "kid", "k2"))) },
		"panics":     func(e *endpoint) { e.become(func(*http.Request) (*http.Response, error) { panic("odd") }) },
	} {
		t.Run(rule, func(t *testing.T) {
			inBubble(t, func(s site) {
				s.requires("", s.token("k1", rsaKey()))
				serve(s.endpoint)
				time.Sleep(61 * time.Minute)
				s.requires("", s.token("k1", rsaKey()))
				s.requireCalls(2)
				s.requires("", s.token("k1", rsaKey()))
				s.requireCalls(2) // not asked again for ten seconds
				time.Sleep(10 * time.Second)
				s.requires("", s.token("k1", rsaKey()))
				s.requireCalls(3)
				s.requires(reason.KeysUnavailable, s.token("k2", otherRSAKey()))
				time.Sleep(23 * time.Hour)
				s.requires(reason.KeysUnavailable, s.token("k1", rsaKey())) // D07: older than a day
				_, err := s.Verifier.keys.Generation(context.Background())
				requireReason(t, reason.KeysUnavailable, err)
				s.rotate()
				time.Sleep(10 * time.Second)
				s.requires("", s.token("k2", otherRSAKey()))
			})
		})
	}
}

func TestNobodyWaitsForASlowEndpointBeyondTwoSeconds(t *testing.T) {
	inBubble(t, func(s site) {
		s.requires("", s.token("k1", rsaKey()))
		s.become(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
		time.Sleep(61 * time.Minute)
		began := time.Now()
		s.requires("", s.token("k1", rsaKey()))
		require.Equal(t, 2*time.Second, time.Since(began))
		s.requires("", s.token("k1", rsaKey()))
		require.Equal(t, 2*time.Second, time.Since(began), "the second does not wait at all")
		time.Sleep(time.Minute)
	})
}

func TestAWithdrawnKeyIsRefusedAfterAFreeze(t *testing.T) {
	inBubble(t, func(s site) {
		old := s.token("k1", rsaKey())
		s.requires("", old)
		before, err := s.Verifier.keys.Generation(context.Background())
		require.NoError(t, err)
		s.rotate()
		time.Sleep(8 * time.Hour) // frozen: nothing ran meanwhile
		s.requireCalls(1)
		s.requires(reason.UnknownKey, s.token("k1", rsaKey()))
		after, err := s.Verifier.keys.Generation(context.Background())
		require.NoError(t, err)
		require.NotEqual(t, before, after, "a cache would notice")
	})
}

func TestTheGenerationChangesWithTheKeysAlone(t *testing.T) {
	inBubble(t, func(s site) {
		generation := func() uint64 {
			g, err := s.Verifier.keys.Generation(context.Background())
			require.NoError(t, err)
			return g
		}
		first := generation()
		time.Sleep(61 * time.Minute)
		require.Equal(t, first, generation())
		s.requireCalls(2)
		s.publish(http.StatusOK, jwks(jwk(rsaKey(), "kid", "k1"), jwk(otherRSAKey(), "kid", "k2")))
		require.Equal(t, first, generation(), "not before the hour is over, even if every request hits a cache")
		time.Sleep(61 * time.Minute)
		second := generation()
		require.NotEqual(t, first, second)
		s.publish(http.StatusOK, jwks(jwk(rsaKey(), "kid", "k1")))
		time.Sleep(61 * time.Minute)
		require.NotEqual(t, first, generation(), "a number never comes back")
		require.NotEqual(t, second, generation())
	})
}

func TestASnapshotNeedsNoNetworkAtFirst(t *testing.T) {
	inBubble(t, func(s site) {
		keys, err := NewKeys(KeysConfig{
			URL: func(context.Context) (string, error) { return theIssuer, nil }, Client: &http.Client{Transport: s.endpoint},
			Now: time.Now, Snapshot: jwks(jwk(rsaKey(), "kid", "k1")),
		})
		require.NoError(t, err)
		s.Verifier.keys = keys
		s.rotate()
		time.Sleep(30 * 24 * time.Hour) // between the start and the first request
		s.requires("", s.token("k1", rsaKey()))
		s.requireCalls(0)
		time.Sleep(time.Minute)
		s.requires(reason.UnknownKey, s.token("k1", rsaKey()))
	})
	_, err := NewKeys(KeysConfig{Snapshot: []byte("x")})
	require.ErrorContains(t, err, "key snapshot")
}

func TestInlineKeysAreNeverFetched(t *testing.T) {
	keys := must(InlineKeys(jwks(jwk(rsaKey(), "kid", "k1"))))
	g, err := keys.Generation(context.Background())
	require.NoError(t, err)
	require.EqualValues(t, 1, g)
	c := config()
	c.Keys = keys
	_, err = verify(t, c, sign(goodHeader().with("kid", "k2").String(), payload().String(), jwt.SigningMethodRS256, rsaKey()), Expect{})
	requireReason(t, reason.UnknownKey, err)
	_, err = InlineKeys([]byte("{}"))
	require.Error(t, err)
}

func TestAnAddressThatCannotBeHadIsKeysUnavailable(t *testing.T) {
	c := config()
	c.Keys = must(NewKeys(KeysConfig{URL: func(context.Context) (string, error) { return "", fmt.Errorf("%w: discovery", reason.ProviderDown) }}))
	_, err := verify(t, c, issue(payload()), Expect{})
	requireReason(t, reason.KeysUnavailable, err)
	require.ErrorContains(t, err, "discovery")
}

func TestAnIDThatJoinedAFetchInVainIsRememberedToo(t *testing.T) {
	inBubble(t, func(s site) {
		s.requires("", s.token("k1", rsaKey()))
		s.delay = time.Second
		raw := []string{s.token("a", rsaKey()), s.token("b", rsaKey())}
		s.thousand(func(i int) string { return raw[i%2] }, reason.UnknownKey)
		s.requireCalls(2)
		s.thousand(func(i int) string { return raw[i%2] }, reason.UnknownKey)
		s.requireCalls(2)
	})
}

func TestBucketRemembersASmallNumberOfIDs(t *testing.T) {
	var b bucket
	require.True(t, b.take("a", theTime))
	require.False(t, b.take("a", theTime), "before the fetch has even come back")
	for i := range 1000 {
		b.missed(fmt.Sprint(i), theTime)
	}
	require.False(t, b.take("999", theTime))
	require.False(t, b.take("936", theTime))
	require.True(t, b.take("935", theTime))
	require.True(t, b.take("999", theTime.Add(10*time.Second)))
}

func TestABucketSurvivesAClockThatIsPutBack(t *testing.T) {
	var b bucket
	for i := range 3 {
		require.True(t, b.take(fmt.Sprint("a", i), theTime))
	}
	require.False(t, b.take("b", theTime))
	for i := range 3 {
		require.True(t, b.take(fmt.Sprint("b", i), theTime.Add(-time.Hour)))
	}
	require.False(t, b.take("c", theTime.Add(-time.Hour)))
}

func TestFreshKeysCostNoAllocation(t *testing.T) {
	e := &endpoint{}
	e.publish(http.StatusOK, jwks(jwk(rsaKey(), "kid", "k1")))
	keys := e.keys(time.Now)
	require.Zero(t, testing.AllocsPerRun(100, func() {
		if _, err := keys.Generation(context.Background()); err != nil {
			t.Fatal(err)
		}
	}))
	require.EqualValues(t, 1, e.calls.Load())
}
