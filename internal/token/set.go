package token

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/MicahParks/jwkset"
	"github.com/MicahParks/keyfunc/v3"
	"github.com/golang-jwt/jwt/v5"
)

// maxTried bounds the keys that are tried for one token whose kid does not name one key. Each try costs a signature
// check, and a rotation publishes two or three keys.
const maxTried = 4

const maxKeys = 256

// Set is a key set (RFC 7517, 5) as it was published once. It never changes.
type Set struct {
	// Skipped says why entries of the published set are not used.
	Skipped []string

	keys       []*Key
	byID       map[string][]*Key
	content    [sha256.Size]byte
	generation uint64
	anyID      []*Key // keys without kid that fit every kid: an inline set has no ids for PEM keys
}

// ParseSet reads a JSON Web Key Set. Entries that cannot be used are skipped, so that one odd key does not affect the
// others; a set without any usable key is an error.
func ParseSet(raw []byte) (*Set, error) {
	var document map[string]json.RawMessage
	if err := json.Unmarshal(raw, &document); err != nil {
		return nil, errors.New("key set is not a JSON object")
	}
	var entries []json.RawMessage
	if err := json.Unmarshal(document["keys"], &entries); err != nil {
		return nil, errors.New("key set has no array named keys")
	}
	s := &Set{byID: make(map[string][]*Key), generation: 1}
	content := sha256.New()
	for i, entry := range entries {
		if len(s.keys) == maxKeys {
			s.Skipped = append(s.Skipped, fmt.Sprintf("all from key %d: more than %d keys", i, maxKeys))
			break
		}
		k, err := parseKey(entry, strconv.Itoa(len(s.keys)))
		if err != nil {
			s.Skipped = append(s.Skipped, fmt.Sprintf("key %d: %v", i, err))
			continue
		}
		s.keys = append(s.keys, k)
		s.byID[k.kid] = append(s.byID[k.kid], k)
		fmt.Fprintf(content, "%d:%s", len(k.raw), k.raw)
	}
	if len(s.keys) == 0 {
		return nil, fmt.Errorf("key set has no key for signatures among its %d entries", len(entries))
	}
	content.Sum(s.content[:0])
	return s, s.findPublic()
}

// find returns the keys that a token with this kid may have been signed with, and whether the kid is known.
func (s *Set) find(kid string, a *algorithm) (keys []*Key, known bool) {
	named := s.byID[kid]
	switch {
	case kid == "":
		named = s.keys
	case len(named) == 0:
		named = s.anyID
	}
	if len(named) == 1 && a.fits(named[0]) {
		return named, true
	}
	for _, k := range named {
		if a.fits(k) {
			keys = append(keys, k)
		}
	}
	return keys, len(named) > 0
}

// findPublic makes keyfunc find each key by its place in the set, because published ids may repeat or be absent.
func (s *Set) findPublic() error {
	storage := jwkset.NewMemoryStorage()
	for _, k := range s.keys {
		if err := storage.KeyWrite(context.Background(), k.jwk); err != nil {
			return err
		}
	}
	finder, err := keyfunc.New(keyfunc.Options{Storage: storage})
	if err != nil {
		return err
	}
	for _, k := range s.keys {
		k.public, err = finder.Keyfunc(&jwt.Token{Header: map[string]any{jwkset.HeaderKID: k.id, "alg": cmp.Or(k.alg, k.usual().name)}})
		if err != nil {
			return err
		}
	}
	return nil
}
