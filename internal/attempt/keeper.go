package attempt

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"iter"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/edgeauth/edgeauth/internal/seal"
)

const (
	young      = time.Minute // an attempt so young is never given up for another
	maxPending = 5           // at once, so that cookies do not pile up until requests grow too large
	maxDropped = 32          // by one answer: so many Set-Cookie lines pass every server
)

// MaxPendingSize is how many bytes pending attempts may take. Beyond it a new one is kept without its return target.
const MaxPendingSize = 6 << 10

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

// Encode returns the cookie that keeps an attempt.
func (k *Keeper) Encode(a Attempt) (name, value string) {
	name = k.Name(a.State)
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // six bytes for every "&" of a query would not fit the cookie
	_ = e.Encode(a)        // strings and numbers always do
	if k.box == nil {
		return name, base64.RawURLEncoding.EncodeToString(b.Bytes())
	}
	return name, k.box.Seal(k.box.Context(name), b.Bytes())
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
	var a Attempt
	if !ok || json.Unmarshal(plain, &a) != nil || k.Name(a.State) != name || a.State == "" || a.Nonce == "" || len(a.Verifier) < minVerifier {
		return Attempt{}, false
	}
	return a, true
}

// MakeRoom returns the names of cookies to drop so that one more attempt can be kept, or false if all that are pending
// have only just begun. What cannot be read is dropped as well. Size is what stays pending, in bytes.
func (k *Keeper) MakeRoom(cookies iter.Seq2[string, string], now time.Time) (drop []string, size int, ok bool) {
	type pending struct {
		name  string
		began int64
		size  int
	}
	var live []pending
	for name, value := range cookies {
		if !strings.HasPrefix(name, k.prefix) {
			continue
		}
		a, ok := k.decode(name, value)
		if !ok || a.Over(now) {
			if len(drop) < maxDropped && (&http.Cookie{Name: name}).Valid() == nil {
				drop = append(drop, name)
			}
			continue
		}
		live = append(live, pending{name, a.Began, len(name) + len(value)})
		size += len(name) + len(value)
	}
	slices.SortStableFunc(live, func(a, b pending) int { return cmp.Compare(a.began, b.began) })
	for len(live) >= maxPending && len(drop) < maxDropped {
		oldest := live[0]
		if now.Sub(time.Unix(oldest.began, 0)) < young {
			return nil, size, false
		}
		drop = append(drop, oldest.name)
		size -= oldest.size
		live = live[1:]
	}
	return drop, size, true
}
