package token

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/edgeauth/edgeauth/internal/fresh"
	"github.com/edgeauth/edgeauth/internal/reason"
)

const maxSet = 512 << 10

// KeysConfig says where a provider's keys are. URL is required.
type KeysConfig struct {
	// URL returns the address of the key set. It is called before each fetch, since discovery may supply the address.
	URL func(ctx context.Context) (string, error)
	// Client fetches the key set. Default: a client without settings. Redirects are never followed.
	Client *http.Client
	// Snapshot is a key set to begin with, so that a cold start needs no fetch. Default none.
	Snapshot []byte
	// Now is the clock. Default time.Now.
	Now func() time.Time
}

// Keys are a provider's current keys. They are fetched when a request needs them. Safe for concurrent use.
type Keys struct {
	inline *Set
	doc    *fresh.Doc[*Set]
	now    func() time.Time
	bucket bucket
}

// NewKeys makes no network call.
func NewKeys(c KeysConfig) (*Keys, error) {
	k := &Keys{now: c.Now}
	if k.now == nil {
		k.now = time.Now
	}
	doc := fresh.Config[*Set]{Now: k.now, Load: func(ctx context.Context, previous *Set) (*Set, time.Duration, error) {
		return load(ctx, c, previous)
	}}
	if c.Snapshot != nil {
		set, err := ParseSet(c.Snapshot)
		if err != nil {
			return nil, fmt.Errorf("key snapshot: %w", err)
		}
		doc.Snapshot = &set
	}
	k.doc = fresh.New(doc)
	return k, nil
}

// InlineKeys are keys that are never fetched. A key without kid fits every kid.
func InlineKeys(jwks []byte) (*Keys, error) {
	set, err := ParseSet(jwks)
	if err != nil {
		return nil, err
	}
	set.anyID = set.byID[""]
	return &Keys{inline: set, now: time.Now}, nil
}

// Generation is a number that changes when the keys do, and only then. It fetches stale keys first, so that a token
// which was verified before is not trusted longer than its key. The error is [reason.KeysUnavailable].
func (k *Keys) Generation(ctx context.Context) (uint64, error) {
	set, _, err := k.set(ctx)
	if err != nil {
		return 0, err
	}
	return set.generation, nil
}

func (k *Keys) set(ctx context.Context) (*Set, uint64, error) {
	if k.inline != nil {
		return k.inline, 0, nil
	}
	set, seen, err := k.doc.Get(ctx)
	if err != nil {
		return nil, 0, refuse(reason.KeysUnavailable, "%v", err)
	}
	return set, seen, nil
}

// find returns the keys that may have signed a token, at least one. An unknown kid is looked for in a new key set
// where mayFetch is set and the bucket allows.
func (k *Keys) find(ctx context.Context, kid string, a *algorithm, mayFetch bool) (*Set, []*Key, error) {
	set, seen, err := k.set(ctx)
	if err != nil {
		return nil, nil, err
	}
	keys, known := set.find(kid, a)
	if !known && mayFetch && k.inline == nil {
		if set, err = k.renew(ctx, kid, set, seen); err != nil {
			return nil, nil, err
		}
		if keys, known = set.find(kid, a); !known {
			k.bucket.missed(kid, k.now())
		}
	}
	switch {
	case !known:
		return nil, nil, refuse(reason.UnknownKey, "no key has kid %s", shown(kid))
	case len(keys) == 0:
		return nil, nil, refuse(reason.BadAlgorithm, "no key with kid %s is for %s", shown(kid), a.name)
	case len(keys) > maxTried:
		return nil, nil, refuse(reason.UnknownKey, "kid %s could be any of %d keys", shown(kid), len(keys))
	}
	return set, keys, nil
}

// renew returns a set that was fetched after this one, or this one if it is too soon for another fetch.
func (k *Keys) renew(ctx context.Context, kid string, set *Set, seen uint64) (*Set, error) {
	err := k.doc.Refresh(ctx, seen, func() bool { return k.bucket.take(kid, k.now()) })
	switch {
	case errors.Is(err, fresh.ErrRefused):
		return set, nil
	case err != nil:
		return nil, refuse(reason.KeysUnavailable, "%v", err)
	}
	set, _, err = k.set(ctx)
	return set, err
}

// load fetches the set that replaces previous. Equal content keeps the set, and with it the generation.
func load(ctx context.Context, c KeysConfig, previous *Set) (*Set, time.Duration, error) {
	address, err := c.URL(ctx)
	if err != nil {
		return nil, 0, err
	}
	body, maxAge, err := fresh.Fetch(ctx, c.Client, address, maxSet)
	if err != nil {
		return nil, 0, err
	}
	set, err := ParseSet(body)
	if err != nil {
		return nil, 0, err
	}
	if previous != nil {
		if set.content == previous.content {
			return previous, maxAge, nil
		}
		set.generation = previous.generation + 1
	}
	return set, maxAge, nil
}
