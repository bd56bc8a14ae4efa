// Package github signs people in with GitHub, or a GitHub Enterprise Server.
//
// GitHub issues no signed tokens: the answer of its API about the person is the proof, and the API is asked again every
// hour. The session therefore has to be a sealed one. Register an OAuth app: the tokens of a GitHub App have no scopes,
// so it would need Userinfo.ScopeRequired to be nil.
package github

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/edgeauth/edgeauth/provider"
)

// Config says who may sign in. The zero Config admits everybody with an account at github.com.
type Config struct {
	// Host is the host of a GitHub Enterprise Server. Default github.com.
	Host string
	// Orgs are the ids of organizations: a member of any of them may sign in. An id is a number, since a name can be
	// given up and taken by somebody else; https://api.github.com/orgs/NAME shows it. Only the first 100 organizations
	// of a person count, and only those that let the OAuth app see their members.
	Orgs []string
	// Teams are the ids of teams: a member of any of them may sign in. They are numbers; https://api.github.com/orgs/ORG/teams shows
	// them. Groups are then, beside the ids of organizations, those of teams, as "{organization}/{team}". Only the first 100 teams
	// of a person count.
	Teams []string
	// Endpoints replace the host's, one by one, for a test. Userinfo is the API's URL for the user.
	Endpoints provider.Endpoints
}

// New returns the provider, or every fault of the configuration.
//
// The subject is the number of the account; preferred_username is its name, which can change hands. The email is the
// primary one, and only if it is verified. With Orgs or Teams, groups are the ids of the person's organizations, and teams.
func New(c Config) (provider.Provider, error) {
	if err := c.check(); err != nil {
		return provider.Provider{}, err
	}
	home, api := "https://github.com", "https://api.github.com"
	if host := strings.ToLower(c.Host); host != "" && host != "github.com" {
		home, api = "https://"+host, "https://"+host+"/api/v3"
	}
	p := provider.Provider{
		Name:   "github",
		Issuer: home,
		Endpoints: c.Endpoints.Merge(provider.Endpoints{
			Authorize: home + "/login/oauth/authorize",
			Token:     home + "/login/oauth/access_token",
			Userinfo:  api + "/user",
		}),
		Scopes:        []string{"user:email"},
		ClientAuth:    provider.ClientSecretPost,
		Secret:        provider.Required,
		SelectAccount: "select_account",
		Proof:         provider.Userinfo,
		Proofs:        []provider.Proof{provider.Userinfo},
		Mapping:       provider.Mapping{Groups: "orgs"},
		// The owner of an Enterprise Server creates its accounts.
		OpenSignup:    len(c.Orgs)+len(c.Teams) == 0 && strings.HasSuffix("."+hostname(home), ".github.com"),
		MutableClaims: provider.SelfWritten(),
		ErrorCodes:    map[string]string{"bad_verification_code": "invalid_grant", "bad_refresh_token": "invalid_grant"},
	}
	user := p.Endpoints.Userinfo
	p.Userinfo = provider.UserinfoRules{URLs: []string{user, user + "/emails"}, Claims: claims}
	if len(c.Orgs)+len(c.Teams) > 0 {
		p.Scopes = append(p.Scopes, "read:org")
		p.Userinfo.URLs = append(p.Userinfo.URLs, user+"/orgs?per_page=100")
		p.Userinfo.ScopeRequired = []string{"read:org"}
		p.Check = members{slices.Clone(c.Orgs), slices.Clone(c.Teams)}.check
	}
	if len(c.Teams) > 0 {
		p.Userinfo.URLs = append(p.Userinfo.URLs, user+"/teams?per_page=100")
	}
	return p, nil
}

// hostname is the host of a URL without its port.
func hostname(address string) string {
	host, _, _ := strings.Cut(strings.TrimPrefix(address, "https://"), ":")
	return host
}

var (
	number = regexp.MustCompile(`^[1-9][0-9]*$`)
	name   = regexp.MustCompile(`^(?i)[a-z0-9-]+(\.[a-z0-9-]+)*(:[0-9]+)?$`)
)

func (c Config) check() error {
	var errs []error
	if c.Host != "" && !name.MatchString(c.Host) {
		errs = append(errs, fmt.Errorf(`host %q is no host name; give it alone, such as "github.example.com"`, c.Host))
	}
	for _, org := range c.Orgs {
		if !number.MatchString(org) {
			errs = append(errs, fmt.Errorf("orgs: %q is no id: names can be given away; take the number that https://api.github.com/orgs/NAME tells", org))
		}
	}
	for _, team := range c.Teams {
		if !number.MatchString(team) {
			errs = append(errs, fmt.Errorf("teams: %q is no id: names can change; take the number that https://api.github.com/orgs/ORG/teams tells", team))
		}
	}
	return errors.Join(errs...)
}
