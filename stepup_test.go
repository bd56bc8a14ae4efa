package edgeauth_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/internal/devidp"
)

// levels is a provider whose sign-ins are of a class and by methods that the test says. It does not answer with an older
// sign-in than max_age allows.
type levels struct {
	acr string
	amr []string
}

func (l *levels) bend(w *world) {
	w.IdP.Tamper(devidp.Tamper{IDToken: devidp.TokenTamper{Claims: func(c map[string]any) {
		if l.acr != "" {
			c["acr"] = l.acr
		}
		if l.amr != nil {
			c["amr"] = l.amr
		}
	}}})
}

func strongRules(c *edgeauth.Config, _ *devidp.Options) {
	c.Rules = []edgeauth.Rule{
		{Path: "/gold/", ACR: []string{"gold", "platinum"}}, {Path: "/mfa/", AMR: []string{"mfa", "hwk"}},
		{Path: "/fresh/", MaxAge: 10 * time.Minute}, {Path: "/admins/", Groups: []string{"admins"}, ACR: []string{"gold"}},
	}
}

func query(t *testing.T, location string) url.Values {
	u, err := url.Parse(location)
	require.NoError(t, err)
	return u.Query()
}

func TestAWeakSessionMeansOneMoreSignIn(t *testing.T) {
	with(t, strongRules, func(t *testing.T, w *world) {
		l := &levels{acr: "silver"}
		l.bend(w)
		w.signedIn("alice", "/")
		require.Equal(t, edgeauth.Allow, w.get("/").Action)

		d := w.get("/gold/x?y=1")
		require.Equal(t, "weak_session", edgeauth.Code(d.Reason))
		require.Equal(t, edgeauth.Redirect, d.Action)
		require.Equal(t, "gold platinum", query(t, d.Location).Get("acr_values"))
		l.acr = "platinum"
		d = w.get(w.atProvider(d.Location, "alice"))
		require.Equal(t, appURL+"/gold/x?y=1", d.Location, "%v", d.Reason)
		require.Equal(t, edgeauth.Allow, w.get("/gold/x?y=1").Action)
		require.Equal(t, edgeauth.Allow, w.get("/").Action)
	})
}

func TestASignInThatStaysTooWeakIsRefusedOnce(t *testing.T) {
	with(t, strongRules, func(t *testing.T, w *world) {
		l := &levels{acr: "silver"}
		l.bend(w)
		w.signedIn("alice", "/")
		d := w.get("/gold/x")
		d = w.get(w.atProvider(d.Location, "alice"))
		require.Equal(t, "weak_session", edgeauth.Code(d.Reason))
		require.Equal(t, http.StatusForbidden, d.Status)
		require.Contains(t, string(d.Body), "return=%2Fgold%2Fx", "another account may do")
		require.Equal(t, edgeauth.Allow, w.get("/").Action, "the session is there for the rest")
	})
}

func TestTheFirstSignInAsksForWhatItsPageWants(t *testing.T) {
	with(t, strongRules, func(t *testing.T, w *world) {
		(&levels{acr: "gold"}).bend(w)
		d := w.get("/gold/x")
		require.Equal(t, "gold platinum", query(t, d.Location).Get("acr_values"))
		d = w.get(w.atProvider(d.Location, "alice"))
		require.Equal(t, "signed_in", d.Code())
		require.Equal(t, "600", query(t, w.get("/.auth/login?return=/fresh/").Location).Get("max_age"))
		plain := query(t, w.get("/.auth/login?return=/").Location)
		require.False(t, plain.Has("acr_values") || plain.Has("max_age") || plain.Has("prompt"), "%v", plain)
	})
}

func TestMethodsAreAskedForByAnotherSignIn(t *testing.T) { // no request names them
	with(t, strongRules, func(t *testing.T, w *world) {
		l := &levels{amr: []string{"pwd"}}
		l.bend(w)
		w.signedIn("alice", "/")
		d := w.get("/mfa/")
		require.Equal(t, "login", query(t, d.Location).Get("prompt"))
		l.amr = []string{"pwd", "mfa"}
		require.Equal(t, "signed_in", w.get(w.atProvider(d.Location, "alice")).Code())
		require.Equal(t, edgeauth.Allow, w.get("/mfa/").Action)
	})
}

func TestASignInGetsTooOldForARule(t *testing.T) {
	with(t, strongRules, func(t *testing.T, w *world) {
		w.signedIn("alice", "/fresh/")
		w.Wait(11 * time.Minute) // the leeway is in it
		require.Equal(t, edgeauth.Allow, w.get("/fresh/").Action)
		w.Wait(time.Second)
		d := w.get("/fresh/")
		require.Equal(t, "weak_session", edgeauth.Code(d.Reason))
		require.Equal(t, "600", query(t, d.Location).Get("max_age"))
		require.Equal(t, "signed_in", w.get(w.atProvider(d.Location, "alice")).Code())
		require.Equal(t, edgeauth.Allow, w.get("/fresh/").Action)
	})
}

// A provider that is silent about auth_time, or overlooks max_age, gets nobody through, and nobody into a loop.
func TestAProviderThatDoesNotSayWhenIsRefused(t *testing.T) {
	with(t, strongRules, func(t *testing.T, w *world) {
		w.IdP.Tamper(claims("auth_time", nil))
		d := w.get("/fresh/")
		d = w.get(w.atProvider(d.Location, "alice"))
		require.Equal(t, "weak_session", edgeauth.Code(d.Reason))
		require.ErrorContains(t, d.Reason, "auth_time")
		require.Equal(t, http.StatusForbidden, d.Status)
	})
}

// A renewal is no sign-in: what it leaves out stays as it was, and what it says counts (OIDC Core 12.2).
func TestARenewalMakesASignInNeitherStrongerNorWeaker(t *testing.T) {
	w := newWorld(t, strongRules)
	l := &levels{acr: "gold", amr: []string{"mfa"}}
	l.bend(w)
	w.signedIn("alice", "/gold/")
	l.acr, l.amr = "", nil
	w.Wait(2 * time.Hour)
	require.Equal(t, edgeauth.Allow, w.follow("alice", "/gold/").Action)
	require.Equal(t, edgeauth.Allow, w.get("/mfa/").Action)
	require.Equal(t, "weak_session", w.code("/fresh/"), "auth_time is that of the sign-in")
	l.acr = "silver"
	w.Wait(2 * time.Hour)
	require.Equal(t, edgeauth.Allow, w.follow("alice", "/").Action)
	require.Equal(t, "weak_session", w.code("/gold/"))
}

func TestAScriptIsToldWhichSignInIsNeeded(t *testing.T) { // RFC 9470, 3
	w := newWorld(t, strongRules)
	w.signedIn("alice", "/")
	header := map[string]string{"Referer": appURL + "/app?x=1"}
	for name, value := range script {
		header[name] = value
	}
	d := w.asks(header, "/gold/api?z=2")
	require.Equal(t, http.StatusUnauthorized, d.Status)
	challenge := d.Header.Get("WWW-Authenticate")
	require.True(t, strings.HasPrefix(challenge, `Bearer error="insufficient_user_authentication"`), challenge)
	require.Contains(t, challenge, `acr_values="gold platinum"`)
	require.Contains(t, string(d.Body), `"error":"insufficient_user_authentication"`)
	require.Contains(t, string(d.Body), `/.auth/login?for=%2Fgold%2Fapi%3Fz%3D2\u0026return=%2Fapp%3Fx%3D1`)
	require.Equal(t, "gold platinum", query(t, w.get("/.auth/login?for=%2Fgold%2Fapi&return=%2Fapp").Location).Get("acr_values"))
	w.Wait(12 * time.Minute)
	require.Contains(t, w.asks(header, "/fresh/api").Header.Get("WWW-Authenticate"), `max_age="600"`)
	require.Empty(t, w.attempts()[1:], "a script starts no sign-in")
}

func TestWhoIsNotLetInIsNotAskedToSignInStronger(t *testing.T) {
	w := newWorld(t, strongRules)
	w.signedIn("alice", "/")
	require.Equal(t, "forbidden_group", w.code("/admins/"))
}

func TestARuleOnEmailAsksForAVerifiedOne(t *testing.T) {
	rules := []edgeauth.Rule{
		{Path: "/domain/", EmailDomains: []string{"Example.com", "example.org", "book.example"}}, {Path: "/one/", Emails: []string{"Alice@EXAMPLE.com"}},
		{Path: "/either/", Emails: []string{"x@y.example"}, EmailDomains: []string{"example.com"}},
	}
	for email, row := range map[string]struct {
		verified any
		allowed  []string
	}{
		"alice@example.com":          {true, []string{"/domain/", "/one/", "/either/"}},
		"ALICE@Example.COM":          {"true", []string{"/domain/", "/one/", "/either/"}},
		"bob@example.com":            {true, []string{"/domain/", "/either/"}},
		"bob@example.org":            {true, []string{"/domain/"}},
		"x@y.example":                {true, []string{"/either/"}},
		"alice@sub.example.com":      {true, nil},
		"alice@example.com.evil.org": {true, nil},
		"evil@example.com@evil.org":  {true, nil},
		"alice@evilexample.com":      {true, nil},
		"alice@boo\u212A.example":    {true, nil},
		"a@evil.org@example.com":     {true, nil},
		`"a@evil.org"@example.com`:   {true, nil},
		"@example.com":               {true, nil},
		"example.com":                {true, nil},
		"alice@example.com ":         {true, nil},
		"":                           {true, nil},
	} {
		with(t, func(c *edgeauth.Config, o *devidp.Options) {
			c.Rules = rules
			o.Users[0].Claims = map[string]any{"email": email, "email_verified": row.verified}
		}, func(t *testing.T, w *world) {
			w.signedIn("alice", "/")
			var allowed []string
			for _, rule := range rules {
				if d := w.get(rule.Path); d.Action == edgeauth.Allow {
					allowed = append(allowed, rule.Path)
				} else {
					require.Equal(t, "forbidden_claim", edgeauth.Code(d.Reason))
				}
			}
			require.Equal(t, row.allowed, allowed, email)
		})
	}
	for _, verified := range []any{false, "false", nil, 1, "yes"} {
		w := newWorld(t, func(c *edgeauth.Config, o *devidp.Options) {
			c.Rules = rules
			o.Users[0].Claims = map[string]any{"email": "alice@example.com", "email_verified": verified}
		})
		w.signedIn("alice", "/")
		require.Equal(t, "forbidden_claim", w.code("/domain/"), "%v", verified)
	}
}

func TestClaimsWithSeveralValuesAndEndings(t *testing.T) {
	with(t, func(c *edgeauth.Config, o *devidp.Options) {
		c.Rules = []edgeauth.Rule{
			{Path: "/any/", ClaimsAnyOf: map[string][]string{"department": {"ops", "dev"}}},
			{Path: "/both/", ClaimsAnyOf: map[string][]string{"department": {"ops"}, "site": {"x", "y"}}},
			{Path: "/end/", ClaimsSuffix: map[string][]string{"host": {".ops.example", "/x"}}},
		}
		o.Users[0].Claims = map[string]any{"department": []string{"dev"}, "site": "y", "host": "db.ops.example"}
		o.Users[1].Claims = map[string]any{"department": "ops", "site": "y", "host": ".ops.example"}
	}, func(t *testing.T, w *world) {
		w.signedIn("alice", "/any/")
		require.Equal(t, "forbidden_claim", w.code("/both/"))
		require.Equal(t, edgeauth.Allow, w.get("/end/").Action)
		w.Jar = map[string]string{}
		w.signedIn("bob", "/any/")
		require.Equal(t, edgeauth.Allow, w.get("/both/").Action)
		require.Equal(t, "forbidden_claim", w.code("/end/"), "the end alone is no name")
	})
}

func TestARequirementOnAGroupThatTheSessionDroppedSaysSo(t *testing.T) {
	w := newWorld(t, func(c *edgeauth.Config, _ *devidp.Options) {
		c.Rules = []edgeauth.Rule{{Path: "/staff/", Groups: []string{"staff"}}}
	})
	w.signedIn("bob", "/")
	id := w.get("/").Identity
	require.NoError(t, edgeauth.Rule{Groups: []string{"staff"}}.Permits(id))
	require.ErrorContains(t, edgeauth.Rule{Groups: []string{"admins"}}.Permits(id), "which the session does not keep")
	w = newWorld(t, func(c *edgeauth.Config, _ *devidp.Options) { c.Session.Claims = []string{"groups"} })
	w.signedIn("bob", "/")
	id = w.get("/").Identity
	require.NoError(t, edgeauth.Rule{Groups: []string{"admins"}}.Permits(id))
	require.NotContains(t, edgeauth.Rule{Groups: []string{"none"}}.Permits(id).Error(), "does not keep")
}

func TestAnAuthTimeInMillisecondsIsNone(t *testing.T) {
	w := newWorld(t, func(c *edgeauth.Config, o *devidp.Options) {
		strongRules(c, o)
		c.Session.Lifetime = 30 * 24 * time.Hour
		c.Session.OutliveToken = true
	})
	w.IdP.Tamper(devidp.Tamper{IDToken: devidp.TokenTamper{Claims: func(c map[string]any) { c["auth_time"] = w.Now().UnixMilli() }}})
	w.signIn("alice", "/fresh/")
	w.Wait(20 * 24 * time.Hour)
	d := w.get("/fresh/")
	require.NotEqual(t, edgeauth.Allow, d.Action, "twenty days later, where ten minutes are asked for")
}
