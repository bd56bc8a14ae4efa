package lambdaedge_test

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/lambdaedge"
)

// visits are events of one kind each, as a browser sends them: some 20 headers and cookies of others around the
// site's own.
type visits struct {
	handler                               *lambdaedge.Handler
	signedIn, signedOut, public, noCookie []byte
}

func newVisits(t testing.TB, change func(*edgeauth.Config)) (v visits) {
	w, c := newSite(t, lambdaedge.Options{}, nil, func(config *edgeauth.Config) {
		config.Rules = []edgeauth.Rule{{Path: "/public/", Anyone: true}}
		if change != nil {
			change(config)
		}
	})
	require.NoError(t, w.Browser.Navigate(appURL+"/page"))
	require.NoError(t, w.Browser.SubmitForm(map[string]string{"user": "alice"}))
	require.Equal(t, 200, w.Browser.Status())
	v.handler = c.handler
	session := strings.Join(c.cookies(), "; ")
	require.Contains(t, session, "__Host-edgeauth-")
	foreign := "theme=dark; _ga=GA1.1.1234567890.1234567890; consent=" + strings.Repeat("x", 200)
	v.signedIn = visit("/page", foreign+"; "+session+"; last=1")
	v.signedOut = visit("/page", foreign)
	v.public = visit("/public/a.css", foreign)
	v.noCookie = visit("/public/a.css", "")
	return v
}

// cookies are those of the last event.
func (c *cloudFront) cookies() (lines []string) {
	var e struct {
		Records []struct{ CF struct{ Request message } }
	}
	require.NoError(c.t, json.Unmarshal(c.events[len(c.events)-1], &e))
	for _, line := range e.Records[0].CF.Request.Headers["cookie"] {
		lines = append(lines, line.Value)
	}
	return lines
}

func visit(path, cookie string) []byte {
	headers := map[string][]entry{}
	for name, value := range map[string]string{
		"Host": appHost, "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36",
		"Accept":          "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8",
		"Accept-Language": "en-GB,en;q=0.9,de;q=0.8", "Accept-Encoding": "gzip, deflate, br, zstd", "Cache-Control": "max-age=0",
		"Sec-Ch-Ua":        `"Not;A=Brand";v="99", "Google Chrome";v="139", "Chromium";v="139"`,
		"Sec-Ch-Ua-Mobile": "?0", "Sec-Ch-Ua-Platform": `"Linux"`, "Sec-Fetch-Dest": "document", "Sec-Fetch-Mode": "navigate",
		"Sec-Fetch-Site": "same-origin", "Sec-Fetch-User": "?1", "Upgrade-Insecure-Requests": "1", "Priority": "u=0, i",
		"Referer": appURL + "/start?from=mail", "X-Forwarded-For": "2001:db8::1", "Via": "2.0 0123456789abcdef.cloudfront.net (CloudFront)",
		"Cookie": cookie,
	} {
		if value != "" {
			headers[strings.ToLower(name)] = []entry{{name, value}}
		}
	}
	query := ""
	c := &cloudFront{}
	return c.event("viewer-request", "4TyzHTaYWb1GX1qTfsHhEqV6HUDd_BzoBZnwfnvQc_1oF26ClkoUSEQ==", message{
		ClientIP: "2001:db8::1", Method: "GET", URI: path, QueryString: &query, Headers: headers,
	}, nil)
}

// serve gives one event to the handler.
func (v visits) serve(t testing.TB, payload []byte) []byte {
	out, err := v.handler.Invoke(context.Background(), payload)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestAnAllowFromTheCacheTakesTwoAllocations(t *testing.T) {
	notUnderRace(t)
	tokens, sealed := newVisits(t, tokensMode), newVisits(t, nil)
	for _, test := range []struct {
		rule    string
		visits  visits
		payload []byte
		changed bool
		most    float64
	}{
		{"a cached session, whose cookies are cut", tokens, tokens.signedIn, true, 2},
		{"a sealed session, whose cookies are cut", sealed, sealed.signedIn, true, 9},
		{"a public path with cookies of others", tokens, tokens.public, false, 1},
		{"a public path without cookies", tokens, tokens.noCookie, false, 1},
	} {
		t.Run(test.rule, func(t *testing.T) {
			out := string(test.visits.serve(t, test.payload))
			require.NotContains(t, out, `"status"`)
			require.NotContains(t, out, "__Host-edgeauth-")
			if test.changed {
				require.Contains(t, out, `"value":"theme=dark; _ga=`)
				require.Contains(t, out, `; last=1"}]`)
			} else {
				require.Equal(t, rawRequest(t, test.payload), out)
			}
			got := testing.AllocsPerRun(500, func() { test.visits.serve(t, test.payload) })
			require.LessOrEqual(t, got, test.most)
		})
	}
}

func rawRequest(t testing.TB, payload []byte) string {
	var e struct {
		Records []struct {
			CF struct{ Request json.RawMessage }
		}
	}
	require.NoError(t, json.Unmarshal(payload, &e))
	return string(e.Records[0].CF.Request)
}

// BenchmarkInvoke is bytes to bytes. The anchors are what nobody can do without: a hash of the event's bytes and a
// verified signature.
func BenchmarkInvoke(b *testing.B) {
	tokens, sealed := newVisits(b, tokensMode), newVisits(b, nil)
	for _, bench := range []struct {
		name    string
		visits  visits
		payload []byte
	}{
		{"allow/cached", tokens, tokens.signedIn},
		{"allow/sealed", sealed, sealed.signedIn},
		{"allow/public", tokens, tokens.public},
		{"login", tokens, tokens.signedOut},
		{"login/sealed", sealed, sealed.signedOut},
	} {
		b.Run(fmt.Sprintf("%s/%dB", bench.name, len(bench.payload)), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				bench.visits.serve(b, bench.payload)
			}
		})
	}
	b.Run("anchor/sha256", func(b *testing.B) {
		for b.Loop() {
			sha256.Sum256(tokens.signedIn)
		}
	})
	b.Run("anchor/rsa", func(b *testing.B) {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		require.NoError(b, err)
		sum := sha256.Sum256([]byte("text"))
		signature, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, sum[:])
		require.NoError(b, err)
		for b.Loop() {
			if rsa.VerifyPKCS1v15(&key.PublicKey, crypto.SHA256, sum[:], signature) != nil {
				b.Fatal("not verified")
			}
		}
	})
}
