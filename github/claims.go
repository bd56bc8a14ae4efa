package github

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/edgeauth/edgeauth/provider"
)

// members are the ids of the organizations and teams whose members may sign in.
type members struct{ orgs, teams []string }

func (m members) check(t provider.Token) error {
	for group := range t.Claims.Strings("orgs") {
		_, team, isTeam := strings.Cut(group, "/")
		if !isTeam && slices.Contains(m.orgs, group) || isTeam && slices.Contains(m.teams, team) {
			return nil
		}
	}
	return fmt.Errorf("a member of none of the organizations %q and teams %q, or of one that hides its members from the OAuth app", m.orgs, m.teams)
}

// claims makes one set of claims from the answers: the user, their e-mail addresses and, if asked for, their
// organizations.
func claims(answers []json.RawMessage) (json.RawMessage, error) {
	var user struct {
		ID          int64
		Login, Name string
	}
	var emails []struct {
		Email             string
		Primary, Verified bool
	}
	var member []struct{ ID int64 }
	var teams []struct {
		ID           int64
		Organization struct{ ID int64 }
	}
	for i, into := range []any{&user, &emails, &member, &teams}[:len(answers)] {
		if err := json.Unmarshal(answers[i], into); err != nil {
			return nil, fmt.Errorf("answer %d of the API: %w", i+1, err)
		}
	}
	if user.ID <= 0 {
		return nil, errors.New("the API's user has no id")
	}
	made := map[string]any{"sub": strconv.FormatInt(user.ID, 10), "preferred_username": user.Login}
	if user.Name != "" {
		made["name"] = user.Name
	}
	for _, e := range emails {
		if e.Primary && e.Verified {
			made["email"], made["email_verified"] = e.Email, true
		}
	}
	if len(answers) >= 3 {
		ids := make([]string, len(member), len(member)+len(teams))
		for i := range member {
			ids[i] = strconv.FormatInt(member[i].ID, 10)
		}
		for _, team := range teams {
			ids = append(ids, strconv.FormatInt(team.Organization.ID, 10)+"/"+strconv.FormatInt(team.ID, 10))
		}
		made["orgs"] = ids
	}
	return json.Marshal(made)
}
