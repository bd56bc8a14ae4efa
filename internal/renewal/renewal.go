// Package renewal makes one renewal out of all that ask for the same one: a provider that rotates refresh tokens takes
// the second use of one for theft.
package renewal

import (
	"cmp"
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
	minYield    = 150 * time.Millisecond
	maxYield    = time.Second // for another process
	maxFailed   = 5           // of one person in keepRefused: made-up refresh tokens cost the provider no more
)

// Refresher gets new evidence for a session, and gives back what nobody wants any more.
type Refresher interface {
	Refresh(ctx context.Context, s *session.Session, origin string) (session.Grant, error)
	Revoke(ctx context.Context, s *session.Session, origin string) error
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
	secret key // what the session is renewed with
	failed bool
	began  time.Time     // by the monotonic clock
	took   time.Duration // how long the provider did
	ended  bool          // the person has signed out: the result is for nobody
	until  time.Time     // how long the result is kept; zero while the call is running
}

// gave reports whether the result of a call is renewed with a secret.
func (c *call) gave(secret key) bool {
	if c.until.IsZero() || c.failed {
		return false
	}
	next, _ := c.Result()
	return secretOf(next) == secret
}

// secretOf is what a session is renewed with.
func secretOf(s *session.Session) key { return sha256.Sum256([]byte(cmp.Or(s.Refresh, s.Access))) }

// keyOf is the key of a session's renewal. Whoever brings another session with the same token gets no share in this
// one's result.
func keyOf(s *session.Session) key {
	return sha256.Sum256([]byte(seal.JoinLengthPrefixed(personOf(s), cmp.Or(s.Refresh, s.Access), s.Nonce, s.Began.String())))
}

func personOf(s *session.Session) string {
	return seal.JoinLengthPrefixed("", s.Who.Issuer, s.Who.Subject())
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

// Yield waits where the renewal of s was refused. Another process may have been quicker with this refresh token, and the
// browser should have its answer before it asks again. How long that takes is guessed from how long the refusal took.
func (g *Group) Yield(ctx context.Context, s *session.Session) {
	g.mu.Lock()
	var left time.Duration
	if c := g.calls[keyOf(s)]; c != nil {
		left = min(max(5*c.took, minYield), maxYield) - time.Since(c.began.Add(c.took))
	}
	g.mu.Unlock()
	select {
	case <-time.After(left):
	case <-ctx.Done():
	}
}

// Renew returns the session that follows s. It waits no longer than ctx.
func (g *Group) Renew(ctx context.Context, origin string, s *session.Session) (*session.Session, error) {
	c, err := g.join(ctx, origin, s, func(ctx context.Context) (*session.Session, error) {
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
		if g.hasEnded(c) {
			return nil, reason.SignedOutBefore
		}
		return c.Result()
	case <-ctx.Done():
		return nil, fmt.Errorf("%w: %w", reason.ProviderDown, ctx.Err())
	}
}

// join returns the call of this key: one that is running, one whose result is kept, or a new one.
func (g *Group) join(ctx context.Context, origin string, s *session.Session, work func(context.Context) (*session.Session, error)) (*call, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	now, same, person := g.now(), keyOf(s), key(sha256.Sum256([]byte(personOf(s))))
	if c, ok := g.calls[same]; ok && !c.over(now) {
		if c.ended {
			return nil, reason.SignedOutBefore
		}
		return c, nil
	}
	if err := g.mayStart(person, now); err != nil {
		return nil, err
	}
	g.makeRoom(now)
	c := &call{secret: secretOf(s), began: time.Now()}
	c.Call = flight.Start(ctx, work, func(next *session.Session, err error) {
		if g.landed(c, person, err) && err == nil {
			g.giveBack(ctx, next, origin)
		}
	})
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

// End makes the renewals of a session worth nothing: the one that is under way, whose result is given back, and what
// is kept for late-comers, which it returns for the caller to give back.
func (g *Group) End(s *session.Session) (left []*session.Session) {
	g.mu.Lock()
	defer g.mu.Unlock()
	now, secret := g.now(), secretOf(s)
	for _, c := range g.calls {
		if c.ended || c.secret != secret && !c.gave(secret) {
			continue
		}
		c.ended = true
		if c.until.IsZero() {
			continue
		}
		if !c.failed && c.secret == secret {
			next, _ := c.Result()
			left = append(left, next)
		}
		c.until = now.Add(keepRefused)
	}
	if s.Who != nil && g.calls[keyOf(s)] == nil { // a copy of the cookie may still come to be renewed
		g.makeRoom(now)
		g.calls[keyOf(s)] = &call{secret: secret, failed: true, ended: true, until: now.Add(keepRefused)}
	}
	return left
}

func (g *Group) hasEnded(c *call) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return c.ended
}

// giveBack revokes what a renewal has got for somebody who has signed out meanwhile.
func (g *Group) giveBack(ctx context.Context, next *session.Session, origin string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), flight.Deadline)
	defer cancel()
	_ = g.provider.Revoke(ctx, next, origin) // nobody is left to be told
}

// landed keeps a result for as long as it is worth. It returns whether the person has signed out meanwhile.
func (g *Group) landed(c *call, person key, err error) (ended bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.running--
	c.took = time.Since(c.began)
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
	if c.ended {
		keep = keepRefused
	}
	c.failed, c.until = err != nil, now.Add(keep)
	return c.ended
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
