package token

import (
	"sync"
	"time"
)

const (
	bucketSize = 3                // providers publish a new key and change to it, seldom twice in a row
	refill     = 10 * time.Second // how late a new key is accepted at worst, and what a flood costs a provider
	remembered = 64               // ids that were looked for in vain; each takes the place of the oldest
)

// bucket limits the fetches for unknown key ids: three at once, then one every ten seconds, and none for an id that was
// not found within the last ten. So a flood of made-up ids costs the provider little, and a new key is accepted at most
// ten seconds after a flood. The zero bucket is full.
type bucket struct {
	mu      sync.Mutex
	spent   int
	since   time.Time // when the last permit was added
	useless [remembered]struct {
		kid string
		at  time.Time
	}
	next int
}

// take reports whether a fetch for kid may begin.
func (b *bucket) take(kid string, now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.knows(kid, now) {
		return false
	}
	if back := int(now.Sub(b.since).Abs() / refill); b.spent == 0 || back >= b.spent {
		b.spent, b.since = 0, now
	} else {
		b.spent, b.since = b.spent-back, b.since.Add(time.Duration(back)*refill)
	}
	if b.spent == bucketSize {
		return false
	}
	b.spent++
	b.remember(kid, now)
	return true
}

// missed remembers a kid that was not in the set that another request has fetched.
func (b *bucket) missed(kid string, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.knows(kid, now) {
		b.remember(kid, now)
	}
}

func (b *bucket) remember(kid string, now time.Time) {
	b.useless[b.next].kid, b.useless[b.next].at = kid, now
	b.next = (b.next + 1) % remembered
}

func (b *bucket) knows(kid string, now time.Time) bool {
	for i := range b.useless {
		if b.useless[i].kid == kid && now.Sub(b.useless[i].at).Abs() < refill {
			return true
		}
	}
	return false
}
