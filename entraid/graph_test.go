package entraid

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestGroupsOfGraphAreGroupsAlone(t *testing.T) {
	groups, all, err := groupsOfGraph([]byte(`{"value": [
		{"@odata.type": "#microsoft.graph.group", "id": "g1"}, {"@odata.type": "#microsoft.graph.directoryRole", "id": "r1"},
		{"@odata.type": "#microsoft.graph.group", "id": "g2"}, {"id": "x"}]}`))
	require.NoError(t, err)
	require.True(t, all)
	require.Equal(t, []string{"g1", "g2"}, groups)
	_, all, err = groupsOfGraph([]byte(`{"value": [], "@odata.nextLink": "https://graph.microsoft.com/next"}`))
	require.NoError(t, err)
	require.False(t, all, "a further page")
	_, _, err = groupsOfGraph([]byte(`[]`))
	require.Error(t, err)
	p, err := New(Config{Tenant: "37c156ce-36f2-4e30-ab8a-c9e8d79d09f4", GroupsFromGraph: true, Cloud: China})
	require.NoError(t, err)
	require.Contains(t, p.Scopes, "https://microsoftgraph.chinacloudapi.cn/User.Read")
	require.Equal(t, p.Mapping.GroupsElsewhere, p.GroupsLookup.OnlyWith)
}
