package provider

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSlackIsOpenUnlessAWorkspaceIsNamed(t *testing.T) {
	open := Slack()
	require.True(t, open.OpenSignup)
	require.Contains(t, open.MutableClaims, "email", "somebody else's workspace may say what it likes")
	require.NotContains(t, open.AuthorizeParams, "team")
	require.Nil(t, open.Check)

	one, two := Slack("T1"), Slack("T1", "T2")
	require.Equal(t, "T1", one.AuthorizeParams["team"])
	require.NotContains(t, two.AuthorizeParams, "team")
	for _, p := range []Provider{one, two} {
		require.False(t, p.OpenSignup)
		require.NotNil(t, p.Check, "what was asked for is also checked")
		require.NotContains(t, p.MutableClaims, "email")
		require.Subset(t, p.MutableClaims, []string{"https://slack.com/team_name", "https://slack.com/team_domain"})
		require.NotContains(t, p.MutableClaims, slackTeam)
	}
}

func FuzzSlackAnswer(f *testing.F) {
	f.Add([]byte(`{"ok": true, "sub": "U1"}`))
	f.Add([]byte(`{"ok": false, "error": "token_revoked"}`))
	f.Add([]byte(`{"ok": false, "OK": true}`))
	f.Fuzz(func(t *testing.T, answer []byte) {
		if made, err := slackAnswer([]json.RawMessage{answer}); err == nil {
			c, err := ParseClaims(made)
			require.NoError(t, err)
			require.Equal(t, true, c.Value("ok"))
		}
	})
}
