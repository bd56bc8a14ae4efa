package edgeauth

import (
	"encoding/json"
	"fmt"
	"iter"

	"github.com/edgeauth/edgeauth/internal/session"
	"github.com/edgeauth/edgeauth/provider"
)

// Identity is who has signed in. It is read-only and safe to share. The zero Identity is nobody.
//
// Issuer and Subject together name a person (OpenID Connect Core 5.7); no other claim does.
type Identity struct{ p *session.Person }

// NewIdentity makes an identity from claims, for tests of programs that read identities. The claims are those of
// OpenID Connect Core 5.1, with groups, roles and scope beside them.
func NewIdentity(issuer string, claims map[string]any) (Identity, error) {
	raw, err := json.Marshal(claims)
	if err != nil {
		return Identity{}, fmt.Errorf("edgeauth: claims: %w", err)
	}
	parsed, err := provider.ParseClaims(raw)
	if err != nil {
		return Identity{}, fmt.Errorf("edgeauth: claims: %w", err)
	}
	return Identity{&session.Person{Issuer: issuer, Claims: parsed, Mapping: provider.Mapping{}.WithDefaults()}}, nil
}

// IsZero reports whether nobody has signed in.
func (id Identity) IsZero() bool { return id.p == nil }

// Issuer is the provider's issuer.
func (id Identity) Issuer() string {
	if id.p == nil {
		return ""
	}
	return id.p.Issuer
}

// Subject is the person's id at the issuer.
func (id Identity) Subject() string {
	return id.text(func(m *provider.Mapping) string { return m.Subject })
}

// Tenant is the organisation the person signed in with, where the provider has such a thing.
func (id Identity) Tenant() string {
	return id.text(func(m *provider.Mapping) string { return m.Tenant })
}

// Provider is the name of the provider, where the site has several; "" where it has one.
func (id Identity) Provider() string {
	if id.p == nil {
		return ""
	}
	return id.p.Provider
}

// Groups are the groups that the session knows: those that rules name, or all where the session keeps them.
func (id Identity) Groups() iter.Seq[string] {
	if id.p == nil {
		return func(func(string) bool) {}
	}
	return id.p.Groups()
}

// GroupsKnown reports whether the provider said which groups there are. Where it did not, no group rule holds.
func (id Identity) GroupsKnown() bool { return id.p != nil && id.p.GroupsKnown() }

// HasGroup reports whether the person is in a group. It is false where the groups are unknown.
func (id Identity) HasGroup(group string) bool { return id.p != nil && id.p.HasGroup(group) }

// HasRole reports whether the person has a role.
func (id Identity) HasRole(role string) bool { return id.p != nil && id.p.HasRole(role) }

// HasScope reports whether the access token has a scope, compared as a whole word.
func (id Identity) HasScope(scope string) bool { return id.p != nil && id.p.HasScope(scope) }

// Claim is a claim as encoding/json reads it, with numbers as json.Number; nil where there is none. A name that
// starts with a slash is a JSON Pointer (RFC 6901).
func (id Identity) Claim(name string) any {
	if id.p == nil {
		return nil
	}
	return id.p.Claims.Value(name)
}

// Text is a claim that is a JSON string; "" where there is none. Names are those of [Identity.Claim].
func (id Identity) Text(name string) string {
	if id.p == nil {
		return ""
	}
	text, _ := id.p.Claims.Text(name)
	return text
}

func (id Identity) text(name func(*provider.Mapping) string) string {
	if id.p == nil {
		return ""
	}
	return id.Text(name(&id.p.Mapping))
}
