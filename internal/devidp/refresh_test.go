package devidp_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/edgeauth/edgeauth/internal/devidp"
	"github.com/stretchr/testify/require"
)

func TestRefreshTokensLiveAsTheProviderSays(t *testing.T) {
	const fine, refused = "", "invalid_grant"
	type use struct {
		wait  time.Duration
		token string // "first", or "newest" that an answer gave
		want  string
	}
	for name, c := range map[string]struct {
		change func(*devidp.Options)
		uses   []use
	}{
		"static: the first stays": {
			func(o *devidp.Options) { o.Refresh = devidp.Static },
			[]use{{0, "first", fine}, {time.Hour, "first", fine}},
		},
		"renewing: old ones live on beside new ones": {
			func(o *devidp.Options) { o.Refresh = devidp.Renewing },
			[]use{{0, "first", fine}, {0, "newest", fine}, {time.Hour, "first", fine}, {0, "newest", fine}},
		},
		"rotating: the newest works": {
			nil,
			[]use{{0, "first", fine}, {0, "newest", fine}, {0, "newest", fine}},
		},
		"rotating: reuse ends the family": {
			nil,
			[]use{{0, "first", fine}, {0, "first", refused}, {0, "newest", refused}},
		},
		"rotating with grace: within it the old one works": {
			func(o *devidp.Options) { o.RefreshGrace = 30 * time.Second },
			[]use{{0, "first", fine}, {29 * time.Second, "first", fine}, {time.Hour, "newest", fine}},
		},
		"rotating with grace: grace is counted from the first use": {
			func(o *devidp.Options) { o.RefreshGrace = 30 * time.Second },
			[]use{{0, "first", fine}, {20 * time.Second, "first", fine}, {10 * time.Second, "first", refused}},
		},
		"a family has a last day, whatever the renewals": {
			func(o *devidp.Options) { o.Refresh, o.RefreshLife = devidp.Renewing, 24*time.Hour },
			[]use{{23 * time.Hour, "newest", fine}, {time.Hour, "newest", refused}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := sit(t, c.change)
			first := p.signIn().body["refresh_token"]
			newest := first
			for i, u := range c.uses {
				p.now = p.now.Add(u.wait)
				token := first
				if u.token == "newest" {
					token = newest
				}
				a := p.ask(refreshForm(token))
				if u.want == refused {
					require.Equal(t, refused, a.fault(), "use %d", i)
					continue
				}
				require.Equal(t, http.StatusOK, a.status, "use %d: %v", i, a.body)
				if got, ok := a.body["refresh_token"]; ok {
					newest = got
				}
			}
		})
	}
}

func TestARefreshTokenComesOnlyWhereItIsGivenAndAskedFor(t *testing.T) {
	p := sit(t, func(o *devidp.Options) { o.Refresh = devidp.NoRefresh })
	require.NotContains(t, p.signIn().body, "refresh_token")
	p = sit(t, func(o *devidp.Options) { o.RefreshScope = "offline_access" })
	require.NotContains(t, p.signIn().body, "refresh_token", "offline_access was not asked for")
	u := request(func(q url.Values) { q.Set("scope", "openid offline_access") })
	require.Contains(t, p.ask(codeForm(p.click(u, url.Values{"user": {"alice"}}).Get("code"))).body, "refresh_token")
}

func TestARefreshAnswerHasNoNonceAndMayLackTheIDToken(t *testing.T) {
	p := sit(t, nil)
	_, id := read(t, p.ask(refreshForm(p.signIn().body["refresh_token"])).body["id_token"])
	require.NotContains(t, id, "nonce")
	require.Equal(t, "alice", id["sub"])
	p = sit(t, func(o *devidp.Options) { o.RefreshOmitsIDToken = true })
	require.NotContains(t, p.ask(refreshForm(p.signIn().body["refresh_token"])).body, "id_token")
}

func TestARefreshTokenBelongsToItsClient(t *testing.T) {
	p := sit(t, nil)
	form := refreshForm(p.signIn().body["refresh_token"])
	form.Del("client_id")
	a := p.ask(form, func(r *http.Request) { r.SetBasicAuth("web", url.QueryEscape("s:cret/+")) })
	require.Equal(t, "invalid_grant", a.fault())
}

func TestRevokedRefreshTokensAreDead(t *testing.T) {
	p := sit(t, nil)
	token := p.signIn().body["refresh_token"]
	foreign, err := http.NewRequest(http.MethodPost, issuer+"revoke", strings.NewReader(url.Values{"token": {token.(string)}}.Encode()))
	require.NoError(t, err)
	foreign.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	foreign.SetBasicAuth("web", url.QueryEscape("s:cret/+"))
	_, err = p.http.Do(foreign)
	require.NoError(t, err)
	token = p.ask(refreshForm(token)).body["refresh_token"]
	require.NotNil(t, token, "another client cannot revoke it")

	resp, err := p.http.PostForm(issuer+"revoke", url.Values{"client_id": {"spa"}, "token": {token.(string)}})
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, resp.StatusCode)
	require.Equal(t, "invalid_grant", p.ask(refreshForm(token)).fault())
	resp, err = p.http.PostForm(issuer+"revoke", url.Values{"client_id": {"spa"}, "token": {"never heard of"}})
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, resp.StatusCode, "RFC 7009, 2.2")

	token = p.signIn().body["refresh_token"]
	p.idp.EndSessions()
	require.Equal(t, "invalid_grant", p.ask(refreshForm(token)).fault())
}
