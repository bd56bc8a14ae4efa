package doctor

import (
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth/internal/devidp"
	"github.com/edgeauth/edgeauth/provider"
)

func TestCheckAFolder(t *testing.T) {
	sealed := `, "session": {"keys": ["` + madeUpKey + `"]}`
	doc := func(host, client, more string) string {
		return fmt.Sprintf(`{"hosts": [%q], "client_id": %q, "provider": {"type": "entraid", "tenant": %q, "platform": "spa"}%s}`, host, client, madeUpTenant, more)
	}
	tokens := `, "session": {"mode": "tokens"}`
	for rule, row := range map[string]struct {
		files  map[string]string
		status int
		want   []string
	}{
		"right": {map[string]string{"a.json": doc("a.example", "one", sealed), "b.json": doc("b.example", "one", sealed), "notes.txt": "", ".c.json": "{"},
			0, []string{"Document DIR/a.json", "Document DIR/b.json", "2 documents, none in another's way"}},
		"a broken one": {map[string]string{"a.json": doc("a.example", "one", sealed), "b.json": "{"},
			1, []string{`site "DIR/b.json": line 1`, "not right yet: 1 fault"}},
		"a host of two": {map[string]string{"a.json": doc("a.example", "one", ""), "b.json": doc("A.example", "two", "")},
			1, []string{"a.example is listed by a.json and b.json"}},
		"a host of another's file": {map[string]string{"a.example.json": doc("a.example", "one", ""), "b.json": doc("A.example", "two", "")},
			1, []string{"a.example is listed by a.example.json and b.json, and belongs to a.example.json"}},
		"a secret that is not its own": {map[string]string{"a.json": doc("a.example", "one", `, "client_secret": "env:PATH"`), "keys": ""},
			1, []string{"is not given to this document; the operator does with -secret-env a=PATH"}},
		"tokens of one audience": {map[string]string{"a.json": doc("a.example", "one", tokens), "b.json": doc("b.example", "one", tokens)},
			1, []string{`a.json and b.json keep the tokens of one issuer for the audience "one"`}},
		"tokens of one audience, bound by a key": {map[string]string{"a.json": doc("a.example", "one", tokens), "b.json": doc("b.example", "one", `, "session": {"mode": "tokens", "keys": ["`+madeUpKey+`"]}`)},
			0, []string{"none in another's way"}},
		"tokens of a tenant, and of every tenant": {map[string]string{
			"a.json": doc("a.example", "one", tokens),
			"b.json": strings.Replace(doc("b.example", "one", tokens+`, "open_to_everyone": true`), madeUpTenant, "organizations", 1),
		}, 1, []string{`a.json and b.json keep the tokens of one issuer for the audience "one"`}},
		"tokens of two": {map[string]string{"a.json": doc("a.example", "one", tokens), "b.json": doc("b.example", "two", tokens)},
			0, []string{"none in another's way"}},
		"a distribution's own name": {map[string]string{"a.json": doc("cloudfront", "one", "")},
			1, []string{`a.json: hosts: "cloudfront" is for a site that is alone`}},
		"a provider on this machine": {map[string]string{"a.json": `{"hosts": ["a.example"], "client_id": "one", "provider": {"type": "oidc", "issuer": "https://id.example", "endpoints":
			{"authorize": "https://id.example/a", "token": "http://127.0.0.1:9001/t", "keys": "https://id.example/k"}}}`},
			1, []string{`a.json: provider: "http://127.0.0.1:9001/t" is not at a public address`}},
		"a shared cookie": {map[string]string{"a.json": doc("a.example.com", "one", `, "cookie": {"domain": "example.com"}, "session": {"keys": ["`+madeUpKey+`"]}`)},
			1, []string{"a.json: cookie.domain does not work"}},
		"a document that draws on a file": {map[string]string{"a.json": `{"hosts": ["a.example"], "client_id": "one", "client_secret": "file:secret", "provider": {"type": "oidc", "issuer": "https://id.example"}` + sealed + `}`, "a/secret": "hush"},
			0, []string{"note in a bucket these are refused", "a.json draws on file:secret", "none in another's way"}},
		"an empty folder": {nil, 1, []string{"there is no site document in DIR"}},
	} {
		t.Run(rule, func(t *testing.T) {
			dir := t.TempDir()
			for name, content := range row.files {
				require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700))
				require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
			}
			status, printed, _ := diagnose(t, dir, true)
			require.Equal(t, row.status, status, printed)
			said := strings.Join(strings.Fields(strings.ReplaceAll(printed, dir, "DIR")), " ") // however the lines are broken
			for _, want := range row.want {
				require.Contains(t, said, want)
			}
		})
	}
}

// What a provider's metadata names is called as well, by whoever serves the folder.
func TestCheckLooksAtTheAddressesThatAFoldersProvidersName(t *testing.T) {
	for member, want := range map[string]int{"issuer": 0, "userinfo_endpoint": 1, "revocation_endpoint": 1, "token_endpoint": 1, "jwks_uri": 1, "pushed_authorization_request_endpoint": 1, "end_session_endpoint": 0} {
		t.Run(member, func(t *testing.T) {
			server := httptest.NewUnstartedServer(nil)
			base := "http://" + server.Listener.Addr().String()
			key, err := signingKey()
			require.NoError(t, err)
			idp, err := devidp.New(devidp.Options{Provider: provider.OIDC(base), Clients: []devidp.Client{public}, Keys: []*devidp.Key{key}})
			require.NoError(t, err)
			idp.Tamper(devidp.Tamper{Discovery: func(doc map[string]any) {
				if member != "issuer" {
					doc[member] = "https://10.0.0.1/x"
				}
			}})
			server.Config.Handler = idp
			server.Start()
			t.Cleanup(server.Close)
			dir := t.TempDir()
			require.NoError(t, os.WriteFile(filepath.Join(dir, "a.json"), fmt.Appendf(nil,
				`{"hosts": ["localhost:8080"], "client_id": "web", "provider": {"type": "oidc", "issuer": %q}, "session": {"keys": [%q]}}`, base, madeUpKey), 0o600))
			status, printed, _ := diagnose(t, dir, false)
			require.Equal(t, want, status, printed)
			if want == 1 {
				require.Contains(t, strings.Join(strings.Fields(printed), " "), `"https://10.0.0.1/x" is not at a public address`)
			}
		})
	}
}
