// Package hostcache keeps one value for each host, each fresh for a while, within a bound that no flood of hosts moves.
package hostcache

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/edgeauth/edgeauth/internal/fresh"
)

const (
	maxPending = 4096 // hosts that are held while they are asked for
	maxLooked  = 32   // entries looked at for one to give up: enough that one used lately seldom goes
)

// Config says where the values come from and how long they are kept. Load and Now are required, and so are the times.
type Config[T any] struct {
	// Load gets the value of a host. Previous is the one that it would replace. A false ok without an error says that
	// the host has none. Calls for one host never overlap. Hosts that have had no value yet are asked for a few at once.
	Load func(ctx context.Context, host string, previous T) (value T, ok bool, err error)
	// Dropped is told of every host that is no longer held. It is called with a lock held and must not come back.
	Dropped func(host string)

	TTL      time.Duration // the age at which a value is loaded again
	Stale    time.Duration // how long one stays in use while loading fails
	Negative time.Duration // how long a host without a value is remembered as such
	Max      int           // values held at once
	Now      func() time.Time
}

// Cache is safe for concurrent use and keeps no goroutine.
type Cache[T any] struct {
	c Config[T]

	mu      sync.RWMutex
	known   map[string]*entry[T]
	pending map[string]*entry[T] // being asked for: a flood of hosts does not push out known ones
	none    absent
	queue   queue
}

// entry is one host's value, fresh for the TTL, stale while loading fails, loaded by one call at a time.
type entry[T any] struct {
	doc   *fresh.Doc[loaded[T]]
	used  atomic.Int64 // Unix seconds
	known atomic.Bool  // it has had a value
}

type loaded[T any] struct {
	value T
	ok    bool
}

// New returns an empty cache.
func New[T any](c Config[T]) *Cache[T] {
	return &Cache[T]{c: c, known: make(map[string]*entry[T]), pending: make(map[string]*entry[T]), queue: newQueue()}
}

// Get returns the value of a host; false where it has none. Valid says whether a host may be asked for at all; it is
// called only for one that is not held.
func (c *Cache[T]) Get(ctx context.Context, host string, valid func(host string) bool) (value T, ok bool, err error) {
	now := c.c.Now().Round(0)
	held, ok := c.find(host, now, valid)
	if !ok {
		return value, false, nil
	}
	held.used.Store(now.Unix())
	got, _, err := held.doc.Get(ctx)
	switch {
	case errors.Is(err, ErrBusy):
		c.release(host, held)
		return value, false, err
	case err != nil:
		return value, false, err
	case !got.ok:
		c.forget(host, held, now)
		return value, false, nil
	case !held.known.Load():
		c.promote(host, held)
	}
	return got.value, true, nil
}

// dropUnheld says so where a host has made room while it was loaded. The lock keeps it from coming back meanwhile.
func (c *Cache[T]) dropUnheld(host string) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if c.known[host] == nil && c.pending[host] == nil {
		c.c.Dropped(host)
	}
}

// Holds reports whether something is kept for a host.
func (c *Cache[T]) Holds(host string) bool {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.known[host] != nil || c.pending[host] != nil
}

// Len is how many hosts have a value that is kept.
func (c *Cache[T]) Len() int {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return len(c.known)
}

// find returns what is held for a host, or false for one that has no value or may not be asked for.
func (c *Cache[T]) find(host string, now time.Time, valid func(string) bool) (*entry[T], bool) {
	c.mu.RLock()
	held, ok := c.known[host]
	c.mu.RUnlock()
	if ok {
		return held, true
	}
	if !valid(host) {
		return nil, false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, hosts := range []map[string]*entry[T]{c.known, c.pending} {
		if held, ok := hosts[host]; ok {
			return held, true
		}
	}
	if c.none.has(host, now, c.c.Negative) {
		return nil, false
	}
	c.makeRoom(c.pending, maxPending)
	host = strings.Clone(host) // what is remembered must not keep a whole request in memory
	held = c.newEntry(host)
	c.pending[host] = held
	return held, true
}

// promote holds on to a host that has a value.
func (c *Cache[T]) promote(host string, held *entry[T]) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.pending[host] == held {
		c.makeRoom(c.known, c.c.Max)
		c.known[strings.Clone(host)] = held
		delete(c.pending, host)
		held.known.Store(true)
	}
}

// forget drops a host that has no value, or no longer.
func (c *Cache[T]) forget(host string, held *entry[T], now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known[host] == held || c.pending[host] == held {
		delete(c.known, host)
		delete(c.pending, host)
		c.none.add(host, now, c.c.Negative)
		c.c.Dropped(host)
	}
}

// release lets go of a host that was not asked for: it may be asked for again at once.
func (c *Cache[T]) release(host string, held *entry[T]) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.pending[host] == held {
		delete(c.pending, host)
		c.c.Dropped(host)
	}
}

// makeRoom keeps a map bounded. It looks at a few entries, which the map yields in no order, and gives up the one that
// was used longest ago.
func (c *Cache[T]) makeRoom(hosts map[string]*entry[T], limit int) {
	if len(hosts) < limit {
		return
	}
	oldest, seen := "", 0
	for host, held := range hosts {
		if oldest == "" || held.used.Load() < hosts[oldest].used.Load() {
			oldest = host
		}
		if seen++; seen == maxLooked {
			break
		}
	}
	delete(hosts, oldest)
	c.c.Dropped(oldest)
}

func (c *Cache[T]) newEntry(host string) *entry[T] {
	e := &entry[T]{}
	e.doc = fresh.New(fresh.Config[loaded[T]]{
		Soft: c.c.TTL, Hard: c.c.Stale, Now: c.c.Now,
		Load: func(ctx context.Context, previous loaded[T]) (loaded[T], time.Duration, error) {
			if !e.known.Load() {
				if err := c.queue.enter(ctx); err != nil {
					return loaded[T]{}, 0, err
				}
				defer c.queue.leave()
			}
			value, ok, err := c.c.Load(ctx, host, previous.value)
			if err == nil {
				c.dropUnheld(host)
			}
			return loaded[T]{value, ok}, 0, err
		},
	})
	return e
}
