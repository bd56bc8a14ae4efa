package provider

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// Discord signs people in with their Discord account: members of any of the given servers (guilds), by their ids, which are
// numbers, or everybody, if none is given.
//
// What its API answers is the proof, asked again every hour. The subject is the account's number; the email counts only where
// it is verified. With servers, groups are the ids of all of the person's servers, up to two hundred.
func Discord(servers ...string) Provider {
	const user = "https://discord.com/api/users/@me"
	// #nosec G101 -- URLs, and no secret
	p := Provider{
		Name: "discord", Issuer: "https://discord.com",
		Endpoints: Endpoints{
			Authorize: "https://discord.com/oauth2/authorize",
			Token:     "https://discord.com/api/oauth2/token",
			Userinfo:  user,
			Revoke:    "https://discord.com/api/oauth2/token/revoke",
		},
		Scopes:   []string{"identify", "email"},
		Userinfo: UserinfoRules{URLs: []string{user}, Claims: discordClaims},
		Proof:    Userinfo, Proofs: []Proof{Userinfo},
		Mapping:        Mapping{Groups: "guilds"},
		RefreshRotates: true,
		OpenSignup:     len(servers) == 0,
		MutableClaims:  SelfWritten(),
	}
	if len(servers) > 0 {
		p.Scopes = append(p.Scopes, "guilds")
		p.Userinfo.URLs = append(p.Userinfo.URLs, user+"/guilds")
		p.Userinfo.ScopeRequired = []string{"guilds"}
		p.Check = func(t Token) error {
			for id := range t.Claims.Strings("guilds") {
				if slices.Contains(servers, id) {
					return nil
				}
			}
			return fmt.Errorf("a member of none of the servers %q", servers)
		}
	}
	return p
}

// discordClaims makes claims of what the API says about a user, and about their servers where those were asked for.
func discordClaims(answers []json.RawMessage) (json.RawMessage, error) {
	var user struct {
		ID, Username, Email string
		GlobalName          string `json:"global_name"`
		Verified            bool
	}
	if err := json.Unmarshal(answers[0], &user); err != nil {
		return nil, fmt.Errorf("the API's user: %w", err)
	}
	if user.ID == "" {
		return nil, errors.New("the API's user has no id")
	}
	made := map[string]any{"sub": user.ID, "preferred_username": user.Username, "name": user.GlobalName}
	if user.Verified && user.Email != "" {
		made["email"], made["email_verified"] = user.Email, true
	}
	if len(answers) > 1 {
		var guilds []struct{ ID string }
		if err := json.Unmarshal(answers[1], &guilds); err != nil {
			return nil, fmt.Errorf("the API's servers: %w", err)
		}
		ids := make([]string, len(guilds))
		for i, guild := range guilds {
			ids[i] = guild.ID
		}
		made["guilds"] = ids
	}
	return json.Marshal(made)
}
