package seal

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAKeyThatSomebodyWroteIsNone(t *testing.T) {
	decoded := func(text string) []byte {
		key, err := base64.RawStdEncoding.DecodeString(text)
		require.NoError(t, err)
		return key
	}
	hash := sha256.Sum256([]byte("a key"))
	almost := bytes.Clone(hash[:])
	copy(almost, make([]byte, 26)) // 26 zeros, then 6 random bytes
	for _, test := range []struct {
		rule, want string
		key        []byte
	}{
		{"one that is drawn", "", hash[:]},
		{"a short one", "has 31 bytes, want 32", hash[:31]},
		{"none", "has 0 bytes, want 32", nil},
		{"one that was drawn as text", "", []byte("8f14e45fceea167a5a36dedd4bea2543")},
		{"zeros", "is made up", make([]byte, KeySize)},
		{"one byte", "is made up", bytes.Repeat([]byte{7}, KeySize)},
		{"one byte, the last", "is made up", bytes.Repeat([]byte{0xff}, KeySize)},
		{"two bytes in turn", "is made up", bytes.Repeat([]byte{0xca, 0xfe}, KeySize/2)},
		{"a word again and again", "is made up", bytes.Repeat([]byte{0xde, 0xad, 0xbe, 0xef}, KeySize/4)},
		{"three bytes in turn", "is made up", bytes.Repeat([]byte{1, 2, 3}, 11)[:KeySize]},
		{"mostly zeros", "is made up", almost},
		{"one letter", "is made up", bytes.Repeat([]byte("k"), KeySize)},
		{"a row of As in base64", "is made up", decoded("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")},
		{"a row of other letters in base64", "is made up", decoded("abcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabc")[:KeySize]},
	} {
		t.Run(test.rule, func(t *testing.T) {
			got := KeyProblem(test.key)
			if test.want == "" {
				require.Empty(t, got)
			}
			require.Contains(t, got, test.want)
		})
	}
}

func TestNoDrawnKeyIsRefused(t *testing.T) {
	key := make([]byte, KeySize)
	for range 100_000 {
		_, _ = rand.Read(key)
		require.Empty(t, KeyProblem(key))
	}
}

func FuzzKeyProblem(f *testing.F) {
	f.Add(make([]byte, KeySize))
	f.Add([]byte("short"))
	f.Fuzz(func(t *testing.T, key []byte) {
		if KeyProblem(key) != "" {
			return
		}
		if len(key) != KeySize || bytes.Count(key, key[:1]) > KeySize-minDifferent+1 {
			t.Errorf("%x is taken for a key", key)
		}
	})
}
