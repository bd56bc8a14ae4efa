package edgeauth_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/internal/devidp"
	"github.com/edgeauth/edgeauth/internal/devsite"
	"github.com/edgeauth/edgeauth/internal/seal"
	"github.com/edgeauth/edgeauth/provider"
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
	return sealedAnew(t, all[name])
}

// sealedAnew opens golden cookies with the key that they were sealed with, which is no longer taken for one, and seals the
// very same content with the key of newWorld. The labels are those of the first version.
func sealedAnew(t *testing.T, cookies map[string]string) map[string]string {
	t.Helper()
	out := maps.Clone(cookies)
	anew := func(purpose, name, value string) string {
		box := func(key []byte) *seal.Box {
			b, err := seal.New([][]byte{key}, purpose, appHost, provider.OIDC(idpURL).Name, idpURL, "site")
			require.NoError(t, err)
			return b
		}
		old := box(bytes.Repeat([]byte{7}, seal.KeySize))
		plain, ok := old.Open(old.Context(name), value)
		require.True(t, ok, "a golden %s does not open", purpose)
		b := box(testKey)
		return b.Seal(b.Context(name), plain)
	}
	for name, value := range cookies {
		switch {
		case strings.Contains(name, "-s-") && strings.HasPrefix(value, "ey"): // plain
		case strings.Contains(name, "-s-"):
			out[name] = anew("attempt", name, value)
		case strings.HasPrefix(value, "~"):
			count, _, _ := strings.Cut(value[1:], "~")
			whole := strings.TrimPrefix(value, "~"+count+"~")
			lengths := []int{len(whole)}
			for i := 1; cookies[fmt.Sprintf("%s-%d", name, i)] != ""; i++ {
				part := cookies[fmt.Sprintf("%s-%d", name, i)]
				whole, lengths = whole+part, append(lengths, len(part))
			}
			sealed := anew("session", name, whole)
			require.Len(t, sealed, len(whole))
			for i, n := range lengths {
				part := fmt.Sprintf("%s-%d", name, i)
				if i == 0 {
					out[name] = "~" + count + "~" + sealed[:n]
				} else {
					out[part] = sealed[:n]
				}
				sealed = sealed[n:]
			}
		case strings.Count(name, "-") == strings.Count("__Host-edgeauth-12345678", "-"):
			out[name] = anew("session", name, value)
		}
	}
	return out
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

func TestASessionWithAnIDTokenOpens(t *testing.T) { // the third layout
	w := newWorld(t, func(c *edgeauth.Config, _ *devidp.Options) { c.Provider.Logout.IDTokenHint = true })
	w.Jar = goldenCookies(t, "session with an ID token")
	d := w.get("/")
	require.Equal(t, edgeauth.Allow, d.Action, "reason: %v", d.Reason)
	require.Equal(t, "bob", d.Identity.Subject())
	_, form := devsite.Form(w.signOut().Body)
	require.Equal(t, 2, strings.Count(form.Get("id_token_hint"), "."), "it holds the ID token")
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
