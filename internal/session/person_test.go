package session

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRolesMayBeTheNamesOfAnObject(t *testing.T) { // as Zitadel writes them
	const org = `{"250000000000000001": "acme.example"}`
	for name, c := range map[string]struct {
		claims string
		names  bool
		has    []string
		lacks  []string
	}{
		"an object":                     {`{"roles": {"admin": ` + org + `, "a/b~c": ` + org + `}}`, true, []string{"admin", "a/b~c"}, []string{"Admin", "", "acme.example", "250000000000000001"}},
		"a role that is null":           {`{"roles": {"admin": null}}`, true, nil, []string{"admin"}},
		"a list of objects":             {`{"roles": [{"admin": ` + org + `}]}`, true, nil, []string{"admin", "0"}},
		"a list":                        {`{"roles": ["admin"]}`, true, nil, []string{"admin", "0"}},
		"none":                          {`{}`, true, nil, []string{"admin", ""}},
		"an object where a list is due": {`{"roles": {"admin": ` + org + `}}`, false, nil, []string{"admin"}},
		"a list where a list is due":    {`{"roles": ["admin"]}`, false, []string{"admin"}, []string{"0"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := person(t, "https://id.example", c.claims)
			p.Mapping.RoleNames = c.names
			for _, role := range c.has {
				require.True(t, p.HasRole(role), role)
			}
			for _, role := range c.lacks {
				require.False(t, p.HasRole(role), role)
			}
		})
	}
}
