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
	maxFlights     = 4096
)

// flights makes one renewal out of all that ask for the same one at the same time, and hands its result to those
// that come a little later with the old cookie. It works per process.
type flights struct {
	mu sync.Mutex
	m  map[[32]byte]*flight
}

type flight struct {
	done  chan struct{} // closed when the rest is set
	s     *session
	err   error
	until time.Time // how long the result is kept; zero while in the air
}

// do returns the result of work, of work in progress, or of recent work for the same key. It waits no longer than ctx.
func (f *flights) do(ctx context.Context, key [32]byte, now func() time.Time, work func(context.Context) (*session, error)) (*session, error) {
	f.mu.Lock()
	fl, ok := f.m[key]
	if !ok || !fl.until.IsZero() && !now().Before(fl.until) {
		fl = &flight{done: make(chan struct{})}
		f.makeRoom(now())
		f.m[key] = fl
		go f.run(context.WithoutCancel(ctx), fl, now, work)
	}
	f.mu.Unlock()
	select {
	case <-fl.done:
		return fl.s, fl.err
	case <-ctx.Done():
		return nil, fmt.Errorf("%w: %w", reason.ProviderDown, ctx.Err())
	}
}

func (f *flights) run(ctx context.Context, fl *flight, now func() time.Time, work func(context.Context) (*session, error)) {
	ctx, cancel := context.WithTimeout(ctx, flightDeadline)
	defer cancel()
	s, err := protected(ctx, work)
	f.mu.Lock()
	defer f.mu.Unlock()
	fl.s, fl.err = s, err
	keep := keepRenewed
	if err != nil && passing(err) {
		keep = keepTrouble
	}
	fl.until = now().Add(keep)
	close(fl.done)
}

// makeRoom forgets what is over, and at the limit anything that has landed.
func (f *flights) makeRoom(now time.Time) {
	if f.m == nil {
		f.m = make(map[[32]byte]*flight)
	}
	if len(f.m) < maxFlights/16 {
		return
	}
	for key, fl := range f.m {
		if !fl.until.IsZero() && (!now.Before(fl.until) || len(f.m) >= maxFlights) {
			delete(f.m, key)
		}
	}
}
