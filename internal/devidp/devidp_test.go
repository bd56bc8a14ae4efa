package devidp_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/edgeauth/edgeauth/internal/devidp"
	"github.com/edgeauth/edgeauth/provider"
	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"
)

const (
	issuer   = "https://id.example.com/tenant/"
	callback = "https://app.example.com/cb"
	goodbye  = "https://app.example.com/bye"
	verifier = "a-verifier-of-forty-three-characters-or-more-1"
)

// person is a browser and a client in one: the smallest thing that can sign in.
type person struct {
	t    *testing.T
	idp  *devidp.Server
	http *http.Client
	now  time.Time
}

// sit seats a person before a provider with the clients "spa" (public) and "web" (secret), after change.
func sit(t *testing.T, change func(*devidp.Options)) *person {
	t.Helper()
	p := &person{t: t, now: time.Unix(1790000000, 0)}
	key, err := devidp.NewKey("ES256")
	require.NoError(t, err)
	o := devidp.Options{
		Provider: provider.Provider{Issuer: issuer, Discovery: issuer + ".well-known/openid-configuration"},
		Clients: []devidp.Client{
			{ID: "spa", RedirectURIs: []string{callback}, PostLogoutURIs: []string{goodbye}},
			{ID: "web", Secret: "s:cret/+", RedirectURIs: []string{callback}},
		},
		Users: []devidp.User{
			{Name: "alice", Claims: map[string]any{"name": "Alice", "tid": "T1"}, Groups: []string{"staff"}},
			{Name: "bob", Password: "hunter2"},
		},
		Keys:    []*devidp.Key{key},
		Refresh: devidp.RotateOnce,
		Now:     func() time.Time { return p.now },
	}
	if change != nil {
		change(&o)
	}
	p.idp, err = devidp.New(o)
	require.NoError(t, err)
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	p.http = &http.Client{
		Transport: p.idp.Transport(), Jar: jar,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return p
}

func request(change func(url.Values)) string {
	sum := sha256.Sum256([]byte(verifier))
	q := url.Values{
		"client_id": {"spa"}, "redirect_uri": {callback}, "response_type": {"code"}, "scope": {"openid profile"},
		"state": {"st"}, "nonce": {"no"}, "code_challenge_method": {"S256"},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])},
	}
	if change != nil {
		change(q)
	}
	return issuer + "authorize?" + q.Encode()
}

func (p *person) get(u string) *http.Response {
	p.t.Helper()
	resp, err := p.http.Get(u)
	require.NoError(p.t, err)
	return resp
}

// click posts the sign-in page and gives the parameters that come back.
func (p *person) click(u string, form url.Values) url.Values {
	p.t.Helper()
	resp, err := p.http.PostForm(u, form)
	require.NoError(p.t, err)
	require.Equal(p.t, http.StatusSeeOther, resp.StatusCode, "body: %s", text(p.t, resp))
	return back(p.t, resp)
}

func back(t *testing.T, resp *http.Response) url.Values {
	t.Helper()
	to, err := resp.Location()
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(to.String(), callback+"?"), "went to %s", to)
	return to.Query()
}

func (p *person) code() string {
	p.t.Helper()
	return p.click(request(nil), url.Values{"user": {"alice"}}).Get("code")
}

func codeForm(code string) url.Values {
	return url.Values{
		"grant_type": {"authorization_code"}, "client_id": {"spa"}, "code": {code},
		"redirect_uri": {callback}, "code_verifier": {verifier},
	}
}

func refreshForm(token any) url.Values {
	return url.Values{"grant_type": {"refresh_token"}, "client_id": {"spa"}, "refresh_token": {token.(string)}}
}

type answer struct {
	status int
	body   map[string]any
}

func (a answer) fault() any { return a.body["error"] }

func (p *person) ask(form url.Values, change ...func(*http.Request)) answer {
	p.t.Helper()
	r, err := http.NewRequest(http.MethodPost, issuer+"token", strings.NewReader(form.Encode()))
	require.NoError(p.t, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for _, c := range change {
		c(r)
	}
	resp, err := p.http.Do(r)
	require.NoError(p.t, err)
	a := answer{status: resp.StatusCode}
	require.NoError(p.t, json.Unmarshal([]byte(text(p.t, resp)), &a.body))
	return a
}

// signIn goes the whole way as alice.
func (p *person) signIn() answer {
	p.t.Helper()
	a := p.ask(codeForm(p.code()))
	require.Equal(p.t, http.StatusOK, a.status, "%v", a.body)
	return a
}

func text(t *testing.T, resp *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return string(b)
}

// read reads a token without checking it.
func read(t *testing.T, token any) (header, claims map[string]any) {
	t.Helper()
	parsed, _, err := jwt.NewParser().ParseUnverified(token.(string), jwt.MapClaims{})
	require.NoError(t, err)
	return parsed.Header, parsed.Claims.(jwt.MapClaims)
}

func TestASignInGivesTokensWithTheClaimsOfTheStandard(t *testing.T) {
	p := sit(t, func(o *devidp.Options) { o.AtHash, o.CallbackIssuer = true, true })
	params := p.click(request(nil), url.Values{"user": {"alice"}})
	require.Equal(t, "st", params.Get("state"))
	require.Equal(t, issuer, params.Get("iss"), "RFC 9207")
	a := p.ask(codeForm(params.Get("code")))

	header, id := read(t, a.body["id_token"])
	key := p.idp.Keys()[0]
	require.Equal(t, map[string]any{"alg": "ES256", "typ": "JWT", "kid": key.ID}, header)
	sum := sha256.Sum256([]byte(a.body["access_token"].(string)))
	require.Equal(t, map[string]any{
		"iss": issuer, "sub": "alice", "aud": "spa", "nonce": "no", "name": "Alice", "tid": "T1", "groups": []any{"staff"},
		"iat": 1790000000., "exp": 1790003600., "auth_time": 1790000000.,
		"at_hash": base64.RawURLEncoding.EncodeToString(sum[:16]),
	}, id)

	header, access := read(t, a.body["access_token"])
	require.Equal(t, "at+jwt", header["typ"])
	require.Equal(t, "spa", access["client_id"])
	require.Equal(t, "openid profile", access["scope"])
	require.Equal(t, "Bearer", a.body["token_type"])
	require.Equal(t, 3600., a.body["expires_in"])
}

func TestTheProvidersOwnRulesShapeTheTokens(t *testing.T) {
	p := sit(t, func(o *devidp.Options) {
		o.Provider.TokenIssuers = []string{"https://sts.example.com/{tid}/v2.0"}
		o.Provider.IDToken.Equal = map[string][]string{"token_use": {"id"}}
		o.Provider.AccessToken = provider.TokenRules{
			Types: []string{"JWT"}, AudienceOptional: true, ClientClaims: []string{"azp"},
			Equal: map[string][]string{"token_use": {"access"}},
		}
		o.Provider.Mapping = provider.Mapping{Subject: "oid", Scopes: "scp", Groups: "/realm/roles"}
	})
	a := p.signIn()
	_, id := read(t, a.body["id_token"])
	require.Equal(t, "https://sts.example.com/T1/v2.0", id["iss"])
	require.Equal(t, "id", id["token_use"])
	require.Equal(t, "alice", id["oid"])
	require.Equal(t, map[string]any{"roles": []any{"staff"}}, id["realm"])
	header, access := read(t, a.body["access_token"])
	require.Equal(t, "JWT", header["typ"])
	require.Equal(t, "access", access["token_use"])
	require.Equal(t, "spa", access["azp"])
	require.Equal(t, "openid profile", access["scp"])
	require.NotContains(t, access, "aud")
}

func TestClaimsStandWhereTheMappingsPointersLead(t *testing.T) {
	p := sit(t, func(o *devidp.Options) {
		o.Provider.Mapping = provider.Mapping{Subject: "/realm/a~1b", Groups: "/realm/m~0n", Scopes: "/https:~1~1acme.example/scopes"}
		o.Provider.AccessToken = provider.TokenRules{AudienceOptional: true}
	})
	_, access := read(t, p.signIn().body["access_token"])
	require.Equal(t, map[string]any{"a/b": "alice", "m~n": []any{"staff"}}, access["realm"])
	require.Equal(t, map[string]any{"scopes": "openid profile"}, access["https://acme.example"])
}

func TestAnAccessTokenNeedsTheAudienceParameterWhereTheProviderTakesOne(t *testing.T) {
	p := sit(t, func(o *devidp.Options) { o.Provider.AudienceParam = "audience" })
	require.NotContains(t, p.signIn().body["access_token"], ".", "without an audience it is opaque")
	q := func(q url.Values) { q.Set("audience", "https://api.example.com") }
	again := p.get(request(q))
	_, access := read(t, p.ask(codeForm(back(t, again).Get("code"))).body["access_token"])
	require.Equal(t, "https://api.example.com", access["aud"])
}

func TestNewNamesWhatIsWrongWithTheOptions(t *testing.T) {
	_, err := devidp.New(devidp.Options{
		Provider: provider.Provider{Endpoints: provider.Endpoints{Token: "/token"}},
		Clients:  []devidp.Client{{}},
	})
	require.ErrorContains(t, err, "issuer")
	require.ErrorContains(t, err, `"/token"`)
	require.ErrorContains(t, err, "client")
}

func TestAClientCanRegisterLater(t *testing.T) {
	p := sit(t, nil)
	later := func(q url.Values) { q.Set("client_id", "later") }
	require.Equal(t, http.StatusBadRequest, p.get(request(later)).StatusCode)
	p.idp.Register(devidp.Client{ID: "later", RedirectURIs: []string{callback}})
	require.Equal(t, http.StatusOK, p.get(request(later)).StatusCode)
}
