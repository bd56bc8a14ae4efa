package devidp_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/edgeauth/edgeauth/internal/devidp"
	"github.com/edgeauth/edgeauth/provider"
	"github.com/stretchr/testify/require"
)

func TestTheTransportReachesOnlyTheProvider(t *testing.T) {
	p := sit(t, nil)
	_, err := p.http.Get("https://login.microsoftonline.com/keys")
	require.ErrorContains(t, err, "no host of this provider")
	_, err = p.http.Get("http://id.example.com/tenant/keys")
	require.ErrorContains(t, err, "want https")
	require.Equal(t, http.StatusNotFound, p.get("https://id.example.com/elsewhere").StatusCode)
	require.Equal(t, http.StatusOK, p.get("https://ID.example.com:443/tenant/keys").StatusCode)
	require.Equal(t, 1, p.idp.Calls(devidp.Keys))
}

func TestTheTransportHonoursTheContext(t *testing.T) {
	p := sit(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	arrived := make(chan struct{})
	p.idp.Fail(devidp.Keys, func(endpoint http.Handler) http.Handler {
		hang := devidp.Hang(nil)(endpoint)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { close(arrived); hang.ServeHTTP(w, r) })
	})
	go func() { <-arrived; cancel() }()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, issuer+"keys", nil)
	require.NoError(t, err)
	_, err = p.http.Do(r)
	require.ErrorIs(t, err, context.Canceled)
	_, err = p.http.Do(r)
	require.ErrorIs(t, err, context.Canceled, "a context that is over reaches nothing")
	require.Equal(t, 1, p.idp.Calls(devidp.Keys))
}

func TestFaults(t *testing.T) {
	released := make(chan struct{})
	close(released)
	for name, c := range map[string]struct {
		fault       devidp.Fault
		status      int
		contentType string
		size        int64 // at least
	}{
		"slow, then right":     {devidp.Hang(released), 200, "application/json", 1},
		"500":                  {devidp.Status(500), 500, "", 0},
		"429":                  {devidp.Status(429), 429, "", 0},
		"HTML":                 {devidp.HTML(), 200, "text/html; charset=utf-8", 1},
		"huge":                 {devidp.Huge(5 << 20), 200, "application/json", 5 << 20},
		"another content type": {devidp.ContentType("text/plain"), 200, "text/plain", 1},
		"redirect":             {devidp.RedirectTo("https://evil.example.com/"), 302, "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			p := sit(t, nil)
			p.idp.Fail(devidp.Keys, c.fault)
			resp := p.get(issuer + "keys")
			require.Equal(t, c.status, resp.StatusCode)
			require.Equal(t, c.contentType, resp.Header.Get("Content-Type"))
			n, err := io.Copy(io.Discard, resp.Body)
			require.NoError(t, err)
			require.GreaterOrEqual(t, n, c.size)
			require.Equal(t, http.StatusOK, p.get(issuer+".well-known/openid-configuration").StatusCode, "the others work")
			p.idp.Fail(devidp.Keys, nil)
			require.Contains(t, text(t, p.get(issuer+"keys")), `"keys"`)
			require.Equal(t, 2, p.idp.Calls(devidp.Keys), "failed calls count too")
		})
	}
}

func TestDownBreaksTheConnection(t *testing.T) {
	p := sit(t, nil)
	p.idp.FailAll(devidp.Down())
	_, err := p.http.Get(issuer + "keys")
	require.ErrorContains(t, err, "without an answer")
	p.idp.FailAll(nil)
	require.Equal(t, http.StatusOK, p.get(issuer+"keys").StatusCode)
}

func TestItWorksBehindARealServer(t *testing.T) {
	var idp *devidp.Server
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { idp.ServeHTTP(w, r) }))
	defer server.Close()
	var err error
	idp, err = devidp.New(devidp.Options{
		Provider: provider.Provider{Issuer: server.URL, Discovery: server.URL + "/.well-known/openid-configuration"},
		Clients:  []devidp.Client{{ID: "spa", RedirectURIs: []string{"http://localhost:1/cb"}}},
		Users:    []devidp.User{{Name: "alice"}},
	})
	require.NoError(t, err)
	resp, err := http.Get(server.URL + "/.well-known/openid-configuration")
	require.NoError(t, err)
	defer resp.Body.Close()
	require.Contains(t, text(t, resp), server.URL+"/authorize")

	r, err := http.NewRequest(http.MethodPost, strings.Replace(request(nil), issuer, server.URL+"/", 1), strings.NewReader("user=alice"))
	require.NoError(t, err)
	q := r.URL.Query()
	q.Set("redirect_uri", "http://localhost:1/cb")
	r.URL.RawQuery = q.Encode()
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err = http.DefaultTransport.RoundTrip(r)
	require.NoError(t, err)
	defer resp.Body.Close()
	require.Equal(t, http.StatusSeeOther, resp.StatusCode)
	require.False(t, resp.Cookies()[0].Secure, "plain http on loopback takes no Secure cookie")

	idp.FailAll(devidp.Down())
	_, err = http.Get(server.URL + "/keys")
	require.Error(t, err)
}
