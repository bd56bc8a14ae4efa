package attempt

import (
	"fmt"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/edgeauth/edgeauth/internal/seal"
	"github.com/stretchr/testify/require"
)

var (
	now      = time.Unix(1_800_000_000, 0)
	verifier = strings.Repeat("v", minVerifier)
)

type cookie struct{ name, value string }

func each(list []cookie) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for _, c := range list {
			if !yield(c.name, c.value) {
				return
			}
		}
	}
}

func keepers(t *testing.T) map[string]*Keeper {
	box, err := seal.New([][]byte{make([]byte, seal.KeySize)}, "attempt", "site")
	require.NoError(t, err)
	return map[string]*Keeper{"sealed": NewKeeper(box, "x-s-"), "readable": NewKeeper(nil, "x-s-")}
}

func TestAnAttemptIsFoundByItsStateAlone(t *testing.T) {
	for name, k := range keepers(t) {
		t.Run(name, func(t *testing.T) {
			a := New("/a?b&c", verifier, now)
			a.Retries, a.Interactive = 1, true
			_, value := k.Encode(a)
			found, ok := k.Find(value, a.State)
			require.True(t, ok)
			require.Equal(t, a, found)
			_, ok = k.Find(value, New("", verifier, now).State)
			require.False(t, ok)
			_, ok = k.Find(value[1:], a.State)
			require.False(t, ok)
			_, ok = k.Find("", "")
			require.False(t, ok)
		})
	}
}

func TestAttemptsMakeRoom(t *testing.T) {
	for name, k := range keepers(t) {
		t.Run(name, func(t *testing.T) {
			var list []cookie
			add := func(age time.Duration) string {
				name, value := k.Encode(New("/", verifier, now.Add(-age)))
				list = append(list, cookie{name, value})
				return name
			}
			over := add(Life + time.Second)
			list = append(list, cookie{"x-s-0", "cannot be read"}, cookie{"other", "of somebody else"})
			add(2 * time.Minute)
			oldest := add(3 * time.Minute)
			for range maxPending - 3 {
				add(0)
			}
			drop, size, ok := k.MakeRoom(each(list), now)
			require.True(t, ok)
			require.ElementsMatch(t, []string{over, "x-s-0"}, drop, "there is room for one more")
			require.Positive(t, size)

			add(0)
			drop, smaller, ok := k.MakeRoom(each(list), now)
			require.True(t, ok)
			require.ElementsMatch(t, []string{over, "x-s-0", oldest}, drop)
			require.Equal(t, size, smaller)

			list = nil
			for range maxPending {
				add(young - time.Second)
			}
			_, _, ok = k.MakeRoom(each(list), now)
			require.False(t, ok, "none that has just begun is given up")
		})
	}
}

func TestAFloodIsDroppedBitByBit(t *testing.T) {
	k := NewKeeper(nil, "x-s-")
	var list []cookie
	for i := range 100 {
		list = append(list, cookie{fmt.Sprint("x-s-", i), "odd"}, cookie{fmt.Sprint("x-s- not a name ", i), "odd"})
	}
	drop, _, ok := k.MakeRoom(each(list), now)
	require.True(t, ok)
	require.Len(t, drop, maxDropped)
	require.NotContains(t, fmt.Sprint(drop), "not a name")
}

func TestAnAttemptUnderAnothersNameIsDropped(t *testing.T) {
	for name, k := range keepers(t) {
		_, value := k.Encode(New("/", verifier, now))
		drop, size, ok := k.MakeRoom(each([]cookie{{"x-s-0123456789", value}}), now)
		require.True(t, ok)
		require.Equal(t, []string{"x-s-0123456789"}, drop, name)
		require.Zero(t, size)
	}
}

func TestTheWholeStateCountsAndNotTheNameAlone(t *testing.T) {
	const mine, other = "state-315319", "state-621641" // the 40 bits of a name are few enough to find such two
	box, err := seal.New([][]byte{make([]byte, seal.KeySize)}, "attempt", "site")
	require.NoError(t, err)
	for name, k := range map[string]*Keeper{"sealed": NewKeeper(box, "x-"), "readable": NewKeeper(nil, "x-")} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, k.Name(mine), k.Name(other))
			a := New("/", verifier, now)
			a.State = mine
			_, value := k.Encode(a)

			found, ok := k.Find(value, mine)
			require.True(t, ok)
			require.Equal(t, a, found)
			_, ok = k.Find(value, other)
			require.False(t, ok, "the state of another attempt, whose name is the same")
		})
	}
}
