package session

import (
	"hash/fnv"
	"time"

	"github.com/edgeauth/edgeauth/internal/reason"
)

const (
	// renewAhead is how long before its end a session is renewed, at most: short enough that few renewals are for
	// people who have gone, long enough for a page view to come by.
	renewAhead = 5 * time.Minute
	// renewPause is how young a session is not renewed again, whatever its life.
	renewPause = 10 * time.Second
)

// Policy says how long a session counts. The zero Policy ends it with its evidence.
type Policy struct {
	Lifetime time.Duration // from the sign-in on; 0 for no limit
	Idle     time.Duration // from the last use on; 0 for no limit
	Leeway   time.Duration // after the evidence has expired
	Outlive  bool          // the end of the evidence does not end the session
}

// Alive returns why a session no longer counts, or nil.
func (p *Policy) Alive(s *Session, now time.Time) error {
	switch {
	case p.Lifetime > 0 && !now.Before(s.Began.Add(p.Lifetime)):
		return reason.LifetimeOver
	case p.Idle > 0 && !now.Before(s.Seen.Add(p.Idle+p.stampPause())): // what was not stamped was use as well
		return reason.IdleTooLong
	case !now.Before(s.Expires.Add(p.Leeway)) && !p.Outlive:
		return reason.Expired
	}
	return nil
}

// Due reports whether a session that still counts should be renewed: in a window before its end that differs from
// session to session, so that a crowd that signed in together does not come back together.
func (p *Policy) Due(s *Session, now time.Time) bool {
	window := min(renewAhead, s.Expires.Sub(s.Renewed)/5)
	if window <= 0 || now.Sub(s.Renewed) < renewPause || now.Before(s.Expires.Add(-window)) {
		return false // as at nearly every request
	}
	h := fnv.New32a()
	h.Write([]byte(s.Refresh))
	h.Write([]byte(s.Who.Subject()))
	window -= window / 2 * time.Duration(h.Sum32()%1024) / 1024
	return !now.Before(s.Expires.Add(-window))
}

// StampDue reports whether the last stamp is so long ago that this use is worth writing a cookie.
func (p *Policy) StampDue(s *Session, now time.Time) bool {
	return p.Idle > 0 && now.Sub(s.Seen) >= p.stampPause()
}

// stampPause is how long no stamp follows another, and so how much later than Idle a session may end.
func (p *Policy) stampPause() time.Duration { return max(p.Idle/20, 10*time.Second) }

// End is when the session is over unless it is renewed.
func (p *Policy) End(s *Session) time.Time {
	end := s.Began.Add(p.Lifetime)
	if p.Lifetime == 0 || !p.Outlive && s.Expires.Before(end) {
		return s.Expires
	}
	return end
}
