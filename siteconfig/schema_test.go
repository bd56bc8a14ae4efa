package siteconfig

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth/internal/strictjson"
)

type jsonObject = map[string]any

func TestTheSchemaAcceptsWhatTheParserAccepts(t *testing.T) {
	root := readSchema(t)
	for name, doc := range map[string]string{
		"all members": strings.Replace(whole, "KEY", text, 1),
		"the other members": `{"hosts": ["a"], "client_id": "c", "client_secret": "s",
		  "provider": {"type": "oidc", "issuer": "https://id.example", "public_key": "x", "jwks": {}, "endpoints":
		    {"authorize": "a", "token": "t", "keys": "k", "userinfo": "u", "revoke": "r", "end_session": "e"}},
		  "session": {"outlive_token": true}, "leeway": "0s", "index": {"folder": "index.html"}}`,
		"entraid": `{"hosts": ["a"], "client_id": "c", "provider": {"type": "entraid", "tenants": ["` + tenant + `"], "cloud": "china",
		  "platform": "web", "v1_access_tokens": false, "issuer": "i", "endpoints": {}, "public_key": "x"}}`,
		"auth0": `{"hosts": ["a"], "client_id": "c", "provider": {"type": "auth0", "domain": "d", "former_domains": ["e"], "organization": "org_1",
		  "organizations": ["org_2"], "namespace": "n", "permissions": true, "oidc_logout": true, "issuer": "i", "endpoints": {}, "jwks": {}}}`,
		"cognito":  `{"hosts": ["a"], "client_id": "c", "provider": {"type": "cognito", "user_pool_id": "p", "domain": "d", "issuer": "updated", "read_only_attributes": ["custom:a"], "endpoints": {}}}`,
		"okta":     `{"hosts": ["a"], "client_id": "c", "provider": {"type": "okta", "issuer": "https://o.okta.com", "client_auth": "client_secret_post"}}`,
		"google":   `{"hosts": ["a"], "client_id": "c", "provider": {"type": "google", "domains": ["example.com"], "issuer": "i"}}`,
		"keycloak": `{"hosts": ["a"], "client_id": "c", "provider": {"type": "keycloak", "issuer": "https://k.example/realms/r", "endpoints": {}}}`,
		"github":   `{"hosts": ["a"], "client_id": "c", "provider": {"type": "github", "host": "h", "orgs": ["42"], "issuer": "i", "endpoints": {}}}`,
	} {
		require.NoError(t, root.accepts(t, doc), name)
	}
}

func TestTheSchemaRefusesWhatTheParserRefuses(t *testing.T) {
	root := readSchema(t)
	base := `{"hosts": ["a"], "client_id": "c", "provider": {"type": "oidc", "issuer": "https://id.example"}, `
	require.NoError(t, root.accepts(t, base+`"rules": []}`))
	for _, members := range []string{
		`"zebra": 1}`, `"clientId": "c"}`, `"hosts": "a"}`, `"hosts": [1]}`, `"client_id": null}`, `"open_to_everyone": "yes"}`,
		`"session": []}`, `"session": {"lifetime": 43200}}`, `"session": {"idle": "30"}}`, `"session": {"idle": "-1h"}}`, `"leeway": 60}`, `"leeway": "-1s"}`,
		`"session": {"mode": "cookie"}}`, `"proof": "idtoken"}`, `"rules": [{"path": "/", "allow": "everyone"}]}`,
		`"rules": [{"path": "/", "groups": []}]}`, `"rules": [{"path": "/", "claims": {}}]}`, `"rules": [{"path": "/", "claims": {"a": 3}}]}`,
		`"provider": {}}`, `"provider": {"type": "other"}}`, `"provider": {"type": "oidc"}}`, `"provider": {"type": "oidc", "issuer": "i", "tenant": "t"}}`,
	} {
		doc := jsonObject{}
		require.NoError(t, json.Unmarshal([]byte(base+members), &doc)) // the last member of a name counts
		raw, err := json.Marshal(doc)
		require.NoError(t, err)
		require.Error(t, root.accepts(t, string(raw)), members)
		_, err = Parse("app", raw, Options{})
		require.Error(t, err, members)
	}
}

// Every property of the schema is a member that the parser knows, and one of another type is refused.
func TestTheParserKnowsEveryPropertyOfTheSchema(t *testing.T) {
	root := readSchema(t)
	count := 0
	var walk func(path string, schema jsonObject, wrap func(string) string)
	walk = func(path string, schema jsonObject, wrap func(string) string) {
		schema = root.resolve(schema)
		for _, branch := range listOf(schema["oneOf"]) {
			kind := root.resolve(branch)["properties"].(jsonObject)["type"].(jsonObject)["const"]
			walk(path, branch, func(inner string) string { return wrap(fmt.Sprintf(`{"type": %q, %s`, kind, inner[1:])) })
		}
		if items, ok := schema["items"].(jsonObject); ok {
			walk(path+"[0]", items, func(inner string) string { return wrap("[" + inner + "]") })
		}
		properties, _ := schema["properties"].(jsonObject)
		for name, property := range properties {
			if name == "type" {
				continue
			}
			member := strictjson.Join(path, name)
			in := func(value string) string { return wrap(fmt.Sprintf(`{%q: %s}`, name, value)) }
			_, err := Parse("app", []byte(in("7")), Options{})
			require.ErrorContains(t, err, member+": must be")
			count++
			walk(member, property.(jsonObject), in)
		}
		if properties != nil {
			_, err := Parse("app", []byte(wrap(`{"zebra": 7}`)), Options{})
			require.ErrorContains(t, err, strictjson.Join(path, "zebra")+": unknown member")
		}
	}
	walk("", root.schema, func(inner string) string { return inner })
	require.Greater(t, count, 50)
}

// checker knows as much of JSON Schema as schema.json uses.
type checker struct{ schema jsonObject }

func readSchema(t *testing.T) checker {
	var c checker
	require.NoError(t, json.Unmarshal([]byte(Schema()), &c.schema))
	return c
}

func (c checker) accepts(t *testing.T, doc string) error {
	var value any
	require.NoError(t, json.Unmarshal([]byte(doc), &value))
	return c.check(c.schema, value, "$")
}

func (c checker) resolve(schema jsonObject) jsonObject {
	name, ok := schema["$ref"].(string)
	if !ok {
		return schema
	}
	return c.resolve(c.schema["$defs"].(jsonObject)[strings.TrimPrefix(name, "#/$defs/")].(jsonObject))
}

func listOf(v any) (list []jsonObject) {
	items, _ := v.([]any)
	for _, item := range items {
		list = append(list, item.(jsonObject))
	}
	return list
}

func (c checker) check(schema jsonObject, value any, at string) error {
	schema = c.resolve(schema)
	known := []string{
		"$schema", "$id", "$defs", "title", "description", "type", "properties", "additionalProperties", "required", "items",
		"enum", "const", "oneOf", "pattern", "minItems", "minLength", "minProperties",
	}
	for keyword := range schema {
		if !slices.Contains(known, keyword) {
			return fmt.Errorf("the checker does not know %q", keyword)
		}
	}
	kind := map[string]string{"map[string]interface {}": "object", "[]interface {}": "array", "string": "string", "bool": "boolean"}[fmt.Sprintf("%T", value)]
	if want, ok := schema["type"]; ok && want != kind {
		return fmt.Errorf("%s is no %s", at, want)
	}
	if values, ok := schema["enum"].([]any); ok && !slices.Contains(values, value) {
		return fmt.Errorf("%s is none of %v", at, values)
	}
	if want, ok := schema["const"]; ok && want != value {
		return fmt.Errorf("%s is not %v", at, want)
	}
	if branches := listOf(schema["oneOf"]); branches != nil {
		fits := slices.DeleteFunc(branches, func(b jsonObject) bool { return c.check(b, value, at) != nil })
		if len(fits) != 1 {
			return fmt.Errorf("%s fits %d branches", at, len(fits))
		}
	}
	atLeast := func(keyword string, n int) error {
		if least, ok := schema[keyword].(float64); ok && n < int(least) {
			return fmt.Errorf("%s is too short", at)
		}
		return nil
	}
	switch value := value.(type) {
	case string:
		if pattern, ok := schema["pattern"].(string); ok && !regexp.MustCompile(pattern).MatchString(value) {
			return fmt.Errorf("%s does not match", at)
		}
		return atLeast("minLength", len(value))
	case []any:
		for i, item := range value {
			if items, ok := schema["items"].(jsonObject); ok {
				if err := c.check(items, item, fmt.Sprintf("%s[%d]", at, i)); err != nil {
					return err
				}
			}
		}
		return atLeast("minItems", len(value))
	case jsonObject:
		properties, _ := schema["properties"].(jsonObject)
		for _, name := range slices.Sorted(maps.Keys(value)) {
			property, ok := properties[name].(jsonObject)
			if !ok {
				if schema["additionalProperties"] == false {
					return fmt.Errorf("%s.%s is unknown", at, name)
				}
				if property, ok = schema["additionalProperties"].(jsonObject); !ok {
					continue
				}
			}
			if err := c.check(property, value[name], at+"."+name); err != nil {
				return err
			}
		}
		required, _ := schema["required"].([]any)
		for _, name := range required {
			if _, ok := value[name.(string)]; !ok {
				return fmt.Errorf("%s.%s is missing", at, name)
			}
		}
		return atLeast("minProperties", len(value))
	}
	return nil
}
