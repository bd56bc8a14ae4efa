package oauth

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/edgeauth/edgeauth/internal/reason"
	"github.com/edgeauth/edgeauth/internal/session"
	"github.com/edgeauth/edgeauth/provider"
)

// addGroups asks for the groups of a person of whom the token does not say them. Where they cannot be had for good, they stay
// unknown, and note says why; where that may pass, it is an error.
func (c *Client) addGroups(ctx context.Context, p *provider.Provider, claims provider.Claims, access string) (more provider.Claims, note string, err error) {
	lookup, name := &p.GroupsLookup, p.Mapping.Groups
	wanted := !claims.Has(name)
	if len(lookup.OnlyWith) > 0 {
		wanted = slices.ContainsFunc(lookup.OnlyWith, claims.Has)
	}
	if !c.c.AskGroups || lookup.URL == "" || !wanted || access == "" {
		return claims, "", nil
	}
	target, err := fill(lookup.URL, claims)
	if err != nil {
		return claims, err.Error(), nil
	}
	answer, err := c.ask(ctx, p, target, access)
	switch {
	case reason.IsTransient(err):
		return claims, "", err
	case err != nil:
		return claims, "the groups cannot be had: " + err.Error(), nil
	}
	groups, all, err := lookup.Read(answer)
	switch {
	case err != nil:
		return claims, "the groups cannot be read: " + err.Error(), nil
	case !all:
		return claims, "there are more groups than one answer holds, so that they are unknown", nil
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(claims.Raw(), &members); err != nil {
		return claims, "", fmt.Errorf("%w: groups: %w", reason.NoEvidence, err)
	}
	for _, elsewhere := range append(slices.Clone(lookup.OnlyWith), p.Mapping.GroupsElsewhere...) {
		delete(members, session.ClaimPath(elsewhere)[0])
	}
	if groups == nil {
		groups = []string{} // known, and none
	}
	members[name], _ = json.Marshal(groups)
	raw, err := json.Marshal(members)
	if err == nil {
		more, err = provider.ParseClaims(raw)
	}
	if err != nil {
		return claims, "", fmt.Errorf("%w: groups: %w", reason.NoEvidence, err)
	}
	return more, "", nil
}

// fill puts claims into the URL of a lookup.
func fill(template string, claims provider.Claims) (string, error) {
	before, rest, ok := strings.Cut(template, "{")
	if !ok {
		return template, nil
	}
	name, after, _ := strings.Cut(rest, "}")
	text, _ := claims.Text(name)
	if text == "" || strings.ContainsAny(text, "'\"\\") {
		return "", fmt.Errorf("the groups cannot be asked for: the claim %q is missing or holds a quote", name)
	}
	after, err := fill(after, claims)
	return before + url.QueryEscape(text) + after, err
}
