package hostcache

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/require"
)

func anyHost(string) bool { return true }

// newCache is a cache whose values are what load says, and the hosts that were dropped so far.
func newCache(load func(ctx context.Context, host string, previous int) (int, bool, error)) (*Cache[int], *[]string) {
	dropped := new([]string)
	return New(Config[int]{
		Load: load, Dropped: func(host string) { *dropped = append(*dropped, host) },
		TTL: time.Minute, Stale: time.Hour, Negative: time.Minute, Max: 2, Now: time.Now,
	}), dropped
}

// Whatever a load claims for its host has to be given up again where the host has gone in the meantime.
func TestAHostThatMadeRoomWhileItWasLoadedIsDroppedOnceMore(t *testing.T) {
	asked, leave := make(chan struct{}), make(chan struct{})
	c, dropped := newCache(func(context.Context, string, int) (int, bool, error) {
		close(asked)
		<-leave
		return 1, true, nil
	})
	var done sync.WaitGroup
	done.Go(func() {
		_, ok, err := c.Get(context.Background(), "slow.example.com", anyHost)
		require.True(t, ok)
		require.NoError(t, err)
	})
	<-asked
	c.mu.Lock()
	c.makeRoom(c.pending, 1)
	require.Equal(t, []string{"slow.example.com"}, *dropped)
	c.mu.Unlock()
	close(leave)
	done.Wait()
	require.Equal(t, []string{"slow.example.com", "slow.example.com"}, *dropped)
	require.False(t, c.Holds("slow.example.com"))
}

func TestAHostThatIsHeldKeepsNoRequestInMemory(t *testing.T) {
	c, _ := newCache(func(context.Context, string, int) (int, bool, error) { return 1, true, nil })
	request := strings.Repeat("x", 20<<10) + "a.example.com"
	host := request[20<<10:]
	same := func(hosts map[string]*entry[int]) {
		require.NotEmpty(t, hosts)
		for held := range hosts {
			require.NotSame(t, unsafe.StringData(host), unsafe.StringData(held))
		}
	}
	held, ok := c.find(host, time.Now(), anyHost)
	require.True(t, ok)
	same(c.pending)
	c.promote(host, held)
	same(c.known)
}

func TestTheHostUsedLongestAgoMakesRoom(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	c, dropped := newCache(func(context.Context, string, int) (int, bool, error) { return 1, true, nil })
	c.c.Now = func() time.Time { return now }
	for _, host := range []string{"a", "b", "a", "c"} {
		now = now.Add(time.Second)
		_, ok, err := c.Get(context.Background(), host, anyHost)
		require.True(t, ok)
		require.NoError(t, err)
	}
	require.Equal(t, []string{"b"}, *dropped)
	require.Equal(t, 2, c.Len())
}

func TestMadeUpHostsMakeTheSourceWorkOnAFewAtOnce(t *testing.T) {
	const flood = 8000
	var now, asking, most, answered, knownAsked atomic.Int64
	now.Store(1_800_000_000)
	leave := make(chan struct{})
	c := New(Config[int]{
		Load: func(_ context.Context, host string, _ int) (int, bool, error) {
			if !strings.HasPrefix(host, "made-up") {
				knownAsked.Add(1)
				return 1, true, nil
			}
			n := asking.Add(1)
			defer asking.Add(-1)
			for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
			}
			<-leave
			return 0, false, nil
		},
		Dropped: func(string) {}, TTL: time.Minute, Stale: time.Hour, Negative: time.Minute, Max: 10,
		Now: func() time.Time { return time.Unix(now.Load(), 0) },
	})
	known := func() {
		got, ok, err := c.Get(context.Background(), "known.example.com", anyHost)
		require.Equal(t, []any{1, true, nil}, []any{got, ok, err})
	}
	known()
	now.Add(120) // the source has to be asked for it again
	all := make(chan struct{})
	var hosts sync.WaitGroup
	for i := range flood {
		hosts.Go(func() {
			_, ok, _ := c.Get(context.Background(), fmt.Sprintf("made-up-%d.example.com", i), anyHost)
			if answered.Add(1) == flood-maxAsking {
				close(all)
			}
			if ok {
				t.Error("a host that has no site")
			}
		})
	}
	<-all // but those that are being asked for
	known()
	require.EqualValues(t, 2, knownAsked.Load(), "a site that is known waits with nobody")
	close(leave)
	hosts.Wait()
	require.EqualValues(t, maxAsking, most.Load())
	require.Zero(t, len(c.queue.asking)+len(c.queue.waiting))
	for i := range flood {
		_, ok, err := c.Get(context.Background(), fmt.Sprintf("made-up-%d.example.com", i), anyHost)
		require.False(t, ok)
		require.NoError(t, err, "being turned away is not remembered")
	}
}
