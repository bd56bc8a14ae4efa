package e2e

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The journeys above pass because of the Origin header alone if the provider insists on it.
func TestTheEntraLikeProviderInsistsOnTheOrigin(t *testing.T) {
	t.Parallel()
	site := "http://localhost:8080"
	for name, row := range map[string]struct {
		confidential bool
		origin       string
		code         int
	}{
		"single page, no origin":      {code: 9002327},
		"single page, foreign origin": {origin: "http://elsewhere.test", code: 9002326},
		"single page, its own origin": {origin: site},
		"web, an origin":              {confidential: true, origin: site, code: 9002326},
		"web, no origin":              {confidential: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := setup{mode: "sealed", shape: entraLike, confidential: row.confidential}
			p := startIDP(t, s.idpConfig(site))
			form := url.Values{"grant_type": {"authorization_code"}, "code": {"x"}, "client_id": {"site"}}
			request, err := http.NewRequest(http.MethodPost, p.URL+"/"+tenant+"/oauth2/v2.0/token", strings.NewReader(form.Encode()))
			require.NoError(t, err)
			request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			if row.origin != "" {
				request.Header.Set("Origin", row.origin)
			}
			answer, err := http.DefaultClient.Do(request)
			require.NoError(t, err)
			defer answer.Body.Close()
			body, err := io.ReadAll(answer.Body)
			require.NoError(t, err)
			var refusal struct {
				Codes []int `json:"error_codes"`
			}
			require.NoError(t, json.Unmarshal(body, &refusal), "%s", body)
			if row.code == 0 {
				require.Empty(t, refusal.Codes, "%s", body)
				return
			}
			require.Equal(t, http.StatusBadRequest, answer.StatusCode)
			require.Equal(t, []int{row.code}, refusal.Codes)
		})
	}
}
