package edgeauth

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/edgeauth/edgeauth/internal/address"
	"github.com/edgeauth/edgeauth/provider"
)

// taker is a site of tokens: whatever comes from these issuers for these audiences is a session there.
type taker struct{ hosts, issuers, audiences []string }

func newTaker(c *Config) taker {
	t := taker{hosts: c.Hosts, issuers: c.Provider.TokenIssuers}
	if len(t.issuers) == 0 {
		t.issuers = []string{c.Provider.Issuer}
	}
	audiences := []string{c.ClientID}
	if c.Proof == provider.AccessToken {
		if audiences = c.Audience; len(audiences) == 0 {
			audiences = c.Provider.AccessToken.Audience
		}
	}
	for _, audience := range audiences {
		t.audiences = append(t.audiences, strings.ReplaceAll(audience, "{client_id}", c.ClientID))
	}
	return t
}

// shares returns an audience whose tokens both sites take; "" for none.
func (t taker) shares(other taker) string {
	for _, audience := range t.audiences {
		if !slices.Contains(other.audiences, audience) {
			continue
		}
		for _, one := range t.issuers {
			if slices.ContainsFunc(other.issuers, func(two string) bool { return sameIssuer(one, two) }) {
				return audience
			}
		}
	}
	return ""
}

var guidOrClaim = regexp.MustCompile(`[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|\{[^}]*\}`)

// sameIssuer reports whether there is a token that both accept. A template accepts every GUID in the place of its claim.
func sameIssuer(one, two string) bool {
	if !strings.Contains(one+two, "{") {
		return one == two
	}
	return guidOrClaim.ReplaceAllString(one, "{}") == guidOrClaim.ReplaceAllString(two, "{}")
}

// claimAudience refuses two sites of tokens that would take each other's: there the audience alone tells them apart.
// Hosts of one document are one site, also while one of them still goes by the document before.
func (s *shared) claimAudience(g *Guard) error {
	site := g.cfg.SiteID
	if g.cfg.Session.Mode != Tokens {
		s.release(site)
		return nil
	}
	mine := newTaker(&g.cfg)
	s.mu.Lock()
	defer s.mu.Unlock()
	for name, other := range s.takers {
		if name == site || slices.Equal(mine.hosts, other.hosts) || address.Lists(mine.hosts, name) || address.Lists(other.hosts, site) {
			continue
		}
		if audience := mine.shares(other); audience != "" {
			return g.cfg.fault("Session.Mode", fmt.Sprintf("is tokens, and site %q takes tokens of the same issuer and audience %q", name, audience),
				"register a client for each site, or use sealed sessions")
		}
	}
	s.takers[site] = mine
	return nil
}

// release gives up the audiences of a site that changes or goes away.
func (s *shared) release(site string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.takers, site)
}
