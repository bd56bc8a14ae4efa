package devidp_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/edgeauth/edgeauth/internal/devidp"
	"github.com/stretchr/testify/require"
)

func TestAuthorizeNeverSendsTheBrowserToAnUnregisteredAddress(t *testing.T) {
	for name, change := range map[string]func(url.Values){
		"unknown client":              func(q url.Values) { q.Set("client_id", "nobody") },
		"another path":                func(q url.Values) { q.Set("redirect_uri", callback+"/x") },
		"a slash more":                func(q url.Values) { q.Set("redirect_uri", callback+"/") },
		"a query more":                func(q url.Values) { q.Set("redirect_uri", callback+"?x=1") },
		"another host":                func(q url.Values) { q.Set("redirect_uri", "https://evil.example.com/cb") },
		"no redirect_uri":             func(q url.Values) { q.Del("redirect_uri") },
		"a second redirect_uri":       func(q url.Values) { q.Add("redirect_uri", "https://evil.example.com/cb") },
		"case of the registered host": func(q url.Values) { q.Set("redirect_uri", "https://APP.example.com/cb") },
	} {
		t.Run(name, func(t *testing.T) {
			resp := sit(t, nil).get(request(change))
			require.Equal(t, http.StatusBadRequest, resp.StatusCode)
			require.Empty(t, resp.Header.Get("Location"))
		})
	}
}

func TestAuthorizeSendsOtherFaultsBack(t *testing.T) {
	for name, c := range map[string]struct {
		change func(url.Values)
		want   string
	}{
		"response_type token":  {func(q url.Values) { q.Set("response_type", "token") }, "unsupported_response_type"},
		"no response_type":     {func(q url.Values) { q.Del("response_type") }, "unsupported_response_type"},
		"no PKCE":              {func(q url.Values) { q.Del("code_challenge"); q.Del("code_challenge_method") }, "invalid_request"},
		"PKCE plain":           {func(q url.Values) { q.Set("code_challenge_method", "plain") }, "invalid_request"},
		"PKCE method left out": {func(q url.Values) { q.Del("code_challenge_method") }, "invalid_request"},
		"challenge too short":  {func(q url.Values) { q.Set("code_challenge", "abc") }, "invalid_request"},
		"challenge padded":     {func(q url.Values) { q.Set("code_challenge", q.Get("code_challenge")+"=") }, "invalid_request"},
		"nonce twice":          {func(q url.Values) { q.Add("nonce", "other") }, "invalid_request"},
		"form_post":            {func(q url.Values) { q.Set("response_mode", "form_post") }, "invalid_request"},
		"no openid":            {func(q url.Values) { q.Set("scope", "profile") }, "invalid_scope"},
		"prompt none":          {func(q url.Values) { q.Set("prompt", "none") }, "login_required"},
	} {
		t.Run(name, func(t *testing.T) {
			params := back(t, sit(t, nil).get(request(c.change)))
			require.Equal(t, c.want, params.Get("error"))
			require.Equal(t, "st", params.Get("state"))
			require.Empty(t, params.Get("code"))
		})
	}
}

func TestTheSignInPageLetsInOnlyWithTheRightPassword(t *testing.T) {
	for name, c := range map[string]struct {
		form url.Values
		want int
	}{
		"a click":             {url.Values{"user": {"alice"}}, http.StatusSeeOther},
		"the right password":  {url.Values{"user": {"bob"}, "password": {"hunter2"}}, http.StatusSeeOther},
		"a wrong password":    {url.Values{"user": {"bob"}, "password": {"hunter3"}}, http.StatusUnauthorized},
		"no password":         {url.Values{"user": {"bob"}}, http.StatusUnauthorized},
		"nobody":              {url.Values{}, http.StatusUnauthorized},
		"somebody not listed": {url.Values{"user": {"eve"}}, http.StatusUnauthorized},
	} {
		t.Run(name, func(t *testing.T) {
			resp, err := sit(t, nil).http.PostForm(request(nil), c.form)
			require.NoError(t, err)
			require.Equal(t, c.want, resp.StatusCode)
		})
	}
}

func TestTheSignInPageIsLabelledAndLoadsNothingFromElsewhere(t *testing.T) {
	resp := sit(t, nil).get(request(nil))
	body := text(t, resp)
	require.Equal(t, http.StatusOK, resp.StatusCode)
	require.Contains(t, body, "For development only")
	require.Contains(t, body, `value="alice"`)
	require.NotContains(t, body, "src=")
	require.NotContains(t, body, "href=")
	require.Contains(t, resp.Header.Get("Content-Security-Policy"), "default-src 'none'")
	require.Equal(t, "no-store", resp.Header.Get("Cache-Control"))
}

func TestSayingNoGivesAccessDenied(t *testing.T) {
	params := sit(t, nil).click(request(nil), url.Values{"deny": {"1"}})
	require.Equal(t, "access_denied", params.Get("error"))
	require.Equal(t, "st", params.Get("state"))
}

func TestASecondSignInNeedsNoClickUnlessAskedFor(t *testing.T) {
	p := sit(t, nil)
	p.code()
	require.NotEmpty(t, back(t, p.get(request(nil))).Get("code"))
	require.NotEmpty(t, back(t, p.get(request(func(q url.Values) { q.Set("prompt", "none") }))).Get("code"))
	require.Equal(t, http.StatusOK, p.get(request(func(q url.Values) { q.Set("prompt", "login") })).StatusCode, "prompt=login shows the page")
	p.now = p.now.Add(time.Minute)
	require.Equal(t, http.StatusOK, p.get(request(func(q url.Values) { q.Set("max_age", "30") })).StatusCode, "max_age shows the page")
	p.idp.EndSessions()
	require.Equal(t, http.StatusOK, p.get(request(nil)).StatusCode, "an ended session shows the page")
}

func TestLogoutGoesOnlyToRegisteredAddresses(t *testing.T) {
	for name, c := range map[string]struct {
		query  url.Values
		status int
	}{
		"registered":              {url.Values{"client_id": {"spa"}, "post_logout_redirect_uri": {goodbye}, "state": {"x"}}, http.StatusFound},
		"no address":              {url.Values{}, http.StatusOK},
		"unregistered":            {url.Values{"client_id": {"spa"}, "post_logout_redirect_uri": {goodbye + "/"}}, http.StatusBadRequest},
		"of another client":       {url.Values{"client_id": {"web"}, "post_logout_redirect_uri": {goodbye}}, http.StatusBadRequest},
		"the callback's own":      {url.Values{"client_id": {"spa"}, "post_logout_redirect_uri": {callback}}, http.StatusBadRequest},
		"without client_id, ours": {url.Values{"post_logout_redirect_uri": {goodbye}, "state": {"x"}}, http.StatusFound},
	} {
		t.Run(name, func(t *testing.T) {
			p := sit(t, nil)
			p.code()
			resp := p.get(issuer + "logout?" + c.query.Encode())
			require.Equal(t, c.status, resp.StatusCode)
			if c.status == http.StatusFound {
				require.Equal(t, goodbye+"?state=x", resp.Header.Get("Location"))
			}
			require.Equal(t, http.StatusOK, p.get(request(nil)).StatusCode, "the session is over: the page asks again")
		})
	}
}

func TestLogoutSpeaksTheProvidersForm(t *testing.T) {
	p := sit(t, func(o *devidp.Options) { o.Provider.Logout.ReturnParam = "logout_uri" })
	resp := p.get(issuer + "logout?" + url.Values{"client_id": {"spa"}, "logout_uri": {goodbye}}.Encode())
	require.Equal(t, goodbye, resp.Header.Get("Location"))
}
