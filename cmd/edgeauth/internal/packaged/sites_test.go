package packaged_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/cmd/edgeauth/internal/packaged"
	"github.com/edgeauth/edgeauth/siteconfig"
)

// The Runtime API is on loopback; whoever can call it can end the process of all sites. Without the variable, as at home,
// loopback is closed too.
func TestADocumentInABucketReachesNothingOnTheFunctionsMachine(t *testing.T) {
	t.Setenv("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9001")
	before := slog.Default()
	slog.SetDefault(slog.New(slog.DiscardHandler))
	defer slog.SetDefault(before)
	local := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	for _, test := range []struct {
		rule, token string
		networks    []netip.Prefix
		want        string
	}{
		{"a public provider", "https://idp.example/t", nil, "no_session"},
		{"the Runtime API", "http://127.0.0.1:9001/2018-06-01/runtime/init/error", nil, "config_failure"},
		{"its port written another way", "http://127.0.0.1:09001/2018-06-01/runtime/init/error", nil, "config_failure"},
		{"another port, where networks are listed", "http://127.0.0.1:9002/", local, "no_session"},
		{"the Runtime API, where networks are listed", "http://127.0.0.1:9001/2018-06-01/runtime/init/error", local, "config_failure"},
		{"its port written another way, where networks are listed", "http://localhost:009001/", local, "config_failure"},
	} {
		t.Run(test.rule, func(t *testing.T) {
			sites := packaged.Sites{Source: "s3://b", Keys: [][]byte{drawnKey("a")}, Networks: test.networks}
			checker, err := sites.Checker(siteconfig.Map{"a.example": fmt.Appendf(nil, `{"client_id": "web", "hosts": ["a.example"], "provider": {"type": "oidc",
				"issuer": "https://idp.example", "endpoints": {"authorize": "https://idp.example/a", "token": %q, "keys": "https://idp.example/k"}}}`, test.token)})
			require.NoError(t, err)
			d := checker.Check(t.Context(), &edgeauth.Request{Method: "GET", Host: "a.example", Path: "/", Header: func(string) string { return "" }})
			require.Equal(t, test.want, edgeauth.Code(d.Reason))
		})
	}
}

func TestAFunctionOfManySitesTakesItsMasterKeysAndNothingElse(t *testing.T) {
	data, err := json.Marshal(packaged.Sites{Source: "s3://b", Keys: [][]byte{drawnKey("a")}, TTL: time.Minute})
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
