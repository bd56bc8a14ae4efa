package address

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNoClaimStandsWhereAServerReadsTheRequest(t *testing.T) {
	for rule, names := range map[string][]string{
		"its host":       {"Host", "X-Forwarded-Host", "x_forwarded_host", "X+Forwarded.Host", "Forwarded", "X-Host", "X-Original-Host"},
		"its path":       {"X-Original-URL", "X-Original-URI", "X-Rewrite-URL", "X-Forwarded-Uri", "X-Forwarded-Prefix", "X-Script-Name", "X-Envoy-Original-Path", "X-Accel-Redirect"},
		"its method":     {"X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "X-Forwarded-Method"},
		"its scheme":     {"X-Forwarded-Proto", "X-Forwarded-Scheme", "X-Forwarded-Ssl", "Front-End-Https", "X-Url-Scheme"},
		"who asks":       {"X-Forwarded-For", "X-Real-IP", "True-Client-IP", "CF-Connecting-IP", "X-Client-IP", "X-Forwarded-Client-Cert"},
		"its credential": {"Authorization", "Cookie", "Proxy-Authorization"},
		"its body":       {"Content-Length", "Content-Type", "Transfer-Encoding", "Expect"},
		"its connection": {"Connection", "Upgrade", "Keep-Alive", "TE", "Trailer", "Via"},
		"its origin":     {"Origin", "Referer", "Sec-Fetch-Site", "Access-Control-Request-Method"},
		"its conditions": {"If-None-Match", "Range", "Cache-Control"},
	} {
		for _, name := range names {
			require.True(t, StatesRequest(name), "%s: %s", rule, name)
		}
	}
	for _, name := range []string{"X-Auth-Subject", "X-Forwarded-User", "X-Forwarded-Email", "X-Forwarded-Groups", "X-Forwarded-Preferred-Username", "Remote-User", "X-Remote-User", "X-WEBAUTH-USER"} {
		require.False(t, StatesRequest(name), name)
	}
}

func FuzzStatesRequest(f *testing.F) {
	f.Add("X_Forwarded_Host")
	f.Add("x-auth-subject")
	f.Fuzz(func(t *testing.T, name string) {
		got := StatesRequest(name)
		for _, same := range []string{http.CanonicalHeaderKey(name), strings.ReplaceAll(name, "-", "_")} {
			if StatesRequest(same) != got {
				t.Errorf("%q and %q differ", name, same)
			}
		}
	})
}
