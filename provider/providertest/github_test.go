package providertest

import (
	"maps"
	"testing"

	"github.com/edgeauth/edgeauth/github"
)

const user = "https://api.github.com/user"

var (
	robin  = object("login", "robin-example", "id", 7700042, "node_id", "U_madeup", "type", "User", "name", "Robin Example", "email", nil)
	emails = []any{
		object("email", "ceo@victim.example", "primary", false, "verified", false),
		object("email", "robin@acme.example", "primary", true, "verified", true),
	}
	acme = []any{object("login", "other", "id", 1), object("login", "acme", "id", 4242001)}
)

func githubAnswers(user string) Answer {
	return Answer{
		API:   object(user, robin, user+"/emails", emails, user+"/orgs?per_page=100", acme),
		Token: object("scope", "read:org,user:email", "token_type", "bearer", "expires_in", nil),
	}
}

func only(url string, answer any) Answer { return Answer{API: map[string]any{url: answer}} }

var githubBad = map[string]Answer{
	"a user without id":                      only(user, object("login", "robin-example")).because("no_evidence"),
	"a user whose id is none":                only(user, object("id", 0)).because("no_evidence"),
	"a user whose id is a text":              only(user, object("id", "7700042")).because("no_evidence"),
	"a list in the place of the user":        only(user, acme).because("no_evidence"),
	"addresses that are none":                only(user+"/emails", "robin@acme.example").because("no_evidence"),
	"an application that GitHub has stopped": Answer{Callback: object("code", nil, "error", "application_suspended")}.because("provider_error"),
	"a redirect that GitHub does not know":   Answer{Callback: object("code", nil, "error", "redirect_uri_mismatch")}.because("provider_error"),
	"somebody who said no":                   Answer{Callback: object("code", nil, "error", "access_denied")}.because("access_denied"),
	"an error in an answer with status 200":  Answer{Token: object("error", "incorrect_client_credentials")}.because("provider_error"),
	"a code that GitHub calls bad":           Answer{Token: object("error", "bad_verification_code")}.because("code_refused"),
	"a refresh token that GitHub calls bad":  Answer{Token: object("error", "bad_refresh_token")}.because("code_refused"),
	"a token answer of a type nobody knows":  Answer{Token: object("token_type", "mac")}.because("token_answer"),
}

func githubAny(t *testing.T) tested {
	return tested{made(t)(github.New(github.Config{})), map[string]Sample{"everybody": {
		Good: githubAnswers(user), Bad: githubBad,
		AlsoGood: map[string]Answer{
			"somebody without a name":             only(user, object("id", 7700042, "login", "robin-example", "name", nil)),
			"somebody without a verified address": only(user+"/emails", []any{}),
			"somebody with an app's token":        {Token: object("scope", "", "expires_in", 28800, "refresh_token", "ghr_x")},
		},
	}}}
}

func githubTeams(t *testing.T) tested {
	orgs, teams := user+"/orgs?per_page=100", user+"/teams?per_page=100"
	good := githubAnswers(user)
	good.API[teams] = []any{object("id", 77, "slug", "ops", "organization", object("id", 4242001))}
	bad := maps.Clone(githubBad)
	maps.Copy(bad, map[string]Answer{
		"somebody of no team":                    only(teams, []any{}).because("claim_refused"),
		"somebody of an organization of that id": Answer{API: map[string]any{orgs: []any{object("id", 77)}, teams: []any{}}}.because("claim_refused"),
		"somebody of another team":               only(teams, []any{object("id", 78, "organization", object("id", 77))}).because("claim_refused"),
		"teams that are none":                    only(teams, object("id", 77)).because("no_evidence"),
		"who kept organizations back":            Answer{Token: object("scope", "user:email")}.because("no_evidence"),
	})
	return tested{made(t)(github.New(github.Config{Teams: []string{"77"}})), map[string]Sample{"a team": {Good: good, Bad: bad}}}
}

func githubOrgs(t *testing.T) tested {
	orgs := user + "/orgs?per_page=100"
	bad := maps.Clone(githubBad)
	maps.Copy(bad, map[string]Answer{
		"somebody of no organization":               only(orgs, []any{}).because("claim_refused"),
		"somebody of another organization":          only(orgs, []any{object("login", "acme", "id", 4242002)}).because("claim_refused"),
		"an organization that took the name":        only(orgs, []any{object("login", "4242001", "id", 3)}).because("claim_refused"),
		"T09 somebody who did not grant the scope":  Answer{Token: object("scope", "user:email")}.because("no_evidence"),
		"a list of organizations that is a message": only(orgs, object("message", "Bad credentials")).because("no_evidence"),
	})
	return tested{made(t)(github.New(github.Config{Orgs: []string{"4242001", "17"}})), map[string]Sample{"members": {
		Good: githubAnswers(user), Bad: bad,
		AlsoGood: map[string]Answer{
			"a member of the other organization":   only(orgs, []any{object("login", "late", "id", 17)}),
			"somebody whose answer names no scope": {Token: object("scope", nil)},
		},
	}}}
}

func githubEnterprise(t *testing.T) tested {
	return tested{made(t)(github.New(github.Config{Host: "GitHub.acme.example"})), map[string]Sample{"everybody": {
		Good: githubAnswers("https://github.acme.example/api/v3/user"),
		Bad: map[string]Answer{
			"a code that GitHub calls bad":          Answer{Token: object("error", "bad_verification_code")}.because("code_refused"),
			"a refresh token that GitHub calls bad": Answer{Token: object("error", "bad_refresh_token")}.because("code_refused"),
		},
	}}}
}
