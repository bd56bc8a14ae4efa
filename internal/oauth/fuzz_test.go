package oauth

import (
	"math"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/edgeauth/edgeauth/internal/reason"
	"github.com/edgeauth/edgeauth/provider"
	"github.com/stretchr/testify/require"
)

func FuzzParseCallback(f *testing.F) {
	for _, query := range []string{"", "code=a&state=b", "state=a&state=b", "code=%0d%0a", "error=access_denied&state=b&error_description=%3Cb%3E", "id_token=x", "a;b", "%zz", "iss=https%3A%2F%2Fidp.example", "=&=", "code", "&&&"} {
		f.Add(query)
	}
	f.Fuzz(func(t *testing.T, query string) {
		params, err := ParseCallback(query)
		if err != nil {
			require.ErrorIs(t, err, reason.CallbackMalformed)
			require.Nil(t, params)
			return
		}
		values, _ := url.ParseQuery(query) // what can be read of it
		for name, value := range params {
			require.Contains(t, own, name)
			if !strings.HasPrefix(name, "error_") && !strings.Contains(query, ";") { // which net/url takes for a fault
				require.Equal(t, []string{value}, values[name])
			}
			require.LessOrEqual(t, len(value), maxParam)
			require.NotRegexp(t, `[\x00-\x1f\x7f]`, value)
		}
		for _, name := range own {
			require.LessOrEqual(t, len(values[name]), 1, name)
		}
		for _, name := range tokensInQuery {
			require.NotContains(t, values, name)
		}
	})
}

func FuzzTokenAnswer(f *testing.F) {
	for _, body := range []string{
		`{"access_token":"a","token_type":"Bearer","expires_in":3600,"id_token":"x.y.z","refresh_token":"r","scope":"a b"}`, `{"error":"invalid_grant"}`, `{}`, `null`, `[]`, ``, `{`,
		`{"access_token":"a","token_type":"bearer","expires_in":"NaN"}`, `{"access_token":"a","token_type":"bearer","expires_in":1e308}`, `{"access_token":"a","token_type":"bearer","expires_in":-0}`,
		`{"access_token":"a","token_type":"bearer","expires_in":{}}`, `{"id_token":"a"}`, `{"error":""}`, `{"access_token":1}`, `<html>`,
	} {
		f.Add(200, []byte(body))
		f.Add(400, []byte(body))
	}
	p := provider.OIDC("https://idp.example")
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		got, err := readTokens(&p, status, body, nil)
		if err != nil {
			require.Equal(t, tokens{}, got)
			require.NotEqual(t, "internal", reason.Code(err))
			return
		}
		require.Equal(t, http.StatusOK, status)
		require.True(t, got.access != "" || got.id != "")
		require.True(t, got.life >= 0 && got.life <= maxTokenLife && !math.IsNaN(got.life.Seconds()), "%v", got.life)
	})
}
