package token

import (
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"testing"

	"github.com/stretchr/testify/require"
)

// usual is a token of about 1 KB with 15 claims.
func usual() string {
	p := payload()
	for _, name := range []string{"name", "email", "picture", "given_name", "family_name", "locale", "zoneinfo", "sid"} {
		p[name] = "a text of a usual length, 40 bytes or so"
	}
	p["email_verified"] = true
	return issue(p)
}

// BenchmarkVerify has the bare signature check beside it: what counts is their ratio.
func BenchmarkVerify(b *testing.B) {
	raw := usual()
	v := must(New(config()))
	t := must(v.parse(context.Background(), raw))
	b.Run("RSA", func(b *testing.B) {
		b.ReportAllocs()
		sum := sha256.Sum256([]byte(t.input))
		for b.Loop() {
			if rsa.VerifyPKCS1v15(&rsaKey().PublicKey, crypto.SHA256, sum[:], t.signature) != nil {
				b.Fatal("signature")
			}
		}
	})
	b.Run("token", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := v.Verify(context.Background(), raw, Expect{}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("parse", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := v.parse(context.Background(), raw); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("cached", func(b *testing.B) {
		b.ReportAllocs()
		c := NewCache[*Verified](0)
		c.Put(v.Digest(raw), new(Verified), theTime, theTime.Add(1), 1)
		for b.Loop() {
			generation, _ := v.keys.Generation(context.Background())
			if _, ok := c.Get(v.Digest(raw), theTime, generation); !ok {
				b.Fatal("not there")
			}
		}
	})
	b.Run("SHA-256", func(b *testing.B) {
		for b.Loop() {
			sha256.Sum256([]byte(raw))
		}
	})
}

func TestVerifyAllocatesLittle(t *testing.T) {
	raw := usual()
	v := must(New(config()))
	sum := sha256.Sum256([]byte("x"))
	signature := must(v.parse(context.Background(), raw)).signature
	bare := testing.AllocsPerRun(50, func() { _ = rsa.VerifyPKCS1v15(&rsaKey().PublicKey, crypto.SHA256, sum[:], signature) })
	whole := testing.AllocsPerRun(50, func() { v.Verify(context.Background(), raw, Expect{}) })
	t.Logf("RSA %v, whole %v", bare, whole)
	require.LessOrEqual(t, whole-bare, 12.0)
}
