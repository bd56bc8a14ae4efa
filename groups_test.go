package edgeauth_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/internal/devidp"
	"github.com/edgeauth/edgeauth/provider"
)

// lookedUp is a provider whose tokens say that the groups are elsewhere, at an API of its own.
func lookedUp(c *edgeauth.Config, o *devidp.Options) {
	c.Rules = []edgeauth.Rule{{Path: "/staff/", Groups: []string{"staff"}}}
	c.Provider.Mapping.GroupsElsewhere = []string{"/_claim_names/groups"}
	c.Provider.Userinfo.URLs = []string{idpURL + "/groups?of=alice%40example.com&x=1"} // for the fake provider to have the address
	c.Provider.GroupsLookup = provider.GroupsLookup{
		URL: idpURL + "/groups?of={email}&x=1", OnlyWith: []string{"/_claim_names/groups"},
		Read: func(answer json.RawMessage) (groups []string, all bool, err error) {
			var page struct {
				Groups []string
				More   bool
			}
			err = json.Unmarshal(answer, &page)
			return page.Groups, !page.More, err
		},
	}
	o.Users[0].API = map[string]any{idpURL + "/groups?of=alice%40example.com&x=1": map[string]any{"groups": []string{"other", "staff"}}}
}

func overage(w *world, answer any) {
	bend := devidp.Tamper{IDToken: devidp.TokenTamper{Claims: func(c map[string]any) {
		delete(c, "groups")
		c["_claim_names"] = map[string]any{"groups": "src1"}
	}}}
	if answer != nil {
		bend.Answer = func(string, any) any { return answer }
	}
	w.IdP.Tamper(bend)
}

func TestGroupsAreLookedUpWhereTheTokenDoesNotSayThem(t *testing.T) {
	w := newWorld(t, lookedUp)
	overage(w, nil)
	w.signedIn("alice", "/staff/x")
	require.Equal(t, 1, w.IdP.Calls(devidp.API))
	w.Wait(2 * time.Hour)
	require.Equal(t, edgeauth.Allow, w.follow("alice", "/staff/x").Action, "and at each renewal")
	require.Equal(t, 2, w.IdP.Calls(devidp.API))
	w.Wait(2 * time.Hour)
	overage(w, map[string]any{"groups": []string{}})
	require.Equal(t, "forbidden_group", edgeauth.Code(w.follow("alice", "/staff/x").Reason), "known, and none")
}

func TestGroupsThatCannotBeHadAreUnknown(t *testing.T) {
	for name, c := range map[string]struct {
		answer any
		fault  devidp.Fault
		note   string
	}{
		"more than one answer holds": {map[string]any{"groups": []string{"staff"}, "more": true}, nil, "there are more groups"},
		"an answer that is none":     {[]int{1}, nil, "the groups cannot be read"},
		"not allowed":                {nil, devidp.Status(403), "the groups cannot be had"},
		"not there":                  {nil, devidp.Status(404), "the groups cannot be had"},
		"the token is not for it":    {nil, devidp.Status(401), "the groups cannot be had"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, lookedUp)
			overage(w, c.answer)
			w.IdP.Fail(devidp.API, c.fault)
			d := w.signIn("alice", "/")
			require.Equal(t, "signed_in", d.Code())
			require.ErrorContains(t, d.Reason, c.note)
			require.Equal(t, "unknown_groups", w.code("/staff/x"))
			require.Equal(t, edgeauth.Allow, w.get("/").Action)
		})
	}
	t.Run("for now", func(t *testing.T) {
		w := newWorld(t, lookedUp)
		overage(w, nil)
		w.IdP.Fail(devidp.API, devidp.Status(503))
		require.Equal(t, http.StatusServiceUnavailable, w.signIn("alice", "/").Status, "another try may know them")
	})
}

func TestGroupsAreLookedUpOnlyWhereTheyMatter(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*edgeauth.Config, *devidp.Options)
		email  any
		over   bool
	}{
		"the token says them":     {lookedUp, "alice@example.com", false},
		"no rule asks for groups": {func(c *edgeauth.Config, o *devidp.Options) { lookedUp(c, o); c.Rules = nil }, "alice@example.com", true},
		"an address with a quote": {lookedUp, "a'or'b@example.com", true},
		"an address that is none": {lookedUp, 7, true},
		"a session of tokens":     {func(c *edgeauth.Config, o *devidp.Options) { tokensMode(c, o); lookedUp(c, o) }, "alice@example.com", true},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, func(config *edgeauth.Config, o *devidp.Options) {
				c.change(config, o)
				o.Users[0].Claims = map[string]any{"email": c.email}
			})
			if c.over {
				overage(w, nil)
			}
			w.signedIn("alice", "/")
			require.Zero(t, w.IdP.Calls(devidp.API))
		})
	}
}

func TestAnAddressInALookupIsNotLogged(t *testing.T) {
	w := newWorld(t, lookedUp)
	own := w.IdP.Transport()
	w.config.HTTPClient = &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		if r.URL.Path == "/groups" {
			return &http.Response{StatusCode: 403, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(`{}`)), Request: r}, nil
		}
		return own.RoundTrip(r)
	})}
	var err error
	w.Guard, err = edgeauth.New(w.config)
	require.NoError(t, err)
	overage(w, nil)
	w.signIn("alice", "/")
	require.Contains(t, w.log.String(), "the groups cannot be had")
	require.NotContains(t, w.log.String(), "alice%40example.com")
}

func TestARoleThatIsFalseIsNone(t *testing.T) {
	w := newWorld(t, func(c *edgeauth.Config, _ *devidp.Options) {
		c.Provider.Mapping.Roles, c.Provider.Mapping.RoleNames = "roles", true
		c.Rules = []edgeauth.Rule{{Path: "/a/", Roles: []string{"admin"}}}
	})
	w.IdP.Tamper(devidp.Tamper{IDToken: devidp.TokenTamper{Claims: func(c map[string]any) { c["roles"] = map[string]any{"admin": false} }}})
	w.signIn("alice", "/a/")
	require.NotEqual(t, edgeauth.Allow, w.get("/a/").Action)
}
