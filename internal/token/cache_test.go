package token

import (
	"encoding/binary"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func cacheKey(i int) (key [32]byte) {
	binary.LittleEndian.PutUint64(key[:], uint64(i))
	return key
}

func TestCacheComparesEverythingAtEveryHit(t *testing.T) {
	c := NewCache[string](0)
	from, until := theTime, theTime.Add(time.Minute)
	c.Put(cacheKey(1), "one", from, until, 7)
	for rule, q := range map[string]struct {
		key        int
		now        time.Time
		generation uint64
		want       bool
	}{
		"hits":                                {1, from, 7, true},
		"hits until the last moment":          {1, until.Add(-1), 7, true},
		"misses another key":                  {2, from, 7, false},
		"misses another key of the same slot": {1 + CacheSize/ways, from, 7, false},
		"misses at the end":                   {1, until, 7, false},
		"misses before the beginning":         {1, from.Add(-1), 7, false},
		"misses after the keys have changed":  {1, from, 8, false},
	} {
		t.Run(rule, func(t *testing.T) {
			got, ok := c.Get(cacheKey(q.key), q.now, q.generation)
			require.Equal(t, q.want, ok)
			require.Equal(t, map[bool]string{true: "one"}[q.want], got)
		})
	}
}

func TestCacheReplacesAndStaysBounded(t *testing.T) {
	c := NewCache[int](16)
	put := func(i int, until time.Duration) { c.Put(cacheKey(i), i, time.Time{}, theTime.Add(until), 1) }
	has := func(i int) bool { _, ok := c.Get(cacheKey(i), theTime, 1); return ok }
	sameSlot := len(c.slots) / ways
	for i := range ways {
		put(i*sameSlot, time.Hour+time.Duration(i)*time.Second)
	}
	put(2*sameSlot, time.Hour+time.Minute) // again: in its own place
	require.True(t, has(0))
	put(ways*sameSlot, time.Hour)
	require.False(t, has(0), "the entry that ends first makes room")
	for i := range ways {
		require.True(t, has((i+1)*sameSlot))
	}
	for i := range 1000 {
		put(i, time.Hour)
	}
	held := 0
	for i := range c.slots {
		if c.slots[i].Load() != nil {
			held++
		}
	}
	require.Equal(t, 16, held)
}

func TestCacheWithoutEntriesHoldsNothing(t *testing.T) {
	c := NewCache[int](-1)
	c.Put(cacheKey(1), 1, time.Time{}, theTime.Add(time.Hour), 1)
	_, ok := c.Get(cacheKey(1), theTime, 1)
	require.False(t, ok)
}

func TestCacheHitAllocatesNothing(t *testing.T) {
	c := NewCache[*int](0)
	c.Put(cacheKey(1), new(int), time.Time{}, theTime.Add(time.Hour), 1)
	require.Zero(t, testing.AllocsPerRun(100, func() { c.Get(cacheKey(1), theTime, 1) }))
}

func TestCacheIsSafeForConcurrentUse(t *testing.T) {
	c := NewCache[int](16)
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for i := range 1000 {
				c.Put(cacheKey(i%40), i%40, time.Time{}, theTime.Add(time.Hour), 1)
				if got, ok := c.Get(cacheKey(i%40), theTime, 1); ok && got != i%40 {
					t.Errorf("got %d, want %d", got, i%40)
				}
			}
		})
	}
	wait.Wait()
}
