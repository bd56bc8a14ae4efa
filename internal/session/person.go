package session

import (
	"iter"

	"github.com/edgeauth/edgeauth/provider"
)

// Person is who has signed in: claims, and the names under which the provider's claims say who that is.
type Person struct {
	Issuer   string
	Claims   provider.Claims
	Mapping  provider.Mapping
	Provider string          // the name of one of several; "" where there is one
	Kept     map[string]bool // the only groups that are kept, where the claims do not have all; nil where they have
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

// HasGroup reports whether the person is in a group. It is false where the groups are unknown.
func (p *Person) HasGroup(group string) bool {
	return p.GroupsKnown() && contains(p.Groups(), group)
}

// HasRole reports whether the person has a role.
func (p *Person) HasRole(role string) bool {
	if p.Mapping.RoleNames {
		roles, _ := p.Claims.Value(p.Mapping.Roles).(map[string]any)
		return roles[role] != nil && roles[role] != false
	}
	return contains(p.Claims.Strings(p.Mapping.Roles), role)
}

// HasScope reports whether the access token has a scope, compared as a whole word.
func (p *Person) HasScope(scope string) bool {
	return contains(p.Claims.Words(p.Mapping.Scopes), scope)
}

func contains(seq iter.Seq[string], want string) bool {
	for s := range seq {
		if s == want {
			return true
		}
	}
	return false
}

// Account is what a person calls their account: what they may know it by, else the subject.
func (p *Person) Account() string {
	for _, claim := range []string{"email", "preferred_username", "login", "name"} {
		if text, _ := p.Claims.Text(claim); text != "" {
			return text
		}
	}
	return p.Subject()
}

// same reports whether two are one person (OIDC Core 5.7).
func (p *Person) same(other *Person) bool {
	return p.Issuer == other.Issuer && p.Subject() == other.Subject()
}
