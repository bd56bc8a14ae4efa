package provider

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestGroupsOfAWorkspace(t *testing.T) {
	p := WithWorkspaceGroups(Google("acme.example"))
	u, err := url.Parse(strings.ReplaceAll(p.GroupsLookup.URL, "{email}", url.QueryEscape("ada+x@acme.example")))
	require.NoError(t, err)
	require.Equal(t, "member_key_id == 'ada+x@acme.example' && 'cloudidentity.googleapis.com/groups.discussion_forum' in labels", u.Query().Get("query"))
	require.NotContains(t, Google("acme.example").Scopes, "https://www.googleapis.com/auth/cloud-identity.groups.readonly")
	groups, all, err := p.GroupsLookup.Read([]byte(`{"memberships": [{"groupKey": {"id": "ops@acme.example"}}, {"groupKey": {}}]}`))
	require.NoError(t, err)
	require.True(t, all)
	require.Equal(t, []string{"ops@acme.example"}, groups)
	_, all, _ = p.GroupsLookup.Read([]byte(`{"nextPageToken": "x"}`))
	require.False(t, all)
	_, _, err = p.GroupsLookup.Read([]byte(`7`))
	require.Error(t, err)
}
