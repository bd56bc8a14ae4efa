package github_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth/github"
	"github.com/edgeauth/edgeauth/provider"
)

func TestNewRefusesAndNamesTheRemedy(t *testing.T) {
	for name, c := range map[string]struct {
		config github.Config
		want   []string
	}{
		"an organization by its name":       {github.Config{Orgs: []string{"acme"}}, []string{`orgs: "acme" is no id`, "https://api.github.com/orgs/NAME"}},
		"an empty organization":             {github.Config{Orgs: []string{""}}, []string{`orgs: ""`}},
		"an id with a zero before it":       {github.Config{Orgs: []string{"042"}}, []string{`orgs: "042"`}},
		"a URL for a host":                  {github.Config{Host: "https://github.acme.example"}, []string{`host "https://github.acme.example"`, "give it alone"}},
		"several faults, all of them told":  {github.Config{Host: "/", Orgs: []string{"acme"}}, []string{"host", "orgs"}},
		"an organization with a line to it": {github.Config{Orgs: []string{"42\n"}}, []string{"orgs"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := github.New(c.config)
			for _, want := range c.want {
				require.ErrorContains(t, err, want)
			}
		})
	}
}

func TestEndpointsFollowTheHost(t *testing.T) {
	for name, c := range map[string]struct {
		config       github.Config
		issuer, user string
		open         bool
	}{
		"github.com":             {github.Config{}, "https://github.com", "https://api.github.com/user", true},
		"github.com by its name": {github.Config{Host: "GitHub.com"}, "https://github.com", "https://api.github.com/user", true},
		"github.com for members": {github.Config{Orgs: []string{"42"}}, "https://github.com", "https://api.github.com/user", false},
		"one's own server":       {github.Config{Host: "git.acme.example"}, "https://git.acme.example", "https://git.acme.example/api/v3/user", false},
		"an API somewhere else":  {github.Config{Endpoints: provider.Endpoints{Userinfo: "http://127.0.0.1:9/user"}}, "https://github.com", "http://127.0.0.1:9/user", true},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := github.New(c.config)
			require.NoError(t, err)
			require.Equal(t, c.issuer, p.Issuer)
			require.Equal(t, c.issuer+"/login/oauth/authorize", p.Endpoints.Authorize)
			require.Equal(t, c.issuer+"/login/oauth/access_token", p.Endpoints.Token)
			require.Equal(t, []string{c.user, c.user + "/emails"}, p.Userinfo.URLs[:2])
			require.Equal(t, c.open, p.OpenSignup, "anybody can have an account at github.com")
			require.Equal(t, provider.Required, p.Secret)
			require.Equal(t, []provider.Proof{provider.Userinfo}, p.Proofs)
		})
	}
}

func TestTheScopeToSeeOrganizationsIsAskedForOnlyWhereTheyMatter(t *testing.T) {
	p, err := github.New(github.Config{})
	require.NoError(t, err)
	require.Equal(t, []string{"user:email"}, p.Scopes)

	p, err = github.New(github.Config{Orgs: []string{"42"}})
	require.NoError(t, err)
	require.Equal(t, []string{"user:email", "read:org"}, p.Scopes)
}

func TestClaims(t *testing.T) {
	p, err := github.New(github.Config{Orgs: []string{"42"}})
	require.NoError(t, err)
	const user = `{"login":"robin","id":7700042,"name":null,"email":"spoof@victim.example"}`
	for name, c := range map[string]struct{ user, emails, orgs, want string }{
		"the number is the subject, and the login only a name": {
			user, `[]`, `[]`, `{"sub":"7700042","preferred_username":"robin","orgs":[]}`,
		},
		"a large number stays exact": {
			`{"id":9007199254740993,"login":"r","name":"R"}`, `[]`, `[{"id":9007199254740993}]`,
			`{"sub":"9007199254740993","preferred_username":"r","name":"R","orgs":["9007199254740993"]}`,
		},
		"O14 an address that is primary and verified": {
			user, `[{"email":"r@a.example","primary":true,"verified":true}]`, `[]`,
			`{"sub":"7700042","preferred_username":"robin","email":"r@a.example","email_verified":true,"orgs":[]}`,
		},
		"O14 no address that is not verified": {
			user, `[{"email":"ceo@victim.example","primary":true,"verified":false}]`, `[]`, `{"sub":"7700042","preferred_username":"robin","orgs":[]}`,
		},
		"O14 no address that is not primary": {
			user, `[{"email":"ceo@victim.example","primary":false,"verified":true}]`, `[]`, `{"sub":"7700042","preferred_username":"robin","orgs":[]}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := p.Userinfo.Claims([]json.RawMessage{json.RawMessage(c.user), json.RawMessage(c.emails), json.RawMessage(c.orgs)})
			require.NoError(t, err)
			require.JSONEq(t, c.want, string(got))
		})
	}
}

func FuzzClaims(f *testing.F) {
	p, err := github.New(github.Config{Orgs: []string{"42"}})
	require.NoError(f, err)
	f.Add(`{"id":7,"login":"r","name":"R"}`, `[{"email":"r@a.example","primary":true,"verified":true}]`, `[{"id":42}]`)
	f.Add(`{"id":"7"}`, `{}`, `null`)
	f.Fuzz(func(t *testing.T, user, emails, orgs string) {
		made, err := p.Userinfo.Claims([]json.RawMessage{json.RawMessage(user), json.RawMessage(emails), json.RawMessage(orgs)})
		if err != nil {
			return
		}
		c, err := provider.ParseClaims(made)
		require.NoError(t, err)
		sub, _ := c.Text("sub")
		require.Regexp(t, `^[1-9][0-9]*$`, sub)
	})
}
