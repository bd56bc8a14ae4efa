package token

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth/provider"
)

// FuzzVerify holds the verifier against a plain reading: whatever comes, nothing but the tokens that were issued gets
// through, and every refusal has exactly one reason.
func FuzzVerify(f *testing.F) {
	good := issue(payload())
	parts := strings.Split(good, ".")
	for _, raw := range []string{good, good + "=", "", "..", parts[0] + "." + parts[1] + ".", encode(`{"alg":"none"}`) + "." + parts[1] + ".",
		parts[0] + ".." + parts[2], encode(`{"alg":"RS256"}`) + "." + encode(`[]`) + ".AA", loosen(good)} {
		f.Add(raw)
	}
	v := must(New(config()))
	f.Fuzz(func(t *testing.T, raw string) {
		got, err := v.Verify(context.Background(), raw, Expect{})
		if err != nil {
			require.Len(t, reasons(err), 1)
			return
		}
		require.Equal(t, good, raw)
		require.NotEmpty(t, got.Claims.Raw())
	})
}

// FuzzParse holds the reading of a token against the standard library.
func FuzzParse(f *testing.F) {
	f.Add(goodHeader().String(), payload().String(), "signature")
	f.Add(`{"alg":"RS256","kid":"é","typ":"application/jwt"}`, `{}`, "")
	f.Add(`{"alg":"RS256","crit":[]}`, `{"iss":1}`, "")
	f.Add(`{"alg":"RS256","kId":"k1","typ":"JWT"}`, payload().String(), "signature")
	v := must(New(config()))
	f.Fuzz(func(t *testing.T, header, payload, signature string) {
		got, err := v.parse(context.Background(), encode(header)+"."+encode(payload)+"."+encode(signature))
		if err != nil {
			return
		}
		var want map[string]any // and no struct, for which a member in another case counts
		require.NoError(t, json.Unmarshal([]byte(header), &want))
		require.Equal(t, "RS256", got.algorithm.name)
		kid, _ := want["kid"].(string)
		require.Equal(t, kid, got.kid)
		require.Equal(t, signature, string(got.signature))
		require.Equal(t, payload, string(got.claims.Raw()))
		require.Equal(t, encode(header)+"."+encode(payload), got.input)
	})
}

func FuzzIssuerTemplate(f *testing.F) {
	f.Add("https://login.example/{tid}/v2.0", "https://login.example/x/v2.0", "x")
	f.Add("{tid}", "72f988bf-86f1-41af-91ab-2d7cd011db47", "72f988bf-86f1-41af-91ab-2d7cd011db47")
	f.Fuzz(func(t *testing.T, template, iss, tid string) {
		i, err := parseIssuer(template)
		if err != nil {
			return
		}
		c, err := provider.ParseClaims([]byte(object{"tid": tid}.String()))
		if err != nil || !i.accepts(iss, c) {
			return
		}
		require.Equal(t, iss, strings.Replace(template, "{"+i.claim+"}", tid, 1))
		if i.claim != "" {
			require.Len(t, tid, 36)
			_, err := base64.RawURLEncoding.DecodeString(tid)
			require.NoError(t, err, "hexadecimal digits and hyphens alone")
		}
	})
}
