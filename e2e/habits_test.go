package e2e

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// clientKey is a key of the site: the file that holds it, and its public half as the provider knows it (RFC 7517, 4).
func clientKey(t *testing.T) (file string, public object) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	der, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	file = filepath.Join(t.TempDir(), "client.pem")
	require.NoError(t, os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600))
	point, err := key.PublicKey.Bytes()
	require.NoError(t, err)
	encode := base64.RawURLEncoding.EncodeToString
	return file, object{"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": "site-1", "x": encode(point[1:33]), "y": encode(point[33:])}
}

// A real provider with habits, one at a time: a person signs in, has a name and the group, and the session is renewed. In the end
// they sign out there too.
func TestProvidersHaveHabits(t *testing.T) {
	t.Parallel()
	file, public := clientKey(t)
	signed := func(alg string) setup {
		return setup{mode: "tokens", habits: object{"alg": alg, "client": object{"id_token_signed_response_alg": alg}}}
	}
	both := object{"claims_from": []string{"id_token", "userinfo"}}
	for name, s := range map[string]setup{
		"it signs with ES256": signed("ES256"), "it signs with ES384": signed("ES384"), "it signs with PS256": signed("PS256"), "it signs with EdDSA": signed("EdDSA"),
		"claims are at userinfo": {mode: "sealed", habits: object{"thin": true}, members: both},
		"userinfo is signed": {mode: "sealed", members: both, habits: object{
			"thin": true, "features": object{"jwtUserinfo": object{"enabled": true}}, "client": object{"userinfo_signed_response_alg": "RS256"},
		}},
		"requests have to be pushed": {mode: "sealed", habits: object{
			"features": object{"pushedAuthorizationRequests": object{"enabled": true, "requirePushedAuthorizationRequests": true}},
		}},
		"clients have keys": {mode: "sealed", members: object{"client_key": "file:" + file, "client_key_id": "site-1"}, habits: object{
			"client": object{"token_endpoint_auth_method": "private_key_jwt", "token_endpoint_auth_signing_alg": "ES256", "jwks": object{"keys": []object{public}}},
		}},
		"clients have keys, and push": {mode: "sealed", members: object{"client_key": "file:" + file, "client_key_id": "site-1"}, habits: object{
			"features": object{"pushedAuthorizationRequests": object{"enabled": true, "requirePushedAuthorizationRequests": true}},
			"client":   object{"token_endpoint_auth_method": "private_key_jwt", "token_endpoint_auth_signing_alg": "ES256", "jwks": object{"keys": []object{public}}},
		}},
		"answers are posted":       {mode: "sealed", further: object{"response_mode": "form_post"}},
		"answers are posted, both": {mode: "tokens", further: object{"response_mode": "form_post"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := startSite(t, s)
			p := newBrowser(t).tab(t)
			p.visit(w, "/admin/", ada)
			p.sees("body", "The minutes")
			require.Contains(t, p.fetch("/.auth/session").Body, ada.name)

			require.Len(t, w.idp.tokenCalls(t, "authorization_code"), 1)

			p.open(w.URL + "/")
			p.click("#leave")
			if s.asksToSignOut() {
				p.click("#sign-out")
			}
			p.at(w.URL + "/.auth/signed-out")
			require.Equal(t, 1, w.idp.count(t, "end_session"))
			require.Empty(t, p.session(w.URL))
		})
	}
}
