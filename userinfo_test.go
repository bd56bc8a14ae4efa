package edgeauth_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/internal/devidp"
	"github.com/edgeauth/edgeauth/provider"
)

// thin is a provider that keeps everything but the protocol's claims for userinfo (OIDC Core 5.4).
func thin(answer func(map[string]any) any) devidp.Tamper {
	return devidp.Tamper{
		IDToken: devidp.TokenTamper{Claims: func(c map[string]any) {
			maps.DeleteFunc(c, func(name string, _ any) bool {
				return slices.Contains([]string{"name", "email", "email_verified", "groups"}, name)
			})
		}},
		Answer: func(_ string, all any) any { return answer(all.(map[string]any)) },
	}
}

func whole(c map[string]any) any { return c }

func claimsFrom(c *edgeauth.Config, _ *devidp.Options) {
	c.ClaimsFrom = []provider.Proof{provider.IDToken, provider.Userinfo}
	c.Rules = []edgeauth.Rule{{Path: "/staff/", Groups: []string{"staff"}}}
}

func TestClaimsOfUserinfoAreAddedToThoseOfTheIDToken(t *testing.T) {
	w := newWorld(t, claimsFrom)
	w.IdP.Tamper(thin(whole))
	w.signedIn("alice", "/staff/x")
	d := w.get("/staff/x")
	require.Equal(t, "alice@example.com", d.Identity.Text("email"))
	w.Wait(2 * time.Hour)
	require.Equal(t, edgeauth.Allow, w.follow("alice", "/staff/x").Action, "and at each renewal")
	require.Equal(t, 1, w.IdP.Calls(devidp.Authorize))
	require.Equal(t, 2, w.IdP.Calls(devidp.Userinfo))
	w.Wait(2 * time.Hour)
	w.IdP.Tamper(thin(func(c map[string]any) any { c["groups"] = []string{}; return c }))
	require.Equal(t, "forbidden_group", edgeauth.Code(w.follow("alice", "/staff/x").Reason), "what is gone there is gone here")
}

func TestOnlyTheSamePersonsClaimsAreAdded(t *testing.T) { // OIDC Core 5.3.2
	for name, c := range map[string]struct {
		answer func(map[string]any) any
		code   string
	}{
		"another subject":    {func(c map[string]any) any { c["sub"] = "mallory"; return c }, "wrong_subject"},
		"no subject":         {func(c map[string]any) any { delete(c, "sub"); return c }, "wrong_subject"},
		"a subject's number": {func(c map[string]any) any { c["sub"] = 7; return c }, "wrong_subject"},
		"a list":             {func(map[string]any) any { return []int{1} }, "no_evidence"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, claimsFrom)
			w.IdP.Tamper(thin(c.answer))
			d := w.signIn("alice", "/")
			require.Equal(t, c.code, edgeauth.Code(d.Reason), "%v", d.Reason)
			w.noSession(d)
		})
	}
}

func TestUserinfoReplacesNothingThatTheIDTokenSays(t *testing.T) {
	w := newWorld(t, func(c *edgeauth.Config, o *devidp.Options) {
		claimsFrom(c, o)
		c.Session.Claims = []string{"name", "acr", "amr", "auth_time", "tenant"}
	})
	w.IdP.Tamper(devidp.Tamper{Answer: func(_ string, all any) any {
		c := all.(map[string]any)
		c["name"], c["acr"], c["amr"], c["auth_time"], c["tenant"] = "Mallory", "high", []string{"mfa"}, 1, "t1"
		return c
	}})
	w.signedIn("alice", "/")
	d := w.get("/")
	require.Equal(t, "Alice", d.Identity.Text("name"))
	require.Equal(t, "t1", d.Identity.Text("tenant"))
	require.NotEqual(t, json.Number("1"), d.Identity.Claim("auth_time"))
	for _, name := range []string{"acr", "amr"} { // what is about this sign-in
		require.Nil(t, d.Identity.Claim(name), name)
	}
}

func TestSignedUserinfoIsVerified(t *testing.T) { // OIDC Core 5.3.2
	other := otherKey()
	for name, c := range map[string]struct {
		key    *devidp.Key
		edit   func(map[string]any)
		header func(map[string]any)
		code   string
	}{
		"as it should be":          {nil, func(c map[string]any) { c["iss"], c["aud"] = idpURL, "site" }, nil, "signed_in"},
		"with an end":              {nil, func(c map[string]any) { c["iss"], c["aud"], c["exp"] = idpURL, []string{"site"}, 4e9 }, nil, "signed_in"},
		"without iss and aud":      {nil, func(map[string]any) {}, nil, "signed_in"},
		"of another issuer":        {nil, func(c map[string]any) { c["iss"] = "https://evil.example" }, nil, "wrong_issuer"},
		"for another client":       {nil, func(c map[string]any) { c["aud"] = "other" }, nil, "wrong_audience"},
		"that is over":             {nil, func(c map[string]any) { c["exp"] = 1 }, nil, "expired"},
		"by another key":           {other, func(map[string]any) {}, nil, "bad_signature"},
		"about somebody else":      {nil, func(c map[string]any) { c["sub"] = "mallory" }, nil, "wrong_subject"},
		"an ID token of a sort":    {nil, func(map[string]any) {}, func(h map[string]any) { h["typ"] = "logout+jwt" }, "bad_type"},
		"without a good algorithm": {nil, func(map[string]any) {}, func(h map[string]any) { h["alg"] = "HS256" }, "bad_algorithm"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, proof := range []provider.Proof{provider.IDToken, provider.Userinfo} {
				w := newWorld(t, func(config *edgeauth.Config, o *devidp.Options) {
					if claimsFrom(config, o); proof == provider.Userinfo {
						config.Proof, config.ClaimsFrom = proof, nil
					}
				})
				w.IdP.Tamper(thin(func(claims map[string]any) any {
					c.edit(claims)
					token := jwt.NewWithClaims(jwt.SigningMethodRS256, jwt.MapClaims(claims))
					token.Header["kid"] = signingKey().ID
					if c.header != nil {
						c.header(token.Header)
					}
					key := signingKey()
					if c.key != nil {
						key = c.key
					}
					text, err := token.SignedString(key.Private)
					require.NoError(t, err)
					return text
				}))
				d := w.signIn("alice", "/")
				require.Equal(t, c.code, edgeauth.Code(d.Reason), "%v", d.Reason)
				if c.code == "signed_in" {
					require.Equal(t, "alice@example.com", w.get("/").Identity.Text("email"))
				}
			}
		})
	}
}

func TestAGroupListWithAnOddEntryKeepsTheOthers(t *testing.T) {
	with(t, func(c *edgeauth.Config, _ *devidp.Options) {
		c.Rules = []edgeauth.Rule{{Path: "/staff/", Groups: []string{"staff"}}}
	}, func(t *testing.T, w *world) {
		odd := devidp.TokenTamper{Claims: func(c map[string]any) { c["groups"] = []any{7, nil, "staff", map[string]any{"a": 1}} }}
		w.IdP.Tamper(devidp.Tamper{IDToken: odd, AccessToken: odd})
		w.signedIn("alice", "/staff/x")
	})
}

// Whoever wonders why nobody has a name reads it where the sign-in is recorded.
func TestTheRecordOfASignInSaysThatNoWantedClaimCame(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*edgeauth.Config, *devidp.Options)
		bend   devidp.Tamper
		want   bool
	}{
		"none of them":      {func(*edgeauth.Config, *devidp.Options) {}, thin(whole), true},
		"one of them":       {func(*edgeauth.Config, *devidp.Options) {}, devidp.Tamper{}, false},
		"userinfo has them": {claimsFrom, thin(whole), false},
		"nothing is wanted": {func(c *edgeauth.Config, _ *devidp.Options) { c.Session.Claims = []string{} }, thin(whole), false},
		"a rule's groups": {func(c *edgeauth.Config, _ *devidp.Options) {
			c.Session.Claims, c.Rules = []string{}, []edgeauth.Rule{{Path: "/a", Groups: []string{"x"}}}
		}, thin(whole), true},
		"a header's claim": {func(c *edgeauth.Config, _ *devidp.Options) {
			c.Session.Claims, c.Forward.Headers = []string{}, map[string]string{"X-Mail": "email"}
		}, thin(whole), true},
		"in a token session": {tokensMode, thin(whole), false},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, c.change)
			w.IdP.Tamper(c.bend)
			d := w.signIn("alice", "/")
			require.Equal(t, "signed_in", d.Code())
			var record struct{ Code, Reason string }
			lines := strings.Split(strings.TrimSpace(w.log.String()), "\n")
			require.NoError(t, json.Unmarshal([]byte(lines[len(lines)-1]), &record))
			require.Equal(t, "signed_in", record.Code)
			if !c.want {
				require.Equal(t, "signed_in", record.Reason)
				return
			}
			require.Contains(t, record.Reason, "came with none of the claims that are wanted")
			require.Contains(t, record.Reason, "claims_from")
		})
	}
}

// Who says that an address is verified says so of the address beside it.
func TestAnAddressIsVerifiedByTheAnswerThatNamesIt(t *testing.T) {
	w := newWorld(t, func(c *edgeauth.Config, o *devidp.Options) {
		claimsFrom(c, o)
		c.Rules = []edgeauth.Rule{{Path: "/boss/", Emails: []string{"boss@example.com"}}}
	})
	w.IdP.Tamper(devidp.Tamper{
		IDToken: devidp.TokenTamper{Claims: func(c map[string]any) { c["email"] = "boss@example.com"; delete(c, "email_verified") }},
		Answer: func(_ string, all any) any {
			c := all.(map[string]any)
			c["email"], c["email_verified"] = "mallory@elsewhere.example", true
			return c
		},
	})
	w.signIn("alice", "/boss/")
	d := w.get("/boss/")
	require.NotEqual(t, edgeauth.Allow, d.Action, "nobody has said that boss@example.com is verified")
}
