package session

import (
	"crypto/sha256"
	"encoding/binary"
	"time"

	"github.com/edgeauth/edgeauth/internal/seal"
)

// signOut is what a browser keeps of a sign-out, as long as a session from before it could still count: an answer that
// left before the sign-out may arrive after it and bring the old session back.
type signOut struct {
	at       int64    // Unix seconds
	followed bool     // by a sign-in
	ended    [12]byte // the sign-in that was ended
	person   [12]byte // whose sessions are meant; zero for everybody's in this browser
}

// ends reports whether the sign-out ended a session. Began is as exact as a second: of those that began within that of
// the sign-out, all are ended until the next sign-in, and then the one that was there.
func (o *signOut) ends(s *Session) bool {
	if o.person != [12]byte{} && o.person != personOf(s) {
		return false
	}
	switch began := s.Began.Unix(); {
	case began == o.at:
		return !o.followed || o.ended == signInOf(s)
	default:
		return began < o.at
	}
}

// followedBy is the sign-out after a sign-in, by a clock that may be behind the one that it was written by.
func (o signOut) followedBy(s *Session) signOut {
	o.at, o.followed = min(o.at, s.Began.Unix()), true
	return o
}

func (o *signOut) bytes() []byte {
	b := binary.BigEndian.AppendUint64([]byte{signOutVersion}, uint64(o.at))
	if o.followed {
		b = append(b, 1)
	} else {
		b = append(b, 0)
	}
	return append(append(b, o.ended[:]...), o.person[:]...)
}

func readSignOut(b []byte) (o signOut, ok bool) {
	if len(b) != 1+8+1+12+12 || b[0] != signOutVersion {
		return o, false
	}
	o.at, o.followed = int64(binary.BigEndian.Uint64(b[1:])), b[9] == 1
	copy(o.ended[:], b[10:])
	copy(o.person[:], b[22:])
	return o, true
}

const signOutVersion = 1

// personOf tells people apart, and signInOf their sign-ins: what every renewal of a sealed session keeps.
func personOf(s *Session) [12]byte { return digest(s.Who.Issuer, s.Who.Subject()) }

func signInOf(s *Session) [12]byte {
	return digest(s.Who.Issuer, s.Who.Subject(), s.Nonce, s.Began.UTC().Format(time.DateTime))
}

func digest(parts ...string) (d [12]byte) {
	sum := sha256.Sum256([]byte(seal.JoinLengthPrefixed("", parts...)))
	copy(d[:], sum[:])
	return d
}

// SignOut remembers that everything that began until now is over. Where the cookies are shared with other hosts, one of
// which could plant a mark of its own sign-out, it is about the person of s alone, and there is none without s.
func (st *Sealed) SignOut(s *Session, now time.Time) (mark string, life time.Duration) {
	o := signOut{at: now.Unix()}
	switch {
	case s != nil:
		o.ended = signInOf(s)
		if st.c.Shared {
			o.person = personOf(s)
		}
	case st.c.Shared:
		return "", 0
	}
	return st.c.Box.Seal(st.marks, o.bytes()), st.c.Lifetime
}

// SignedOut opens the mark.
func (st *Sealed) SignedOut(mark string, s *Session) bool {
	o, ok := st.open(mark)
	return ok && o.ends(s)
}

// SignedIn keeps what the mark says about sessions from before the sign-out.
func (st *Sealed) SignedIn(mark string, s *Session) (string, time.Duration) {
	o, ok := st.open(mark)
	if !ok {
		return "", 0
	}
	o = o.followedBy(s)
	return st.c.Box.Seal(st.marks, o.bytes()), st.c.Lifetime
}

func (st *Sealed) open(mark string) (signOut, bool) {
	plain, ok := st.c.Box.Open(st.marks, mark)
	if !ok {
		return signOut{}, false
	}
	return readSignOut(plain)
}

// noTokens is the mark of a browser whose tokens count for nothing. A token does not say which sign-in it is from, so
// only the next sign-in takes the mark away. Tokens are never shared with other hosts, one of which could plant it.
const noTokens = "1"

// SignOut leaves a mark without a secret.
func (st *Tokens) SignOut(*Session, time.Time) (string, time.Duration) { return noTokens, 0 }

// SignedOut is true for every session.
func (st *Tokens) SignedOut(mark string, _ *Session) bool { return mark == noTokens }

// SignedIn takes the mark away.
func (st *Tokens) SignedIn(string, *Session) (string, time.Duration) { return "", 0 }
