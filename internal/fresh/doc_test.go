package fresh_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth/internal/flight"
	"github.com/edgeauth/edgeauth/internal/fresh"
)

// source is a remote document: each load gives the next number.
type source struct {
	loads  atomic.Int32
	maxAge time.Duration
	delay  time.Duration
	err    error
}

func (s *source) load(ctx context.Context, _ int) (int, time.Duration, error) {
	n := int(s.loads.Add(1))
	select {
	case <-time.After(s.delay):
		return n, s.maxAge, s.err
	case <-ctx.Done():
		return 0, 0, ctx.Err()
	}
}

func (s *source) doc() *fresh.Doc[int] { return fresh.New(fresh.Config[int]{Load: s.load}) }

func requireGet(t *testing.T, d *fresh.Doc[int], want int) {
	t.Helper()
	got, _, err := d.Get(context.Background())
	require.NoError(t, err)
	require.Equal(t, want, got)
}

var errDown = errors.New("down")

func TestADocumentIsLoadedOnceItIsSoft(t *testing.T) {
	for rule, c := range map[string]struct{ maxAge, soft time.Duration }{
		"after an hour":                      {0, time.Hour},
		"sooner where Cache-Control says so": {5 * time.Minute, 5 * time.Minute},
		"never sooner than a minute":         {time.Second, time.Minute},
		"never later than an hour":           {24 * time.Hour, time.Hour},
	} {
		t.Run(rule, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &source{maxAge: c.maxAge}
				d := s.doc()
				requireGet(t, d, 1)
				time.Sleep(c.soft - 1)
				requireGet(t, d, 1)
				time.Sleep(time.Nanosecond)
				requireGet(t, d, 2)
			})
		})
	}
}

func TestConcurrentCallersShareOneLoad(t *testing.T) {
	for rule, fails := range map[string]error{"that works": nil, "that fails": errDown} {
		t.Run(rule, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &source{delay: time.Second, err: fails}
				d := s.doc()
				var wait sync.WaitGroup
				for range 1000 {
					wait.Go(func() {
						if got, _, err := d.Get(context.Background()); !errors.Is(err, fails) || fails == nil && got != 1 {
							t.Errorf("got %d, %v", got, err)
						}
					})
				}
				wait.Wait()
				require.EqualValues(t, 1, s.loads.Load())
			})
		})
	}
}

func TestAFailedLoadKeepsTheOldDocumentUntilItIsHard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &source{}
		d := s.doc()
		requireGet(t, d, 1)
		s.err = errDown
		time.Sleep(time.Hour)
		requireGet(t, d, 1)
		require.EqualValues(t, 2, s.loads.Load())
		time.Sleep(10*time.Second - 1)
		requireGet(t, d, 1)
		require.EqualValues(t, 2, s.loads.Load(), "no second try within ten seconds")
		time.Sleep(time.Nanosecond)
		requireGet(t, d, 1)
		require.EqualValues(t, 3, s.loads.Load())
		time.Sleep(23*time.Hour - 10*time.Second)
		_, _, err := d.Get(context.Background())
		require.ErrorIs(t, err, errDown)
		s.err = nil
		time.Sleep(10 * time.Second)
		requireGet(t, d, 5)
	})
}

func TestACallerWaitsTwoSecondsAndTheLoadGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &source{delay: 4 * time.Second}
		d := s.doc()
		began := time.Now()
		_, _, err := d.Get(context.Background())
		require.Error(t, err)
		require.Equal(t, 2*time.Second, time.Since(began))
		time.Sleep(2 * time.Second)
		requireGet(t, d, 1)
		require.EqualValues(t, 1, s.loads.Load())
	})
}

func TestALoadEndsByItsDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &source{delay: time.Hour}
		d := s.doc()
		began := time.Now()
		for time.Since(began) < flight.Deadline {
			_, _, err := d.Get(context.Background())
			require.Error(t, err)
		}
		_, _, err := d.Get(context.Background())
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.EqualValues(t, 1, s.loads.Load())
	}) // which also fails where a goroutine is left
}

func TestOneCallerWaitsForASlowLoadWhileTheOthersUseTheOldDocument(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &source{}
		d := s.doc()
		requireGet(t, d, 1)
		s.delay = 4 * time.Second
		time.Sleep(time.Hour)
		began := time.Now()
		requireGet(t, d, 1)
		require.Equal(t, 2*time.Second, time.Since(began))
		requireGet(t, d, 1)
		require.Equal(t, 2*time.Second, time.Since(began))
		time.Sleep(3 * time.Second)
		requireGet(t, d, 2)
	})
}

func TestACallerThatGivesUpDoesNotEndTheLoad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &source{delay: time.Second}
		d := s.doc()
		ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
		defer cancel()
		_, _, err := d.Get(ctx)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		requireGet(t, d, 1)
		require.EqualValues(t, 1, s.loads.Load())
	})
}

func TestAFrozenProcessWakesUpWithTheWallClock(t *testing.T) {
	now := time.Unix(1_790_000_000, 0)
	s := &source{}
	d := fresh.New(fresh.Config[int]{Load: s.load, Now: func() time.Time { return now }})
	requireGet(t, d, 1)
	now = now.Add(8 * time.Hour) // no timer has run meanwhile
	requireGet(t, d, 2)
	s.err = errDown
	now = now.Add(25 * time.Hour)
	_, _, err := d.Get(context.Background())
	require.ErrorIs(t, err, errDown)
}

func TestAClockThatIsPutBackDoesNotKeepADocumentForEver(t *testing.T) {
	now := time.Unix(1_790_000_000, 0)
	s := &source{}
	d := fresh.New(fresh.Config[int]{Load: s.load, Now: func() time.Time { return now }})
	requireGet(t, d, 1)
	now = now.Add(-time.Minute)
	requireGet(t, d, 1)
	now = now.Add(-2 * time.Hour)
	requireGet(t, d, 2)
}

func TestRefresh(t *testing.T) {
	yes, no := func() bool { return true }, func() bool { return false }
	synctest.Test(t, func(t *testing.T) {
		s := &source{}
		d := s.doc()
		_, none, err := d.Get(context.Background())
		require.NoError(t, err)
		require.NoError(t, d.Refresh(context.Background(), none, no), "that Get has just loaded it")
		_, first, err := d.Get(context.Background())
		require.NoError(t, err)
		require.ErrorIs(t, d.Refresh(context.Background(), first, no), fresh.ErrRefused)
		require.EqualValues(t, 1, s.loads.Load())
		require.NoError(t, d.Refresh(context.Background(), first, yes))
		requireGet(t, d, 2)
		require.NoError(t, d.Refresh(context.Background(), first, no), "that has happened since")
		require.EqualValues(t, 2, s.loads.Load())

		s.delay = time.Second
		_, second, _ := d.Get(context.Background())
		var wait sync.WaitGroup
		asked := 0
		for range 100 {
			wait.Go(func() {
				if err := d.Refresh(context.Background(), second, func() bool { asked++; return true }); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		require.Equal(t, 1, asked, "joining asks nobody")
		require.EqualValues(t, 3, s.loads.Load())

		s.err = errDown
		_, third, _ := d.Get(context.Background())
		require.ErrorIs(t, d.Refresh(context.Background(), third, nil), errDown)
		require.ErrorIs(t, d.Refresh(context.Background(), third, nil), errDown)
		require.EqualValues(t, 4, s.loads.Load(), "no second try within ten seconds")
		requireGet(t, d, 3)
	})
}

func TestASnapshotCountsFromItsFirstUseAndForAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, snapshot := &source{}, 100
		d := fresh.New(fresh.Config[int]{Load: s.load, Snapshot: &snapshot})
		time.Sleep(48 * time.Hour)
		requireGet(t, d, 100)
		time.Sleep(time.Minute - 1)
		requireGet(t, d, 100)
		require.Zero(t, s.loads.Load())
		s.err = errDown
		time.Sleep(time.Nanosecond)
		requireGet(t, d, 100)
		s.err = nil
		time.Sleep(10 * time.Second)
		requireGet(t, d, 2)
	})
}

func TestLoadGetsWhatItReplacesAndItsPanicIsAnError(t *testing.T) {
	now := time.Unix(1_790_000_000, 0)
	var got []int
	d := fresh.New(fresh.Config[int]{Now: func() time.Time { return now }, Load: func(_ context.Context, previous int) (int, time.Duration, error) {
		if got = append(got, previous); len(got) == 3 {
			panic("odd")
		}
		return previous + 7, 0, nil
	}})
	requireGet(t, d, 7)
	now = now.Add(time.Hour)
	requireGet(t, d, 14)
	now = now.Add(time.Hour)
	requireGet(t, d, 14)
	require.Equal(t, []int{0, 7, 14}, got)
	now = now.Add(25 * time.Hour)
	requireGet(t, d, 21)
}

func TestAFreshDocumentCostsNoAllocation(t *testing.T) {
	d := (&source{}).doc()
	requireGet(t, d, 1)
	require.Zero(t, testing.AllocsPerRun(100, func() { d.Get(context.Background()) }))
}
