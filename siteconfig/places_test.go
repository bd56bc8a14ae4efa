package siteconfig

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/internal/strictjson"
	"github.com/edgeauth/edgeauth/provider"
)

// configFields are all fields of a configuration by the names that faults give them.
func configFields() (names []string) {
	nested := map[string]reflect.Type{
		"Session": reflect.TypeFor[edgeauth.Session](), "Cookie": reflect.TypeFor[edgeauth.Cookie](),
		"Paths": reflect.TypeFor[edgeauth.Paths](), "Rules[0]": reflect.TypeFor[edgeauth.Rule](),
		"Forward": reflect.TypeFor[edgeauth.ForwardRules](), "Index": reflect.TypeFor[edgeauth.Index](),
		"SignIn": reflect.TypeFor[edgeauth.SignIn](), "Branding": reflect.TypeFor[edgeauth.Branding](),
		"Provider.Endpoints": reflect.TypeFor[provider.Endpoints](), "Providers[0]": reflect.TypeFor[edgeauth.ProviderChoice](),
	}
	for _, field := range reflect.VisibleFields(reflect.TypeFor[edgeauth.Config]()) {
		if field.IsExported() {
			names = append(names, field.Name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(nested)) {
		for _, field := range reflect.VisibleFields(nested[name]) {
			names = append(names, name+"."+field.Name)
		}
	}
	return append(names, "Rules[0]", "Providers[0]", "Hosts[0]", "Session.Keys[0]", "Provider.Issuer", "Provider.JWKS")
}

// schemaMembers are all members of a document, by their paths. Of a provider they are those that every type has.
func schemaMembers(t *testing.T) map[string]bool {
	root := readSchema(t)
	members := map[string]bool{"provider.issuer": true, "provider.jwks": true, "hosts[0]": true, "session.keys[0]": true}
	var walk func(path string, schema jsonObject)
	walk = func(path string, schema jsonObject) {
		schema = root.resolve(schema)
		if items, ok := schema["items"].(jsonObject); ok && root.resolve(items)["properties"] != nil {
			members[path+"[0]"] = true
			walk(path+"[0]", items)
		}
		properties, _ := schema["properties"].(jsonObject)
		for name, property := range properties {
			members[strictjson.Join(path, name)] = true
			walk(strictjson.Join(path, name), property.(jsonObject))
		}
	}
	walk("", root.schema)
	endpoints := listOf(root.resolve(root.schema["properties"].(jsonObject)["provider"].(jsonObject))["oneOf"])[0]
	walk("provider.endpoints", root.resolve(endpoints)["properties"].(jsonObject)["endpoints"].(jsonObject))
	return members
}

func TestEveryFieldHasItsMemberAndEveryMemberItsField(t *testing.T) {
	members := schemaMembers(t)
	require.Greater(t, len(members), 50)
	reached := map[string]bool{}
	for _, field := range configFields() {
		member, exact := memberOf(field)
		if elsewhere[field] || field == "Providers[0].ClientCertificate" {
			require.Empty(t, member, field)
			continue
		}
		require.True(t, exact, field)
		require.True(t, members[member], "%s: the schema has no member %q", field, member)
		reached[member] = true
	}
	for member := range members {
		require.True(t, reached[member] || member == "$schema", "no field leads to the member %q", member)
	}
	for field := range elsewhere {
		require.Contains(t, configFields(), field)
	}
}

// everyMember is a document with all members, each on a line of its own.
func everyMember(t *testing.T) []byte {
	doc := `{
	  "hosts": ["app.example.com"], "client_id": "c", "client_secret": "s", "client_key": "file:key", "client_key_id": "k", "client_key_algorithm": "ES256", "client_assertion": "file:assertion", "scopes": ["openid"], "audience": ["a"],
	  "authorize_params": {"a": "b"}, "proof": "id_token", "claims_from": ["id_token", "userinfo"], "leeway": "1s", "open_to_everyone": true,
	  "provider": {"type": "oidc", "issuer": "https://id.example", "jwks": {"keys": []}, "algorithms": ["ES256"], "push_requests": true, "response_mode": "form_post", "logout": {"id_token_hint": true, "get": true, "off": true}, "endpoints":
	    {"authorize": "a", "token": "t", "keys": "k", "userinfo": "u", "revoke": "r", "end_session": "e", "pushed_requests": "p"}},
	  "providers": [{"name": "p", "label": "P", "email_domains": ["p.example"], "client_id": "p", "client_secret": "s", "client_key": "file:key", "client_key_id": "k", "client_key_algorithm": "ES256", "client_assertion": "file:assertion", "scopes": ["openid"], "audience": ["a"], "proof": "id_token", "claims_from": ["id_token"], "authorize_params": {"a": "b"}, "provider": {"type": "oidc", "issuer": "https://p.example"}}], "session": {"mode": "sealed", "keys": ["KEY"], "lifetime": "1h", "idle": "1h", "claims": ["name"], "outlive_token": true},
	  "cookie": {"domain": "d", "same_site": "lax", "partitioned": true},
	  "paths": {"callback": "/a", "login": "/b", "logout": "/c", "session": "/d", "signed_out": "/e"},
	  "rules": [{"path": "/", "allow": "anyone", "methods": ["GET"], "groups": ["g"], "roles": ["r"], "scopes": ["s"], "claims": {"a": "b"}, "claims_any_of": {"a": ["b"]}, "claims_suffix": {"a": [".b"]}, "emails": ["a@b.example"], "email_domains": ["b.example"], "acr": ["a"], "amr": ["mfa"], "max_age": "5m", "providers": ["p"]}],
	  "forward": {"headers": {"X-A": "sub"}, "access_token": true}, "index": {"spa": "/i", "folder": "i"}, "sign_in": {"keep_fragment": true, "hints": ["login_hint"]},
	  "page": {"name": "n", "logo": "data:image/svg+xml;base64,PHN2Zy8+", "contact": "c", "accent": "a", "languages": ["de"]}
	}`
	var indented bytes.Buffer
	require.NoError(t, json.Indent(&indented, []byte(strings.Replace(doc, "KEY", text, 1)), "", "  "))
	return indented.Bytes()
}

func TestEveryFieldIsLocatedOnTheLineOfItsMember(t *testing.T) {
	doc := everyMember(t)
	c, err := Parse("app.json", doc, Options{ReadFile: clientFiles(t)})
	require.NoError(t, err)
	lines := strings.Split(string(doc), "\n")
	for _, field := range configFields() {
		member, exact := memberOf(field)
		if member == "" {
			require.Equal(t, `site "app.json": `+field, c.Locator.Locate(field))
			continue
		}
		var line int
		_, err := fmt.Sscanf(c.Locator.Locate(field), `site "app.json": line %d: `+member, &line)
		require.NoError(t, err, "%s: %s", field, c.Locator.Locate(field))
		require.True(t, exact)
		name := member[strings.LastIndex(member, ".")+1:]
		switch {
		case member == "rules[0]" || member == "providers[0]":
			require.Equal(t, "    {", lines[line-1], field)
		case strings.HasSuffix(name, "[0]"):
			require.NotContains(t, lines[line-1], ":", field)
		default:
			require.Contains(t, lines[line-1], `"`+name+`": `, field)
			depth := 2 * (1 + strings.Count(member, ".") + strings.Count(member, "["))
			require.True(t, strings.HasPrefix(lines[line-1], strings.Repeat(" ", depth)+`"`), "%s: another member of this name: %s", field, lines[line-1])
		}
	}
}

func TestWhatHasNoMemberOfItsOwnIsLocatedAtTheNearest(t *testing.T) {
	c, err := Parse("app", []byte("{\n\"hosts\": [\"a.example\"],\n\"provider\":\n{\"type\": \"oidc\",\n\"issuer\": \"https://id.example\"},\n\"rules\":\n[{},\n{\"path\": \"/\"}]}"), Options{})
	require.NoError(t, err)
	for field, want := range map[string]string{
		"ClientID":                      `site "app": line 1: client_id`,
		"Session.Keys":                  `site "app": line 1: session.keys`,
		"Hosts[0]":                      `site "app": line 2: hosts[0]`,
		"Hosts[7]":                      `site "app": line 2: hosts[7]`,
		"Provider":                      `site "app": line 3: provider`,
		"Provider.Issuer":               `site "app": line 5: provider.issuer`,
		"Provider.Endpoints.EndSession": `site "app": line 3: provider.endpoints.end_session`,
		"Provider.IDToken.Types":        `site "app": line 3: provider (Provider.IDToken.Types)`,
		"Provider.IDToken.Algorithms":   `site "app": line 3: provider.algorithms`,
		"Rules[0].Groups":               `site "app": line 7: rules[0].groups`,
		"Rules[1].Path":                 `site "app": line 8: rules[1].path`,
		"Rules[1].Anyone":               `site "app": line 8: rules[1].allow`,
		"InsecureHTTP":                  `site "app": InsecureHTTP`,
	} {
		require.Equal(t, want, c.Locator.Locate(field), field)
	}
}

func TestFaultsThatNewFindsNameTheLineAndTheMember(t *testing.T) {
	doc := []byte(`{
  "hosts": ["app.example.com", "https://b.example"],
  "provider": {"type": "oidc", "issuer": "https://id.example",
    "endpoints": {
      "token": "ftp://id.example/token"
    }},
  "paths": {
    "signed_out": "/.auth/logout"
  },
  "rules": [
    {"path": "/public/", "allow": "anyone"},
    {"path": "/admin/",
     "claims": {"email": "root@example.com"}}
  ],
  "session": {"idle": "1s"}
}`)
	c, err := Parse("app.json", doc, Options{})
	require.NoError(t, err)
	_, err = edgeauth.New(c)
	for _, want := range []string{
		`line 1: client_id: `, `line 2: hosts[1]: `, `line 5: provider.endpoints.token: `, `line 8: paths.signed_out: `,
		`line 13: rules[1].claims: `, `line 15: session.keys: `, `line 15: session.idle: `,
	} {
		require.ErrorContains(t, err, `site "app.json": `+want)
	}
	_, faults, _ := strings.Cut(err.Error(), "\n")
	for line := range strings.Lines(faults) {
		require.True(t, strings.HasPrefix(line, `site "app.json": line `), line)
	}
	var field *edgeauth.FieldError
	require.ErrorAs(t, err, &field)
	require.Equal(t, "ClientID", field.Field, "who fills in a Config needs the field's own name")
	require.Equal(t, faults, Explain("another name", err).Error(), "what names its place needs no other")
}
