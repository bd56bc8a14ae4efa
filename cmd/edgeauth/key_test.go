package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth/siteconfig"
)

// said runs a command that ends by itself.
func said(t *testing.T, args ...string) (code int, stdout, stderr string) {
	var out, log bytes.Buffer
	code = run(t.Context(), args, &out, &log)
	return code, out.String(), log.String()
}

func TestAKeyIsOneForSessions(t *testing.T) {
	code, one, _ := said(t, "key")
	require.Zero(t, code)
	_, err := siteconfig.ParseKeys([]byte(one))
	require.NoError(t, err)
	_, other, _ := said(t, "key")
	require.NotEqual(t, one, other)

	file := filepath.Join(t.TempDir(), "keys")
	code, printed, _ := said(t, "key", "-o", file)
	require.Zero(t, code)
	require.Contains(t, printed, "has 1 now")
	first, err := os.ReadFile(file)
	require.NoError(t, err)
	code, printed, _ = said(t, "key", "-o", file)
	require.Zero(t, code)
	require.Contains(t, printed, "has 2 now")
	require.NotContains(t, printed, strings.TrimSpace(string(first)), "a key in a file is in no terminal")
	both, err := os.ReadFile(file)
	require.NoError(t, err)
	require.True(t, bytes.HasSuffix(both, first), "the new one seals, the old one still opens")
	info, err := os.Stat(file)
	require.NoError(t, err)
	require.Zero(t, info.Mode().Perm()&0o077)

	document := filepath.Join(t.TempDir(), "site.json")
	require.NoError(t, os.WriteFile(document, []byte("{}"), 0o600))
	code, _, log := said(t, "key", "-o", document)
	require.Equal(t, 1, code)
	require.Contains(t, log, "line 1")
	content, err := os.ReadFile(document)
	require.NoError(t, err)
	require.Equal(t, "{}", string(content), "what is no file of keys stays as it is")
}

func TestTheSchemaIsThatOfDocuments(t *testing.T) {
	code, printed, _ := said(t, "schema")
	require.Zero(t, code)
	var schema map[string]any
	require.NoError(t, json.Unmarshal([]byte(printed), &schema))
	require.NotEmpty(t, schema["$id"])
	_, err := siteconfig.Parse("app", []byte(`{"$schema": "./edgeauth.schema.json", "hosts": ["app.example.com"], "client_id": "c", "provider": {"type": "oidc", "issuer": "https://idp.example"}}`), siteconfig.Options{})
	require.NoError(t, err, "documents may say which schema they have")
}

func TestEveryCommandExplainsItself(t *testing.T) {
	for _, c := range commands() {
		code, printed, log := said(t, "help", c.name)
		require.Zero(t, code, c.name)
		require.Contains(t, printed, "Usage: edgeauth "+c.name, "on standard output, because somebody asked for it")
		require.Empty(t, log)
	}
	code, _, log := said(t, "help", "nothing")
	require.Equal(t, 2, code)
	require.Contains(t, log, `there is no command "nothing"`)
	for _, flag := range []string{"-version", "--version", "version"} {
		code, printed, _ := said(t, flag)
		require.Zero(t, code)
		require.Contains(t, printed, "edgeauth ", flag)
	}
}
