package packaged_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/cmd/edgeauth/internal/packaged"
	"github.com/edgeauth/edgeauth/internal/devidp"
	"github.com/edgeauth/edgeauth/provider"
	"github.com/edgeauth/edgeauth/siteconfig"
)

// drawnKey stands for 32 random bytes: the same ones in every run.
func drawnKey(name string) []byte {
	key := sha256.Sum256([]byte(name))
	return key[:]
}

var key = base64.StdEncoding.EncodeToString(drawnKey("a"))

const document = `{
	"hosts": ["app.example.com"], "client_id": "site", "client_secret": "env:SECRET",
	"provider": {"type": "oidc", "issuer": "https://idp.example"}, "session": {"keys": ["file:key"]}
}`

var options = siteconfig.Options{
	Env:      func(name string) (string, bool) { return "hush", name == "SECRET" },
	ReadFile: func(name string) ([]byte, error) { return []byte(key + "\n"), nil },
}

func newIDP(t *testing.T) *devidp.Server {
	idp, err := devidp.New(devidp.Options{Provider: provider.OIDC("https://idp.example"), CallbackIssuer: true})
	require.NoError(t, err)
	return idp
}

func TestAPackagedSiteNeedsNoEnvironmentAndNoNetwork(t *testing.T) {
	idp := newIDP(t)
	s, err := packaged.New("site.json", []byte(document), options)
	require.NoError(t, err)
	config, err := s.Config()
	require.NoError(t, err)
	s.Snapshot, err = packaged.Ask(context.Background(), &http.Client{Transport: idp.Transport()}, config.Provider)
	require.NoError(t, err)

	data, err := json.Marshal(s)
	require.NoError(t, err)
	again, err := json.Marshal(s)
	require.NoError(t, err)
	require.Equal(t, data, again)
	var back packaged.Site
	require.NoError(t, json.Unmarshal(data, &back))
	config, err = back.Config()
	require.NoError(t, err)
	require.Equal(t, "hush", config.ClientSecret)
	require.Equal(t, [][]byte{drawnKey("a")}, config.Session.Keys)
	require.Empty(t, config.Provider.Discovery)
	require.Equal(t, "https://idp.example/token", config.Provider.Endpoints.Token)
	require.True(t, config.Provider.CallbackIssuerRequired, "the provider says that it sends iss")
	require.Contains(t, string(config.KeySnapshot), `"kid"`)

	guard, err := packaged.Guard(data)
	require.NoError(t, err)
	d := guard.Check(context.Background(), &edgeauth.Request{
		Method: "GET", Host: "app.example.com", Path: "/",
		Header: func(name string) string { return map[string]string{"Accept": "text/html"}[name] },
	})
	require.Equal(t, edgeauth.Redirect, d.Action, "it asked the network: %v", d.Reason)
}

func TestMasterKeysAreKeptOnlyWhereTheDocumentHasNone(t *testing.T) {
	masters := options
	masters.Keys = [][]byte{drawnKey("b")}
	s, err := packaged.New("site.json", []byte(document), masters)
	require.NoError(t, err)
	require.Empty(t, s.Keys)
	require.Equal(t, []string{"client_secret", "session.keys"}, s.SecretNames())

	s, err = packaged.New("site.json", []byte(`{"hosts": ["a.example"], "client_id": "c", "provider": {"type": "oidc", "issuer": "https://idp.example"}}`), masters)
	require.NoError(t, err)
	require.Equal(t, masters.Keys, s.Keys)
	require.Equal(t, []string{"the master keys"}, s.SecretNames())

	s, err = packaged.New("site.json", []byte(`{"hosts": ["a.example"], "client_id": "c", "session": {"mode": "tokens"}, "provider": {"type": "oidc", "issuer": "https://idp.example"}}`), masters)
	require.NoError(t, err)
	require.Empty(t, s.Keys, "sessions of tokens need no keys")
	require.Empty(t, s.SecretNames())
}

func TestASecretThatIsMissingIsAFault(t *testing.T) {
	_, err := packaged.New("site.json", []byte(document), siteconfig.Options{
		Env: func(string) (string, bool) { return "", false }, ReadFile: func(string) ([]byte, error) { return nil, errors.New("no such file") },
	})
	require.ErrorContains(t, err, `"SECRET" is not set`)
	require.ErrorContains(t, err, "no such file")
}

func TestASnapshotIsOfItsProvider(t *testing.T) {
	p := provider.OIDC("https://idp.example")
	idp := newIDP(t)
	client := &http.Client{Transport: idp.Transport()}
	good, err := packaged.Ask(context.Background(), client, p)
	require.NoError(t, err)
	require.NoError(t, good.Check(p))

	for rule, change := range map[string]func(*packaged.Snapshot){
		"another issuer":            func(s *packaged.Snapshot) { s.Issuer = "https://other.example" },
		"no metadata":               func(s *packaged.Snapshot) { s.Metadata = nil },
		"metadata of another":       func(s *packaged.Snapshot) { s.Metadata = json.RawMessage(`{"issuer": "https://other.example"}`) },
		"keys that are no key set":  func(s *packaged.Snapshot) { s.Keys = json.RawMessage(`{}`) },
		"a key set without any key": func(s *packaged.Snapshot) { s.Keys = json.RawMessage(`{"keys": []}`) },
	} {
		t.Run(rule, func(t *testing.T) {
			bad := good
			change(&bad)
			require.Error(t, bad.Check(p))
		})
	}

	idp.Fail(devidp.Keys, devidp.Status(http.StatusServiceUnavailable))
	_, err = packaged.Ask(context.Background(), client, p)
	require.ErrorContains(t, err, "the provider's keys: fetch https://idp.example/keys: status 503")
	idp.Fail(devidp.Discovery, devidp.Down())
	_, err = packaged.Ask(context.Background(), client, p)
	require.ErrorContains(t, err, "what the provider says about itself")
}

func TestInlineKeysNeedNoSnapshot(t *testing.T) {
	p := provider.OIDC("https://idp.example")
	p.Discovery = ""
	p.Endpoints = provider.Endpoints{Authorize: "https://idp.example/a", Token: "https://idp.example/t"}
	p.JWKS = json.RawMessage(`{"keys": []}`)
	s, err := packaged.Ask(context.Background(), nil, p)
	require.NoError(t, err)
	require.Empty(t, s.Keys)
}

func TestBuiltInNonsenseIsAnError(t *testing.T) {
	for _, data := range []string{"", "{}", `{"document": {}}`, `{"document": 7}`} {
		_, err := packaged.Guard([]byte(data))
		require.Error(t, err, data)
	}
}

func TestALogoTravelsWithTheSite(t *testing.T) {
	for name, logo := range map[string]string{"text": "<svg/>", "no text": "\x89PNG\r\n\x1a\n\xff\xfe"} {
		doc := []byte(`{"hosts": ["app.example.com"], "client_id": "site", "provider": {"type": "oidc", "issuer": "https://idp.example"}, "session": {"mode": "tokens"}, "page": {"logo": "file:logo"}}`)
		s, err := packaged.New("site.json", doc, siteconfig.Options{ReadFile: func(string) ([]byte, error) { return []byte(logo), nil }})
		require.NoError(t, err, name)
		data, err := json.Marshal(s)
		require.NoError(t, err)
		var back packaged.Site
		require.NoError(t, json.Unmarshal(data, &back))
		config, err := back.Config()
		require.NoError(t, err)
		require.Equal(t, logo, string(config.Branding.Logo), name)
		require.Empty(t, back.SecretNames(), name)
	}
}
