// Package renewal makes one renewal out of all that ask for the same one: a provider that rotates refresh tokens takes
// the second use of one for theft.
package renewal

import (
	"context"
	"crypto/sha256"
	"fmt"
	"sync"
	"time"

	"github.com/edgeauth/edgeauth/internal/flight"
	"github.com/edgeauth/edgeauth/internal/reason"
	"github.com/edgeauth/edgeauth/internal/seal"
	"github.com/edgeauth/edgeauth/internal/session"
)

const (
	keepRenewed = 10 * time.Second // late-comers with the old refresh token get the same answer
	keepTrouble = 2 * time.Second  // spares a provider that is down, and is short enough to be forgotten
	keepRefused = time.Minute      // a dead refresh token does not come back to life
	maxKept     = 4096             // results: some 2 MB of sessions
	maxRunning  = 256              // at once: one process alone must not flood a provider
	maxFailed   = 5                // of one person in keepRefused: made-up refresh tokens cost the provider no more
)

// Refresher gets new evidence for a session.
type Refresher interface {
	Refresh(ctx context.Context, s *session.Session, origin string) (session.Grant, error)
}

// Group renews the sessions of one site. It shares what it does within this process; a result is also for those who
// come a little later with the old cookie. It is safe for concurrent use.
type Group struct {
	provider Refresher
	store    session.Store
	now      func() time.Time

	mu      sync.Mutex
	calls   map[key]*call
	running int
	failed  map[key]tally // by person
}

type key [32]byte

type call struct {
	*flight.Call[*session.Session]
	failed bool
	until  time.Time // how long the result is kept; zero while the call is running
}

// over reports whether a result is not kept any longer. A clock that was put back ends it too.
func (c *call) over(now time.Time) bool {
	return !c.until.IsZero() && (!now.Before(c.until) || c.until.Sub(now) > keepRefused)
}

// tally counts what has failed and is not likely to pass.
type tally struct {
	n     int
	since time.Time
	last  error
}

// New returns a group. Now is the wall clock.
func New(provider Refresher, store session.Store, now func() time.Time) *Group {
	return &Group{provider: provider, store: store, now: now, calls: make(map[key]*call), failed: make(map[key]tally)}
}

// Renew returns the session that follows s. It waits no longer than ctx.
func (g *Group) Renew(ctx context.Context, origin string, s *session.Session) (*session.Session, error) {
	secret := s.Refresh
	if secret == "" {
		secret = s.Access
	}
	// Whoever brings another session with the same token gets no share in this one's result.
	person := seal.JoinLengthPrefixed("", s.Who.Issuer, s.Who.Subject())
	same := sha256.Sum256([]byte(seal.JoinLengthPrefixed(person, secret, s.Nonce, s.Began.String())))
	c, err := g.join(ctx, same, sha256.Sum256([]byte(person)), func(ctx context.Context) (*session.Session, error) {
		grant, err := g.provider.Refresh(ctx, s, origin)
		if err != nil {
			return nil, err
		}
		return g.store.Renew(s, grant, g.now())
	})
	if err != nil {
		return nil, err
	}
	select {
	case <-c.Done():
		return c.Result()
	case <-ctx.Done():
		return nil, fmt.Errorf("%w: %w", reason.ProviderDown, ctx.Err())
	}
}

// join returns the call of this key: one that is running, one whose result is kept, or a new one.
func (g *Group) join(ctx context.Context, same, person key, work func(context.Context) (*session.Session, error)) (*call, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.now()
	if c, ok := g.calls[same]; ok && !c.over(now) {
		return c, nil
	}
	if err := g.mayStart(person, now); err != nil {
		return nil, err
	}
	g.makeRoom(now)
	c := &call{}
	c.Call = flight.Start(ctx, work, func(_ *session.Session, err error) { g.landed(c, person, err) })
	g.calls[same] = c
	g.running++
	return c, nil
}

// mayStart bounds what the provider is asked, in total and for one person.
func (g *Group) mayStart(person key, now time.Time) error {
	if t := g.failed[person]; t.n >= maxFailed && now.Sub(t.since).Abs() < keepRefused {
		return fmt.Errorf("%d failures within %v, the last one: %w", t.n, keepRefused, t.last)
	}
	if g.running >= maxRunning {
		return fmt.Errorf("%w: %d renewals are under way", reason.ProviderBusy, g.running)
	}
	return nil
}

// landed keeps a result for as long as it is worth.
func (g *Group) landed(c *call, person key, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.running--
	now, keep := g.now(), keepRenewed
	switch {
	case err == nil:
		delete(g.failed, person)
	case reason.IsTransient(err):
		keep = keepTrouble
	default:
		if reason.IsRevoked(err) {
			keep = keepRefused
		}
		g.count(person, now, err)
	}
	c.failed, c.until = err != nil, now.Add(keep)
}

// count remembers a failure.
func (g *Group) count(person key, now time.Time, err error) {
	if len(g.failed) >= maxKept {
		clear(g.failed)
	}
	t := g.failed[person]
	if now.Sub(t.since).Abs() >= keepRefused {
		t = tally{since: now}
	}
	t.n++
	t.last = err
	g.failed[person] = t
}

// makeRoom forgets what is over, and at the limit what has failed and then anything that is not running.
func (g *Group) makeRoom(now time.Time) {
	if len(g.calls) < maxKept/16 {
		return
	}
	for same, c := range g.calls {
		if c.over(now) || len(g.calls) >= maxKept && c.failed {
			delete(g.calls, same)
		}
	}
	for same, c := range g.calls {
		if len(g.calls) < maxKept {
			return
		}
		if !c.until.IsZero() {
			delete(g.calls, same)
		}
	}
}
