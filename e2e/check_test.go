package e2e

import (
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Nobody signs in here: edgeauth check looks at a document and at the provider alone.
func TestCheckTellsRightDocumentsFromWrongOnes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		setup  setup
		change object
		status int
		want   []string
	}{
		"a public client":         {setup{mode: "sealed"}, nil, 0, []string{"names the same issuer", "1 usable for RS256", "nothing was said against the client without a secret"}},
		"a confidential client":   {setup{mode: "tokens", confidential: true}, nil, 0, []string{"nothing was said against the client with its secret (client_secret_basic)"}},
		"Entra, single-page":      {setup{mode: "tokens", shape: entraLike}, nil, 0, []string{"nothing was said against the client without a secret"}},
		"an access token's site":  {setup{mode: "sealed", accessToken: true}, nil, 0, []string{"nothing was said against the client"}},
		"a client nobody knows":   {setup{mode: "sealed"}, object{"client_id": "other"}, 1, []string{`"invalid_client"`, `Is "other" the application's client id`}},
		"a wrong secret":          {setup{mode: "sealed", confidential: true}, object{"client_secret": "another secret, as long as it has to be"}, 1, []string{`"invalid_client"`, "Is client_secret the secret itself", "also knows client_secret_post"}},
		"no secret":               {setup{mode: "sealed", confidential: true}, object{"client_secret": ""}, 1, []string{`"invalid_client"`, "create a secret"}},
		"a secret without need":   {setup{mode: "sealed"}, object{"client_secret": webSecret}, 1, []string{`"invalid_client"`, "remove it"}},
		"Entra's web application": {setup{mode: "tokens", shape: entraLike, confidential: true}, object{"client_secret": ""}, 1, []string{"client_secret: is empty"}},
		"a scope of nobody's":     {setup{mode: "sealed"}, object{"scopes": []string{"openid", "pets"}}, 0, []string{`does not list "pets"`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, _ := prepareSite(t, c.setup)
			document := c.setup.document(w)
			maps.Copy(document, c.change)
			status, printed := check(t, document)
			require.Equal(t, c.status, status, printed)
			for _, want := range c.want {
				require.Contains(t, printed, want)
			}
			require.Contains(t, printed+" ", firstOf(c.status, w.URL+"/.auth/callback ", "WRONG"))
			for _, secret := range []string{webSecret, "another secret, as long as it has to be"} {
				require.NotContains(t, printed, secret)
			}
		})
	}
}

func firstOf(status int, fine, wrong string) string {
	if status == 0 {
		return fine
	}
	return wrong
}

func TestCheckSeesTheWrongPlatform(t *testing.T) {
	t.Parallel()
	s := setup{mode: "tokens", shape: entraLike}
	w, _ := prepareSite(t, s)
	document := s.document(w)
	document["provider"] = object{"type": "oidc", "issuer": w.idp.Issuer}
	status, printed := check(t, document)
	require.Equal(t, 1, status, printed)
	require.Contains(t, printed, "AADSTS9002327: The redirect URI is registered as a single-page application's")
}

func TestCheckSeesAnotherIssuer(t *testing.T) {
	t.Parallel()
	s := setup{mode: "sealed"}
	w, _ := prepareSite(t, s)
	document := s.document(w)
	document["provider"] = object{"type": "oidc", "issuer": w.idp.Issuer + "/"}
	status, printed := check(t, document)
	require.Equal(t, 1, status, printed)
	require.Contains(t, printed, "the provider calls itself")
}

// check runs the command and returns what it prints, in one line.
func check(t *testing.T, document object) (status int, printed string) {
	t.Helper()
	text, err := json.Marshal(document)
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "site.json")
	require.NoError(t, os.WriteFile(file, text, 0o600))
	run := exec.Command(command(t), "check", "-config", file)
	out, err := run.CombinedOutput()
	if run.ProcessState == nil {
		require.NoError(t, err)
	}
	return run.ProcessState.ExitCode(), strings.Join(strings.Fields(string(out)), " ")
}
