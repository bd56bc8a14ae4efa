package hostcache

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

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
