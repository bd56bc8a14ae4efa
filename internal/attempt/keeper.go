package attempt

import (
	"cmp"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"iter"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/edgeauth/edgeauth/internal/seal"
)

const (
	// maxSize is how many bytes the cookies of all attempts may take: servers refuse headers from 8 KB on, and a session
	// needs its place too.
	maxSize    = 6 << 10
	maxOne     = 600 // bytes of one, whatever its target
	maxDropped = 32  // by one answer: so many Set-Cookie lines pass every server
)

// Keeper writes and reads the cookies of attempts. It is safe for concurrent use.
type Keeper struct {
	box    *seal.Box
	prefix string
}

// NewKeeper returns a keeper of cookies whose names start with prefix. Without a box they are readable: a __Host-
// cookie can be read and written by nobody but this site and the person at the browser, whose own attempt it is.
func NewKeeper(box *seal.Box, prefix string) *Keeper { return &Keeper{box, prefix} }

// Name is the name of the cookie of a state's attempt.
func (k *Keeper) Name(state string) string {
	sum := sha256.Sum256([]byte(state))
	return k.prefix + hex.EncodeToString(sum[:5])
}

// Encode returns the cookie that keeps an attempt. Its target has to [Fit].
func (k *Keeper) Encode(a Attempt) (name, value string) {
	name = k.Name(a.State)
	if k.box == nil {
		return name, base64.RawURLEncoding.EncodeToString(a.encode())
	}
	return name, k.box.Seal(k.box.Context(name), a.encode())
}

// Find reads the attempt that a callback's state belongs to from its cookie's value.
func (k *Keeper) Find(value, state string) (Attempt, bool) {
	a, ok := k.decode(k.Name(state), value)
	return a, ok && subtle.ConstantTimeCompare([]byte(a.State), []byte(state)) == 1
}

func (k *Keeper) decode(name, value string) (Attempt, bool) {
	var plain []byte
	ok := true
	if k.box != nil {
		plain, ok = k.box.Open(k.box.Context(name), value)
	} else {
		var err error
		plain, err = base64.RawURLEncoding.Strict().DecodeString(value)
		ok = err == nil
	}
	if !ok {
		return Attempt{}, false
	}
	a, ok := decode(plain)
	return a, ok && k.Name(a.State) == name
}

// MakeRoom returns the names of cookies to clear before another attempt: those that are none, and as many of the oldest as
// there have to be. One that a foreign page began goes before any other, and is never made room for by another: then there
// is none. No page can so take away what a person has begun.
func (k *Keeper) MakeRoom(cookies iter.Seq2[string, string], now time.Time, foreign bool) (drop []string, ok bool) {
	type pending struct {
		name    string
		began   int64
		foreign bool
		size    int
	}
	var live []pending
	size := maxOne
	for name, value := range cookies {
		if !strings.HasPrefix(name, k.prefix) {
			continue
		}
		a, ok := k.decode(name, value)
		if !ok || a.age(now) > Kept {
			if len(drop) < maxDropped && (&http.Cookie{Name: name}).Valid() == nil {
				drop = append(drop, name)
			}
			continue
		}
		live = append(live, pending{name, a.Began, a.Foreign, len(name) + len(value)})
		size += len(name) + len(value)
	}
	slices.SortStableFunc(live, func(a, b pending) int {
		if a.foreign != b.foreign {
			if a.foreign {
				return -1
			}
			return 1
		}
		return cmp.Compare(a.began, b.began)
	})
	for _, oldest := range live {
		if size <= maxSize || len(drop) >= maxDropped {
			break
		}
		if foreign && !oldest.foreign {
			return drop, false
		}
		drop = append(drop, oldest.name)
		size -= oldest.size
	}
	return drop, true
}
