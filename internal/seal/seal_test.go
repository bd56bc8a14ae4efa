package seal

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	firstKey  = bytes.Repeat([]byte{1}, KeySize)
	secondKey = bytes.Repeat([]byte{2}, KeySize)
)

func sealWith(t testing.TB, keys [][]byte, purpose, site string, binding ...string) *Box {
	t.Helper()
	s, err := New(keys, purpose, site, binding...)
	require.NoError(t, err)
	return s
}

func TestABoxOpensOnlyWhatWasSealedForTheSameUse(t *testing.T) {
	one := [][]byte{firstKey}
	s := sealWith(t, one, "session", "app.example.com", "oidc", "https://idp.example", "client")
	value := s.Seal(s.Context("name"), []byte("plain"))
	for _, test := range []struct {
		rule string
		box  *Box
		name string
		open bool
	}{
		{"the same", sealWith(t, one, "session", "app.example.com", "oidc", "https://idp.example", "client"), "name", true},
		{"another cookie name", s, "other", false},
		{"no name", s, "", false},
		{"another purpose", sealWith(t, one, "attempt", "app.example.com", "oidc", "https://idp.example", "client"), "name", false},
		{"another site", sealWith(t, one, "session", "b.example.com", "oidc", "https://idp.example", "client"), "name", false},
		{"another provider", sealWith(t, one, "session", "app.example.com", "entraid", "https://idp.example", "client"), "name", false},
		{"another issuer", sealWith(t, one, "session", "app.example.com", "oidc", "https://evil.example", "client"), "name", false},
		{"another client", sealWith(t, one, "session", "app.example.com", "oidc", "https://idp.example", "other"), "name", false},
		{"texts that only join to the same", sealWith(t, one, "session", "app.example.com", "oidchttps://", "idp.example", "client"), "name", false},
		{"a purpose that runs into the site", sealWith(t, one, "sessionapp.", "example.com", "oidc", "https://idp.example", "client"), "name", false},
		{"another key", sealWith(t, [][]byte{secondKey}, "session", "app.example.com", "oidc", "https://idp.example", "client"), "name", false},
	} {
		t.Run(test.rule, func(t *testing.T) {
			plain, ok := test.box.Open(test.box.Context(test.name), value)
			require.Equal(t, test.open, ok)
			if test.open {
				require.Equal(t, "plain", string(plain))
			}
		})
	}
}

func TestKeysRotateTheFirstSealsAndAllOpen(t *testing.T) {
	context := []byte("x")
	old := sealWith(t, [][]byte{firstKey}, "session", "s")
	both := sealWith(t, [][]byte{secondKey, firstKey}, "session", "s")
	next := sealWith(t, [][]byte{secondKey}, "session", "s")

	_, ok := both.Open(context, old.Seal(context, []byte("a")))
	require.True(t, ok, "what the old key sealed still opens")
	_, ok = next.Open(context, both.Seal(context, []byte("a")))
	require.True(t, ok, "the first key seals")
	_, ok = old.Open(context, both.Seal(context, []byte("a")))
	require.False(t, ok, "the old key seals nothing any more")
	_, ok = next.Open(context, old.Seal(context, []byte("a")))
	require.False(t, ok, "a key that was removed opens nothing")
}

func TestASealedValueThatWasTouchedDoesNotOpen(t *testing.T) {
	s := sealWith(t, [][]byte{firstKey}, "session", "s")
	context := s.Context("name")
	value := s.Seal(context, []byte("some plain text"))
	box, err := base64.RawURLEncoding.DecodeString(value)
	require.NoError(t, err)
	for i := range box {
		for bit := range 8 {
			touched := bytes.Clone(box)
			touched[i] ^= 1 << bit
			_, ok := s.Open(context, base64.RawURLEncoding.EncodeToString(touched))
			require.False(t, ok, "bit %d of byte %d", bit, i)
		}
	}
	for n := range len(value) {
		_, ok := s.Open(context, value[:n])
		require.False(t, ok, "cut to %d", n)
	}
	for _, odd := range []string{value + "A", value + "=", " " + value, value + value, strings.ToUpper(value), "", "=", "!"} {
		_, ok := s.Open(context, odd)
		require.False(t, ok, "%q", odd)
	}
}

func TestTheSameTextIsNeverSealedTheSameWay(t *testing.T) {
	s := sealWith(t, [][]byte{firstKey}, "session", "s")
	require.NotEqual(t, s.Seal(nil, []byte("a")), s.Seal(nil, []byte("a")))
}

func FuzzSealOpen(f *testing.F) {
	s := sealWith(f, [][]byte{secondKey, firstKey}, "session", "s")
	context := s.Context("name")
	good := s.Seal(context, []byte("plain"))
	for _, value := range []string{"", "A", good, good[:len(good)-1], good + "A", strings.Repeat("A", 64), "\x00", "~2~" + good} {
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value string) {
		if plain, ok := s.Open(context, value); ok && string(plain) != "plain" {
			t.Fatalf("opened a forged value to %q", plain)
		}
	})
}

func FuzzCutLengthPrefixed(f *testing.F) {
	f.Add("", "a")
	f.Add("abc", "")
	f.Add("\xff\xff\xff\xff", "\x00\x00\x00\x01")
	f.Fuzz(func(t *testing.T, a, b string) {
		text, rest, ok := CutLengthPrefixed(JoinLengthPrefixed("", a, b))
		require.True(t, ok)
		require.Equal(t, a, text)
		text, rest, ok = CutLengthPrefixed(rest)
		require.True(t, ok)
		require.Equal(t, b, text)
		require.Empty(t, rest)
		_, _, _ = CutLengthPrefixed(a) // whatever it is
	})
}
