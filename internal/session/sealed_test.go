package session

import (
	"context"
	"testing"
	"time"

	"github.com/edgeauth/edgeauth/internal/reason"
	"github.com/edgeauth/edgeauth/internal/seal"
	"github.com/edgeauth/edgeauth/provider"
	"github.com/stretchr/testify/require"
)

func TestASessionOfAnotherVersionIsNone(t *testing.T) {
	box, err := seal.New([][]byte{make([]byte, seal.KeySize)}, "session", "site")
	require.NoError(t, err)
	ctx, now := context.Background(), time.Unix(5, 0)
	store := NewSealed(SealedConfig{Box: box, Name: "name", Mapping: provider.Mapping{}.WithDefaults(), Lifetime: time.Hour})
	claims, err := provider.ParseClaims([]byte(`{"sub":"alice"}`))
	require.NoError(t, err)
	values, _, err := store.Save(ctx, &Session{Who: &Person{Issuer: "https://idp.example", Claims: claims}}, now)
	require.NoError(t, err)
	plain, ok := box.Open(box.Context("name"), values.Session)
	require.True(t, ok)

	for version, want := range map[byte]error{sealedVersion: nil, 0: reason.BadSession, sealedVersion + 1: reason.BadSession} {
		plain[0] = version // what follows may mean something else there
		_, err := store.Load(ctx, Values{Session: box.Seal(box.Context("name"), plain)}, now)
		require.ErrorIs(t, err, want, "version %d", version)
	}
}
