package registry

import (
	"regexp"
	"slices"
	"strings"

	"github.com/edgeauth/edgeauth/internal/address"
	"github.com/edgeauth/edgeauth/provider"
)

// Claim is what a site of tokens accepts: every token from these issuers for these audiences is a session there.
type Claim struct {
	Hosts     []string
	Issuers   []string // exact, or with a {claim} that stands for a GUID
	Audiences []string
}

// NewClaim is what a client's site accepts. Access says that the access token is the session; audience replaces the
// provider's.
func NewClaim(hosts []string, p *provider.Provider, client string, access bool, audience []string) Claim {
	c := Claim{Hosts: hosts, Issuers: p.TokenIssuers}
	if len(c.Issuers) == 0 {
		c.Issuers = []string{p.Issuer}
	}
	switch {
	case !access:
		audience = []string{client}
	case len(audience) == 0:
		audience = p.AccessToken.Audience
	}
	for _, a := range audience {
		c.Audiences = append(c.Audiences, strings.ReplaceAll(a, "{client_id}", client))
	}
	return c
}

// Claim records what a site accepts, and returns another site that accepts some of the same tokens, and their
// audience: without keys, the audience alone tells sites apart. Hosts of one document are one site, also while one of them
// still goes by the document before.
func (r *Registry) Claim(site string, mine Claim) (other, audience string, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.claims[site] = mine
	for name, theirs := range r.claims {
		if name == site || slices.Equal(mine.Hosts, theirs.Hosts) || address.Lists(mine.Hosts, name) || address.Lists(theirs.Hosts, site) {
			continue
		}
		if audience := mine.shares(theirs); audience != "" {
			return name, audience, false
		}
	}
	return "", "", true
}

// Release gives up the claim of a site that changes or goes away.
func (r *Registry) Release(site string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.claims, site)
}

// Claimed are the sites that have a claim.
func (r *Registry) Claimed() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	sites := make([]string, 0, len(r.claims))
	for site := range r.claims {
		sites = append(sites, site)
	}
	return sites
}

// shares returns an audience whose tokens both sites accept; "" for none.
func (c Claim) shares(other Claim) string {
	for _, audience := range c.Audiences {
		if !slices.Contains(other.Audiences, audience) {
			continue
		}
		for _, one := range c.Issuers {
			if slices.ContainsFunc(other.Issuers, func(two string) bool { return sameIssuer(one, two) }) {
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
