package doctor

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// safe has no risk that is known.
func safe() members {
	return members{
		"hosts": []string{"app.example.com"}, "client_id": "web", "session": members{"keys": []string{"file:key"}},
		"provider": members{"type": "oidc", "issuer": "https://idp.example"},
	}
}

func TestCheckNamesEveryRisk(t *testing.T) {
	entra := members{"type": "entraid", "tenant": madeUpTenant}
	for name, c := range map[string]struct {
		change members
		want   string
		note   bool
	}{
		"nothing": {members{}, "ok none of those that are known", true},

		"a refresh token that lies open":       {members{"session": members{"mode": "tokens"}}, "The refresh token lies in the browser's cookies", false},
		"tokens without a refresh token":       {members{"session": members{"mode": "tokens"}, "scopes": []string{"openid"}}, "The scopes lack offline_access", false},
		"tokens and perhaps a refresh token":   {members{"session": members{"mode": "tokens"}, "scopes": []string{"openid"}}, "The refresh token lies in the browser's cookies", false},
		"no refresh token":                     {members{"scopes": []string{"openid", "email"}}, "a session then ends with its token", false},
		"open to everyone":                     {members{"provider": members{"type": "entraid", "tenant": "common"}, "open_to_everyone": true}, "Everybody in the world can get an account", false},
		"groups that Entra leaves out":         {members{"provider": entra, "rules": []members{{"path": "/a/", "groups": []string{"g"}}}}, "more than 200", false},
		"groups in tokens":                     {members{"session": members{"mode": "tokens"}, "rules": []members{{"path": "/a/", "groups": []string{"g"}}}}, "52 bytes each", false},
		"all groups in the session":            {members{"session": members{"keys": []string{"file:key"}, "claims": []string{"groups"}}}, "session.claims keeps all of a person's groups", false},
		"a rule on a name":                     {members{"rules": []members{{"path": "/a/", "claims": members{"preferred_username": "ada"}}}}, `people can often change by themselves, or that are given to somebody else once they are free: /a/ on "preferred_username"`, false},
		"a rule on a name by its pointer":      {members{"rules": []members{{"path": "/a/", "claims": members{"/nickname": "ada"}}}}, `/a/ on "/nickname"`, false},
		"a rule on an address":                 {members{"rules": []members{{"path": "/a/", "claims": members{"email": "a@b.example", "email_verified": "true"}}}}, `/a/ on "email"`, false},
		"a long lifetime":                      {members{"session": members{"keys": []string{"file:key"}, "lifetime": "720h"}}, "A session lasts up to 30 days", false},
		"a session that outlives its evidence": {members{"session": members{"keys": []string{"file:key"}, "outlive_token": true}}, "stays in for up to 12h0m0s", false},
		"cookies in other sites' requests":     {members{"cookie": members{"same_site": "none"}}, "guard against forged requests (CSRF)", false},
		"cookies of every sub-domain":          {members{"cookie": members{"domain": "example.com"}}, "Every host below example.com gets the session's cookies", false},
		"keys in the document":                 {members{"session": members{"keys": []string{madeUpKey}}}, "session.keys stand in the document", false},
		"the secret in the document":           {members{"client_secret": madeUpSecret}, "client_secret stands in the document", false},
		"a site on plain http":                 {members{"hosts": []string{"localhost:8080", "[::1]"}}, "The site is on plain http", false},
		"a provider on plain http":             {members{"provider": members{"type": "oidc", "issuer": "http://localhost:9", "endpoints": members{"authorize": "http://localhost:9/a", "token": "http://localhost:9/t", "keys": "http://localhost:9/k"}}}, "The provider is asked over plain http", false},
		"keys given inline":                    {members{"provider": members{"type": "oidc", "issuer": "https://idp.example", "jwks": json.RawMessage(`{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}`)}}, "The provider's keys stand in the document", false},
		"the ID token in a URL":                {members{"provider": members{"type": "oidc", "issuer": "https://idp.example", "logout": members{"id_token_hint": true, "get": true}}}, "the ID token goes to the provider in the URL", false},
		"the access token passed on":           {members{"forward": members{"access_token": true}}, "Whatever serves the site gets each person's access token", false},

		"who enters":               {members{}, "Every account at the provider enters", true},
		"who enters with Entra":    {members{"provider": entra}, "Every account of the tenant enters, guests included", true},
		"a public path":            {members{"rules": []members{{"path": "/api/", "methods": []string{"OPTIONS"}, "allow": "anyone"}}}, "Anyone may see, without a sign-in: /api/ OPTIONS", true},
		"a restricted path":        {members{"rules": []members{{"path": "/admin", "roles": []string{"admin"}}}}, "Restricted with all that is below, in any case and with any extension, since servers may read these as the same path: /admin.", true},
		"a path for who signed in": {members{"rules": []members{{"path": "/mine/"}}}, "the same path: /mine/.", true},
		"paths that are a 400":     {members{"rules": []members{{"path": "/admin", "roles": []string{"admin"}}}}, "is a 400 for everybody, on the whole site: one with //, ;, %2F", true},
		"a rule on another claim":  {members{"rules": []members{{"path": "/a/", "claims": members{"department": "sales"}}}}, `Rules rest on claims: /a/ on "department"`, true},
		"Entra's day":              {members{"provider": entra}, "a session ends 24 hours after the sign-in", true},
	} {
		t.Run(name, func(t *testing.T) {
			doc := safe()
			maps.Copy(doc, c.change)
			printed := checkOffline(t, doc)
			require.Contains(t, printed, c.want)
			if c.note {
				require.NotContains(t, printed, " risk ", "a note is no risk")
				return
			}
			require.Contains(t, printed, " risk ")
			require.NotContains(t, checkOffline(t, safe()), c.want, "it is said of every site")
		})
	}
}

func TestPathsAreA400OnlyWhereARuleAsksForMoreThanASignIn(t *testing.T) {
	doc := safe()
	doc["rules"] = []members{{"path": "/mine/"}, {"path": "/open/", "allow": "anyone"}}
	require.NotContains(t, checkOffline(t, doc), "a 400 for everybody")
}

func TestWhoeverMustHaveAGroupIsNotEverybody(t *testing.T) {
	doc := safe()
	doc["rules"] = []members{{"path": "/", "groups": []string{"staff"}}}
	require.NotContains(t, checkOffline(t, doc), "Every account")
	doc["rules"] = []members{{"path": "/open/", "allow": "anyone"}, {"path": "/a/"}, {"path": "/", "groups": []string{"staff"}}}
	require.Contains(t, checkOffline(t, doc), "Every account", "a sign-in is enough at /a/")
}

// The core says what counts as a restriction. A provider that anybody can sign up at proves their own address to them.
func TestARuleThatEverybodyMeetsKeepsNobodyOut(t *testing.T) {
	google := members{"type": "oidc", "issuer": "https://accounts.google.com"}
	everybody := "Everybody in the world can get an account"
	for name, c := range map[string]struct {
		rule members
		open bool
	}{
		"a proven address":                 {members{"claims": members{"email_verified": "true"}}, true},
		"a proven address, by its pointer": {members{"claims": members{"/email_verified": "true"}}, true},
		"a scope":                          {members{"scopes": []string{"email"}}, true},
		"a group":                          {members{"groups": []string{"staff"}}, false},
		"a claim":                          {members{"claims": members{"hd": "example.com"}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			c.rule["path"] = "/"
			doc := safe()
			doc["rules"] = []members{c.rule}
			require.Equal(t, c.open, strings.Contains(checkOffline(t, doc), "Every account at the provider enters"))
			doc["provider"], doc["open_to_everyone"] = google, true
			require.Equal(t, c.open, strings.Contains(checkOffline(t, doc), everybody))
		})
	}
}

// checkOffline returns what check prints, in one line.
func checkOffline(t *testing.T, doc members) string {
	text, err := json.Marshal(doc)
	require.NoError(t, err)
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "site.json"), text, 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "key"), []byte(madeUpKey), 0o600))
	status, printed, _ := diagnose(t, filepath.Join(dir, "site.json"), true)
	require.Equal(t, 0, status, printed)
	require.NotContains(t, printed, madeUpSecret)
	require.NotContains(t, printed, madeUpKey)
	return strings.Join(strings.Fields(printed), " ")
}

func TestARefreshTokenIsAskedForInMoreWaysThanOne(t *testing.T) {
	doc := safe()
	doc["scopes"], doc["authorize_params"] = []string{"openid"}, members{"access_type": "offline"}
	require.NotContains(t, checkOffline(t, doc), "offline_access")
	doc["provider"] = members{"type": "entraid", "tenant": madeUpTenant}
	doc["session"] = members{"mode": "tokens"}
	delete(doc, "authorize_params")
	require.NotContains(t, checkOffline(t, doc), "The refresh token lies", "Entra gives none unasked")
}
