package token

import (
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

// maxTried bounds the signatures that are computed for one token where its kid does not name one key.
const maxTried = 4

// Set is a key set (RFC 7517, 5) as it was published once. It never changes.
type Set struct {
	// Skipped says why entries of the published set are not used.
	Skipped []string

	keys       []*Key
	byID       map[string][]*Key
	keyfunc    keyfunc.Keyfunc
	content    [sha256.Size]byte
	generation uint64
	anyID      []*Key // keys without kid that answer every kid: a set given inline names no ids for a PEM key
}

// ParseSet reads a JSON Web Key Set. Unfit entries are skipped, so that one odd key does not spoil the others; a set
// without any fit key is an error.
func ParseSet(raw []byte) (*Set, error) {
	var document map[string]json.RawMessage
	if err := json.Unmarshal(raw, &document); err != nil {
		return nil, errors.New("key set is not a JSON object")
	}
	var entries []json.RawMessage
	if err := json.Unmarshal(document["keys"], &entries); err != nil || entries == nil {
		return nil, errors.New("key set has no array named keys")
	}
	s := &Set{byID: make(map[string][]*Key), generation: 1}
	content := sha256.New()
	for i, entry := range entries {
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
	var err error
	s.keyfunc, err = keyfunc.New(keyfunc.Options{Storage: newStorage(s.keys)})
	return s, err
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

// public is the key itself, as keyfunc finds it.
func (s *Set) public(k *Key, a *algorithm) (any, error) {
	return s.keyfunc.Keyfunc(&jwt.Token{
		Method: a.method,
		Header: map[string]any{jwkset.HeaderKID: k.id, "alg": a.name()},
	})
}

// storage reads a key by its place in the set, however many there are.
type storage struct {
	jwkset.Storage
	keys []jwkset.JWK
}

func newStorage(keys []*Key) storage {
	s := storage{Storage: jwkset.NewMemoryStorage()}
	for _, k := range keys {
		s.keys = append(s.keys, k.jwk)
	}
	_ = s.KeyReplaceAll(context.Background(), s.keys) // in memory: it has no way to fail
	return s
}

func (s storage) KeyRead(_ context.Context, id string) (jwkset.JWK, error) {
	i, err := strconv.Atoi(id)
	if err != nil || i < 0 || i >= len(s.keys) {
		return jwkset.JWK{}, jwkset.ErrKeyNotFound
	}
	return s.keys[i], nil
}
