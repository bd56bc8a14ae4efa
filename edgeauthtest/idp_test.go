package edgeauthtest

import (
	"net/http"
	"testing"

	"github.com/edgeauth/edgeauth/internal/devidp"
	"github.com/stretchr/testify/require"
)

func TestTheProvidersCallsAreCountedByEndpoint(t *testing.T) {
	w := NewWorld(t, WorldOptions{})
	w.Protect(t, w.Config("app.example.com"), http.NotFoundHandler())
	require.NoError(t, w.Browser.Navigate("https://app.example.com/"))
	require.NoError(t, w.Browser.SubmitForm(map[string]string{"user": "alice"}))
	for _, endpoint := range devidp.Endpoints() {
		want := map[devidp.Endpoint]int{devidp.Discovery: 1, devidp.Authorize: 2, devidp.Token: 1, devidp.Keys: 1}[endpoint]
		require.Equal(t, want, w.IdP.Calls(string(endpoint)), endpoint)
	}
	require.PanicsWithValue(t, `edgeauthtest: "tokens" is no endpoint; the endpoints are [discovery authorize token keys userinfo api revoke end_session pushed]`,
		func() { w.IdP.Calls("tokens") })
}

func TestRotatedKeysSignTheNextToken(t *testing.T) {
	w := NewWorld(t, WorldOptions{})
	before := w.IdP.Server().Keys()
	require.NoError(t, w.IdP.RotateKeys())
	after := w.IdP.Server().Keys()
	require.NotEqual(t, before[0].ID, after[0].ID)
	require.Greater(t, len(after), len(before), "the old keys stay published")
}
