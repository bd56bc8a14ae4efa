package edgeauth

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/edgeauth/edgeauth/internal/fresh"
	"github.com/edgeauth/edgeauth/internal/reason"
	"github.com/edgeauth/edgeauth/internal/token"
	"github.com/edgeauth/edgeauth/provider"
)

const maxMetadata = 256 << 10 // bytes of a discovery document

// shared is what the sites of one process have in common: the public documents of their providers.
type shared struct {
	mu        sync.Mutex
	keys      map[string]*token.Keys
	metadata  map[string]*fresh.Doc[provider.Metadata]
	audiences map[string]*Guard // tokens mode: who takes the tokens of this issuer and audience
}

func newShared() *shared {
	return &shared{
		keys: make(map[string]*token.Keys), metadata: make(map[string]*fresh.Doc[provider.Metadata]), audiences: make(map[string]*Guard),
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
		place = prefixed("discovered", p.Discovery, p.Issuer)
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
	place := prefixed("", address, issuer)
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

var guid = regexp.MustCompile(`[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}`)

// claimAudience refuses two sites of tokens that would take each other's: there the audience alone tells them apart.
func (s *shared) claimAudience(g *Guard) error {
	if g.cfg.Session.Mode != Tokens {
		s.release(g.cfg.SiteID)
		return nil
	}
	audiences := []string{g.cfg.ClientID}
	if g.cfg.Proof == provider.AccessToken {
		if audiences = g.cfg.Audience; len(audiences) == 0 {
			audiences = g.cfg.Provider.AccessToken.Audience
		}
	}
	issuers := g.cfg.Provider.TokenIssuers
	if len(issuers) == 0 {
		issuers = []string{g.cfg.Provider.Issuer}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var places []string
	for _, audience := range audiences {
		audience = strings.ReplaceAll(audience, "{client_id}", g.cfg.ClientID)
		for _, issuer := range issuers {
			// One tenant's issuer and a template for any tenant's overlap.
			place := prefixed("", guid.ReplaceAllString(issuer, "{tid}"), audience)
			if other := s.audiences[place]; other != nil && other.cfg.SiteID != g.cfg.SiteID && !slices.Equal(other.cfg.Hosts, g.cfg.Hosts) {
				return &FieldError{
					"Session.Mode", fmt.Sprintf("is tokens, and site %q takes tokens of the same issuer and audience %q", other.cfg.SiteID, audience),
					"register a client for each site, or use sealed sessions",
				}
			}
			places = append(places, place)
		}
	}
	maps.DeleteFunc(s.audiences, func(_ string, old *Guard) bool { return old.cfg.SiteID == g.cfg.SiteID })
	for _, place := range places {
		s.audiences[place] = g
	}
	return nil
}

// release gives up the audiences of a site that changes or goes away.
func (s *shared) release(site string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	maps.DeleteFunc(s.audiences, func(_ string, g *Guard) bool { return g.cfg.SiteID == site })
}
