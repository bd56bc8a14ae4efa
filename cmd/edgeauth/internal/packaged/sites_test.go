package packaged_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/cmd/edgeauth/internal/packaged"
	"github.com/edgeauth/edgeauth/siteconfig"
)

func TestAFunctionOfManySitesTakesItsMasterKeysAndNothingElse(t *testing.T) {
	data, err := json.Marshal(packaged.Sites{Source: "s3://b", Keys: [][]byte{bytes.Repeat([]byte{7}, 32)}, TTL: time.Minute})
	require.NoError(t, err)
	var sites packaged.Sites
	require.NoError(t, json.Unmarshal(data, &sites))
	const start = `{"client_id": "web", "provider": {"type": "oidc", "issuer": "https://idp.example", "endpoints": {
		"authorize": "https://idp.example/a", "token": "https://idp.example/t", "keys": "https://idp.example/k"}}, "hosts": `
	checker, err := sites.Checker(siteconfig.Map{
		"a.example": []byte(start + `["a.example"]}`),
		"b.example": []byte(start + `["b.example"], "client_secret": "env:PATH"}`),
		"c.example": []byte(start + `["c.example"], "forward": {"headers": {"X-Real-IP": "sub"}}}`),
	})
	require.NoError(t, err)
	var log bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	defer slog.SetDefault(before)
	for host, want := range map[string]string{
		"a.example": "no_session", "b.example": "config_failure", "c.example": "config_failure", "d.example": "unknown_host",
	} {
		d := checker.Check(t.Context(), &edgeauth.Request{Method: "GET", Host: host, Path: "/", Header: func(string) string { return "" }})
		require.Equal(t, want, edgeauth.Code(d.Reason), host)
	}
	require.Contains(t, log.String(), "env: is not to be had here", "a document reaches the function's environment")
	require.Contains(t, log.String(), `site \"c.example\": line 2: forward.headers: \"X-Real-IP\"`)
}
