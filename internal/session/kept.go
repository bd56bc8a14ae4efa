package session

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/edgeauth/edgeauth/internal/reason"
	"github.com/edgeauth/edgeauth/provider"
)

// Kept says which claims a sealed session keeps. Of the groups it keeps those that rules name, unless the claim of
// all groups is among the claims.
type Kept struct {
	Claims []string
	Groups map[string]bool // named by rules
}

// ofTheSignIn are claims that a renewal cannot change, and that many leave out of it (OIDC Core 12.2).
var ofTheSignIn = []string{"acr", "amr", "auth_time"}

// choose returns a person's claims without those that are not kept. Before is the same person before a renewal, or nil.
func (k *Kept) choose(who, before *Person) (provider.Claims, error) {
	kept := make(map[string]any)
	for _, name := range k.Claims {
		value := who.Claims.Value(name)
		if value == nil && before != nil && slices.Contains(ofTheSignIn, name) {
			value = before.Claims.Value(name)
		}
		if value != nil {
			put(kept, name, value)
		}
	}
	groups := who.Mapping.Groups
	switch {
	case !who.GroupsKnown():
		remove(kept, groups) // unknown now is unknown later
	case !slices.Contains(k.Claims, groups):
		named := []any{}
		for group := range who.Groups() {
			if k.Groups[group] {
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

// put sets a member, or what a JSON Pointer of object members points at.
func put(object map[string]any, name string, value any) {
	path := ClaimPath(name)
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
	path := ClaimPath(name)
	for _, step := range path[:len(path)-1] {
		object, _ = object[step].(map[string]any)
	}
	delete(object, path[len(path)-1])
}

// ClaimPath are the names of the members that lead to a claim: one, or those of a JSON Pointer (RFC 6901, 4).
func ClaimPath(name string) []string {
	if !strings.HasPrefix(name, "/") {
		return []string{name}
	}
	path := strings.Split(name[1:], "/")
	for i := range path {
		path[i] = strings.ReplaceAll(strings.ReplaceAll(path[i], "~1", "/"), "~0", "~")
	}
	return path
}

// PlainName is the member that a JSON Pointer of one step names, and any other name as it is.
func PlainName(name string) string {
	if path := ClaimPath(name); len(path) == 1 {
		return path[0]
	}
	return name
}
