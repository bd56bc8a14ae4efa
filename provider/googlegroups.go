package provider

import "encoding/json"

// WithWorkspaceGroups is Google with the groups of a Workspace, which no token holds: those that the person is in, directly or by
// way of others, by their addresses, up to two hundred. It needs sealed sessions, the Cloud Identity API switched on, and people who
// may see who is in their groups. We do not know which editions of Workspace answer.
func WithWorkspaceGroups(p Provider) Provider {
	p.Scopes = append(append([]string{}, p.Scopes...), "https://www.googleapis.com/auth/cloud-identity.groups.readonly")
	p.GroupsLookup = GroupsLookup{
		URL: "https://cloudidentity.googleapis.com/v1/groups/-/memberships:searchTransitiveGroups?pageSize=200&query=" +
			"member_key_id%20%3D%3D%20%27{email}%27%20%26%26%20%27cloudidentity.googleapis.com%2Fgroups.discussion_forum%27%20in%20labels",
		Read: workspaceGroups,
	}
	return p
}

func workspaceGroups(answer json.RawMessage) (groups []string, all bool, err error) {
	var page struct {
		Memberships []struct {
			GroupKey struct{ ID string }
		}
		NextPageToken string
	}
	if err := json.Unmarshal(answer, &page); err != nil {
		return nil, false, err
	}
	for _, m := range page.Memberships {
		if m.GroupKey.ID != "" {
			groups = append(groups, m.GroupKey.ID)
		}
	}
	return groups, page.NextPageToken == "", nil
}
