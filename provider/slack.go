package provider

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// slackTeam is the claim that says which workspace somebody is of.
const slackTeam = "https://slack.com/team_id"

// Slack signs people in with Slack: members of the given workspaces, by their ids such as T0123ABCD, or everybody if no
// workspace is given. Guests of a workspace are of it, too, and nothing tells them apart.
//
// An ID token of Slack counts for five minutes and there is no refresh token. So userinfo is the proof, asked again every
// hour; the ID token that comes along binds it to the sign-in by its nonce. Slack has no end-session endpoint.
func Slack(workspaces ...string) Provider {
	p := OIDC("https://slack.com")
	p.Name, p.Proof, p.Proofs, p.AccessToken = "slack", Userinfo, []Proof{Userinfo, IDToken}, TokenRules{}
	p.IDToken.KeyIDRequired = true
	p.Scopes = []string{"openid", "profile", "email"}
	p.ClientAuth, p.Secret = ClientSecretPost, Required
	p.Userinfo.Claims = slackAnswer
	p.Mapping.Tenant = slackTeam
	p.OpenSignup = len(workspaces) == 0
	// Whoever owns a workspace names it.
	p.MutableClaims = SelfWritten("https://slack.com/team_name", "https://slack.com/team_domain", "https://slack.com/team_image_*", "https://slack.com/user_image_*")
	if len(workspaces) == 1 {
		p.AuthorizeParams = map[string]string{"team": workspaces[0]} // so that the person need not choose one
	}
	if len(workspaces) == 0 {
		// We do not know whether the owner of a workspace can have an address taken for verified.
		p.MutableClaims = append(p.MutableClaims, "email")
	} else {
		p.Check = slackTeams(slices.Clone(workspaces)).check
	}
	p.ErrorCodes = map[string]string{"invalid_code": "invalid_grant", "code_already_used": "invalid_grant", "invalid_refresh_token": "invalid_grant"}
	return p
}

type slackTeams []string

func (teams slackTeams) check(t Token) error {
	if team, _ := t.Claims.Text(slackTeam); !slices.Contains(teams, team) {
		return fmt.Errorf("workspace %.40q is none of this site", team)
	}
	return nil
}

// slackAnswer refuses an answer that says that it is none: Slack's status is 200 either way.
func slackAnswer(answers []json.RawMessage) (json.RawMessage, error) {
	c, err := ParseClaims(answers[0])
	if err != nil {
		return nil, err
	}
	if c.Value("ok") != true {
		code, _ := c.Text("error")
		return nil, errors.New("slack says: " + code)
	}
	return answers[0], nil
}
