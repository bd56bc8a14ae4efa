package token

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/MicahParks/jwkset"
	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth/provider"
)

// The parties of the tests.
const (
	theIssuer = "https://issuer.example"
	theClient = "client-1"
	theNonce  = "nonce-1"
)

// theTime is the clock of the tests that do not move it.
var theTime = time.Unix(1_790_000_000, 0)

func at(t time.Time) func() time.Time { return func() time.Time { return t } }

// Keys are made once: RSA keys take their time.
var (
	rsaKey      = sync.OnceValue(func() *rsa.PrivateKey { return newRSA(2048) })
	otherRSAKey = sync.OnceValue(func() *rsa.PrivateKey { return newRSA(2048) })
	ecKey       = sync.OnceValue(func() *ecdsa.PrivateKey { return must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)) })
	edKey       = sync.OnceValue(func() ed25519.PrivateKey { _, key, err := ed25519.GenerateKey(rand.Reader); return must(key, err) })
)

func newRSA(bits int) *rsa.PrivateKey { return must(rsa.GenerateKey(rand.Reader, bits)) }

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// object is a JSON object that a test changes.
type object map[string]any

// with returns o with members changed; nil takes a member away.
func (o object) with(name string, value any) object {
	c := maps.Clone(o)
	if c[name] = value; value == nil {
		delete(c, name)
	}
	return c
}

func (o object) String() string { return string(must(json.Marshal(o))) }

func goodHeader() object { return object{"alg": "RS256", "kid": "k1", "typ": "JWT"} }

func payload() object {
	return object{"iss": theIssuer, "aud": theClient, "sub": "user-1", "nonce": theNonce,
		"iat": theTime.Unix() - 60, "exp": theTime.Unix() + 3600}
}

// jwk is the public key as a set publishes it.
func jwk(key crypto.Signer, more ...any) object {
	var o object
	k := must(jwkset.NewJWKFromKey(key.Public(), jwkset.JWKOptions{}))
	if err := json.Unmarshal(must(json.Marshal(k.Marshal())), &o); err != nil {
		panic(err)
	}
	delete(o, "alg")
	for i := 0; i < len(more); i += 2 {
		o = o.with(more[i].(string), more[i+1])
	}
	return o
}

func jwks(keys ...any) []byte { return must(json.Marshal(object{"keys": keys})) }

func encode(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

// sign makes a compact token of any header and payload, sane or not.
func sign(header, payload string, method jwt.SigningMethod, key any) string {
	input := encode(header) + "." + encode(payload)
	return input + "." + base64.RawURLEncoding.EncodeToString(must(method.Sign(input, key)))
}

// issue is the usual token of these claims.
func issue(payload object) string {
	return sign(goodHeader().String(), payload.String(), jwt.SigningMethodRS256, rsaKey())
}

func oidc() provider.Provider { return provider.Provider{Name: "test", Issuer: theIssuer} }

// config is that of a verifier of ID tokens whose keys are inline.
func config(keys ...any) Config {
	if len(keys) == 0 {
		keys = []any{jwk(rsaKey(), "kid", "k1")}
	}
	return Config{Provider: oidc(), Kind: provider.IDToken, ClientID: theClient, Now: at(theTime), Leeway: time.Minute,
		Keys: must(InlineKeys(jwks(keys...)))}
}

func verify(t testing.TB, c Config, raw string, want Expect) (Verified, error) {
	t.Helper()
	v, err := New(c)
	require.NoError(t, err)
	return v.Verify(context.Background(), raw, want)
}

// endpoint is a key endpoint without a network.
type endpoint struct {
	calls atomic.Int32
	delay time.Duration
	mu    sync.Mutex
	serve func(*http.Request) (*http.Response, error)
}

func (e *endpoint) RoundTrip(r *http.Request) (*http.Response, error) {
	e.calls.Add(1)
	time.Sleep(e.delay)
	e.mu.Lock()
	serve := e.serve
	e.mu.Unlock()
	return serve(r)
}

// publish serves a body from now on; names and values of headers may follow.
func (e *endpoint) publish(status int, body []byte, headers ...string) {
	h := http.Header{}
	for i := 0; i < len(headers); i += 2 {
		h.Add(headers[i], headers[i+1])
	}
	e.become(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(string(body)))}, nil
	})
}

func (e *endpoint) become(serve func(*http.Request) (*http.Response, error)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.serve = serve
}

// keys are fetched from e by a clock that a test can move.
func (e *endpoint) keys(now func() time.Time) *Keys {
	return must(NewKeys(KeysConfig{
		URL:    func(context.Context) (string, error) { return theIssuer + "/keys", nil },
		Client: &http.Client{Transport: e}, Now: now,
	}))
}
