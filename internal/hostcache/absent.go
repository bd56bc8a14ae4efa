package hostcache

import (
	"hash/maphash"
	"maps"
	"time"
)

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
