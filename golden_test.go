package edgeauth_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/edgeauth/edgeauth"
	"github.com/stretchr/testify/require"
)

// goldenCookies were written by the first version for the site and the clock of newWorld. They are never made anew: a
// version that does not read them signs out everybody who is signed in when it is deployed.
func goldenCookies(t *testing.T, name string) map[string]string {
	t.Helper()
	raw, err := os.ReadFile("testdata/cookies/golden.json")
	require.NoError(t, err)
	var all map[string]map[string]string
	require.NoError(t, json.Unmarshal(raw, &all))
	require.NotEmpty(t, all[name])
	return maps.Clone(all[name])
}

func TestASessionOfTheFirstVersionOpens(t *testing.T) {
	w := newWorld(t, nil)
	w.Jar = goldenCookies(t, "session")
	d := w.get("/")
	require.Equal(t, edgeauth.Allow, d.Action, "reason: %v", d.Reason)
	require.Equal(t, idpURL, d.Identity.Issuer())
	require.Equal(t, "bob", d.Identity.Subject())
	require.Equal(t, "Bob", d.Identity.Claim("name"))

	w.Wait(61*time.Minute + 1) // its evidence lasts an hour, and the leeway
	calls := w.tokenCalls(func() { w.get("/") })
	require.Equal(t, 1, calls, "it holds a refresh token")
}

func TestASessionOfTheFirstVersionInSeveralCookiesOpens(t *testing.T) {
	w := newWorld(t, nil)
	w.Jar = goldenCookies(t, "chunked")
	d := w.get("/")
	require.Equal(t, edgeauth.Allow, d.Action, "reason: %v", d.Reason)
	require.Equal(t, "alice", d.Identity.Subject())
	for i := range 200 {
		require.True(t, d.Identity.HasGroup(fmt.Sprintf("group-%d-%s", i, strings.Repeat("x", 20))))
	}
}

func TestASignInThatTheFirstVersionStartedIsFinished(t *testing.T) {
	for name, state := range map[string]string{"attempt": "6CUXHDNGVWRPI3YB7JNRCCGLFI", "plain attempt": "IDXW2T5HVS7QYX5Y3KB2F7FSXT"} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, nil)
			if name == "plain attempt" {
				w = newWorld(t, tokensMode)
			}
			w.Jar = goldenCookies(t, name)
			d := w.get("/.auth/callback?" + url.Values{"state": {state}, "iss": {idpURL}, "error": {"access_denied"}}.Encode())
			require.Equal(t, "access_denied", edgeauth.Code(d.Reason), "reason: %v", d.Reason)
			require.Contains(t, string(d.Body), url.QueryEscape("/reports/2026?q=a%20b&page=2"), "its target is known")
			require.Empty(t, w.attempts())
		})
	}
}
