package packaged

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/edgeauth/edgeauth/internal/fresh"
	"github.com/edgeauth/edgeauth/internal/token"
	"github.com/edgeauth/edgeauth/provider"
)

// Snapshot is what a provider published at one time. The zero Snapshot says that nobody has asked.
type Snapshot struct {
	Issuer   string          `json:"issuer"`
	Metadata json.RawMessage `json:"metadata,omitempty"` // OIDC Discovery 4.2
	Keys     json.RawMessage `json:"keys,omitempty"`     // RFC 7517, 5
}

const maxPublished = 512 << 10 // bytes of a discovery document or a key set

// Ask gets from the provider what it publishes and p needs.
func Ask(ctx context.Context, client *http.Client, p provider.Provider) (Snapshot, error) {
	s := Snapshot{Issuer: p.Issuer}
	var err error
	if p.Discovery != "" {
		if s.Metadata, _, err = fresh.Fetch(ctx, client, p.Discovery, maxPublished); err != nil {
			return Snapshot{}, fmt.Errorf("what the provider says about itself: %w", err)
		}
		if p, err = s.resolve(p); err != nil {
			return Snapshot{}, err
		}
	}
	if len(p.JWKS) == 0 && p.Endpoints.Keys != "" {
		if s.Keys, _, err = fresh.Fetch(ctx, client, p.Endpoints.Keys, maxPublished); err != nil {
			return Snapshot{}, fmt.Errorf("the provider's keys: %w", err)
		}
	}
	return s, s.Check(p)
}

// Check reports what keeps the snapshot from being one of p.
func (s Snapshot) Check(p provider.Provider) error {
	if s.Issuer != p.Issuer {
		return fmt.Errorf("the snapshot is of the issuer %q, want %q", s.Issuer, p.Issuer)
	}
	resolved, err := s.resolve(p)
	if err != nil {
		return err
	}
	if resolved.Discovery != "" {
		return fmt.Errorf("the snapshot lacks the metadata of %s", p.Issuer)
	}
	if s.Keys == nil {
		return nil
	}
	if _, err := token.ParseSet(s.Keys); err != nil {
		return fmt.Errorf("the provider's keys: %w", err)
	}
	return nil
}

// resolve returns p with its URLs, so that nothing is left to discover.
func (s Snapshot) resolve(p provider.Provider) (provider.Provider, error) {
	if len(s.Metadata) == 0 || p.Discovery == "" {
		return p, nil
	}
	m, err := provider.ParseMetadata(s.Metadata, p.Issuer)
	if err != nil {
		return provider.Provider{}, err
	}
	p = p.WithMetadata(m)
	p.Discovery = ""
	return p, nil
}
