package provider_test

import (
	"encoding/json"
	"maps"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/provider"
)

const issuer = "https://idp.example"

// document is a discovery document in which a test changes members; nil takes one away.
func document(changes map[string]any) []byte {
	d := map[string]any{
		"issuer": issuer, "authorization_endpoint": issuer + "/authorize", "token_endpoint": "https://token.example/t?x=1",
		"jwks_uri": issuer + "/keys", "scopes_supported": []string{"openid", "offline_access"},
		"id_token_signing_alg_values_supported": []string{"RS256", "HS256"}, "code_challenge_methods_supported": []string{"S256"},
		"token_endpoint_auth_methods_supported": []string{"client_secret_post"}, "response_modes_supported": []string{"query"},
	}
	maps.Copy(d, changes)
	maps.DeleteFunc(d, func(_ string, v any) bool { return v == nil })
	raw, err := json.Marshal(d)
	if err != nil {
		panic(err)
	}
	return raw
}

func TestParseMetadata(t *testing.T) {
	got, err := provider.ParseMetadata(document(map[string]any{
		"userinfo_endpoint": issuer + "/me", "revocation_endpoint": issuer + "/revoke", "end_session_endpoint": issuer + "/logout",
		"authorization_response_iss_parameter_supported": true, "unknown": map[string]any{"x": 1},
	}), issuer)
	require.NoError(t, err)
	require.Equal(t, provider.Metadata{
		Issuer: issuer,
		Endpoints: provider.Endpoints{
			Authorize: issuer + "/authorize", Token: "https://token.example/t?x=1", Keys: issuer + "/keys",
			Userinfo: issuer + "/me", Revoke: issuer + "/revoke", EndSession: issuer + "/logout",
		},
		CallbackIssuer: true, Scopes: []string{"openid", "offline_access"}, Algorithms: []string{"RS256", "HS256"},
		ClientAuth: []string{"client_secret_post"}, Challenges: []string{"S256"}, ResponseModes: []string{"query"},
	}, got)
}

func TestParseMetadataAccepts(t *testing.T) {
	for rule, change := range map[string]map[string]any{
		"P09 no code_challenge_methods_supported": {"code_challenge_methods_supported": nil},
		"no lists at all":                         {"scopes_supported": nil, "id_token_signing_alg_values_supported": nil},
		"an optional endpoint that is null":       {"userinfo_endpoint": json.RawMessage("null")},
	} {
		m, err := provider.ParseMetadata(document(change), issuer)
		require.NoError(t, err, rule)
		require.Empty(t, m.Ignored)
	}
	for _, name := range []string{"userinfo_endpoint", "revocation_endpoint", "end_session_endpoint"} {
		for _, odd := range []any{"", "/relative", "http://idp.example/x", "javascript:alert(1)", "https://a@idp.example", issuer + "#x", 7, []string{issuer}, false} {
			m, err := provider.ParseMetadata(document(map[string]any{name: odd}), issuer)
			require.NoError(t, err, "%s: %v", name, odd)
			require.Equal(t, provider.Endpoints{Authorize: m.Endpoints.Authorize, Token: m.Endpoints.Token, Keys: m.Endpoints.Keys}, m.Endpoints)
			require.Len(t, m.Ignored, 1)
			require.Contains(t, m.Ignored[0], name)
		}
	}
	odd := map[string]any{}
	for _, name := range []string{"scopes_supported", "id_token_signing_alg_values_supported", "prompt_values_supported", "authorization_response_iss_parameter_supported"} {
		odd[name] = map[string]any{"a": 1}
	}
	_, err := provider.ParseMetadata(document(odd), issuer)
	require.NoError(t, err)
	for _, host := range []string{"localhost", "idp.localhost", "127.0.0.1", "[::1]", "127.1.2.3"} {
		local := "http://" + host + ":8080"
		_, err := provider.ParseMetadata(document(map[string]any{"issuer": local, "token_endpoint": local + "/token"}), local)
		require.NoError(t, err, host)
	}
}

// An issuer over http that New takes has to be one whose metadata can be read, and the other way round.
func TestMetadataAndNewAgreeOnWhatIsThisMachine(t *testing.T) {
	for host, is := range map[string]bool{
		"localhost": true, "LOCALHOST": true, "idp.localhost": true, "Idp.LocalHost": true, "127.0.0.1": true, "127.1.2.3": true,
		"[::1]": true, "[::ffff:127.0.0.1]": true, "localhost.example": false, "notlocalhost": false, "127.0.0.1.example": false,
		"10.0.0.1": false, "[::2]": false, "0.0.0.0": false, "localhost.": false,
	} {
		local := "http://" + host + ":9000"
		_, err := provider.ParseMetadata(document(map[string]any{"issuer": local, "token_endpoint": local + "/token"}), local)
		require.Equal(t, is, err == nil, "ParseMetadata: %s: %v", local, err)
		_, err = edgeauth.New(edgeauth.Config{
			Provider: provider.OIDC(local), ClientID: "c", Hosts: []string{"app.example.com"},
			Session: edgeauth.Session{Mode: edgeauth.Tokens},
		})
		require.Equal(t, is, err == nil, "New: %s: %v", local, err)
	}
}

func TestParseMetadataRefuses(t *testing.T) {
	for rule, change := range map[string]map[string]any{
		"another issuer":                           {"issuer": "https://other.example"},
		"an issuer with a final slash":             {"issuer": issuer + "/"},
		"no issuer":                                {"issuer": nil},
		"an issuer that is no text":                {"issuer": []string{issuer}},
		"D02 token_endpoint over http":             {"token_endpoint": "http://idp.example/token"},
		"D02 jwks_uri over http":                   {"jwks_uri": "http://idp.example/keys"},
		"authorization_endpoint over http":         {"authorization_endpoint": "http://idp.example/a"},
		"http on loopback where the issuer is not": {"token_endpoint": "http://127.0.0.1/token"},
		"another scheme":                           {"jwks_uri": "file:///etc/keys"},
		"a script":                                 {"authorization_endpoint": "javascript:alert(1)"},
		"a path alone":                             {"token_endpoint": "/token"},
		"a user in the URL":                        {"token_endpoint": "https://a:b@idp.example/token"},
		"a fragment":                               {"authorization_endpoint": "https://idp.example/a#b"},
		"no authorization_endpoint":                {"authorization_endpoint": nil},
		"no token_endpoint":                        {"token_endpoint": nil},
		"no jwks_uri":                              {"jwks_uri": nil},
		"jwks_uri that is no text":                 {"jwks_uri": 1},
		"no URL":                                   {"token_endpoint": "https://[::"},
	} {
		t.Run(rule, func(t *testing.T) {
			got, err := provider.ParseMetadata(document(change), issuer)
			require.Error(t, err)
			require.Zero(t, got)
		})
	}
	for _, text := range []string{``, `<html>`, `[]`, `{"issuer":"x","issuer":"` + issuer + `"}`} {
		_, err := provider.ParseMetadata([]byte(text), issuer)
		require.Error(t, err)
	}
	_, err := provider.ParseMetadata(document(map[string]any{"issuer": "http://idp.example"}), "http://idp.example")
	require.ErrorContains(t, err, "issuer is")
}

func TestParseMetadataReportsEveryFault(t *testing.T) {
	_, err := provider.ParseMetadata(document(map[string]any{"jwks_uri": nil, "token_endpoint": "http://idp.example"}), issuer)
	require.ErrorContains(t, err, "jwks_uri is missing")
	require.ErrorContains(t, err, `token_endpoint is "http://idp.example", want https`)
}

func TestWithMetadataFillsWhatIsEmptyAndWidensNothing(t *testing.T) {
	m, err := provider.ParseMetadata(document(map[string]any{"authorization_response_iss_parameter_supported": true}), issuer)
	require.NoError(t, err)
	given := provider.Provider{Name: "x", Issuer: issuer, Endpoints: provider.Endpoints{Token: "https://mine.example"},
		IDToken: provider.TokenRules{Algorithms: []string{"ES256"}}}
	got := given.WithMetadata(m)
	require.Equal(t, "https://mine.example", got.Endpoints.Token)
	require.Equal(t, issuer+"/keys", got.Endpoints.Keys)
	require.True(t, got.CallbackIssuerRequired)
	require.Equal(t, given.IDToken, got.IDToken)
	require.Empty(t, given.Endpoints.Keys)

	strict := provider.Provider{CallbackIssuerRequired: true}
	require.True(t, strict.WithMetadata(provider.Metadata{}).CallbackIssuerRequired, "metadata cannot switch it off")
}

func TestDiscoveryURL(t *testing.T) {
	for given, want := range map[string]string{
		"https://a.example":         "https://a.example/.well-known/openid-configuration",
		"https://a.example/":        "https://a.example/.well-known/openid-configuration",
		"https://a.example/realm/x": "https://a.example/realm/x/.well-known/openid-configuration",
	} {
		require.Equal(t, want, provider.DiscoveryURL(given))
	}
}

func FuzzParseMetadata(f *testing.F) {
	f.Add(document(nil), issuer)
	f.Add(document(map[string]any{"issuer": "http://localhost"}), "http://localhost")
	f.Add([]byte(`{"issuer":""}`), "")
	f.Fuzz(func(t *testing.T, raw []byte, issuer string) {
		m, err := provider.ParseMetadata(raw, issuer)
		if err != nil {
			require.Zero(t, m)
			return
		}
		require.Equal(t, issuer, m.Issuer)
		require.NotEmpty(t, m.Endpoints.Authorize)
		require.NotEmpty(t, m.Endpoints.Token)
		require.NotEmpty(t, m.Endpoints.Keys)
	})
}
