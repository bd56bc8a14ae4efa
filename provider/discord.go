package provider

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// Discord signs people in with Discord: members of the given servers, by their ids, which are numbers; or everybody if no
// server is given. Whoever has an invitation can become a member.
//
// Discord signs nothing about the person: the answer of its API is the proof, asked again every hour. The subject is the
// number of the account; preferred_username is its name, which can change hands. There is an email only if Discord has
// verified it. With servers, groups are the ids of those of the person.
func Discord(servers ...string) Provider {
	const user = "https://discord.com/api/v10/users/@me"
	// #nosec G101 -- URLs, and no secret
	p := Provider{
		Name:   "discord",
		Issuer: "https://discord.com",
		Endpoints: Endpoints{
			Authorize: "https://discord.com/oauth2/authorize",
			Token:     "https://discord.com/api/oauth2/token",
			Revoke:    "https://discord.com/api/oauth2/token/revoke",
			Userinfo:  user,
		},
		Scopes:     []string{"identify", "email"},
		ClientAuth: ClientSecretPost,
		Secret:     Required,
		// Discord knows no other value that shows which account it is.
		SelectAccount:  "consent",
		Proof:          Userinfo,
		Proofs:         []Proof{Userinfo},
		Userinfo:       UserinfoRules{URLs: []string{user}, Claims: discordAnswer},
		RefreshRotates: true,
		OpenSignup:     len(servers) == 0,
		MutableClaims:  SelfWritten(),
	}
	if len(servers) > 0 {
		p.Scopes = append(p.Scopes, "guilds")
		p.Userinfo.URLs = append(p.Userinfo.URLs, user+"/guilds")
		p.Userinfo.ScopeRequired = []string{"guilds"}
		p.Check = discordServers(slices.Clone(servers)).check
	}
	return p
}

type discordServers []string

func (servers discordServers) check(t Token) error {
	for server := range t.Claims.Strings("groups") {
		if slices.Contains(servers, server) {
			return nil
		}
	}
	return fmt.Errorf("a member of none of the servers %q", []string(servers))
}

// discordAnswer makes claims of the answers about the person and, where they were asked for, the servers.
func discordAnswer(answers []json.RawMessage) (json.RawMessage, error) {
	var user struct {
		ID       string `json:"id"`
		Username string `json:"username"`
		Name     string `json:"global_name"`
		Email    string `json:"email"`
		Verified bool   `json:"verified"`
	}
	if err := json.Unmarshal(answers[0], &user); err != nil {
		return nil, fmt.Errorf("the person: %w", err)
	}
	if user.ID == "" {
		return nil, errors.New("the person has no id")
	}
	claims := map[string]any{"sub": user.ID, "preferred_username": user.Username}
	if user.Name != "" {
		claims["name"] = user.Name
	}
	if user.Email != "" && user.Verified {
		claims["email"], claims["email_verified"] = user.Email, true
	}
	if len(answers) > 1 {
		var servers []struct {
			ID string `json:"id"`
		}
		if err := json.Unmarshal(answers[1], &servers); err != nil {
			return nil, fmt.Errorf("the servers: %w", err)
		}
		ids := make([]string, 0, len(servers))
		for _, server := range servers {
			ids = append(ids, server.ID)
		}
		claims["groups"] = ids
	}
	return json.Marshal(claims)
}
