// Package fresh keeps one remote document up to date, driven by the requests that need it.
//
// Nothing runs between requests. Ages are wall-clock times that are checked when a request comes, so a process that was
// frozen for an hour is right as soon as it runs again.
package fresh

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/edgeauth/edgeauth/internal/flight"
)

const (
	// DefaultSoft and DefaultHard are the ages of [Config.Soft] and [Config.Hard].
	DefaultSoft = time.Hour
	DefaultHard = 24 * time.Hour

	floor    = time.Minute      // no Cache-Control makes a document stale sooner
	patience = 2 * time.Second  // how long one caller waits
	pause    = 10 * time.Second // before the next load, after one that failed
)

// ErrRefused says that the caller's own condition for a new load was not met.
var ErrRefused = errors.New("not asked again so soon")

var errSlow = fmt.Errorf("no answer within %s", patience)

// Config says what a Doc loads and how old it may become. Load is required.
type Config[T any] struct {
	// Load gets the document. previous is the value that it would replace, the zero T at first; maxAge is what the
	// answer's Cache-Control allows, 0 where it says nothing. Loads never overlap.
	Load func(ctx context.Context, previous T) (value T, maxAge time.Duration, err error)
	// Soft is the age from which a request asks for a new document first. A shorter Cache-Control shortens it, down
	// to a minute. Default 1 h.
	Soft time.Duration
	// Hard is the age from which a document is not used any more. Default 24 h.
	Hard time.Duration
	// Snapshot, where set, is the first value. It counts as loaded when it is first used, so a cold start needs no
	// network, and it reaches its soft age after a minute, so no process trusts an old one for long.
	Snapshot *T
	// Now is the clock. Default time.Now.
	Now func() time.Time
}

// Doc is one remote document. It is safe for concurrent use.
type Doc[T any] struct {
	config  Config[T]
	current atomic.Pointer[version[T]]

	mu      sync.Mutex
	call    *call     // the load that is under way
	failed  time.Time // when the last load failed, where it did
	failure error
}

// version is one value that a Doc has had. It never changes.
type version[T any] struct {
	value  T
	number uint64
	loaded time.Time
	soft   time.Duration
}

// call is one load and all who wait for it.
type call struct {
	*flight.Call[struct{}]
	slow bool // somebody has waited in vain; guarded by Doc.mu
}

// New returns a document that has not been loaded yet.
func New[T any](config Config[T]) *Doc[T] {
	if config.Soft <= 0 {
		config.Soft = DefaultSoft
	}
	if config.Hard <= 0 {
		config.Hard = DefaultHard
	}
	if config.Now == nil {
		config.Now = time.Now
	}
	return &Doc[T]{config: config}
}

// Get returns the document. It loads a document that is missing or past its soft age, waits for that at most 2 s, and
// returns the old one if the load fails. It fails if there is none younger than the hard age. seen is the version
// before the load, for [Doc.Refresh].
func (d *Doc[T]) Get(ctx context.Context) (value T, seen uint64, err error) {
	now := d.now()
	v := d.version(now)
	if v != nil {
		seen = v.number
		if age(now, v) < v.soft {
			return v.value, seen, nil
		}
	}
	err = d.renew(ctx, v, nil)
	now = d.now()
	if v = d.current.Load(); v != nil && age(now, v) < d.config.Hard {
		return v.value, seen, nil
	}
	if err == nil {
		err = fmt.Errorf("older than %s", d.config.Hard)
	}
	return value, seen, err
}

// Refresh loads the document again unless that has happened since version seen, and waits for it at most 2 s. It joins
// a load that is running. Before it begins one, it asks may, unless that is nil, for one caller at a time. A nil error
// means that there is a newer version: look again.
func (d *Doc[T]) Refresh(ctx context.Context, seen uint64, may func() bool) error {
	v := d.current.Load()
	if v != nil && v.number != seen {
		return nil
	}
	return d.renew(ctx, v, may)
}

// renew replaces version v, which is nil before the first load.
func (d *Doc[T]) renew(ctx context.Context, v *version[T], may func() bool) error {
	c, err := d.join(v, may)
	if c == nil {
		return err
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-c.Done():
		_, err := c.Result()
		return err
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		d.mu.Lock()
		c.slow = true
		d.mu.Unlock()
		return errSlow
	}
}

// join returns the load to wait for, or nil and why there is none to wait for.
func (d *Doc[T]) join(v *version[T], may func() bool) (*call, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.now()
	switch {
	case d.current.Load() != v:
		return nil, nil
	case d.call != nil && d.call.slow && v != nil && age(now, v) < d.config.Hard:
		return nil, errSlow // nobody else waits while there is an old one to use
	case d.call != nil:
		return d.call, nil
	case d.failure != nil && now.Sub(d.failed).Abs() < pause:
		return nil, d.failure
	case may != nil && !may():
		return nil, ErrRefused
	}
	next := &version[T]{number: 1, loaded: now, soft: d.config.Soft}
	d.call = &call{Call: flight.Start(context.Background(), func(ctx context.Context) (struct{}, error) {
		return struct{}{}, d.load(ctx, v, next)
	}, func(_ struct{}, err error) { d.landed(next, err) })}
	return d.call, nil
}

// load fills in the version that follows v.
func (d *Doc[T]) load(ctx context.Context, v, next *version[T]) error {
	var previous T
	if v != nil {
		previous, next.number = v.value, v.number+1
	}
	var maxAge time.Duration
	var err error
	if next.value, maxAge, err = d.config.Load(ctx, previous); maxAge > 0 {
		next.soft = min(d.config.Soft, max(maxAge, floor))
	}
	return err
}

// landed takes a version into use where its load worked.
func (d *Doc[T]) landed(next *version[T], err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err == nil {
		d.current.Store(next)
	}
	d.failed, d.failure, d.call = d.now(), err, nil
}

// version is the current version. The first caller makes the snapshot the current version.
func (d *Doc[T]) version(now time.Time) *version[T] {
	v := d.current.Load()
	if v == nil && d.config.Snapshot != nil {
		d.current.CompareAndSwap(nil, &version[T]{value: *d.config.Snapshot, number: 1, loaded: now, soft: min(floor, d.config.Soft)})
		v = d.current.Load()
	}
	return v
}

// age is never negative, so that a document from before the clock was set back does not stay fresh for ever.
func age[T any](now time.Time, v *version[T]) time.Duration { return now.Sub(v.loaded).Abs() }

// now has no monotonic reading, because the monotonic clock stops while a process is frozen.
func (d *Doc[T]) now() time.Time { return d.config.Now().Round(0) }
