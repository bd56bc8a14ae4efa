package e2e

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// glewlwyd is a provider from Debian, with a database, keys, a client and a person of its own. It knows the site at URL.
type glewlwyd struct {
	t           *testing.T
	URL, Issuer string
	client      http.Client
}

const glewlwydSecret = "a-secret-without-signs-that-are-encoded" // Glewlwyd does not decode those (RFC 6749, 2.3.1)

// startGlewlwyd runs Glewlwyd 2.7. What its packages bring as a service is not touched.
func startGlewlwyd(t *testing.T, site string) *glewlwyd {
	t.Helper()
	program, sqlite := needProgram(t, "glewlwyd"), needProgram(t, "sqlite3")
	dir, port := t.TempDir(), freePort(t)
	g := &glewlwyd{t: t, URL: "http://127.0.0.1:" + port}
	g.Issuer = g.URL + "/api/oidc"

	schema := exec.Command("sh", "-c", fmt.Sprintf("gzip -dc /usr/share/doc/glewlwyd/database/init.sqlite3.sql.gz | %s %s", sqlite, filepath.Join(dir, "db")))
	out, err := schema.CombinedOutput()
	require.NoError(t, err, string(out))
	// Its pages follow no links out of their folder, and read config.json there, which Debian has as a folder.
	pages := filepath.Join(dir, "pages")
	out, err = exec.Command("sh", "-c", fmt.Sprintf("cp -rL /usr/share/glewlwyd/webapp %[1]s && rm -r %[1]s/config.json && cp /usr/share/glewlwyd/templates/config.json %[1]s/", pages)).CombinedOutput()
	require.NoError(t, err, string(out))
	config := filepath.Join(dir, "glewlwyd.conf")
	require.NoError(t, os.WriteFile(config, fmt.Appendf(nil, `
port=%s
bind_address="127.0.0.1"
external_url="%s"
login_url="login.html"
api_prefix="api"
static_files_path="%s"
static_files_mime_types = (
  { extension = ".html"; mime_type = "text/html"; }, { extension = ".css"; mime_type = "text/css"; },
  { extension = ".js"; mime_type = "application/javascript"; }, { extension = ".json"; mime_type = "application/json"; }
);
log_mode="console"
log_level="INFO"
cookie_secure=false
session_expiration=2419200
session_key="GLEWLWYD2_SESSION_ID"
admin_scope="g_admin"
profile_scope="g_profile"
login_api_enabled=true
hash_algorithm="SHA512"
user_module_path="/usr/lib/glewlwyd/user"
client_module_path="/usr/lib/glewlwyd/client"
user_auth_scheme_module_path="/usr/lib/glewlwyd/scheme"
plugin_module_path="/usr/lib/glewlwyd/plugin"
database = { type = "sqlite3"; path = "%s"; };
`, port, g.URL, pages, filepath.Join(dir, "db")), 0o600))
	start(t, "glewlwyd", program, "--config-file="+config).listens(t, port)

	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	g.client.Jar = jar
	g.call("auth/", object{"username": "admin", "password": "password"})
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	public, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	require.NoError(t, err)
	block := func(kind string, der []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	g.call("mod/plugin/", object{"module": "oidc", "name": "oidc", "display_name": "OIDC", "enabled": true, "parameters": object{
		"iss": g.Issuer, "jwt-type": "rsa", "jwt-key-size": "256", "key": block("PRIVATE KEY", private), "cert": block("PUBLIC KEY", public),
		"access-token-duration": 5, "refresh-token-duration": 1209600, "code-duration": 600, "refresh-token-rolling": true, "refresh-token-one-use": "always",
		"allow-non-oidc": false, "auth-type-code-enabled": true, "auth-type-token-enabled": false, "auth-type-id-token-enabled": true, "auth-type-implicit-enabled": false,
		"auth-type-password-enabled": false, "auth-type-client-enabled": false, "auth-type-device-enabled": false, "auth-type-refresh-enabled": true,
		"pkce-allowed": true, "pkce-method-plain-allowed": false, "pkce-required": false, "session-management-allowed": true,
		"session-cookie-name": "GLEWLWYD2_OIDC_SID", "session-cookie-expiration": 2419200, "subject-type": "public", "jwks-show": true, "name-claim": "mandatory",
	}})
	g.call("user/?source=database", object{"username": "ada", "name": ada.name, "password": ada.password, "enabled": true, "scope": []string{"openid"}})
	g.call("client/?source=database", object{
		"client_id": "site", "name": "The site", "confidential": true, "password": glewlwydSecret, "enabled": true, "scope": []string{},
		"authorization_type": []string{"code", "refresh_token"}, "token_endpoint_auth_method": []string{"client_secret_basic"},
		"redirect_uri": []string{site + "/.auth/callback"}, "post_logout_redirect_uri": site + "/.auth/signed-out",
	})
	return g
}

func (g *glewlwyd) call(path string, body object) {
	g.t.Helper()
	text, err := json.Marshal(body)
	require.NoError(g.t, err)
	answer, err := g.client.Post(g.URL+"/api/"+path, "application/json", bytes.NewReader(text))
	require.NoError(g.t, err)
	defer answer.Body.Close()
	said, _ := io.ReadAll(answer.Body)
	require.Equal(g.t, http.StatusOK, answer.StatusCode, "%s: %s", path, said)
}

func TestSignInAtGlewlwyd(t *testing.T) {
	t.Parallel()
	needTools(t)
	port := freePort(t)
	site := "http://localhost:" + port
	g := startGlewlwyd(t, site)
	key := make([]byte, 32)
	rand.Read(key)
	document, err := json.Marshal(object{
		"hosts": []string{"localhost:" + port}, "client_id": "site", "client_secret": glewlwydSecret, "scopes": []string{"openid"},
		"provider": object{"type": "oidc", "issuer": g.Issuer, "logout": object{"id_token_hint": true, "get": true}},
		"session":  object{"keys": []string{base64.StdEncoding.EncodeToString(key)}}, "leeway": "0s", "rules": []object{{"path": "/public/", "allow": "anyone"}},
	})
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "site.json")
	require.NoError(t, os.WriteFile(file, document, 0o600))
	checked, err := exec.Command(command(t), "check", "-config", file).CombinedOutput()
	require.NoError(t, err, string(checked))

	server := start(t, "edgeauth serve", command(t), "serve", "-config", file, "-dir", "site", "-addr", net.JoinHostPort("127.0.0.1", port), "-insecure-http")
	server.listens(t, port)
	p := newBrowser(t).tab(t)
	enter := func(password string) {
		p.see("#username")
		require.True(t, strings.HasPrefix(p.url(), g.URL+"/"), p.url())
		p.fill("#username", "ada")
		p.fill("#password", password)
		p.click("form button.btn-primary")
	}
	p.open(site + "/reports/?year=1843")
	enter(ada.password)
	p.click("button.btn-success") // Continue
	p.at(site + "/reports/?year=1843")
	p.open(site + "/")
	p.sees("#who", ada.name)

	p.until("a renewal", func() bool { // a token counts for five seconds there, and the leeway
		p.open(site + "/")
		return strings.Contains(server.output.String(), "code=refreshed")
	})
	p.sees("#who", ada.name)

	p.click("#leave")
	p.see("button.btn-danger") // with the token Glewlwyd knows whom it asks; without it shows an empty page
	require.Contains(t, p.url(), "prompt=end_session")
	require.Empty(t, p.session(site))
	other := newBrowser(t).tab(t)
	other.open(site + "/")
	other.see("#username")
	other.fill("#username", "ada")
	other.fill("#password", "a wrong password")
	other.click("form button.btn-primary")
	other.until("a word about it", func() bool {
		return strings.Contains(strings.ToLower(other.text(".toast")), "invalid") || strings.Contains(strings.ToLower(other.text(".toast")), "error")
	})
	require.True(t, strings.HasPrefix(other.url(), g.URL+"/"), "a wrong password is the provider's affair: %s", other.url())
}
