package edgeauthtest_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/edgeauthtest"
	"github.com/edgeauth/edgeauth/internal/devidp"
	"github.com/edgeauth/edgeauth/nethttp"
	"github.com/stretchr/testify/require"
)

// rp is a relying party before a provider that misbehaves.
type rp struct {
	*edgeauthtest.World
	IdP   *devidp.Server
	t     *testing.T
	codes *[]string // of all decisions
}

func newRP(t *testing.T, change func(*edgeauth.Config)) rp {
	w := edgeauthtest.NewWorld(t, edgeauthtest.WorldOptions{})
	c := w.Config("app.example.com")
	var codes []string
	c.OnDecision = func(_ context.Context, _ *edgeauth.Request, d *edgeauth.Decision) {
		codes = append(codes, edgeauth.Code(d.Reason))
	}
	if change != nil {
		change(&c)
	}
	w.Protect(t, c, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(rw, "upstream reached by %s", nethttp.Identity(r).Subject())
	}))
	return rp{w, w.IdP.Server(), t, &codes}
}

// signsIn tries to reach the site as alice. It returns "" where she does, else the reason code; a refusal must come
// without a loop and leave no session.
func (p rp) signsIn() string {
	p.t.Helper()
	require.NoError(p.t, p.Browser.Navigate("https://app.example.com/page"))
	if strings.Contains(p.Browser.Body(), `name="deny"`) {
		require.NoError(p.t, p.Browser.SubmitForm(map[string]string{"user": "alice"}))
	}
	if strings.Contains(p.Browser.Body(), "upstream reached by") {
		require.Contains(p.t, p.Browser.Body(), "by alice")
		return ""
	}
	require.GreaterOrEqual(p.t, p.Browser.Status(), 400)
	code := (*p.codes)[len(*p.codes)-1]
	a, err := p.Browser.Fetch(http.MethodGet, "/.auth/session", "")
	require.NoError(p.t, err)
	require.Equal(p.t, http.StatusUnauthorized, a.Status, "no session is left")
	return code
}

// Names with oidcc are the module ids of the OpenID Foundation's conformance suite for relying parties; the others
// are ours.
func TestSignInMeetsTheProvidersOfTheConformanceSuite(t *testing.T) {
	claims := func(f func(c map[string]any)) func(rp) {
		return func(p rp) { p.IdP.Tamper(devidp.Tamper{IDToken: devidp.TokenTamper{Claims: f}}) }
	}
	header := func(f func(h map[string]any)) func(rp) {
		return func(p rp) { p.IdP.Tamper(devidp.Tamper{IDToken: devidp.TokenTamper{Header: f}}) }
	}
	without := func(name string) func(rp) { return claims(func(c map[string]any) { delete(c, name) }) }
	with := func(name string, value any) func(rp) { return claims(func(c map[string]any) { c[name] = value }) }
	plus := func(name, text string) func(rp) {
		return claims(func(c map[string]any) { c[name] = fmt.Sprint(c[name], text) })
	}
	key := func(f func(k devidp.Key) *devidp.Key) func(rp) {
		return func(p rp) {
			p.IdP.Tamper(devidp.Tamper{IDToken: devidp.TokenTamper{Key: f(*p.IdP.Keys()[0])}})
		}
	}
	payload := func(old, new string) func(rp) {
		return func(p rp) {
			p.IdP.Tamper(devidp.Tamper{IDToken: devidp.TokenTamper{Payload: func(b []byte) []byte {
				return []byte(strings.Replace(string(b), old, new, 1))
			}}})
		}
	}
	answer := func(f func(a map[string]any)) func(rp) {
		return func(p rp) { p.IdP.Tamper(devidp.Tamper{TokenAnswer: func(_ string, a map[string]any) { f(a) }}) }
	}
	callback := func(f func(q url.Values)) func(rp) { return func(p rp) { p.IdP.Tamper(devidp.Tamper{Callback: f}) } }
	fault := func(e devidp.Endpoint, f devidp.Fault) func(rp) { return func(p rp) { p.IdP.Fail(e, f) } }

	for name, c := range map[string]struct {
		does    func(rp)
		refusal string // the reason code
	}{
		"oidcc-client-test":                     {func(rp) {}, ""},
		"oidcc-client-test-idtoken-sig-rs256":   {func(rp) {}, ""},
		"oidcc-client-test-invalid-iss":         {plus("iss", "1"), "wrong_issuer"},
		"oidcc-client-test-missing-sub":         {without("sub"), "token_malformed"},
		"oidcc-client-test-invalid-aud":         {plus("aud", "1"), "wrong_audience"},
		"oidcc-client-test-missing-aud":         {without("aud"), "wrong_audience"},
		"oidcc-client-test-missing-iat":         {without("iat"), "token_malformed"},
		"oidcc-client-test-nonce-invalid":       {plus("nonce", "1"), "wrong_nonce"},
		"oidcc-client-test-kid-absent-single":   {kidAbsent(0), ""},
		"oidcc-client-test-kid-absent-multiple": {kidAbsent(2), ""},
		"oidcc-client-test-idtoken-sig-none":    {key(func(k devidp.Key) *devidp.Key { k.Algorithm = "none"; return &k }), "bad_algorithm"},
		"oidcc-client-test-invalid-sig-rs256":   {damaged, "bad_signature"},
		"oidcc-client-test-invalid-sig-hs256":   {key(func(k devidp.Key) *devidp.Key { k.Algorithm, k.Private = "HS256", k.PublicPEM(); return &k }), "bad_algorithm"},
		"oidcc-client-test-invalid-sig-es256":   {key(func(k devidp.Key) *devidp.Key { return fresh("ES256", k.ID) }), "bad_algorithm"},
		"oidcc-client-test-invalid-athash":      {plus("at_hash", "x"), "wrong_token_hash"},
		"oidcc-client-test-discovery-issuer": {func(p rp) {
			p.IdP.Tamper(devidp.Tamper{Discovery: func(d map[string]any) { d["issuer"] = "https://other.example" }})
		}, "provider_error"},
		"a key set with keys of unknown kinds":   {func(p rp) { p.IdP.Tamper(devidp.Tamper{Keys: oddKeys}) }, ""},
		"InvalidMissingExp":                      {without("exp"), "token_malformed"},
		"InvalidMissingIss":                      {without("iss"), "wrong_issuer"},
		"InvalidMissingNonce":                    {without("nonce"), "wrong_nonce"},
		"InvalidAuthorizationResponseIss":        {callback(func(q url.Values) { q.Set("iss", q.Get("iss")+"1") }), "callback_issuer"},
		"RemoveAuthorizationResponseIss":         {callback(func(q url.Values) { q.Del("iss") }), "callback_issuer"},
		"EnsureAuthorizationResponseWithInvalid": {callback(func(q url.Values) { q.Set("state", q.Get("state")+"x") }), "state_mismatch"},
		"a callback without state":               {callback(func(q url.Values) { q.Del("state") }), "state_missing"},
		"a callback with state twice":            {callback(func(q url.Values) { q["state"] = append(q["state"], "x") }), "callback_malformed"},
		"a callback with code and error":         {callback(func(q url.Values) { q.Set("error", "access_denied") }), "access_denied"},
		"a callback with a token":                {callback(func(q url.Values) { q.Set("id_token", "x") }), "callback_malformed"},
		"a callback with a code of 20 kB":        {callback(func(q url.Values) { q.Set("code", strings.Repeat("x", 20000)) }), "callback_malformed"},
		"a callback with unknown parameters":     {callback(func(q url.Values) { q.Set("session_state", "x") }), ""},
		"aud of two without azp":                 {claims(func(c map[string]any) { c["aud"] = []any{c["aud"], "other"} }), "wrong_client"},
		"azp of another client":                  {with("azp", "other"), "wrong_client"},
		"crit with an unknown name":              {header(func(h map[string]any) { h["crit"] = []string{"x"} }), "token_malformed"},
		"typ logout+jwt":                         {header(func(h map[string]any) { h["typ"] = "logout+jwt" }), "bad_type"},
		"typ at+jwt":                             {header(func(h map[string]any) { h["typ"] = "at+jwt" }), "bad_type"},
		"iss twice":                              {payload("{", `{"iss":"https://other.example",`), "token_malformed"},
		"ISS beside iss":                         {payload("{", `{"ISS":"https://other.example",`), "token_malformed"},
		"exp as text":                            {claims(func(c map[string]any) { c["exp"] = fmt.Sprint(c["exp"]) }), "token_malformed"},
		"exp 30 s ago":                           {claims(func(c map[string]any) { c["exp"] = c["iat"].(int64) - 30 }), ""},
		"exp 61 s ago":                           {claims(func(c map[string]any) { c["exp"] = c["iat"].(int64) - 61 }), "expired"},
		"iat an hour ahead":                      {claims(func(c map[string]any) { c["iat"] = c["iat"].(int64) + 3600 }), ""},
		"an answer without ID token":             {answer(func(a map[string]any) { delete(a, "id_token") }), "no_evidence"},
		"token_type DPoP":                        {answer(func(a map[string]any) { a["token_type"] = "DPoP" }), "token_answer"},
		"token_type in small letters":            {answer(func(a map[string]any) { a["token_type"] = "bearer" }), ""},
		"an answer without refresh token":        {answer(func(a map[string]any) { delete(a, "refresh_token") }), ""},
		"expires_in below zero":                  {answer(func(a map[string]any) { a["expires_in"] = -1 }), ""},
		"a token endpoint that answers HTML":     {fault(devidp.Token, devidp.HTML()), "token_answer"},
		"a token endpoint that answers 5 MB":     {fault(devidp.Token, devidp.Huge(5<<20)), "token_answer"},
		"a token endpoint that redirects":        {fault(devidp.Token, devidp.RedirectTo("https://evil.example/")), "token_answer"},
		"a token endpoint that is down":          {fault(devidp.Token, devidp.Down()), "provider_down"},
		"a key set of 5 MB":                      {fault(devidp.Keys, devidp.Huge(5<<20)), "keys_unavailable"},
		"a key set that is HTML":                 {fault(devidp.Keys, devidp.HTML()), "keys_unavailable"},
		"discovery that redirects":               {fault(devidp.Discovery, devidp.RedirectTo("https://evil.example/")), "provider_down"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newRP(t, nil)
			c.does(p)
			require.Equal(t, c.refusal, p.signsIn(), p.Browser.Body())
		})
	}
}

func fresh(algorithm, id string) *devidp.Key {
	key, err := devidp.NewKey(algorithm)
	if err != nil {
		panic(err)
	}
	key.ID = id
	return key
}

// kidAbsent publishes the key without kid beside others of its kind, equally nameless.
func kidAbsent(others int) func(rp) {
	return func(p rp) {
		nameless := *p.IdP.Keys()[0]
		nameless.ID = ""
		keys := []*devidp.Key{&nameless}
		for range others {
			keys = append(keys, fresh("RS256", ""), fresh("ES256", ""))
		}
		p.IdP.SetKeys(append(keys, &nameless)...)
	}
}

func damaged(p rp) {
	p.IdP.Tamper(devidp.Tamper{IDToken: devidp.TokenTamper{Token: func(s string) string { return s[:len(s)-8] + "AAAAAAAA" }}})
}

// oddKeys puts before the right key what the suite has in every set, and worse.
func oddKeys(set map[string]any) {
	odd := []map[string]any{
		{"kty": "EC", "crv": "secp256k1", "kid": "k1", "x": "AA", "y": "AA"},
		{"kty": "OKP", "crv": "X25519", "kid": "k2", "x": "AA", "use": "enc"},
		{"kty": "oct", "kid": "k3", "k": "AA"},
		{"kty": "RSA", "kid": "k4", "n": "AA", "e": "AQAB"},
		{"kid": 7},
	}
	set["keys"] = append(odd, set["keys"].([]map[string]any)...)
}

func TestSignInUsesTheKeysOfTheMoment(t *testing.T) {
	t.Run("oidcc-client-test-signing-key-rotation-just-before-signing", func(t *testing.T) {
		p := newRP(t, nil)
		require.Empty(t, p.signsIn())
		p.Browser.DropCookies("")
		require.NoError(t, p.Browser.Navigate("https://app.example.com/page"))
		p.IdP.SetKeys(fresh("RS256", "new"))
		require.Empty(t, p.signsIn())
	})
	t.Run("oidcc-client-test-signing-key-rotation", func(t *testing.T) {
		p := newRP(t, nil)
		require.Empty(t, p.signsIn())
		p.Browser.DropCookies("")
		require.NoError(t, p.IdP.Rotate())
		require.Empty(t, p.signsIn())
		require.Equal(t, 2, p.IdP.Calls(devidp.Keys))
	})
	t.Run("oidcc-client-test-discovery-jwks-uri-keys", func(t *testing.T) {
		for _, path := range []string{"/one", "/two"} {
			p := newRP(t, func(c *edgeauth.Config) {})
			p.IdP.Tamper(devidp.Tamper{Discovery: func(d map[string]any) { d["jwks_uri"] = "https://id.example.net" + path }})
			require.Equal(t, "keys_unavailable", p.signsIn(), "it asked elsewhere than discovery says")
			require.Zero(t, p.IdP.Calls(devidp.Keys))
		}
	})
}

func TestClientAuthenticationIsTheRegisteredOne(t *testing.T) {
	t.Run("oidcc-client-test-client-secret-basic", func(t *testing.T) {
		p := newRP(t, func(c *edgeauth.Config) { c.ClientSecret = "s:cret/+ %" })
		require.Empty(t, p.signsIn())
	})
}

func TestARefreshKeepsThePerson(t *testing.T) {
	for name, c := range map[string]struct {
		bend  devidp.Tamper
		keeps bool
	}{
		"oidcc-client-test-refresh-token": {devidp.Tamper{}, true},
		"oidcc-client-test-refresh-token-invalid-issuer": {
			devidp.Tamper{IDToken: devidp.TokenTamper{Claims: func(c map[string]any) { c["iss"] = "https://id.example.net1" }}}, false,
		},
		"oidcc-client-test-refresh-token-invalid-sub": {
			devidp.Tamper{IDToken: devidp.TokenTamper{Claims: func(c map[string]any) { c["sub"] = "mallory" }}}, false,
		},
		"a refreshed ID token with another nonce": {
			devidp.Tamper{IDToken: devidp.TokenTamper{Claims: func(c map[string]any) { c["nonce"] = "another" }}}, false,
		},
		"a refresh answer without refresh token": {
			devidp.Tamper{TokenAnswer: func(_ string, a map[string]any) { delete(a, "refresh_token") }}, true,
		},
		"a refresh answer without ID token": {
			devidp.Tamper{TokenAnswer: func(_ string, a map[string]any) { delete(a, "id_token") }}, true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newRP(t, nil)
			require.Empty(t, p.signsIn())
			p.IdP.Tamper(c.bend)
			p.Clock.Advance(62 * time.Minute)
			a, err := p.Browser.Fetch(http.MethodGet, "/data", "")
			require.NoError(t, err)
			require.Equal(t, 2, p.IdP.Calls(devidp.Token))
			require.NotContains(t, a.Body, "mallory")
			require.Equal(t, c.keeps, a.Status == http.StatusOK, "%d %s", a.Status, a.Body)
		})
	}
}
