package edgeauth

import (
	"hash/maphash"
	"maps"
	"sync/atomic"
	"time"

	"github.com/edgeauth/edgeauth/internal/fresh"
)

// site is one host of many, with its guard; the guard is nil once its source no longer has it.
type site struct {
	doc   *fresh.Doc[*Guard]
	used  atomic.Int64 // Unix seconds
	known atomic.Bool  // it has been had once
}

// maxPending is how many hosts are being asked for at once.
const maxPending = 4096

// maxAbsent is how many unknown hosts are remembered: some 16 bytes each.
const maxAbsent = 1 << 17

// absent remembers which hosts have no site. It holds hashes, so that its size does not depend on what is asked for.
type absent struct {
	seed  maphash.Seed
	until map[uint64]int64 // Unix seconds
	swept int64
}

// has reports whether a host was added within life. A clock that was put back does not make that longer.
func (a *absent) has(host string, now time.Time, life time.Duration) bool {
	if a.until == nil {
		return false
	}
	until := time.Unix(a.until[maphash.String(a.seed, host)], 0)
	return now.Before(until) && until.Sub(now) <= life+time.Second
}

func (a *absent) add(host string, now time.Time, life time.Duration) {
	if a.until == nil {
		a.seed, a.until = maphash.MakeSeed(), make(map[uint64]int64)
	}
	if len(a.until) >= maxAbsent && a.swept != now.Unix() {
		a.swept = now.Unix() // at most once a second
		maps.DeleteFunc(a.until, func(_ uint64, until int64) bool { return until <= now.Unix() })
	}
	for key := range a.until {
		if len(a.until) < maxAbsent {
			break
		}
		delete(a.until, key)
	}
	a.until[maphash.String(a.seed, host)] = now.Add(life).Unix() + 1
}
