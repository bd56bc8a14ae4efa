package siteconfig

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/internal/strictjson"
	"github.com/edgeauth/edgeauth/provider"
)

// drawnKey stands for 32 random bytes: the same ones in every run.
func drawnKey(name string) []byte {
	key := sha256.Sum256([]byte(name))
	return key[:]
}

const tenant = "1b4e28ba-2fa1-41d2-883f-0016d3cca427"

var (
	key  = drawnKey("a")
	text = base64.StdEncoding.EncodeToString(key)
)

const whole = `{
  "hosts": ["app.example.com"],
  "provider": {"type": "entraid", "tenant": "` + tenant + `", "platform": "spa"},
  "client_id": "web", "scopes": ["openid", "profile"], "audience": ["api://web"], "proof": "id_token",
  "authorize_params": {"domain_hint": "example.com"},
  "session": {"mode": "sealed", "keys": ["KEY"], "lifetime": "12h", "idle": "2h", "claims": ["name", "groups"]},
  "cookie": {"domain": "", "same_site": "lax"}, "leeway": "2m",
  "paths": {"callback": "/a", "login": "/b", "logout": "/c", "session": "/d", "signed_out": "/e"},
  "rules": [
    {"path": "/robots.txt", "allow": "anyone"},
    {"path": "/api/", "methods": ["OPTIONS"], "allow": "anyone"},
    {"path": "/reports/", "groups": ["g"], "roles": ["reader"], "scopes": ["s"], "claims": {"department": "sales"}}
  ],
  "forward": {"headers": {"X-Auth-Subject": "sub"}, "access_token": true},
  "index": {"spa": "/index.html"}, "sign_in": {"keep_fragment": true},
  "page": {"name": "Intranet", "logo": "data:image/svg+xml;base64,PHN2Zy8+", "contact": "help@example.com", "accent": "#2456c8", "languages": ["de", "en"]},
  "open_to_everyone": false
}`

func TestEveryMemberReachesTheConfiguration(t *testing.T) {
	c, err := Parse("app", []byte(strings.Replace(whole, "KEY", text, 1)), Options{})
	require.NoError(t, err)
	require.Equal(t, "https://login.microsoftonline.com/"+tenant+"/v2.0", c.Provider.Issuer)
	require.Equal(t, provider.Forbidden, c.Provider.Secret)
	require.NotNil(t, c.Locator)
	c.Provider, c.Locator = provider.Provider{}, nil
	require.Equal(t, edgeauth.Config{
		Hosts: []string{"app.example.com"}, SiteID: "app.example.com", ClientID: "web",
		Scopes: []string{"openid", "profile"}, Audience: []string{"api://web"}, Proof: provider.IDToken,
		AuthorizeParams: map[string]string{"domain_hint": "example.com"},
		Session: edgeauth.Session{
			Keys: [][]byte{key}, Lifetime: 12 * time.Hour, Idle: 2 * time.Hour, Claims: []string{"name", "groups"},
		},
		Cookie: edgeauth.Cookie{SameSite: http.SameSiteLaxMode},
		Leeway: 2 * time.Minute,
		Paths:  edgeauth.Paths{Callback: "/a", Login: "/b", Logout: "/c", Session: "/d", SignedOut: "/e"},
		Rules: []edgeauth.Rule{
			{Path: "/robots.txt", Anyone: true},
			{Path: "/api/", Methods: []string{"OPTIONS"}, Anyone: true},
			{
				Path: "/reports/", Groups: []string{"g"}, Roles: []string{"reader"}, Scopes: []string{"s"},
				Claims: map[string]string{"department": "sales"},
			},
		},
		Forward: edgeauth.ForwardRules{Headers: map[string]string{"X-Auth-Subject": "sub"}, AccessToken: true},
		Index:   edgeauth.Index{SPA: "/index.html"},
		SignIn:  edgeauth.SignIn{KeepFragment: true},
		Branding: edgeauth.Branding{
			Name: "Intranet", Logo: []byte("<svg/>"), Contact: "help@example.com", Accent: "#2456c8", Languages: []string{"de", "en"},
		},
	}, c)
}

func TestALeewayOfNothingIsNotTheDefault(t *testing.T) {
	for member, want := range map[string]time.Duration{
		``: 0, `, "leeway": ""`: 0, `, "leeway": "0s"`: edgeauth.NoLeeway, `, "leeway": "0"`: edgeauth.NoLeeway,
		`, "leeway": "1s"`: time.Second, `, "leeway": "5m"`: 5 * time.Minute,
	} {
		c, err := Parse("app", []byte(`{"hosts": ["app"], "client_id": "web", "provider": {"type": "oidc", "issuer": "https://id.example"}`+member+`}`), Options{})
		require.NoError(t, err, member)
		require.Equal(t, want, c.Leeway, member)
	}
}

func TestDocumentFaultsNameTheFieldAndTheRemedy(t *testing.T) {
	for name, c := range map[string]struct{ doc, want string }{
		"nothing":                       {"", `line 1: this is not JSON`},
		"no JSON, on its line":          {"{\n \"hosts\": [\n}", `line 3: this is not JSON`},
		"two documents":                 {`{} {}`, `this is not JSON`},
		"no object":                     {`["a"]`, `the document must be an object; it is a list`},
		"no UTF-8":                      {"{\"client_id\": \"\xff\"}", `save it as UTF-8`},
		"too long":                      {`{"client_id": "` + strings.Repeat("x", maxDocument) + `"}`, `bytes; at most`},
		"too deep":                      {strings.Repeat(`{"a":`, 20) + "1" + strings.Repeat("}", 20), `nested too deep`},
		"an unknown member":             {"{\n\"zebra\": 1}", `site "app": line 2: zebra: unknown member`},
		"a member misspelt":             {"{\"provider\": {\"type\": \"entraid\",\n\"tenat\": \"x\"}}", `line 2: provider.tenat: unknown member; did you mean "tenant"?`},
		"a member in another style":     {`{"clientId": "web"}`, `clientId: unknown member; did you mean "client_id"?`},
		"a member in capitals":          {`{"HOSTS": []}`, `HOSTS: unknown member; did you mean "hosts"?`},
		"an unknown member of a rule":   {`{"rules": [{}, {"group": ["a"]}]}`, `rules[1].group: unknown member; did you mean "groups"?`},
		"a member given twice":          {"{\n\"client_id\": \"a\",\n\"client_id\": \"b\"}", `line 3: client_id: given twice, first on line 2`},
		"a text for a list":             {`{"hosts": "app.example.com"}`, `hosts: must be a list, such as ["…"]; it is a text`},
		"a number in a list of texts":   {`{"hosts": ["a", 1]}`, `hosts[1]: must be a text; it is a number`},
		"null":                          {`{"client_id": null}`, `client_id: must be a text; it is null`},
		"a text for a flag":             {`{"open_to_everyone": "yes"}`, `open_to_everyone: must be true or false; it is a text`},
		"a list for an object":          {`{"session": []}`, `session: must be an object; it is a list`},
		"a number for a claim":          {`{"rules": [{"claims": {"level": 3}}]}`, `rules[0].claims.level: must be a text; it is a number`},
		"a number of seconds":           {`{"session": {"lifetime": 43200}}`, `session.lifetime: must be a text, such as "12h" or "90m"; it is a number`},
		"a duration without a unit":     {`{"session": {"idle": "30"}}`, `session.idle: "30" is no duration`},
		"a duration in the past":        {`{"session": {"idle": "-1h"}}`, `session.idle: "-1h" is no duration`},
		"a leeway of hours":             {`{"leeway": "1h"}`, `leeway: is 1h0m0s; write up to 5m`},
		"a leeway without a unit":       {`{"leeway": "60"}`, `leeway: "60" is no duration`},
		"a leeway that is a number":     {`{"leeway": 60}`, `leeway: must be a text`},
		"an unknown proof":              {`{"proof": "idtoken"}`, `proof: "idtoken" is unknown; take "access_token", "id_token" or "userinfo"; did you mean "id_token"?`},
		"an unknown session mode":       {`{"session": {"mode": "cookie"}}`, `session.mode: "cookie" is unknown; take "sealed" or "tokens"`},
		"an unknown permission":         {`{"rules": [{"path": "/", "allow": "everyone"}]}`, `rules[0].allow: "everyone" is unknown; take "anyone"`},
		"a rule that lists no group":    {`{"rules": [{"path": "/", "groups": []}]}`, `rules[0].groups: empty`},
		"a rule that lists no claim":    {`{"rules": [{"path": "/", "claims": {}}]}`, `rules[0].claims: empty`},
		"no provider":                   {`{}`, `provider: missing`},
		"a provider without a type":     {`{"provider": {}}`, `provider.type: "" is unknown; take "adfs", "apple", "auth0", "authelia", "authentik", "cognito", "discord", "entraid", "github", "gitlab", "google", "jumpcloud", "keycloak", "linkedin", "oidc", "okta", "onelogin", "pingone", "slack" or "zitadel"`},
		"a provider type misspelt":      {`{"provider": {"type": "entra-id"}}`, `did you mean "entraid"?`},
		"a provider's own fault":        {`{"provider": {"type": "entraid", "tenant": "contoso.example"}}`, `provider: tenant "contoso.example" is no GUID`},
		"a server by its name":          {`{"provider": {"type": "discord", "servers": ["1", "acme"]}}`, `provider.servers[1]: "acme" is no id`},
		"a workspace by its name":       {`{"provider": {"type": "slack", "workspaces": ["acme"]}}`, `provider.workspaces[0]: "acme" is no id`},
		"an organization by its name":   {`{"provider": {"type": "github", "orgs": ["acme"]}}`, `provider: orgs: "acme" is no id`},
		"a pool without its region":     {`{"provider": {"type": "cognito", "user_pool_id": "x", "domain": "d"}}`, `provider: user_pool_id "x" is none`},
		"a domain that is a URL":        {`{"provider": {"type": "auth0", "domain": "https://d"}}`, `provider: domain "https://d" is no host name`},
		"every tenant, unknowingly":     {`{"provider": {"type": "entraid", "tenant": "common"}}`, `list those you mean in tenants`},
		"oidc without an issuer":        {`{"provider": {"type": "oidc"}}`, `provider.issuer: missing`},
		"a key that is no base64":       {`{"session": {"keys": ["` + text + `", "!"]}}`, `session.keys[1]: not base64; make a key with: openssl rand -base64 32`},
		"a short key":                   {`{"session": {"keys": ["c2hvcnQ="]}}`, `session.keys[0]: 5 bytes, not 32`},
		"a secret's variable not set":   {`{"client_secret": "env:NONE"}`, `client_secret: the environment variable "NONE" is not set`},
		"a secret's file not there":     {`{"client_secret": "file:none"}`, `client_secret: the secret's file: no such file`},
		"a secret's file empty":         {`{"client_secret": "file:empty"}`, `client_secret: the secret's file "empty" is empty`},
		"a key of a variable not set":   {`{"session": {"keys": ["env:NONE"]}}`, `session.keys[0]: the environment variable "NONE" is not set`},
		"keys given inline in two ways": {`{"provider": {"type": "oidc", "issuer": "https://id.example", "jwks": {"keys": []}, "public_key": "x"}}`, `provider.public_key: excludes jwks`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse("app", []byte(c.doc), Options{Env: environment, ReadFile: files})
			require.ErrorContains(t, err, c.want)
		})
	}
}

func TestAllFaultsAreReportedAtOnceInTheDocumentsOrder(t *testing.T) {
	_, err := Parse("app", []byte("{\n\"colour\": 1,\n\"hosts\": 2,\n\"provider\": {\"type\": \"entraid\",\n\"platform\": \"x\"}}"), Options{})
	lines := strings.Split(err.Error(), "\n")
	require.Len(t, lines, 4)
	for i, want := range []string{"line 2: colour", "line 3: hosts", "line 4: provider: platform", "line 4: provider: tenant is missing"} {
		require.Contains(t, lines[i], want)
	}
}

func TestNoMoreFaultsAreListedThanAnybodyReads(t *testing.T) {
	var doc strings.Builder
	for i := 0; doc.Len() < maxDocument-64; i++ {
		fmt.Fprintf(&doc, ",\n\"m%d\": 1", i)
	}
	_, err := Parse("app", []byte(`{"hosts": 1`+doc.String()+`}`), Options{})
	require.Len(t, strings.Split(err.Error(), "\n"), strictjson.MaxFaults)
}

func TestNoFaultShowsASecret(t *testing.T) {
	for _, doc := range []string{
		`{"client_secret": 987654321}`,
		`{"client_sekret": "987654321"}`,
		`{"client_secret": ["987654321"]}`,
		`{"session": "987654321"}`,
		`{"session": {"keys": "987654321"}}`,
		`{"session": {"keys": ["987654321"]}}`,
	} {
		_, err := Parse("app", []byte(doc), Options{})
		require.Error(t, err)
		require.NotContains(t, err.Error(), "987654321")
	}
}

func TestSecretsComeByValueVariableOrFile(t *testing.T) {
	for written, want := range map[string]string{
		"plain":         "plain",
		"env:SECRET":    "from the environment",
		"file:secret":   "from a file",
		"https://x:env": "https://x:env",
	} {
		c, err := Parse("app", site(`"client_secret": "`+written+`"`), Options{Env: environment, ReadFile: files})
		require.NoError(t, err)
		require.Equal(t, want, c.ClientSecret)
	}
}

func TestADocumentReachesNoSecretsOfThePlaceItIsReadAt(t *testing.T) {
	for _, written := range []string{"env:SECRET", "file:secret"} {
		_, err := Parse("app", site(`"client_secret": "`+written+`"`), Options{})
		require.ErrorContains(t, err, "not to be had here")
	}
}

func TestKeysAreReadInEveryBase64Form(t *testing.T) {
	odd := append([]byte("\xfb\xff\xfb\xff"), key[4:]...) // "+" and "/" in one form, "-" and "_" in the other
	for _, form := range []*base64.Encoding{
		base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding,
	} {
		c, err := Parse("app", site(`"session": {"keys": ["`+form.EncodeToString(odd)+`"]}`), Options{})
		require.NoError(t, err)
		require.Equal(t, [][]byte{odd}, c.Session.Keys)
	}
}

func TestMasterKeysServeDocumentsWithoutKeysOfTheirOwn(t *testing.T) {
	masters := [][]byte{key, []byte(strings.Repeat("o", keySize))}
	for _, row := range []struct {
		rule, doc string
		want      [][]byte
	}{
		{"every master key goes on opening", `"hosts": ["a.example"]`, masters},
		{"the site's own keys win", `"session": {"keys": ["` + text + `"]}`, [][]byte{key}},
		{"tokens need none", `"session": {"mode": "tokens"}`, nil},
	} {
		c, err := Parse("app", site(row.doc), Options{Keys: masters})
		require.NoError(t, err, row.rule)
		require.Equal(t, row.want, c.Session.Keys, row.rule)
	}
}

func TestTheHostAskedForDecidesTheSitesID(t *testing.T) {
	c, err := Parse("app", site(`"hosts": ["a.example", "b.example"]`), Options{Site: "b.example"})
	require.NoError(t, err)
	require.Equal(t, "b.example", c.SiteID)
}

func TestADocumentOfAnotherHostIsRefused(t *testing.T) {
	_, err := Parse("app", site(`"hosts": ["a.example"]`), Options{Site: "b.example"})
	require.ErrorContains(t, err, `hosts: lacks "b.example"`)
}

func TestProviderTypes(t *testing.T) {
	for name, c := range map[string]struct {
		doc   string
		check func(t *testing.T, p provider.Provider)
	}{
		"oidc discovers": {`{"type": "oidc", "issuer": "https://id.example"}`, func(t *testing.T, p provider.Provider) {
			require.Equal(t, "https://id.example/.well-known/openid-configuration", p.Discovery)
		}},
		"oidc with some endpoints discovers the rest": {
			`{"type": "oidc", "issuer": "https://id.example", "endpoints": {"end_session": "https://id.example/bye"}}`,
			func(t *testing.T, p provider.Provider) {
				require.NotEmpty(t, p.Discovery)
				require.Equal(t, "https://id.example/bye", p.Endpoints.EndSession)
			},
		},
		"oidc with all endpoints discovers nothing": {
			`{"type": "oidc", "issuer": "https://id.example",
			  "endpoints": {"authorize": "https://id.example/a", "token": "https://id.example/t", "keys": "https://id.example/k"}}`,
			func(t *testing.T, p provider.Provider) { require.Empty(t, p.Discovery) },
		},
		"keys given inline are handed on as they are": {
			`{"type": "entraid", "tenant": "` + tenant + `", "jwks": {"keys": [{"kty": "RSA", "issuer": "x"}]}}`,
			func(t *testing.T, p provider.Provider) {
				require.JSONEq(t, `{"keys": [{"kty": "RSA", "issuer": "x"}]}`, string(p.JWKS))
			},
		},
		"entraid on other endpoints": {
			`{"type": "entraid", "tenant": "` + tenant + `", "platform": "web", "issuer": "http://127.0.0.1:9/{tid}/v2.0",
			  "v1_access_tokens": true, "endpoints": {"token": "http://127.0.0.1:9/token"}}`,
			func(t *testing.T, p provider.Provider) {
				require.Equal(t, "http://127.0.0.1:9/"+tenant+"/v2.0", p.Issuer)
				require.Equal(t, "http://127.0.0.1:9/token", p.Endpoints.Token)
				require.Equal(t, provider.Required, p.Secret)
				require.Contains(t, p.TokenIssuers, "https://sts.windows.net/"+tenant+"/")
			},
		},
		"entraid with a list of tenants": {
			`{"type": "entraid", "tenants": ["` + tenant + `"], "cloud": "usgov"}`,
			func(t *testing.T, p provider.Provider) {
				require.Equal(t, []string{"https://login.microsoftonline.us/" + tenant + "/v2.0"}, p.TokenIssuers)
			},
		},
		"okta": {`{"type": "okta", "issuer": "https://o.okta.com/oauth2/default", "client_auth": "client_secret_post"}`, func(t *testing.T, p provider.Provider) {
			require.Equal(t, "okta", p.Name)
			require.Equal(t, provider.IDToken, p.Proof)
			require.Equal(t, provider.ClientSecretPost, p.ClientAuth)
		}},
		"google": {`{"type": "google", "domains": ["example.com"]}`, func(t *testing.T, p provider.Provider) {
			require.Equal(t, map[string][]string{"hd": {"example.com"}}, p.IDToken.Equal)
			require.False(t, p.OpenSignup)
		}},
		"google for everybody": {`{"type": "google"}`, func(t *testing.T, p provider.Provider) { require.True(t, p.OpenSignup) }},
		"keycloak": {`{"type": "keycloak", "issuer": "https://k.example/realms/r"}`, func(t *testing.T, p provider.Provider) {
			require.Equal(t, "/realm_access/roles", p.Mapping.Roles)
			require.True(t, p.CallbackIssuerRequired)
		}},
		"auth0": {
			`{"type": "auth0", "domain": "shop.eu.auth0.com", "former_domains": ["old.auth0.com"], "organization": "org_1",
			  "namespace": "https://app.example/", "permissions": true, "oidc_logout": true, "issuer": "http://127.0.0.1:9/",
			  "endpoints": {"token": "http://127.0.0.1:9/token"}}`,
			func(t *testing.T, p provider.Provider) {
				require.Equal(t, []string{"http://127.0.0.1:9/", "https://old.auth0.com/"}, p.TokenIssuers)
				require.Equal(t, "http://127.0.0.1:9/token", p.Endpoints.Token)
				require.Equal(t, "https://shop.eu.auth0.com/oidc/logout", p.Endpoints.EndSession)
				require.Equal(t, "org_1", p.AuthorizeParams["organization"])
				require.Equal(t, "https://app.example/roles", p.Mapping.Roles)
				require.Equal(t, "permissions", p.Mapping.Scopes)
			},
		},
		"auth0 with a list of organizations": {
			`{"type": "auth0", "domain": "shop.eu.auth0.com", "organizations": ["org_1", "org_2"]}`,
			func(t *testing.T, p provider.Provider) { require.Empty(t, p.AuthorizeParams) },
		},
		"cognito": {
			`{"type": "cognito", "user_pool_id": "eu-west-1_MadeUp123", "domain": "shop", "issuer": "updated", "read_only_attributes": ["custom:department"],
			  "endpoints": {"keys": "https://keys.example/jwks"}}`,
			func(t *testing.T, p provider.Provider) {
				require.Equal(t, "https://issuer-cognito-idp.eu-west-1.amazonaws.com/eu-west-1_MadeUp123", p.Issuer)
				require.Equal(t, []string{"custom:department"}, p.ReadOnlyClaims)
				require.Equal(t, "https://keys.example/jwks", p.Endpoints.Keys)
				require.Equal(t, "https://shop.auth.eu-west-1.amazoncognito.com/logout", p.Endpoints.EndSession)
			},
		},
		"github": {
			`{"type": "github", "host": "git.acme.example", "orgs": ["42"], "issuer": "http://127.0.0.1:9",
			  "endpoints": {"userinfo": "http://127.0.0.1:9/user"}}`,
			func(t *testing.T, p provider.Provider) {
				require.Equal(t, "http://127.0.0.1:9", p.Issuer)
				require.Equal(t, "https://git.acme.example/login/oauth/authorize", p.Endpoints.Authorize)
				require.Equal(t, []string{"http://127.0.0.1:9/user", "http://127.0.0.1:9/user/emails", "http://127.0.0.1:9/user/orgs?per_page=100"}, p.Userinfo.URLs)
				require.False(t, p.OpenSignup)
			},
		},
		"a type of the program's own": {
			`{"type": "acme", "shop": 7}`,
			func(t *testing.T, p provider.Provider) { require.Equal(t, "acme", p.Name) },
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Parse("app", []byte(`{"provider": `+c.doc+`}`), Options{Providers: acme})
			require.NoError(t, err)
			c.check(t, got.Provider)
		})
	}
}

func TestEveryTenantMayEnterASiteThatIsOpen(t *testing.T) {
	c, err := Parse("app", []byte(`{"provider": {"type": "entraid", "tenant": "organizations"}, "open_to_everyone": true}`), Options{})
	require.NoError(t, err)
	require.True(t, c.OpenToEveryone)
	require.True(t, c.Provider.OpenSignup)
}

func TestAProvidersOwnFaultsAreKept(t *testing.T) {
	_, err := Parse("app", []byte(`{"provider": {"type": "acme", "shop": 8}}`), Options{Providers: acme})
	require.ErrorIs(t, err, errShop)
	require.ErrorContains(t, err, `site "app": line 1: provider: no such shop`)
}

func TestAFileOfMasterKeys(t *testing.T) {
	keys, err := ParseKeys([]byte("# new\n" + text + "\n\n  " + text + "  \n"))
	require.NoError(t, err)
	require.Equal(t, [][]byte{key, key}, keys)

	_, err = ParseKeys([]byte("# none\n"))
	require.ErrorContains(t, err, "no key")
	_, err = ParseKeys([]byte("\nabcd\n!"))
	require.ErrorContains(t, err, "line 2: 3 bytes, not 32")
	require.ErrorContains(t, err, "line 3: not base64")
	_, err = ParseKeys([]byte(strings.Repeat("A", 43) + "="))
	require.ErrorContains(t, err, "line 1: is made up, and has to be 32 random bytes; make a key with")
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(strings.Replace(whole, "KEY", text, 1)))
	f.Add([]byte(`{"provider": {"type": "oidc", "issuer": "https://id.example", "public_key": "-----BEGIN X-----"}}`))
	f.Add([]byte(`{"rules": [{"path": 1}, null, {"claims": {"a": "b", "a": "c"}}], "session": {"keys": ["env:X"]}}`))
	f.Fuzz(func(t *testing.T, doc []byte) {
		c, err := Parse("app", doc, Options{})
		if err != nil {
			require.Zero(t, c, "half a configuration")
			return
		}
		require.True(t, json.Valid(doc))
		for _, k := range c.Session.Keys {
			require.Len(t, k, keySize)
		}
	})
}

// site is a document that is right but for what members add.
func site(members string) []byte {
	return []byte(`{"provider": {"type": "oidc", "issuer": "https://id.example"}, ` + members + `}`)
}

var errShop = errors.New("no such shop")

var acme = map[string]func(json.RawMessage) (provider.Provider, error){
	"acme": func(raw json.RawMessage) (provider.Provider, error) {
		var settings struct{ Shop int }
		if err := json.Unmarshal(raw, &settings); err != nil || settings.Shop != 7 {
			return provider.Provider{}, errShop
		}
		return provider.Provider{Name: "acme"}, nil
	},
}

func environment(name string) (string, bool) {
	return "from the environment", name == "SECRET"
}

func files(name string) ([]byte, error) {
	switch name {
	case "secret":
		return []byte("from a file\n"), nil
	case "empty":
		return []byte("\n"), nil
	}
	return nil, errors.New("no such file")
}

func TestALogoIsAFileOrWrittenOut(t *testing.T) {
	files := func(name string) ([]byte, error) {
		if name == "logo.png" {
			return []byte("\x89PNG"), nil
		}
		return nil, fs.ErrNotExist
	}
	for logo, want := range map[string]struct {
		image string
		fault string
	}{
		"":                                   {"", ""},
		"file:logo.png":                      {"\x89PNG", ""},
		"data:image/svg+xml;base64,PHN2Zy8+": {"<svg/>", ""},
		"file:other.png":                     {"", `line 1: page.logo: the image's file: file does not exist`},
		"logo.png":                           {"", `page.logo: is neither file:NAME nor an image`},
		"data:text/html;base64,PHN2Zy8+":     {"", `page.logo: is neither file:NAME nor an image`},
		"data:image/png;base64,%":            {"", `page.logo: is neither file:NAME nor an image`},
		"https://cdn.example/logo.png":       {"", `page.logo: is neither file:NAME nor an image`},
	} {
		doc := []byte(`{"hosts": ["app"], "client_id": "web", "provider": {"type": "oidc", "issuer": "https://id.example"}, "page": {"logo": "` + logo + `"}}`)
		c, err := Parse("app", doc, Options{ReadFile: files})
		if want.fault != "" {
			require.ErrorContains(t, err, want.fault)
			continue
		}
		require.NoError(t, err)
		require.Equal(t, want.image, string(c.Branding.Logo))
	}
	_, err := Parse("app", []byte(`{"page": {"logo": "file:logo.png"}}`), Options{})
	require.ErrorContains(t, err, "file: is not to be had here")
}

func TestADocumentMayNameSeveralProviders(t *testing.T) {
	doc := []byte(`{
  "hosts": ["app.example.com"],
  "session": {"mode": "tokens"},
  "providers": [
    {"name": "staff", "provider": {"type": "entraid", "tenant": "37c156ce-36f2-4e30-ab8a-c9e8d79d09f4"}, "client_id": "a", "email_domains": ["example.com"]},
    {"name": "partners", "label": "Partners",
     "provider": {"type": "oidc", "issuer": "https://partner.example"},
     "client_id": "b", "client_secret": "s", "scopes": ["openid"]}
  ],
  "rules": [{"path": "/staff/", "providers": ["staff"]}]
}`)
	c, err := Parse("app", doc, Options{})
	require.NoError(t, err)
	require.Len(t, c.Providers, 2)
	require.Equal(t, "entraid", c.Providers[0].Provider.Name)
	require.Equal(t, "https://partner.example", c.Providers[1].Provider.Issuer)
	require.Equal(t, []string{"openid"}, c.Providers[1].Scopes)
	_, err = edgeauth.New(c)
	require.NoError(t, err)
	for change, want := range map[string]string{
		`"client_id": "b"`: `site "app": line 8: providers[1].client_id: is empty`, `"name": "partners"`: `site "app": line 6: providers[1].name: "staff" is no name, or is there twice`,
		`"providers": ["staff"]`: `site "app": line 10: rules[0].providers: "other" is none of the providers`,
	} {
		bad := map[string]string{`"client_id": "b"`: `"client_id": ""`, `"name": "partners"`: `"name": "staff"`, `"providers": ["staff"]`: `"providers": ["other"]`}[change]
		c, err := Parse("app", bytes.Replace(doc, []byte(change), []byte(bad), 1), Options{})
		require.NoError(t, err)
		_, err = edgeauth.New(c)
		require.ErrorContains(t, err, want)
	}
	_, err = Parse("app", []byte(`{"hosts": ["a.example"], "providers": [{"name": "x", "client_id": "c"}]}`), Options{})
	require.ErrorContains(t, err, `providers[0].provider: missing`)
	_, err = Parse("app", []byte(`{"hosts": ["a.example"], "providers": [{"zebra": 1}]}`), Options{})
	require.ErrorContains(t, err, `providers[0].zebra: unknown member`)
}

func TestAProviderKeepsItsOwnWaysUnlessTheDocumentSaysOtherwise(t *testing.T) {
	read := func(members string) provider.Provider {
		c, err := Parse("app", []byte(`{"hosts": ["a.example"], "client_id": "c", "client_secret": "s", "provider": {`+members+`}}`), Options{})
		require.NoError(t, err)
		return c.Provider
	}
	require.Equal(t, provider.ClientSecretPost, read(`"type": "slack", "workspaces": ["T1"]`).ClientAuth)
	require.Equal(t, provider.ClientSecretBasic, read(`"type": "slack", "workspaces": ["T1"], "client_auth": "client_secret_basic"`).ClientAuth)
	require.Equal(t, "http://127.0.0.1:9/.well-known/openid-configuration", read(`"type": "slack", "issuer": "http://127.0.0.1:9"`).Discovery)
	require.Equal(t, []string{"http://127.0.0.1:9/me", "http://127.0.0.1:9/me/guilds"}, read(`"type": "discord", "servers": ["42"], "endpoints": {"userinfo": "http://127.0.0.1:9/me"}`).Userinfo.URLs)
	require.Equal(t, provider.Userinfo, read(`"type": "gitlab"`).Proof)
	require.True(t, read(`"type": "linkedin"`).NoPKCE)
	require.True(t, read(`"type": "zitadel", "issuer": "https://acme.zitadel.cloud"`).Mapping.RoleNames)
}

func TestEveryTypeOfProviderIsReady(t *testing.T) {
	for kind, want := range map[string]struct{ members, issuer, authorize string }{
		"adfs":      {`, "issuer": "https://sts.acme.example/adfs"`, "https://sts.acme.example/adfs", ""},
		"apple":     {`, "team_id": "1A2B3C4D5E"`, "https://appleid.apple.com", ""},
		"authelia":  {`, "issuer": "https://auth.acme.example"`, "https://auth.acme.example", ""},
		"authentik": {`, "issuer": "https://auth.acme.example/application/o/site/"`, "https://auth.acme.example/application/o/site/", ""},
		"discord":   {`, "servers": ["42"]`, "https://discord.com", "https://discord.com/oauth2/authorize"},
		"gitlab":    {``, "https://gitlab.com", ""},
		"jumpcloud": {``, "https://oauth.id.jumpcloud.com/", ""},
		"linkedin":  {``, "https://www.linkedin.com/oauth", "https://www.linkedin.com/oauth/v2/authorization"},
		"onelogin":  {`, "issuer": "https://acme.onelogin.com/oidc/2"`, "https://acme.onelogin.com/oidc/2", ""},
		"pingone":   {`, "issuer": "https://auth.pingone.eu/e/as"`, "https://auth.pingone.eu/e/as", ""},
		"slack":     {`, "workspaces": ["T0123ABCD"]`, "https://slack.com", ""},
		"zitadel":   {`, "issuer": "https://acme.zitadel.cloud"`, "https://acme.zitadel.cloud", ""},
	} {
		doc := fmt.Sprintf(`{"hosts": ["a.example"], "client_id": "c", "open_to_everyone": true, "session": {"keys": ["%s"]}, "client_key": "file:key", "provider": {"type": %q%s}}`, text, kind, want.members)
		c, err := Parse("app", []byte(doc), Options{ReadFile: clientFiles(t)})
		require.NoError(t, err, kind)
		require.Equal(t, kind, c.Provider.Name)
		require.Equal(t, want.issuer, c.Provider.Issuer)
		require.Equal(t, want.authorize, c.Provider.Endpoints.Authorize)
		_, err = edgeauth.New(c)
		require.NoError(t, err, kind)
		_, err = Parse("app", []byte(strings.Replace(doc, `"type"`, `"zebra": 1, "type"`, 1)), Options{ReadFile: clientFiles(t)})
		require.ErrorContains(t, err, "provider.zebra: unknown member", kind)
		for _, name := range []string{"issuer", "team_id"} {
			if !strings.Contains(want.members, name) {
				continue
			}
			_, err = Parse("app", []byte(strings.Replace(doc, want.members, "", 1)), Options{ReadFile: clientFiles(t)})
			require.ErrorContains(t, err, "provider."+name+": missing", kind)
		}
	}
}
