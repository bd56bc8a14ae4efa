package session

import (
	"context"
	"crypto/sha256"
	"errors"
	"testing"
	"time"

	"github.com/edgeauth/edgeauth/internal/reason"
	"github.com/edgeauth/edgeauth/internal/seal"
	"github.com/edgeauth/edgeauth/provider"
	"github.com/stretchr/testify/require"
)

// FuzzBound looks for a value that is a session although another site, or nobody, sealed it.
func FuzzBound(f *testing.F) {
	key := sha256.Sum256([]byte("a key"))
	box := func(site string) *seal.Box {
		b, err := seal.New([][]byte{key[:]}, "token", site)
		if err != nil {
			f.Fatal(err)
		}
		return b
	}
	own, other := NewBound(nil, box("a.example")), box("b.example")
	f.Add("h.p.s." + other.Seal(other.Context("h.p.s"), nil))
	f.Add("h.p.s")
	f.Add("h.p.s.")
	f.Add("")
	f.Fuzz(func(t *testing.T, value string) {
		if _, err := own.Load(t.Context(), Values{Session: value}, time.Now()); !errors.Is(err, reason.BadSession) {
			t.Errorf("%q: %v", value, err)
		}
	})
}

func FuzzLoadSealed(f *testing.F) {
	box, err := seal.New([][]byte{make([]byte, seal.KeySize)}, "session", "site")
	require.NoError(f, err)
	ctx, now := context.Background(), time.Unix(5, 0)
	store := NewSealed(SealedConfig{Box: box, Name: "name", Mapping: provider.Mapping{}.WithDefaults(), Lifetime: time.Hour})
	claims, err := provider.ParseClaims([]byte(`{"sub":"alice"}`))
	require.NoError(f, err)
	values, _, err := store.Save(ctx, &Session{
		Who:     &Person{Issuer: "https://idp.example", Claims: claims, Mapping: provider.Mapping{}.WithDefaults()},
		Expires: time.Unix(1, 0), Began: time.Unix(2, 0), Renewed: time.Unix(3, 0), Seen: time.Unix(4, 0), Refresh: "r", Access: "a", Nonce: "n",
	}, now)
	require.NoError(f, err)
	plain, ok := box.Open(box.Context("name"), values.Session)
	require.True(f, ok)
	for _, b := range [][]byte{plain, plain[:len(plain)-1], plain[:33], plain[:20], {}, {1}, append([]byte{2}, plain[1:]...), append(plain[:33:33], 0xff, 0xff, 0xff, 0xff)} {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, plain []byte) { // as one that an older version sealed, say
		s, err := store.Load(ctx, Values{Session: box.Seal(box.Context("name"), plain)}, now)
		if err != nil {
			require.ErrorIs(t, err, reason.BadSession)
			return
		}
		values, _, err := store.Save(ctx, &s, now)
		require.NoError(t, err)
		again, err := store.Load(ctx, values, now)
		require.NoError(t, err)
		require.Equal(t, s, again)
	})
}
