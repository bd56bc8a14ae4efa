package token

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth/internal/reason"
)

// oddKeys are entries that a key set may hold beside a good one.
func oddKeys() map[string]any {
	rsa, ec := jwk(otherRSAKey()), jwk(ecKey())
	return map[string]any{
		"secp256k1, no alg":            ec.with("crv", "secp256k1"),
		"secp256k1, alg ES256K":        ec.with("crv", "secp256k1").with("alg", "ES256K"),
		"Ed448":                        object{"kty": "OKP", "crv": "Ed448", "x": strings.Repeat("A", 76)},
		"kty AKP":                      object{"kty": "AKP", "alg": "ML-DSA-44", "pub": "AAAA"},
		"RSA without n":                rsa.with("n", nil),
		"a point off the curve":        ec.with("x", strings.Repeat("A", 43)),
		"an encryption key, J24":       rsa.with("use", "enc").with("alg", "RSA-OAEP"),
		"a second key with the kid":    rsa.with("kid", "k1"),
		"an EC key with the kid":       ec.with("kid", "k1"),
		"a broken x5c":                 rsa.with("x5c", []string{"not a certificate"}),
		"padding in n":                 rsa.with("n", rsa["n"].(string)+"=="),
		"an oct key":                   object{"kty": "oct", "k": "c2VjcmV0", "alg": "HS256"},
		"a kid that is a number":       rsa.with("kid", 7),
		"null":                         nil,
		"a text":                       "key",
		"an array":                     []any{rsa},
		"use enc without alg, J24":     rsa.with("use", "enc"),
		"use that is no text":          rsa.with("use", []string{"sig"}),
		"key_ops without verify":       rsa.with("key_ops", []string{"encrypt"}),
		"key_ops that is no list":      rsa.with("key_ops", 1),
		"1024 bits, J25":               object{"kty": "RSA", "e": "AQAB", "n": strings.Repeat("_", 170) + "8"},
		"16384 bits":                   object{"kty": "RSA", "e": "AQAB", "n": strings.Repeat("_", 2730) + "8"},
		"an exponent that is too long": rsa.with("e", "AQAAAAAAAAAAAAAAAQAB"),
		"a member twice":               json.RawMessage(`{"kty":"RSA",` + rsa.String()[1:]),
		"kty in small letters":         rsa.with("kty", "rsa"),
		"no kty":                       rsa.with("kty", nil),
		"alg of another type":          rsa.with("alg", "ES256"),
		"alg HS256 for an RSA key":     rsa.with("alg", "HS256"),
	}
}

func TestOneOddKeySpoilsNothing(t *testing.T) {
	for rule, odd := range oddKeys() {
		for place, keys := range map[string][]any{
			"before": {odd, jwk(rsaKey(), "kid", "k1")}, "behind": {jwk(rsaKey(), "kid", "k1"), odd},
		} {
			t.Run(rule+" "+place, func(t *testing.T) {
				_, err := verify(t, config(keys...), issue(payload()), Expect{})
				require.NoError(t, err)
			})
		}
	}
}

func TestUnfitKeysAreSkippedAndTheSetSaysWhy(t *testing.T) {
	usable := map[string]bool{"a second key with the kid": true, "an EC key with the kid": true, "a broken x5c": true, "padding in n": true}
	for rule, odd := range oddKeys() {
		t.Run(rule, func(t *testing.T) {
			s, err := ParseSet(jwks(jwk(rsaKey(), "kid", "k1"), odd))
			require.NoError(t, err)
			if usable[rule] {
				require.Len(t, s.keys, 2)
				require.Empty(t, s.Skipped)
				return
			}
			require.Len(t, s.keys, 1)
			require.Len(t, s.Skipped, 1)
			require.True(t, strings.HasPrefix(s.Skipped[0], "key 1: "), s.Skipped[0])
		})
	}
}

func TestParseSetRefuses(t *testing.T) {
	for rule, text := range map[string]string{
		"nothing": ``, "D04 HTML": `<html>`, "null": `null`, "an array": `[]`, "no keys": `{}`, "D04 empty keys": `{"keys":[]}`,
		"keys null": `{"keys":null}`, "keys in capitals": `{"KEYS":[` + jwk(rsaKey()).String() + `]}`,
		"keys that is an object": `{"keys":{}}`, "odd keys alone": string(jwks(nil, 1, object{"kty": "oct", "k": "AA"})),
		"more JSON behind": string(jwks(jwk(rsaKey()))) + "{}",
	} {
		t.Run(rule, func(t *testing.T) {
			_, err := ParseSet([]byte(text))
			require.Error(t, err)
		})
	}
}

func TestKeysWithoutIDAreTriedUpToFour(t *testing.T) {
	anonymous := sign(goodHeader().with("kid", nil).String(), payload().String(), jwt.SigningMethodRS256, rsaKey())
	filler := func(n int) (keys []any) {
		for range n {
			keys = append(keys, jwk(otherRSAKey()))
		}
		return append(keys, jwk(rsaKey()), jwk(ecKey()), jwk(edKey()), jwk(ecKey())) // other types do not count
	}
	for others, want := range map[int]reason.Reason{0: "", 3: "", 4: reason.UnknownKey} {
		_, err := verify(t, config(filler(others)...), anonymous, Expect{})
		requireReason(t, want, err)
	}
	_, err := verify(t, config(jwk(rsaKey(), "kid", "k9")), anonymous, Expect{})
	require.NoError(t, err, "a token without kid may be of a key that has one")
}

func TestInlineKeysWithoutIDAnswerEveryID(t *testing.T) {
	_, err := verify(t, config(jwk(rsaKey())), issue(payload()), Expect{})
	require.NoError(t, err)
	_, err = verify(t, config(jwk(rsaKey()), jwk(otherRSAKey(), "kid", "k1")), issue(payload()), Expect{})
	requireReason(t, reason.BadSignature, err)
	require.ErrorContains(t, err, "k1")
}

func TestManyKeysAreCutOff(t *testing.T) {
	var keys []any
	for i := range 300 {
		keys = append(keys, jwk(ecKey(), "kid", fmt.Sprint(i)))
	}
	s, err := ParseSet(jwks(keys...))
	require.NoError(t, err)
	require.Len(t, s.keys, maxKeys)
	require.Equal(t, []string{"all from key 256: more than 256 keys"}, s.Skipped)
}

func TestFromPEM(t *testing.T) {
	block := func(kind string, der []byte) []byte { return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}) }
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "x"}}
	public := block("PUBLIC KEY", must(x509.MarshalPKIXPublicKey(&rsaKey().PublicKey)))
	for rule, text := range map[string][]byte{
		"a public key":         public,
		"a PKCS #1 public key": block("RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(&rsaKey().PublicKey)),
		"a certificate":        block("CERTIFICATE", must(x509.CreateCertificate(rand.Reader, template, template, &rsaKey().PublicKey, rsaKey()))),
		"two keys":             append(block("PUBLIC KEY", must(x509.MarshalPKIXPublicKey(&otherRSAKey().PublicKey))), public...),
		"blanks around":        []byte("\n\n" + string(public) + "\n "),
	} {
		t.Run("reads "+rule, func(t *testing.T) {
			set, err := FromPEM(text)
			require.NoError(t, err)
			c := config()
			c.Keys = must(InlineKeys(set))
			_, err = verify(t, c, issue(payload()), Expect{})
			require.NoError(t, err)
		})
	}
	for rule, text := range map[string][]byte{
		"nothing":              nil,
		"no PEM":               []byte("AAAA"),
		"a private key":        block("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(rsaKey())),
		"a PKCS #8 key":        block("PRIVATE KEY", must(x509.MarshalPKCS8PrivateKey(rsaKey()))),
		"garbage inside":       block("PUBLIC KEY", []byte("x")),
		"garbage behind":       append(public[:len(public):len(public)], "garbage"...),
		"a P-224 key":          block("PUBLIC KEY", must(x509.MarshalPKIXPublicKey(&must(ecdsa.GenerateKey(elliptic.P224(), rand.Reader)).PublicKey))),
		"a 1024 bit key":       block("PUBLIC KEY", must(x509.MarshalPKIXPublicKey(&newRSA(1024).PublicKey))),
		"a broken certificate": block("CERTIFICATE", []byte("x")),
	} {
		t.Run("refuses "+rule, func(t *testing.T) {
			_, err := FromPEM(text)
			require.Error(t, err)
			require.NotContains(t, err.Error(), "PRIVATE KEY-----")
		})
	}
}

func FuzzParseSet(f *testing.F) {
	for _, odd := range oddKeys() {
		f.Add(jwks(jwk(rsaKey(), "kid", "k1"), odd))
	}
	f.Add([]byte(`{"keys":[null,1,{"kty":"RSA"}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		s, err := ParseSet(raw)
		if err != nil {
			return
		}
		require.NotEmpty(t, s.keys)
		for _, k := range s.keys {
			require.NotNil(t, k.public)
			require.NotNil(t, k.usual())
			var members map[string]json.RawMessage
			require.NoError(t, json.Unmarshal(k.raw, &members))
			for _, name := range private {
				require.NotContains(t, members, name)
			}
			found, known := s.find(k.kid, k.usual())
			require.True(t, known)
			require.Contains(t, found, k)
		}
	})
}
