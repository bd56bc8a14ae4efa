package oauth

import (
	"encoding/base64"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth/provider"
)

func TestALifeThatIsNoneIsUnknown(t *testing.T) { // RFC 6749, 5.1
	for written, want := range map[string]time.Duration{
		`3600`: time.Hour, `"3600"`: time.Hour, `" 3600 "`: time.Hour, `3599.5`: 3599500 * time.Millisecond, `1e3`: 1000 * time.Second,
		`0`: 0, `-1`: 0, `1e18`: 0, `1e999`: 0, `""`: 0, `"soon"`: 0, `"NaN"`: 0, `"Inf"`: 0, `null`: 0, `true`: 0, `[3600]`: 0, `{}`: 0, ``: 0,
	} {
		require.Equal(t, want, life([]byte(written)), written)
	}
}

func TestScopesAreWordsInAnyShape(t *testing.T) { // RFC 6749, 3.3
	for written, want := range map[string][]string{
		`"a b"`: {"a", "b"}, `"a,b"`: {"a", "b"}, `["a","b"]`: {"a", "b"}, `""`: {}, `[]`: {}, `null`: nil, `7`: nil, `[1]`: nil, ``: nil, `{}`: nil,
	} {
		require.Equal(t, want, scopes([]byte(written)), written)
	}
}

func TestAnErrorIsAboutThePersonOrAboutTheSite(t *testing.T) {
	for code, person := range map[string]bool{
		"access_denied": true, "Access-Denied": true, "user_cancelled_login": true, "user_cancelled_authorize": true, "cancelled": true, "canceled": true,
		"consent_declined": true, "user_denied": true, "unauthorized": true, "forbidden": true, "user_disabled": true, "account_disabled": true,
		"account_locked": true, "inactive_user": true, "password_expired": true, "must_change_password": true, "unverified_user_email": true,
		"org_internal": true, "not_a_member": true,

		"invalid_client": false, "unauthorized_client": false, "invalid_scope": false, "invalid_request": false, "redirect_uri_mismatch": false,
		"unsupported_grant_type": false, "application_suspended": false, "server_error": false, "temporarily_unavailable": false, "": false,
		"incorrect_client_credentials": false, "invalid_target": false, "request_not_supported": false,
	} {
		require.Equal(t, person, concernsPerson(code), code)
	}
}

// Some providers repeat what they were sent. None of it may stand in a log, in whichever member and form it comes back.
func TestWhatWasSentIsNotLogged(t *testing.T) {
	p := provider.OIDC("https://idp.example")
	form := url.Values{"code": {"code-secret-0123"}, "client_id": {"site"}}
	basic := base64.StdEncoding.EncodeToString([]byte("site:s3%2Fcr3t"))
	for _, body := range []string{
		`{"error":"code-secret-0123"}`, `{"error":{"message":"bad secret s3/cr3t"}}`, `{"error":"x","error_description":"code-secret-0123 is bad"}`,
		`{"error":"x","error_description":"client_secret=s3%2Fcr3t"}`, `{"error":"x","error_description":"Basic ` + basic + `"}`, `{"access_token":"a","token_type":"s3/cr3t"}`,
	} {
		_, err := readTokens(&p, 200, []byte(body), form, "s3/cr3t")
		require.Error(t, err, body)
		for _, secret := range []string{"code-secret-0123", "s3/cr3t", "s3%2Fcr3t", basic} {
			require.NotContains(t, err.Error(), secret, body)
		}
	}
}
