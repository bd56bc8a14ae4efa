package devidp_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/edgeauth/edgeauth/internal/devidp"
	"github.com/edgeauth/edgeauth/provider"
	"github.com/stretchr/testify/require"
)

func TestTheTokenEndpointRefusesACodeThatDoesNotFit(t *testing.T) {
	for name, c := range map[string]struct {
		change func(url.Values)
		want   string
	}{
		"another redirect_uri":   {func(f url.Values) { f.Set("redirect_uri", goodbye) }, "invalid_grant"},
		"no redirect_uri":        {func(f url.Values) { f.Del("redirect_uri") }, "invalid_grant"},
		"another verifier":       {func(f url.Values) { f.Set("code_verifier", verifier+"x") }, "invalid_grant"},
		"no verifier":            {func(f url.Values) { f.Del("code_verifier") }, "invalid_grant"},
		"made-up code":           {func(f url.Values) { f.Set("code", "x") }, "invalid_grant"},
		"unknown client":         {func(f url.Values) { f.Set("client_id", "x") }, "invalid_client"},
		"no client":              {func(f url.Values) { f.Del("client_id") }, "invalid_client"},
		"public client + secret": {func(f url.Values) { f.Set("client_secret", "x") }, "invalid_client"},
		"unknown grant type":     {func(f url.Values) { f.Set("grant_type", "password") }, "unsupported_grant_type"},
		"wider scope":            {func(f url.Values) { f.Set("scope", "openid admin") }, "invalid_scope"},
		"repeated parameter":     {func(f url.Values) { f.Add("code", "x") }, "invalid_request"},
	} {
		t.Run(name, func(t *testing.T) {
			p := sit(t, nil)
			form := codeForm(p.code())
			c.change(form)
			require.Equal(t, c.want, p.ask(form).fault())
		})
	}
}

func TestACodeWorksOnceAndForTenMinutes(t *testing.T) {
	p := sit(t, nil)
	code := p.code()
	first := p.ask(codeForm(code))
	require.Equal(t, http.StatusOK, first.status)
	require.Equal(t, "invalid_grant", p.ask(codeForm(code)).fault())
	require.Equal(t, "invalid_grant", p.ask(refreshForm(first.body["refresh_token"])).fault(),
		"RFC 6749, 4.1.2: what a code gave is revoked when the code comes again")

	code = p.code()
	p.now = p.now.Add(10 * time.Minute)
	require.Equal(t, "invalid_grant", p.ask(codeForm(code)).fault())
}

func TestTheTokenEndpointTakesFormPostsOnly(t *testing.T) {
	p := sit(t, nil)
	form := codeForm(p.code())
	require.Equal(t, "invalid_request", p.ask(form, func(r *http.Request) { r.Method = http.MethodPut }).fault())
	require.Equal(t, "invalid_request", p.ask(form, func(r *http.Request) { r.Header.Set("Content-Type", "application/json") }).fault())
	require.Equal(t, http.StatusOK, p.ask(form).status, "neither has used the code")
}

func TestAClientNamesItselfInItsRegisteredWay(t *testing.T) {
	const secret = "s:cret/+"
	basic := func(id, secret string) func(*http.Request, url.Values) {
		return func(r *http.Request, _ url.Values) { r.SetBasicAuth(url.QueryEscape(id), url.QueryEscape(secret)) }
	}
	raw := func(r *http.Request, _ url.Values) { r.SetBasicAuth("web", secret) }
	post := func(_ *http.Request, f url.Values) { f.Set("client_id", "web"); f.Set("client_secret", secret) }
	for name, c := range map[string]struct {
		registered provider.ClientAuth
		send       func(*http.Request, url.Values)
		want       any
	}{
		"basic":                          {"", basic("web", secret), nil},
		"post where basic is registered": {"", post, "invalid_client"},
		"post":                           {provider.ClientSecretPost, post, nil},
		"basic where post is registered": {provider.ClientSecretPost, basic("web", secret), "invalid_client"},
		"wrong secret":                   {"", basic("web", "s"), "invalid_client"},
		"secret not form-encoded":        {"", raw, "invalid_client"},
		"basic of another client than body": {"", func(r *http.Request, f url.Values) {
			basic("web", secret)(r, f)
			f.Set("client_id", "spa")
		}, "invalid_client"},
		"no secret": {"", func(_ *http.Request, f url.Values) { f.Set("client_id", "web") }, "invalid_client"},
		"both ways": {"", func(r *http.Request, f url.Values) {
			basic("web", secret)(r, f)
			post(r, f)
		}, "invalid_request"},
	} {
		t.Run(name, func(t *testing.T) {
			p := sit(t, func(o *devidp.Options) { o.Provider.ClientAuth = c.registered })
			form := codeForm(p.click(request(func(q url.Values) { q.Set("client_id", "web") }), url.Values{"user": {"alice"}}).Get("code"))
			form.Del("client_id")
			r, err := http.NewRequest(http.MethodPost, issuer+"token", nil)
			require.NoError(t, err)
			c.send(r, form)
			got := p.ask(form, func(sent *http.Request) {
				if a := r.Header.Get("Authorization"); a != "" {
					sent.Header.Set("Authorization", a)
				}
			})
			require.Equal(t, c.want, got.fault(), "%v", got.body)
		})
	}
}

func TestACodeOfAnotherClientIsRefused(t *testing.T) {
	p := sit(t, nil)
	form := codeForm(p.click(request(func(q url.Values) { q.Set("client_id", "web") }), url.Values{"user": {"alice"}}).Get("code"))
	require.Equal(t, "invalid_grant", p.ask(form).fault())
}

func TestEntrasPlatformsWantTheirOrigin(t *testing.T) {
	const own = "https://app.example.com"
	for name, c := range map[string]struct {
		rule   devidp.OriginRule
		origin string
		want   any
	}{
		"single-page with its origin":  {devidp.OriginRequired, own, nil},
		"single-page without":          {devidp.OriginRequired, "", 9002327.},
		"single-page with another":     {devidp.OriginRequired, "https://evil.example.com", 9002327.},
		"web without":                  {devidp.OriginForbidden, "", nil},
		"web with an origin":           {devidp.OriginForbidden, own, 9002326.},
		"no rule, with another origin": {devidp.OriginIgnored, "https://evil.example.com", nil},
	} {
		t.Run(name, func(t *testing.T) {
			p := sit(t, func(o *devidp.Options) { o.Clients[0].Origin = c.rule })
			send := func(origin string) func(*http.Request) {
				return func(r *http.Request) {
					if origin != "" {
						r.Header.Set("Origin", origin)
					}
				}
			}
			check := func(a answer) {
				t.Helper()
				if c.want == nil {
					require.Nil(t, a.fault())
					return
				}
				require.Equal(t, "invalid_request", a.fault())
				require.Equal(t, []any{c.want}, a.body["error_codes"])
			}
			form := codeForm(p.code())
			check(p.ask(form, send(c.origin)))
			if c.want != nil { // the refused code still works: no new sign-in could cure a configuration error
				right := map[devidp.OriginRule]string{devidp.OriginRequired: own}[c.rule]
				a := p.ask(form, send(right))
				require.Equal(t, http.StatusOK, a.status)
				check(p.ask(refreshForm(a.body["refresh_token"]), send(c.origin)))
			}
		})
	}
}

func TestErrorsAndAnswersTakeTheProvidersOwnForm(t *testing.T) {
	p := sit(t, func(o *devidp.Options) { o.ErrorStatus, o.FormAnswers = 200, true })
	refused := p.ask(codeForm("x"))
	require.Equal(t, answer{200, refused.body}, refused)
	require.Equal(t, "invalid_grant", refused.fault())

	resp, err := p.http.PostForm(issuer+"token", codeForm(p.code()))
	require.NoError(t, err)
	form, err := url.ParseQuery(text(t, resp))
	require.NoError(t, err)
	require.Equal(t, "Bearer", form.Get("token_type"))
	require.NotNil(t, p.ask(codeForm(p.code()), func(r *http.Request) { r.Header.Set("Accept", "application/json") }).body["access_token"])
}

func TestUserinfoAndTheAPIAnswerOnlyTheBearer(t *testing.T) {
	const user = "https://api.example.com/user"
	p := sit(t, func(o *devidp.Options) {
		o.Provider.Userinfo.URLs = []string{user, "https://api.example.com/orgs"}
		o.Users[0].API = map[string]any{user: map[string]any{"id": 77}}
	})
	a := p.signIn()
	get := func(u, authorization string) (int, map[string]any) {
		r, err := http.NewRequest(http.MethodGet, u, nil)
		require.NoError(t, err)
		r.Header.Set("Authorization", authorization)
		resp, err := p.http.Do(r)
		require.NoError(t, err)
		var body map[string]any
		require.NoError(t, json.NewDecoder(strings.NewReader(text(t, resp))).Decode(&body))
		return resp.StatusCode, body
	}
	bearer := "bearer " + a.body["access_token"].(string)
	status, body := get(issuer+"userinfo", bearer)
	require.Equal(t, 200, status)
	require.Equal(t, map[string]any{"sub": "alice", "name": "Alice", "tid": "T1", "groups": []any{"staff"}}, body)
	status, body = get(user, bearer)
	require.Equal(t, 200, status)
	require.Equal(t, map[string]any{"id": 77.}, body)
	status, _ = get("https://api.example.com/orgs", bearer)
	require.Equal(t, 404, status, "alice has no such answer")
	for _, bad := range []string{"", "Basic x", "Bearer x", strings.TrimPrefix(bearer, "bearer "), "Basic " + strings.TrimPrefix(bearer, "bearer ")} {
		status, _ = get(user, bad)
		require.Equal(t, 401, status, "Authorization: %.10q", bad)
	}
	status, _ = get(user+"?access_token="+a.body["access_token"].(string), "")
	require.Equal(t, 401, status, "a token in a URL is no token")
	p.now = p.now.Add(time.Hour)
	status, _ = get(user, bearer)
	require.Equal(t, 401, status, "an expired token")

	code := p.code()
	bearer = "Bearer " + p.ask(codeForm(code)).body["access_token"].(string)
	p.ask(codeForm(code))
	status, _ = get(user, bearer)
	require.Equal(t, 401, status, "a token whose code came twice")
}
