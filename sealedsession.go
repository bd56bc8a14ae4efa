package edgeauth

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/edgeauth/edgeauth/internal/reason"
	"github.com/edgeauth/edgeauth/provider"
)

// sealed is what a sealed session's cookie holds.
type sealed struct {
	Issuer  string          `json:"i"`
	Claims  json.RawMessage `json:"c"`
	Expires int64           `json:"e"`
	Began   int64           `json:"b"`
	Renewed int64           `json:"w"`
	Seen    int64           `json:"s"`
	Refresh string          `json:"r,omitempty"`
	Access  string          `json:"a,omitempty"`
	Nonce   string          `json:"n,omitempty"`
}

// newSession makes the session that evidence proves.
func (g *Guard) newSession(v *visit, p *provider.Provider, e evidence, t tokens, nonce string) (*session, error) {
	s := &session{
		identity: Identity{&person{e.issuer, e.claims, p.Mapping}},
		expires:  e.expires, began: v.now, renewed: v.now, seen: v.now,
		refresh: t.refresh, access: t.access, nonce: nonce, token: e.raw,
	}
	if g.cfg.Session.Mode == Tokens {
		return s, nil
	}
	s.nonce = nonceHash(nonce)
	if !g.cfg.Forward.AccessToken && g.cfg.Proof != provider.Userinfo {
		s.access = ""
	}
	claims, err := g.chosen(s.identity)
	if err != nil {
		return nil, err
	}
	s.identity = Identity{&person{e.issuer, claims, p.Mapping}}
	return s, nil
}

// chosen are the claims that a sealed session keeps: those that the site asks for, and those that the identity, the
// rules and the forwarded headers need. Of the groups it keeps those that rules name, unless all are asked for.
func (g *Guard) chosen(id Identity) (provider.Claims, error) {
	m := &id.p.mapping
	kept := make(map[string]any)
	for _, name := range g.kept {
		if value := id.p.claims.Value(name); value != nil {
			put(kept, name, value)
		}
	}
	groups := m.Groups
	switch {
	case !id.GroupsKnown():
		remove(kept, groups) // unknown now is unknown later
	case !slices.Contains(g.kept, groups):
		named := []any{}
		for group := range id.Groups() {
			if g.namedGroups[group] {
				named = append(named, group)
			}
		}
		put(kept, groups, named)
	}
	raw, err := json.Marshal(kept)
	if err != nil {
		return provider.Claims{}, fmt.Errorf("%w: %w", reason.Internal, err)
	}
	return provider.ParseClaims(raw)
}

// keptClaims lists the claims for [Guard.chosen].
func keptClaims(c *Config) []string {
	m := &c.Provider.Mapping
	names := []string{"iss", m.Subject, m.Tenant, m.Roles, m.Scopes, m.LogoutHint}
	names = append(names, c.Session.Claims...)
	for i := range c.Rules {
		for name := range c.Rules[i].Claims {
			names = append(names, name)
		}
	}
	for _, name := range c.Forward.Headers {
		names = append(names, name)
	}
	slices.Sort(names)
	names = slices.Compact(names)
	return slices.DeleteFunc(names, func(name string) bool { return name == "" })
}

// put sets a member, or what a JSON Pointer of object members points at.
func put(object map[string]any, name string, value any) {
	path := pointerPath(name)
	for _, step := range path[:len(path)-1] {
		inner, ok := object[step].(map[string]any)
		if !ok {
			inner = make(map[string]any)
			object[step] = inner
		}
		object = inner
	}
	object[path[len(path)-1]] = value
}

func remove(object map[string]any, name string) {
	path := pointerPath(name)
	for _, step := range path[:len(path)-1] {
		object, _ = object[step].(map[string]any)
	}
	delete(object, path[len(path)-1])
}

func pointerPath(name string) []string {
	if !strings.HasPrefix(name, "/") {
		return []string{name}
	}
	path := strings.Split(name[1:], "/")
	for i := range path { // RFC 6901, 4
		path[i] = strings.ReplaceAll(strings.ReplaceAll(path[i], "~1", "/"), "~0", "~")
	}
	return path
}

func (g *Guard) sealSession(s *session) (string, error) {
	plain, err := json.Marshal(sealed{
		Issuer: s.identity.Issuer(), Claims: s.identity.p.claims.Raw(),
		Expires: s.expires.Unix(), Began: s.began.Unix(), Renewed: s.renewed.Unix(), Seen: s.seen.Unix(),
		Refresh: s.refresh, Access: s.access, Nonce: s.nonce,
	})
	if err != nil {
		return "", fmt.Errorf("%w: %w", reason.Internal, err)
	}
	return g.sessions.close(g.names.session, plain), nil
}

// loadSealed opens a session. It is bound to this site, issuer and client by the seal.
func (g *Guard) loadSealed(value string) (*session, error) {
	plain, ok := g.sessions.open(g.names.session, value)
	if !ok {
		return nil, reason.BadSession
	}
	var b sealed
	if err := json.Unmarshal(plain, &b); err != nil {
		return nil, fmt.Errorf("%w: of another version", reason.BadSession)
	}
	claims, err := provider.ParseClaims(b.Claims)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", reason.BadSession, err)
	}
	return &session{
		identity: Identity{&person{b.Issuer, claims, g.cfg.Provider.Mapping}},
		expires:  time.Unix(b.Expires, 0), began: time.Unix(b.Began, 0), renewed: time.Unix(b.Renewed, 0), seen: time.Unix(b.Seen, 0),
		refresh: b.Refresh, access: b.Access, nonce: b.Nonce,
	}, nil
}

// nonceHash is what a sealed session remembers of its nonce.
func nonceHash(nonce string) string {
	if nonce == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(nonce))
	return base64.RawURLEncoding.EncodeToString(sum[:12])
}
