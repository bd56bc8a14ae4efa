package attempt

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/edgeauth/edgeauth/internal/seal"
	"github.com/stretchr/testify/require"
)

var (
	now = time.Unix(1_800_000_000, 0)
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
			a := New("/a?b&c", now)
			a.Retries, a.Interactive, a.Foreign, a.Issuer = 1, true, true, "0123456789abcdef"
			_, value := k.Encode(a)
			found, ok := k.Find(value, a.State)
			require.True(t, ok)
			require.Equal(t, a, found)
			_, ok = k.Find(value, New("", now).State)
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
			add := func(age time.Duration, foreign bool) string {
				a := New("/"+strings.Repeat("x", maxKept-1), now.Add(-age))
				a.Foreign = foreign
				name, value := k.Encode(a)
				require.LessOrEqual(t, len(name)+len(value), maxOne)
				list = append(list, cookie{name, value})
				return name
			}
			gone := add(Kept+time.Second, false)
			list = append(list, cookie{"x-s-0", "cannot be read"}, cookie{"other", "of somebody else"})
			add(Life+time.Second, false) // over, and still good to know where it was to end
			oldest := add(30*time.Minute, false)
			drop, ok := k.MakeRoom(each(list), now, false)
			require.True(t, ok)
			require.ElementsMatch(t, []string{gone, "x-s-0"}, drop, "there is room for more")

			for i := range maxSize / maxOne {
				add(time.Duration(i)*time.Second, false)
			}
			drop, ok = k.MakeRoom(each(list), now, false)
			require.True(t, ok)
			require.Contains(t, drop, oldest)
			_, ok = k.MakeRoom(each(list), now, true)
			require.False(t, ok, "a foreign page takes no place of a person's own")

			young := add(0, true)
			drop, ok = k.MakeRoom(each(list), now, false)
			require.True(t, ok)
			require.Contains(t, drop, young, "what a foreign page began goes first")
			left := maxOne
			for _, c := range list {
				if strings.HasPrefix(c.name, "x-s-") && !slices.Contains(drop, c.name) {
					left += len(c.name) + len(c.value)
				}
			}
			require.LessOrEqual(t, left, maxSize)
		})
	}
}

func TestATargetThatIsTooLongLosesItsEnd(t *testing.T) {
	var long string
	for len(long) <= 2*maxKept {
		long += rand.Text() // nothing makes it shorter
	}
	for _, test := range []struct {
		rule, target, fits string
		cut                bool
	}{
		{"a short one", "/a?b#c", "/a?b#c", false},
		{"one that just fits", "/" + long[:maxKept-1], "/" + long[:maxKept-1], false},
		{"one that is packed", "/?" + strings.Repeat("a=1&", 500), "/?" + strings.Repeat("a=1&", 500), false},
		{"one that is too long to unpack", "/?" + strings.Repeat("a=1&", 513), "/", true},
		{"a long fragment", "/a?b#" + long, "/a?b", true},
		{"a long query", "/a?" + long + "#c", "/a", true},
		{"a long path", "/" + long, "/", true},
	} {
		fits, cut := Fit(test.target, "")
		require.Equal(t, test.fits, fits, test.rule)
		require.Equal(t, test.cut, cut, test.rule)
		after := strings.Repeat("~", 64)
		fits, _ = Fit(test.target, after)
		for name, k := range keepers(t) {
			a := New(fits, now)
			a.After = after
			cookie, value := k.Encode(a)
			require.LessOrEqual(t, len(cookie)+len(value), maxOne, "%s, %s", test.rule, name)
			found, ok := k.Find(value, a.State)
			require.True(t, ok)
			require.Equal(t, fits, found.Return)
			require.Equal(t, after, found.After)
		}
	}
}

func TestWhatTheProviderSeesFollowsFromOneSeed(t *testing.T) {
	a, b := New("/", now), New("/", now)
	require.Regexp(t, `^[\w-]{22}\.[0-9a-z]+$`, a.State)
	require.Regexp(t, `^[\w-]{22}$`, a.Nonce)
	require.Regexp(t, `^[\w-]{43}$`, a.Verifier, "RFC 7636, 4.1")
	seen := map[string]bool{}
	for _, text := range []string{a.State, a.Nonce, a.Verifier, b.State, b.Nonce, b.Verifier} {
		require.False(t, seen[text[:22]], "no two begin alike")
		seen[text[:22]] = true
	}
}

func TestAStateTellsWhetherItsAttemptIsStillRemembered(t *testing.T) {
	a := New("/", now)
	require.False(t, Late(a.State, now.Add(Kept)))
	require.True(t, Late(a.State, now.Add(Kept+time.Second)))
	for _, state := range []string{"", "x", "x.", "x.!", "x.-1", "x.0", "6CUXHDNGVWRPI3YB7JNRCCGLFI"} {
		require.False(t, Late(state, now.Add(100*time.Hour)), state)
	}
}

func TestAFloodIsDroppedBitByBit(t *testing.T) {
	k := NewKeeper(nil, "x-s-")
	var list []cookie
	for i := range 100 {
		list = append(list, cookie{fmt.Sprint("x-s-", i), "odd"}, cookie{fmt.Sprint("x-s- not a name ", i), "odd"})
	}
	drop, ok := k.MakeRoom(each(list), now, false)
	require.True(t, ok)
	require.Len(t, drop, maxDropped)
	require.NotContains(t, fmt.Sprint(drop), "not a name")
}

func TestAnAttemptUnderAnothersNameIsDropped(t *testing.T) {
	for name, k := range keepers(t) {
		_, value := k.Encode(New("/", now))
		drop, ok := k.MakeRoom(each([]cookie{{"x-s-0123456789", value}}), now, false)
		require.True(t, ok)
		require.Equal(t, []string{"x-s-0123456789"}, drop, name)
	}
}

func TestTheWholeStateCountsAndNotTheNameAlone(t *testing.T) {
	const mine, other = "state-315319", "state-621641" // the 40 bits of a name are few enough to find such two
	box, err := seal.New([][]byte{make([]byte, seal.KeySize)}, "attempt", "site")
	require.NoError(t, err)
	for name, k := range map[string]*Keeper{"sealed": NewKeeper(box, "x-"), "readable": NewKeeper(nil, "x-")} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, k.Name(mine), k.Name(other))
			a := Attempt{State: mine, Nonce: "n", Verifier: strings.Repeat("v", minVerifier), Return: "/", Began: now.Unix()} // of the first layout
			plain := []byte(`{"s":"` + mine + `","n":"n","v":"` + a.Verifier + `","r":"/","t":` + fmt.Sprint(a.Began) + `}`)
			value := base64.RawURLEncoding.EncodeToString(plain)
			if k.box != nil {
				value = k.box.Seal(k.box.Context(k.Name(mine)), plain)
			}

			found, ok := k.Find(value, mine)
			require.True(t, ok)
			require.Equal(t, a, found)
			_, ok = k.Find(value, other)
			require.False(t, ok, "the state of another attempt, whose name is the same")
		})
	}
}
