package edgeauth_test

import (
	"testing"

	"github.com/edgeauth/edgeauth"
	"github.com/stretchr/testify/require"
)

func TestAClaimIsReadAsText(t *testing.T) {
	id, err := edgeauth.NewIdentity("https://idp.example", map[string]any{
		"sub": "alice", "name": "Alice", "age": 7, "verified": true, "groups": []string{"staff"}, "address": map[string]any{"country": "LV"},
	})
	require.NoError(t, err)
	for name, want := range map[string]string{
		"name": "Alice", "/address/country": "LV", "age": "", "verified": "", "groups": "", "address": "", "none": "", "": "",
	} {
		require.Equal(t, want, id.Text(name), name)
	}
	require.Empty(t, edgeauth.Identity{}.Text("name"))
}
