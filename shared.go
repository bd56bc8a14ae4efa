package edgeauth

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/edgeauth/edgeauth/internal/fresh"
	"github.com/edgeauth/edgeauth/internal/reason"
	"github.com/edgeauth/edgeauth/internal/seal"
	"github.com/edgeauth/edgeauth/internal/token"
	"github.com/edgeauth/edgeauth/provider"
)

const maxMetadata = 256 << 10 // bytes of a discovery document

// shared is what the sites of one process have in common: the public documents of their providers.
type shared struct {
	mu       sync.Mutex
	keys     map[string]*token.Keys
	metadata map[string]*fresh.Doc[provider.Metadata]
	takers   map[string]taker // by site
}

func newShared() *shared {
	return &shared{
		keys: make(map[string]*token.Keys), metadata: make(map[string]*fresh.Doc[provider.Metadata]), takers: make(map[string]taker),
	}
}

// keySet returns the keys of a provider; sites whose keys come from the same place share them. c.URL is asked for the
// address before each fetch; its snapshot serves only where the keys are not there yet.
func (s *shared) keySet(p *provider.Provider, c token.KeysConfig) (*token.Keys, error) {
	if len(p.JWKS) > 0 {
		return token.InlineKeys(p.JWKS)
	}
	place := p.Endpoints.Keys
	if place == "" {
		place = seal.JoinLengthPrefixed("discovered", p.Discovery, p.Issuer)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if k, ok := s.keys[place]; ok {
		return k, nil
	}
	k, err := token.NewKeys(c)
	if err == nil {
		s.keys[place] = k
	}
	return k, err
}

// discovery returns the metadata of a provider (OIDC Discovery 4).
func (s *shared) discovery(p *provider.Provider, client *http.Client, now func() time.Time) *fresh.Doc[provider.Metadata] {
	address, issuer := p.Discovery, p.Issuer
	place := seal.JoinLengthPrefixed("", address, issuer)
	s.mu.Lock()
	defer s.mu.Unlock()
	if d, ok := s.metadata[place]; ok {
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
	s.metadata[place] = d
	return d
}
