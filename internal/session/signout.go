package session

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"time"

	"github.com/edgeauth/edgeauth/internal/seal"
)

// A browser keeps a mark of its last sign-out: an answer that left before may arrive after it and bring the old session
// back. No later answer takes the mark away, because that answer too may be late. A sign-in remembers the marks that its
// browser had when it began, and a session counts beside these alone.

const (
	markVersion = 1
	personSize  = 12 // bytes
	maxPeople   = 4  // of one mark
	idSize      = 8  // characters
	maxMarks    = 8  // that a sign-in remembers: there is one, and others only where another host plants them
)

// After is what a sign-in keeps of the marks that its browser has: at most 64 characters, "" for none.
func After(marks []string) (after string) {
	for _, mark := range marks[:min(len(marks), maxMarks)] {
		after += idOf(mark)
	}
	return after
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
func (st *Sealed) SignOut(ended []*Session, marks []string) (mark string, life time.Duration) {
	plain := []byte{markVersion}
	if st.c.Shared {
		for _, s := range ended {
			if s.Who == nil {
				continue // what is left of a broken one
			}
			if person := personOf(s); len(plain) < 1+maxPeople*personSize && !about(plain, person) {
				plain = append(plain, person...)
			}
		}
		for _, earlier := range marks {
			if people, ok := st.open(earlier); ok {
				plain = append(plain, people[1:]...)
			}
		}
		if plain = plain[:min(len(plain), 1+maxPeople*personSize)]; len(plain) == 1 {
			return "", 0
		}
	}
	return st.c.Box.Seal(st.marks, plain), st.c.Lifetime
}

// SignedOut opens the mark.
func (st *Sealed) SignedOut(mark string, s *Session) bool {
	plain, ok := st.open(mark)
	return ok && (len(plain) == 1 || about(plain, personOf(s))) && !s.seen(mark)
}

func (st *Sealed) open(mark string) ([]byte, bool) {
	plain, ok := st.c.Box.Open(st.marks, mark)
	return plain, ok && len(plain)%personSize == 1 && plain[0] == markVersion
}

// about reports whether a mark names a person.
func about(plain []byte, person string) bool {
	for people := plain[1:]; len(people) >= personSize; people = people[personSize:] {
		if string(people[:personSize]) == person {
			return true
		}
	}
	return false
}

func personOf(s *Session) string {
	sum := sha256.Sum256([]byte(seal.JoinLengthPrefixed("", s.Who.Issuer, s.Who.Subject())))
	return string(sum[:personSize])
}

// SignOut makes a mark without a secret, as long as the tokens themselves. These are never shared with other hosts, one
// of which could plant it.
func (st *Tokens) SignOut([]*Session, []string) (string, time.Duration) { return rand.Text(), 0 }

// SignedOut is true for every session that does not know the mark.
func (st *Tokens) SignedOut(mark string, s *Session) bool { return mark != "" && !s.seen(mark) }
