package e2e

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOnlyMembersOfTheOrganizationEnter(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		further  object
		names    string // the organization that the person names at the provider; "" where the site does
		who      person
		enters   bool
		reason   string
		isDenied bool // by the provider already
	}{
		"the site names it, a member":      {further: object{"organization": "org_engines"}, who: ada, enters: true},
		"the site names it, a stranger":    {further: object{"organization": "org_engines"}, who: ben, reason: "access_denied", isDenied: true},
		"the person names it, a member":    {further: object{"organizations": []string{"org_engines"}}, names: "org_engines", who: ada, enters: true},
		"the person names another":         {further: object{"organizations": []string{"org_engines"}}, names: "org_kites", who: ben, reason: "claim_refused"},
		"the site knows no organizations":  {names: "org_engines", who: ada, reason: "claim_refused"},
		"the person's own, and not a name": {further: object{"organizations": []string{"org_engines"}}, names: "org_kites", who: ada, reason: "access_denied", isDenied: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := startSite(t, setup{
				shape: auth0Like, mode: "sealed", confidential: true, further: row.further, asksOrganization: row.names != "",
			})
			v := newVisitor(t)
			page := v.enter(w, v.open(w.URL+deepLink), row.who, "organization", row.names)
			if row.enters {
				require.Equal(t, w.URL+deepLink, page.url)
				require.Contains(t, v.fetch(w.URL+"/.auth/session").Body, row.who.name)
				return
			}
			require.True(t, strings.HasPrefix(page.url, w.URL+"/"), page.url)
			require.Equal(t, http.StatusForbidden, page.status)
			require.NotContains(t, page.body, "Report of the week", "the page was shown")
			require.NotContains(t, page.body, "org_", "the page tells why")
			says(t, &w.process.output, row.reason)
			require.Equal(t, !row.isDenied, len(w.idp.tokenCalls(t, "authorization_code")) == 1)
			require.Equal(t, http.StatusUnauthorized, v.fetch(w.URL+"/data/members.json").Status)
		})
	}
}
