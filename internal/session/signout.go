package session

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"strconv"
	"strings"
	"time"

	"github.com/edgeauth/edgeauth/internal/seal"
)

// A browser keeps a mark of its last sign-out: an answer that left before may arrive after it and bring the old session
// back. No later answer takes the mark away, because that answer too may be late. A sign-in remembers the marks that its
// browser had when it began, and a session counts beside these alone.

const (
	markVersion = 1
	headSize    = 1 + 8 // bytes: the version and when it was
	personSize  = 12    // bytes
	maxPeople   = 4     // of one mark
	idSize      = 8     // characters
	maxMarks    = 8     // that a sign-in remembers: there is one, and others only where another host plants its own
)

// After keeps the marks that open: others than that are not this site's. Of those that name the same people it keeps the last,
// because another host can plant one person's marks in front of everybody's.
func (st *Sealed) After(marks []string) string {
	last := map[string]string{}
	for _, mark := range marks {
		if plain, ok := st.open(mark); ok {
			last[string(plain[headSize:])] = mark
		}
	}
	return after(marks, func(mark string) bool {
		plain, ok := st.open(mark)
		return ok && last[string(plain[headSize:])] == mark
	})
}

// After keeps every mark.
func (st *Tokens) After(marks []string) string {
	return after(marks, func(mark string) bool { return mark != "" })
}

func after(marks []string, counts func(mark string) bool) (ids string) {
	for _, mark := range marks {
		if len(ids) < maxMarks*idSize && counts(mark) {
			ids += idOf(mark)
		}
	}
	return ids
}

// seen reports whether the sign-in began after the sign-out that left the mark.
func (s *Session) seen(mark string) bool {
	id := idOf(mark)
	for rest := s.After; len(rest) >= idSize; rest = rest[idSize:] {
		if rest[:idSize] == id {
			return true
		}
	}
	return false
}

func idOf(mark string) string {
	sum := sha256.Sum256([]byte(mark))
	return base64.RawURLEncoding.EncodeToString(sum[:])[:idSize]
}

// SignOut makes the mark. Where the cookies are shared with other hosts, one of which could plant a mark of its own
// sign-out, it is about the people who were signed in, those of marks that are there included; and there is none without
// such people.
func (st *Sealed) SignOut(ended []*Session, marks []string, now time.Time) (mark string, life time.Duration) {
	plain := binary.BigEndian.AppendUint64([]byte{markVersion}, uint64(now.Unix()))
	if st.c.Shared {
		for _, s := range ended {
			if s.Who == nil {
				continue // what is left of a broken one
			}
			plain = withPerson(plain, personOf(s))
		}
		for _, earlier := range marks {
			if people, ok := st.open(earlier); ok {
				for people = people[headSize:]; len(people) >= personSize; people = people[personSize:] {
					plain = withPerson(plain, string(people[:personSize]))
				}
			}
		}
		if len(plain) == headSize {
			return "", 0
		}
	}
	return st.c.Box.Seal(st.marks, plain), st.c.Lifetime
}

// Recent opens the mark.
func (st *Sealed) Recent(mark string, now time.Time) bool {
	plain, ok := st.open(mark)
	return ok && recent(int64(binary.BigEndian.Uint64(plain[1:])), now)
}

// SignedOut opens the mark.
func (st *Sealed) SignedOut(mark string, s *Session) bool {
	plain, ok := st.open(mark)
	return ok && (len(plain) == headSize || about(plain, personOf(s))) && !s.seen(mark)
}

func (st *Sealed) open(mark string) ([]byte, bool) {
	plain, ok := st.c.Box.Open(st.marks, mark)
	return plain, ok && len(plain) >= headSize && len(plain)%personSize == headSize && plain[0] == markVersion
}

// about reports whether a mark names a person.
func about(plain []byte, person string) bool {
	for people := plain[headSize:]; len(people) >= personSize; people = people[personSize:] {
		if string(people[:personSize]) == person {
			return true
		}
	}
	return false
}

// withPerson adds a person to a mark, once, and where there is room.
func withPerson(plain []byte, person string) []byte {
	if len(plain) >= headSize+maxPeople*personSize || about(plain, person) {
		return plain
	}
	return append(plain, person...)
}

func personOf(s *Session) string {
	sum := sha256.Sum256([]byte(seal.JoinLengthPrefixed("", s.Who.Issuer, s.Who.Subject())))
	return string(sum[:personSize])
}

// SignOut makes a mark without a secret, as long as the tokens themselves. These are never shared with other hosts, one
// of which could plant it.
func (st *Tokens) SignOut(_ []*Session, _ []string, now time.Time) (string, time.Duration) {
	return rand.Text() + "." + strconv.FormatInt(now.Unix(), 36), 0
}

// Recent reads the time that the mark says.
func (st *Tokens) Recent(mark string, now time.Time) bool {
	_, at, _ := strings.Cut(mark, ".")
	seconds, err := strconv.ParseInt(at, 36, 64)
	return err == nil && recent(seconds, now)
}

func recent(seconds int64, now time.Time) bool {
	return now.Sub(time.Unix(seconds, 0)).Abs() < 24*time.Hour
}

// SignedOut is true for every session that does not know the mark.
func (st *Tokens) SignedOut(mark string, s *Session) bool { return mark != "" && !s.seen(mark) }
