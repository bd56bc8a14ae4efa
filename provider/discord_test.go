package provider

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDiscordAnswersBecomeClaims(t *testing.T) {
	for name, c := range map[string]struct{ user, servers, want string }{
		"all there is": {
			`{"id": "42", "username": "robin", "global_name": "Robin", "email": "r@a.example", "verified": true}`, `[{"id": "7"}, {"id": "8"}]`,
			`{"sub": "42", "preferred_username": "robin", "name": "Robin", "email": "r@a.example", "email_verified": true, "groups": ["7", "8"]}`,
		},
		"an address that is not proven":       {`{"id": "42", "username": "r", "email": "r@a.example", "verified": false}`, ``, `{"sub": "42", "preferred_username": "r"}`},
		"an address of which nothing is said": {`{"id": "42", "username": "r", "email": "r@a.example"}`, ``, `{"sub": "42", "preferred_username": "r"}`},
		"somebody of no server":               {`{"id": "42", "username": "r"}`, `[]`, `{"sub": "42", "preferred_username": "r", "groups": []}`},
		"nobody":                              {`{"username": "r"}`, ``, ``},
		"an id that is a number":              {`{"id": 42}`, ``, ``},
		"servers that are an error":           {`{"id": "42"}`, `{"message": "401: Unauthorized"}`, ``},
	} {
		t.Run(name, func(t *testing.T) {
			answers := []json.RawMessage{json.RawMessage(c.user)}
			if c.servers != "" {
				answers = append(answers, json.RawMessage(c.servers))
			}
			made, err := discordAnswer(answers)
			if c.want == "" {
				require.Error(t, err)
				return
			}
			require.NoError(t, err)
			require.JSONEq(t, c.want, string(made))
		})
	}
}

func FuzzDiscordAnswer(f *testing.F) {
	f.Add([]byte(`{"id": "42", "username": "robin", "email": "r@a.example", "verified": true}`), []byte(`[{"id": "7"}]`))
	f.Add([]byte(`{"id": "42", "ID": "43", "verified": null}`), []byte(`[null, {"id": ""}]`))
	f.Fuzz(func(t *testing.T, user, servers []byte) {
		made, err := discordAnswer([]json.RawMessage{user, servers})
		if err != nil {
			return
		}
		c, err := ParseClaims(made)
		if err != nil {
			return // too much of it
		}
		sub, _ := c.Text("sub")
		require.NotEmpty(t, sub, "nobody is named")
		require.Equal(t, c.Has("email"), c.Value("email_verified") == true, "an address that is not proven")
	})
}
