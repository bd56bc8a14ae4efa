package e2e

import (
	"encoding/json"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheUpstreamGetsAnAccessTokenForItsAPIAndNoCookie(t *testing.T) {
	for name, s := range map[string]setup{
		"sealed": {mode: "sealed", accessToken: true},
		"tokens": {mode: "tokens", accessToken: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s.upstream = startUpstream(t)
			w := startSite(t, s)
			p := newBrowser(t).tab(t)
			p.visit(w, deepLink, ada)

			got := p.fetch("/echo")
			require.Equal(t, http.StatusOK, got.Status)
			var header http.Header
			require.NoError(t, json.Unmarshal([]byte(got.Body), &header))
			require.Regexp(t, `^Bearer [\w-]+\.[\w-]+\.[\w-]+$`, header.Get("Authorization"))
			require.Equal(t, "sub-of-ada", header.Get("X-Auth-Subject"))
			require.Empty(t, header.Get("Cookie"))
			require.NotContains(t, p.fetch("/.auth/session").Body, header.Get("Authorization")[len("Bearer "):])
		})
	}
}

func writeJSON(w io.Writer, value any) { _ = json.NewEncoder(w).Encode(value) }
