// Package registry is what the sites of one process share: the public documents of their providers, and who accepts
// whose tokens.
package registry

import (
	"context"
	"fmt"
	"net/http"
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
	keys     map[string]*token.Keys
	metadata map[string]*fresh.Doc[provider.Metadata]
	claims   map[string]Claim // by site
}

// New returns an empty registry.
func New() *Registry {
	return &Registry{
		keys: make(map[string]*token.Keys), metadata: make(map[string]*fresh.Doc[provider.Metadata]), claims: make(map[string]Claim),
	}
}

// Documents are the public documents of one provider. Metadata is nil where nothing is discovered.
type Documents struct {
	Metadata *fresh.Doc[provider.Metadata]
	Keys     *token.Keys
}

// Documents returns those of a provider; sites whose documents come from the same place share them. Nothing is fetched
// before a request needs it. The snapshot serves only where the keys are not there yet.
func (r *Registry) Documents(p *provider.Provider, client *http.Client, snapshot []byte, now func() time.Time) (Documents, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var d Documents
	if p.Discovery != "" {
		d.Metadata = r.discovery(p.Discovery, p.Issuer, client, now)
	}
	var err error
	d.Keys, err = r.keySet(p, d.Metadata, token.KeysConfig{Client: client, Snapshot: snapshot, Now: now})
	return d, err
}

func (r *Registry) keySet(p *provider.Provider, metadata *fresh.Doc[provider.Metadata], c token.KeysConfig) (*token.Keys, error) {
	if len(p.JWKS) > 0 {
		return token.InlineKeys(p.JWKS)
	}
	address := p.Endpoints.Keys
	place := address
	if place == "" {
		place = fmt.Sprintf("discovered %q %q", p.Discovery, p.Issuer)
	}
	if k, ok := r.keys[place]; ok {
		return k, nil
	}
	// Asked before each fetch, since discovery may name another address by then.
	c.URL = func(ctx context.Context) (string, error) {
		if address != "" {
			return address, nil
		}
		if metadata == nil {
			return "", fmt.Errorf("%w: there is no address of keys", reason.KeysUnavailable)
		}
		m, _, err := metadata.Get(ctx)
		return m.Endpoints.Keys, err
	}
	k, err := token.NewKeys(c)
	if err == nil {
		r.keys[place] = k
	}
	return k, err
}

// discovery returns the metadata of a provider (OIDC Discovery 4).
func (r *Registry) discovery(address, issuer string, client *http.Client, now func() time.Time) *fresh.Doc[provider.Metadata] {
	place := fmt.Sprintf("%q %q", address, issuer)
	if d, ok := r.metadata[place]; ok {
		return d
	}
	d := fresh.New(fresh.Config[provider.Metadata]{
		Now: now,
		Load: func(ctx context.Context, _ provider.Metadata) (provider.Metadata, time.Duration, error) {
			body, maxAge, err := fresh.Fetch(ctx, client, address, maxMetadata)
			if err != nil {
				return provider.Metadata{}, 0, err
			}
			m, err := provider.ParseMetadata(body, issuer)
			if err != nil {
				return provider.Metadata{}, 0, fmt.Errorf("%w: %w", reason.ProviderError, err)
			}
			return m, maxAge, nil
		},
	})
	r.metadata[place] = d
	return d
}
