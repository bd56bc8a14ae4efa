// Package registry is what the sites of one process share: the public documents of their providers, and who accepts
// whose tokens.
package registry

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/edgeauth/edgeauth/internal/fresh"
	"github.com/edgeauth/edgeauth/internal/reason"
	"github.com/edgeauth/edgeauth/internal/token"
	"github.com/edgeauth/edgeauth/provider"
)

const maxMetadata = 256 << 10 // bytes of a discovery document; the largest that is known has 6 KB

// Registry is safe for concurrent use.
type Registry struct {
	mu       sync.Mutex
	keys     map[place]*token.Keys
	metadata map[place]*fresh.Doc[provider.Metadata]
	uses     map[string][2]place // the keys and the metadata of each site
	claims   map[string]Claim    // by site
}

// place is where a document comes from. Sites that have all of it in common share the document: what one of them brings
// along, another must not be judged by.
type place struct {
	discovery, issuer string // of the metadata, or of keys that it names
	address           string // of keys
	snapshot          [sha256.Size]byte
	client            *http.Client // as the site was given it
}

// New returns an empty registry.
func New() *Registry {
	return &Registry{
		keys: make(map[place]*token.Keys), metadata: make(map[place]*fresh.Doc[provider.Metadata]),
		uses: make(map[string][2]place), claims: make(map[string]Claim),
	}
}

// Documents are the public documents of one provider. Metadata is nil where nothing is discovered.
type Documents struct {
	Metadata *fresh.Doc[provider.Metadata]
	Keys     *token.Keys
}

// Source is where the documents of a site's provider come from, and by whom they are fetched.
type Source struct {
	Provider *provider.Provider
	Given    *http.Client // by the program; sites with another one share nothing
	Client   *http.Client // that makes the calls
	Snapshot []byte       // keys to begin with
	Now      func() time.Time
}

// Documents returns those of a site's provider; sites whose documents come from the same place share them. Nothing is
// fetched before a request needs it. What no site uses any more is forgotten.
func (r *Registry) Documents(site string, from Source) (Documents, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := from.Provider
	before := r.uses[site]
	var d Documents
	var used [2]place
	if p.Discovery != "" {
		used[1] = place{discovery: p.Discovery, issuer: p.Issuer, client: from.Given}
		d.Metadata = r.discovery(used[1], from)
	}
	if len(p.JWKS) == 0 {
		used[0] = place{address: p.Endpoints.Keys, snapshot: sha256.Sum256(from.Snapshot), client: from.Given}
		if used[0].address == "" {
			used[0].discovery, used[0].issuer = p.Discovery, p.Issuer
		}
	}
	var err error
	d.Keys, err = r.keySet(used[0], from, d.Metadata)
	r.uses[site] = used
	if before != used {
		r.forget(before)
	}
	return d, err
}

// Forget gives up all that is kept for a site.
func (r *Registry) Forget(site string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for id := range r.uses {
		if id == site || strings.HasPrefix(id, site+"/") { // one of its several providers
			before := r.uses[id]
			delete(r.claims, id)
			delete(r.uses, id)
			r.forget(before)
		}
	}
}

// forget lets go of documents that no site uses: their places are for the authors of sites to choose, as often as they like.
func (r *Registry) forget(gone [2]place) {
	if gone == ([2]place{}) {
		return
	}
	for _, used := range r.uses {
		for i := range gone {
			if used[i] == gone[i] {
				gone[i] = place{}
			}
		}
	}
	delete(r.keys, gone[0])
	delete(r.metadata, gone[1])
}

func (r *Registry) keySet(at place, from Source, metadata *fresh.Doc[provider.Metadata]) (*token.Keys, error) {
	if len(from.Provider.JWKS) > 0 {
		return token.InlineKeys(from.Provider.JWKS)
	}
	if k, ok := r.keys[at]; ok {
		return k, nil
	}
	c := token.KeysConfig{Client: from.Client, Snapshot: from.Snapshot, Now: from.Now}
	// Asked before each fetch, since discovery may name another address by then.
	c.URL = func(ctx context.Context) (string, error) {
		if at.address != "" {
			return at.address, nil
		}
		if metadata == nil {
			return "", fmt.Errorf("%w: there is no address of keys", reason.KeysUnavailable)
		}
		m, _, err := metadata.Get(ctx)
		return m.Endpoints.Keys, err
	}
	k, err := token.NewKeys(c)
	if err == nil {
		r.keys[at] = k
	}
	return k, err
}

// discovery returns the metadata of a provider (OIDC Discovery 4).
func (r *Registry) discovery(at place, from Source) *fresh.Doc[provider.Metadata] {
	if d, ok := r.metadata[at]; ok {
		return d
	}
	d := fresh.New(fresh.Config[provider.Metadata]{
		Now: from.Now,
		Load: func(ctx context.Context, _ provider.Metadata) (provider.Metadata, time.Duration, error) {
			body, maxAge, err := fresh.Fetch(ctx, from.Client, at.discovery, maxMetadata)
			if err != nil {
				return provider.Metadata{}, 0, err
			}
			m, err := provider.ParseMetadata(body, at.issuer)
			if err != nil {
				return provider.Metadata{}, 0, fmt.Errorf("%w: %w", reason.ProviderError, err)
			}
			return m, maxAge, nil
		},
	})
	r.metadata[at] = d
	return d
}
