package entraid

import "encoding/json"

// groupsOfGraph reads what Microsoft Graph says about memberships: groups, beside roles and administrative units. A further page
// means that there are more.
func groupsOfGraph(answer json.RawMessage) (groups []string, all bool, err error) {
	var page struct {
		Value []struct {
			Type string `json:"@odata.type"`
			ID   string
		}
		Next string `json:"@odata.nextLink"`
	}
	if err := json.Unmarshal(answer, &page); err != nil {
		return nil, false, err
	}
	for _, member := range page.Value {
		if member.Type == "#microsoft.graph.group" && member.ID != "" {
			groups = append(groups, member.ID)
		}
	}
	return groups, page.Next == "", nil
}
