package edgeauth

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/edgeauth/edgeauth/internal/reason"
	"github.com/edgeauth/edgeauth/internal/seal"
	"github.com/edgeauth/edgeauth/provider"
)

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

// sealedVersion is the first byte of what is sealed. Sessions of another version have to sign in again.
const sealedVersion = 1

func (g *Guard) sealSession(s *session) string {
	b := []byte{sealedVersion}
	for _, t := range []time.Time{s.expires, s.began, s.renewed, s.seen} {
		b = binary.BigEndian.AppendUint64(b, uint64(t.Unix()))
	}
	b = append(b, seal.JoinLengthPrefixed("", s.identity.Issuer(), s.refresh, s.access, s.nonce)...)
	b = append(b, s.identity.p.claims.Raw()...)
	return g.sessions.Seal(g.sessionName, b)
}

// loadSealed opens a session. It is bound to this site, issuer and client by the seal.
func (g *Guard) loadSealed(value string) (*session, error) {
	plain, ok := g.sessions.Open(g.sessionName, value)
	if !ok {
		return nil, reason.BadSession
	}
	if len(plain) < 1+4*8 || plain[0] != sealedVersion {
		return nil, fmt.Errorf("%w: of another version", reason.BadSession)
	}
	at := func(i int) time.Time { return time.Unix(int64(binary.BigEndian.Uint64(plain[1+8*i:])), 0) }
	s := &session{expires: at(0), began: at(1), renewed: at(2), seen: at(3)}
	rest := string(plain[1+4*8:])
	who := &person{mapping: g.cfg.Provider.Mapping}
	for _, text := range []*string{&who.issuer, &s.refresh, &s.access, &s.nonce} {
		if *text, rest, ok = seal.CutLengthPrefixed(rest); !ok {
			return nil, fmt.Errorf("%w: cut short", reason.BadSession)
		}
	}
	var err error
	if who.claims, err = provider.ParseClaims([]byte(rest)); err != nil {
		return nil, fmt.Errorf("%w: %w", reason.BadSession, err)
	}
	s.identity = Identity{who}
	return s, nil
}

// nonceHash is what a sealed session remembers of its nonce.
func nonceHash(nonce string) string {
	if nonce == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(nonce))
	return base64.RawURLEncoding.EncodeToString(sum[:12])
}
