package token

import (
	"encoding/binary"
	"sync/atomic"
	"time"
)

// CacheSize is the default number of entries.
const CacheSize = 4096

// ways is how many places an entry can be in: with four, two tokens in daily use seldom push each other out, and a
// look at all of them is still cheap.
const ways = 4

// Cache remembers what tokens have proven, by their digests ([Verifier.Digest]). Put only successes into it. It has a
// fixed size and no goroutine: the entry that expires first is replaced. It is safe for concurrent use.
type Cache[T any] struct {
	slots []atomic.Pointer[entry[T]]
}

type entry[T any] struct {
	key         [32]byte
	from, until int64 // Unix nanoseconds
	generation  uint64
	value       T
}

// NewCache returns a cache of about this many entries; 0 means [CacheSize], and a negative number a cache that holds
// nothing.
func NewCache[T any](entries int) *Cache[T] {
	if entries == 0 {
		entries = CacheSize
	}
	return &Cache[T]{slots: make([]atomic.Pointer[entry[T]], max(0, entries+ways-1)/ways*ways)}
}

// Get returns the value at key, if it is valid now and was proven with the keys of this generation.
func (c *Cache[T]) Get(key [32]byte, now time.Time, generation uint64) (value T, ok bool) {
	at := now.UnixNano()
	set := c.set(key)
	for i := range set {
		e := set[i].Load()
		if e != nil && e.key == key && e.from <= at && at < e.until && e.generation == generation {
			return e.value, true
		}
	}
	return value, false
}

// Put remembers a value that is valid between from and until.
func (c *Cache[T]) Put(key [32]byte, value T, from, until time.Time, generation uint64) {
	set := c.set(key)
	if len(set) == 0 {
		return
	}
	victim, first := 0, int64(0)
	for i := range set {
		e := set[i].Load()
		if e == nil || e.key == key {
			victim = i
			break
		}
		if i == 0 || e.until < first {
			victim, first = i, e.until
		}
	}
	set[victim].Store(&entry[T]{key, from.UnixNano(), until.UnixNano(), generation, value})
}

// set is the slots in which the entry of a key can be.
func (c *Cache[T]) set(key [32]byte) []atomic.Pointer[entry[T]] {
	if len(c.slots) == 0 {
		return nil
	}
	i := binary.LittleEndian.Uint64(key[:]) % uint64(len(c.slots)/ways) * ways
	return c.slots[i : i+ways]
}
