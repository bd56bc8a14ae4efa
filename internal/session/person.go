package session

import (
	"iter"

	"github.com/edgeauth/edgeauth/provider"
)

// Person is who has signed in: claims, and the names under which the provider's claims say who that is.
type Person struct {
	Issuer  string
	Claims  provider.Claims
	Mapping provider.Mapping
}

// Subject is the person's id at the issuer.
func (p *Person) Subject() string {
	text, _ := p.Claims.Text(p.Mapping.Subject)
	return text
}

// Groups are the groups that the claims list.
func (p *Person) Groups() iter.Seq[string] { return p.Claims.Strings(p.Mapping.Groups) }

// GroupsKnown reports whether the claims say which groups there are.
func (p *Person) GroupsKnown() bool {
	for _, name := range p.Mapping.GroupsElsewhere {
		if p.Claims.Has(name) {
			return false
		}
	}
	return p.Claims.Has(p.Mapping.Groups)
}

// same reports whether two are one person (OIDC Core 5.7).
func (p *Person) same(other *Person) bool {
	return p.Issuer == other.Issuer && p.Subject() == other.Subject()
}
