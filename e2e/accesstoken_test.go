package e2e

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheUpstreamGetsAnAccessTokenForItsAPIAndNoCookie(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]setup{
		"OIDC, sealed":    {mode: "sealed", accessToken: true},
		"OIDC, tokens":    {mode: "tokens", accessToken: true},
		"Auth0, sealed":   {mode: "sealed", accessToken: true, shape: auth0Like, confidential: true},
		"Cognito, tokens": furtherSetups["Cognito, tokens"],
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s.upstream = startUpstream(t)
			w := startSite(t, s)
			v := newVisitor(t)
			v.visit(w, deepLink, ada)

			got := v.fetch(w.URL + "/echo")
			require.Equal(t, http.StatusOK, got.Status)
			var header http.Header
			require.NoError(t, json.Unmarshal([]byte(got.Body), &header))
			require.Regexp(t, `^Bearer [\w-]+\.[\w-]+\.[\w-]+$`, header.Get("Authorization"))
			require.Equal(t, "sub-of-ada", header.Get("X-Auth-Subject"))
			require.Empty(t, header.Get("Cookie"))
			token := header.Get("Authorization")[len("Bearer "):]
			require.NotContains(t, v.fetch(w.URL+"/.auth/session").Body, token)
			jose, claims := decode(t, token)
			switch s.shape {
			case "":
				require.Equal(t, []any{"at+jwt", apiName, "site"}, []any{jose["typ"], claims["aud"], claims["client_id"]})
			case auth0Like:
				require.Equal(t, []any{"JWT", "site"}, []any{jose["typ"], claims["azp"]})
				require.Equal(t, []any{apiName, w.idp.Issuer + "userinfo"}, claims["aud"])
			case cognitoLike:
				require.Equal(t, []any{nil, nil, "site"}, []any{jose["typ"], claims["aud"], claims["client_id"]})
			}
		})
	}
}

// decode reads a token without looking at its signature.
func decode(t *testing.T, token string) (header, claims object) {
	t.Helper()
	parts := strings.Split(token, ".")
	for i, into := range []*object{&header, &claims} {
		part, err := base64.RawURLEncoding.DecodeString(parts[i])
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(part, into))
	}
	return header, claims
}

func writeJSON(w io.Writer, value any) { _ = json.NewEncoder(w).Encode(value) }
