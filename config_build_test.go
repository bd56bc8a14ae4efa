package edgeauth_test

import (
	"context"
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/internal/devidp"
	"github.com/edgeauth/edgeauth/internal/fresh"
	"github.com/edgeauth/edgeauth/provider"
	"github.com/stretchr/testify/require"
)

// withSnapshot is a site that begins with key as the provider's only one.
func withSnapshot(t *testing.T, key *devidp.Key) func(*edgeauth.Config, *devidp.Options) {
	return func(c *edgeauth.Config, o *devidp.Options) {
		then, err := devidp.New(devidp.Options{Provider: c.Provider, Clients: o.Clients, Keys: []*devidp.Key{key}})
		require.NoError(t, err)
		client := &http.Client{Transport: then.Transport()}
		raw, _, err := fresh.Fetch(context.Background(), client, c.Provider.Discovery, 1<<16)
		require.NoError(t, err)
		m, err := provider.ParseMetadata(raw, c.Provider.Issuer)
		require.NoError(t, err)
		c.KeySnapshot, _, err = fresh.Fetch(context.Background(), client, m.Endpoints.Keys, 1<<16)
		require.NoError(t, err)
	}
}

func TestASnapshotOfKeysSparesTheFirstFetch(t *testing.T) {
	w := newWorld(t, withSnapshot(t, signingKey()))
	w.IdP.Fail(devidp.Keys, devidp.Down())
	w.signedIn("alice", "/")
	require.Zero(t, w.IdP.Calls(devidp.Keys))
}

func TestASnapshotOfKeysIsSoonFetchedAnew(t *testing.T) {
	w := newWorld(t, withSnapshot(t, signingKey()))
	w.signedIn("alice", "/")
	clear(w.Jar)
	w.Wait(2 * time.Minute)
	w.signedIn("alice", "/")
	require.Equal(t, 1, w.IdP.Calls(devidp.Keys))
}

func TestASnapshotWithoutTheKeyInUseIsNoObstacle(t *testing.T) {
	w := newWorld(t, withSnapshot(t, otherKey()))
	w.signedIn("alice", "/")
	require.Equal(t, 1, w.IdP.Calls(devidp.Keys))
}

func TestASnapshotThatIsNoKeySetIsRefused(t *testing.T) {
	_, err := edgeauth.New(edgeauth.Config{
		Provider: provider.OIDC(idpURL), ClientID: "site", Hosts: []string{appHost},
		Session: edgeauth.Session{Keys: [][]byte{testKey}}, KeySnapshot: json.RawMessage(`{}`),
	})
	require.ErrorContains(t, err, "key snapshot: key set has no array named keys")
}
