package edgeauth

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/edgeauth/edgeauth/internal/reason"
)

const (
	flightDeadline = 5 * time.Second  // of shared work, whoever still waits for it
	keepRenewed    = 10 * time.Second // late-comers with the old refresh token get the same answer
	keepTrouble    = 2 * time.Second  // spares a provider that is down, and is short enough to be forgotten
	keepRefused    = time.Minute      // a dead refresh token does not come back to life
	maxFlights     = 4096             // kept
	maxAirborne    = 256              // at once
	maxFailed      = 5                // of one person in keepRefused: made-up refresh tokens cost the provider no more
)

// flights makes one renewal out of all that ask for the same one at the same time, and hands its result to those
// that come a little later with the old cookie. It works per process.
type flights struct {
	mu       sync.Mutex
	m        map[[32]byte]*flight
	airborne int
	failed   map[[32]byte]tally // by person
}

type flight struct {
	done  chan struct{} // closed when the rest is set
	s     *session
	err   error
	until time.Time // how long the result is kept; zero while in the air
}

// over reports whether a result is not kept any longer. A clock that was put back ends it too.
func (fl *flight) over(now time.Time) bool {
	return !fl.until.IsZero() && (!now.Before(fl.until) || fl.until.Sub(now) > keepRefused)
}

// tally counts what has failed and is not likely to pass.
type tally struct {
	n     int
	since time.Time
	last  error
}

// do returns the result of work, of work in progress, or of recent work for the same key. It waits no longer than ctx.
// Who is the person that it is done for.
func (f *flights) do(ctx context.Context, key, who [32]byte, now func() time.Time, work func(context.Context) (*session, error)) (*session, error) {
	f.mu.Lock()
	fl, ok := f.m[key]
	if !ok || fl.over(now()) {
		if err := f.mayStart(who, now()); err != nil {
			f.mu.Unlock()
			return nil, err
		}
		fl = &flight{done: make(chan struct{})}
		f.makeRoom(now())
		f.m[key] = fl
		f.airborne++
		go f.run(context.WithoutCancel(ctx), fl, who, now, work)
	}
	f.mu.Unlock()
	select {
	case <-fl.done:
		return fl.s, fl.err
	case <-ctx.Done():
		return nil, fmt.Errorf("%w: %w", reason.ProviderDown, ctx.Err())
	}
}

// mayStart bounds what the provider is asked, in total and for one person.
func (f *flights) mayStart(who [32]byte, now time.Time) error {
	if t := f.failed[who]; t.n >= maxFailed && now.Sub(t.since).Abs() < keepRefused {
		return fmt.Errorf("%d failures within %v, the last one: %w", t.n, keepRefused, t.last)
	}
	if f.airborne >= maxAirborne {
		return fmt.Errorf("%w: %d renewals are under way", reason.ProviderBusy, f.airborne)
	}
	return nil
}

func (f *flights) run(ctx context.Context, fl *flight, who [32]byte, now func() time.Time, work func(context.Context) (*session, error)) {
	ctx, cancel := context.WithTimeout(ctx, flightDeadline)
	defer cancel()
	s, err := protected(ctx, work)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.airborne--
	fl.s, fl.err = s, err
	keep := keepRenewed
	switch {
	case err == nil:
		delete(f.failed, who)
	case reason.IsTransient(err):
		keep = keepTrouble
	default:
		if reason.IsRevoked(err) {
			keep = keepRefused
		}
		f.count(who, now(), err)
	}
	fl.until = now().Add(keep)
	close(fl.done)
}

// count remembers a failure.
func (f *flights) count(who [32]byte, now time.Time, err error) {
	if f.failed == nil || len(f.failed) >= maxFlights {
		f.failed = make(map[[32]byte]tally)
	}
	t := f.failed[who]
	if now.Sub(t.since).Abs() >= keepRefused {
		t = tally{since: now}
	}
	t.n++
	t.last = err
	f.failed[who] = t
}

// makeRoom forgets what is over, and at the limit what has failed and then anything that has landed.
func (f *flights) makeRoom(now time.Time) {
	if f.m == nil {
		f.m = make(map[[32]byte]*flight)
	}
	if len(f.m) < maxFlights/16 {
		return
	}
	for key, fl := range f.m {
		if fl.over(now) || len(f.m) >= maxFlights && fl.err != nil {
			delete(f.m, key)
		}
	}
	for key, fl := range f.m {
		if len(f.m) < maxFlights {
			return
		}
		if !fl.until.IsZero() {
			delete(f.m, key)
		}
	}
}
