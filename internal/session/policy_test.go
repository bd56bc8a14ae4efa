package session

import (
	"testing"
	"time"

	"github.com/edgeauth/edgeauth/internal/reason"
	"github.com/edgeauth/edgeauth/provider"
	"github.com/stretchr/testify/require"
)

var began = time.Unix(1_800_000_000, 0)

func person(t testing.TB, issuer, claims string) *Person {
	t.Helper()
	parsed, err := provider.ParseClaims([]byte(claims))
	require.NoError(t, err)
	return &Person{Issuer: issuer, Claims: parsed, Mapping: provider.Mapping{}.WithDefaults()}
}

func TestHowLongASessionCounts(t *testing.T) {
	all := Policy{Lifetime: 12 * time.Hour, Idle: 2 * time.Hour, Leeway: time.Minute}
	outlive := all
	outlive.Outlive = true
	for _, test := range []struct {
		rule                    string
		policy                  Policy
		after, seen, evidenceIs time.Duration // since it began
		want                    error
	}{
		{"a new one", all, 0, 0, time.Hour, nil},
		{"to the end of its evidence, and the leeway", all, time.Hour + time.Minute - 1, time.Hour, time.Hour, nil},
		{"not longer", all, time.Hour + time.Minute, time.Hour, time.Hour, reason.Expired},
		{"longer where it outlives its evidence", outlive, time.Hour + time.Minute, time.Hour, time.Hour, nil},
		{"to the end of its lifetime", all, 12*time.Hour - 1, 12*time.Hour - 1, 24 * time.Hour, nil},
		{"not longer, whatever its evidence says", all, 12 * time.Hour, 12*time.Hour - 1, 24 * time.Hour, reason.LifetimeOver},
		{"not longer, even where it outlives its evidence", outlive, 12 * time.Hour, 12*time.Hour - 1, time.Hour, reason.LifetimeOver},
		{"while it is used", all, 3 * time.Hour, time.Hour + 1, 24 * time.Hour, nil},
		{"while what came after the stamp may have been use", all, 3*time.Hour + 6*time.Minute - 1, time.Hour, 24 * time.Hour, nil},
		{"not where it was not used", all, 3*time.Hour + 6*time.Minute, time.Hour, 24 * time.Hour, reason.IdleTooLong},
		{"by its evidence alone where there is no policy", Policy{}, 100 * time.Hour, 0, 100*time.Hour + 1, nil},
		{"and no longer", Policy{}, 100 * time.Hour, 0, 100 * time.Hour, reason.Expired},
	} {
		t.Run(test.rule, func(t *testing.T) {
			s := &Session{Began: began, Seen: began.Add(test.seen), Expires: began.Add(test.evidenceIs)}
			require.Equal(t, test.want, test.policy.Alive(s, began.Add(test.after)))
		})
	}
}

func TestWhenASessionIsOver(t *testing.T) {
	s := &Session{Began: began, Expires: began.Add(time.Hour)}
	require.Equal(t, s.Expires, (&Policy{}).End(s))
	require.Equal(t, s.Expires, (&Policy{Lifetime: 12 * time.Hour}).End(s))
	require.Equal(t, began.Add(30*time.Minute), (&Policy{Lifetime: 30 * time.Minute}).End(s))
	require.Equal(t, began.Add(12*time.Hour), (&Policy{Lifetime: 12 * time.Hour, Outlive: true}).End(s))
}

func TestSessionsOfOneHourAreRenewedInTheirLastMinutesAndNotTogether(t *testing.T) {
	var policy Policy
	due := make(map[time.Duration]int)
	for i := range 200 {
		s := &Session{Who: person(t, "https://idp.example", `{"sub":"alice"}`), Renewed: began, Expires: began.Add(time.Hour), Refresh: string(rune('a' + i))}
		at := time.Duration(0)
		for !policy.Due(s, began.Add(at)) {
			at += 10 * time.Second
		}
		require.GreaterOrEqual(t, at, 55*time.Minute)
		require.LessOrEqual(t, at, 57*time.Minute+40*time.Second)
		due[at]++
	}
	require.Greater(t, len(due), 10, "moments for 200 sessions")
}

func TestASessionThatWasJustRenewedIsNotRenewedAgain(t *testing.T) {
	s := &Session{Who: person(t, "https://idp.example", `{"sub":"alice"}`), Renewed: began, Expires: began.Add(8 * time.Second)}
	require.False(t, (&Policy{}).Due(s, began.Add(9*time.Second)))
	require.True(t, (&Policy{}).Due(s, began.Add(10*time.Second)))
}

func TestAStampIsDueAfterATwentiethOfTheIdleTime(t *testing.T) {
	s := &Session{Seen: began}
	require.False(t, (&Policy{Idle: time.Hour}).StampDue(s, began.Add(3*time.Minute-1)))
	require.True(t, (&Policy{Idle: time.Hour}).StampDue(s, began.Add(3*time.Minute)))
	require.False(t, (&Policy{Idle: time.Minute}).StampDue(s, began.Add(10*time.Second-1)), "a browser may just have been sent round for one")
	require.False(t, (&Policy{}).StampDue(s, began.Add(100*time.Hour)))
}
