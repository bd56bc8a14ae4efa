package edgeauth_test

import (
	"context"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/internal/devidp"
	"github.com/stretchr/testify/require"
)

// asked is the answer to a script's request with these Cookie lines.
func (w *world) asked(lines ...string) edgeauth.Decision {
	w.header = script
	defer func() { w.header = nil }()
	r := w.request(http.MethodGet, "/data.json")
	r.Cookie = lines
	return w.guard.Check(context.Background(), r)
}

func (w *world) line() string { return w.request(http.MethodGet, "/").Cookie[0] }

func TestAnOddCookieNeverSignsAnybodyOut(t *testing.T) { // B12, B24
	modes(t, func(t *testing.T, w *world) {
		w.signedIn("alice", "/")
		ours := w.line()
		for name, odd := range map[string]string{
			"bad percent-encoding": "x=%FF", "no equals sign": "x", "an empty name": "=x", "an empty pair": ";;", "quotes": `x="a b"; y="`,
			"control bytes": "x=\x00\x01\x1f\x7f", "a line break": "x=\r\ny", "invalid UTF-8": "\xff=\xfe", "a comma": "x=a,b", "a backslash": `x=\`,
			"a name with a blank": "a b=c", "JSON": `x={"a":"b; c"}`, "8 KB": "x=" + strings.Repeat("y", 8<<10), "a thousand": strings.Repeat("x=y; ", 1000) + "x=y",
			"an attempt that is none": w.session() + "-s-0123456789=x", "a chunk that is none": w.session() + "-7=x", "a part with a strange name": w.session() + "-zz=x",
			"another site's": "__Host-edgeauth-ffffffff=x; __Host-edgeauth-ffffffff-1=y", "without prefix": strings.TrimPrefix(w.session(), "__Host-") + "=x",
			"our name in another case": strings.ToUpper(w.session()) + "=x", "our name with more": w.session() + "x=y",
		} {
			for order, lines := range map[string][]string{
				"before": {odd + "; " + ours}, "after": {ours + "; " + odd}, "in a line before": {odd, ours}, "in a line after": {ours, odd}, "without blanks": {odd + ";" + ours + ";" + odd},
			} {
				d := w.asked(lines...)
				require.Equal(t, edgeauth.Allow, d.Action, "%s %s: %v", name, order, d.Reason)
				require.NotContains(t, d.Forward.Cookie, w.session()+"=")
			}
		}
	})
}

func TestASessionThatIsNotOursIsNone(t *testing.T) {
	modes(t, func(t *testing.T, w *world) {
		w.signedIn("alice", "/")
		name, value := w.session(), w.jar[w.session()]
		for rule, line := range map[string]string{
			"none": "", "empty": name + "=", "a word": name + "=garbage", "the base64 of {}": name + "=e30", "huge": name + "=" + strings.Repeat("A", 100_000),
			"cut": name + "=" + value[:len(value)-1], "longer": name + "=" + value + "A", "touched": name + "=" + damaged("."+value), "doubled": name + "=" + value + value,
			"under another name": name + "x=" + value, "quoted": name + `="` + value + `"`, "percent-encoded": name + "=%" + value, "chunks that do not come": name + "=~2~" + value,
			"planted before the right one": name + "=garbage; " + name + "=" + value,
		} {
			d := w.asked(line)
			require.Equal(t, http.StatusUnauthorized, d.Status, "%s: %v", rule, d.Reason)
			require.Contains(t, []string{"no_session", "bad_session", "token_malformed", "token_too_large", "bad_signature"}, edgeauth.Code(d.Reason), rule)
		}
		d := w.asked(name + "=" + value + "; " + name + "=garbage")
		require.Equal(t, edgeauth.Allow, d.Action, "the first of a name counts")
	})
}

func TestASessionOfAnotherSiteClientOrKeyIsNone(t *testing.T) { // B42
	for rule, change := range map[string]func(*edgeauth.Config, *devidp.Options){
		"another site":     func(c *edgeauth.Config, _ *devidp.Options) { c.SiteID = "another" },
		"another client":   func(c *edgeauth.Config, o *devidp.Options) { c.ClientID, o.Clients[0].ID = "other", "other" },
		"another provider": func(c *edgeauth.Config, _ *devidp.Options) { c.Provider.Name = "another" },
		"another key": func(c *edgeauth.Config, _ *devidp.Options) {
			c.Session.Keys = [][]byte{[]byte(strings.Repeat("k", 32))}
		},
	} {
		t.Run(rule, func(t *testing.T) {
			one, two := newWorld(t, nil), newWorld(t, change)
			one.signedIn("alice", "/")
			two.signedIn("alice", "/")
			d := two.asked(two.session() + "=" + one.jar[one.session()])
			require.Equal(t, "bad_session", edgeauth.Code(d.Reason))
		})
	}
	t.Run("a token of another client", func(t *testing.T) {
		one := newWorld(t, func(c *edgeauth.Config, o *devidp.Options) {
			tokensMode(c, o)
			c.ClientID, o.Clients[0].ID = "other", "other"
		})
		two := newWorld(t, tokensMode)
		one.signedIn("alice", "/")
		two.signedIn("alice", "/")
		d := two.asked(two.session() + "=" + one.jar[one.session()])
		require.Equal(t, "wrong_audience", edgeauth.Code(d.Reason))
		require.Equal(t, http.StatusUnauthorized, d.Status)
	})
	t.Run("the cookie of a sign-in in progress", func(t *testing.T) {
		w := newWorld(t, nil)
		w.signedIn("alice", "/")
		name := w.session()
		w.get("/.auth/login")
		d := w.asked(name + "=" + w.jar[w.attempts()[0]])
		require.Equal(t, "bad_session", edgeauth.Code(d.Reason))
	})
}

func TestSessionKeysRotate(t *testing.T) {
	first, second := []byte(strings.Repeat("1", 32)), []byte(strings.Repeat("2", 32))
	w := newWorld(t, func(c *edgeauth.Config, _ *devidp.Options) { c.Session.Keys = [][]byte{first} })
	with := func(keys ...[]byte) {
		config := w.config
		config.Session.Keys = keys
		var err error
		w.guard, err = edgeauth.New(config)
		require.NoError(t, err)
	}
	w.signedIn("alice", "/")
	pending := w.get("/.auth/login?return=/deep")
	with(second, first)
	require.Equal(t, edgeauth.Allow, w.get("/").Action, "the old key still opens")
	require.Equal(t, appURL+"/deep", w.get(w.atProvider(pending.Location, "alice")).Location, "sign-ins in progress too")
	with(second)
	require.Equal(t, edgeauth.Allow, w.get("/").Action, "what was written since then is under the new key")
	with(first)
	w.needsSignIn("bad_session")
}

func TestWhatIsInASealedSessionIsForNobodyToRead(t *testing.T) {
	w := newWorld(t, nil)
	w.signedIn("alice", "/")
	for _, word := range []string{"alice", "Alice", "example", "staff"} {
		require.NotContains(t, w.jar[w.session()], word)
	}
}

func TestASessionSpreadsOverCookiesAndShrinksAgain(t *testing.T) {
	large := func(c *edgeauth.Config, o *devidp.Options) { o.Users[0].Claims["name"] = strings.Repeat("Ā", 3500) }
	with(t, large, func(t *testing.T, w *world) {
		w.signedIn("alice", "/")
		name := w.session()
		require.Contains(t, w.jar, name+"-1")
		require.Equal(t, edgeauth.Allow, w.get("/").Action)
		whole := maps.Clone(w.jar)

		for chunk := range whole {
			if chunk == name || !strings.HasPrefix(chunk, name) || strings.HasSuffix(chunk, "-f") || strings.HasSuffix(chunk, "-r") {
				continue
			}
			w.jar = maps.Clone(whole)
			delete(w.jar, chunk)
			require.Equal(t, "bad_session", edgeauth.Code(w.fetch("/").Reason), "without %s", chunk)
			w.jar = maps.Clone(whole)
			w.jar[chunk] = damaged("." + whole[chunk])
			require.Equal(t, http.StatusUnauthorized, w.fetch("/").Status, "with a touched %s", chunk)
		}
		w.jar = maps.Clone(whole)
		if _, two := whole[name+"-2"]; two {
			w.jar[name+"-1"], w.jar[name+"-2"] = whole[name+"-2"], whole[name+"-1"]
			require.Equal(t, http.StatusUnauthorized, w.fetch("/").Status, "swapped")
		}

		w.jar = maps.Clone(whole)
		d := w.get("/.auth/login")
		w.get(w.atProvider(d.Location, "bob"))
		require.Equal(t, "bob", w.get("/").Identity.Subject())
		require.NotContains(t, w.jar, name+"-1", "what is left of the larger one is cleared")
	})
}

func TestASessionOfMoreThan16KBIsRefusedClearly(t *testing.T) {
	with(t, func(_ *edgeauth.Config, o *devidp.Options) { o.Users[0].Claims["name"] = strings.Repeat("x", 15<<10) }, func(t *testing.T, w *world) {
		d := w.signIn("alice", "/")
		require.Equal(t, "session_too_large", edgeauth.Code(d.Reason), "%v", d.Reason)
		require.ErrorContains(t, d.Reason, "fewer claims or groups")
		w.noSession(d)
	})
}

func TestTokenAndRefreshTokenTogetherAreBounded(t *testing.T) {
	w := newWorld(t, func(c *edgeauth.Config, o *devidp.Options) {
		tokensMode(c, o)
		o.Users[0].Claims["name"] = strings.Repeat("x", 7<<10)
	})
	w.idp.Bend(answering("refresh_token", strings.Repeat("r", 9<<10)))
	d := w.signIn("alice", "/")
	require.Equal(t, "session_too_large", edgeauth.Code(d.Reason), "%v", d.Reason)
	require.Empty(t, w.session())
}

func TestSessionCookiesAreOutOfReach(t *testing.T) { // B15, B49
	modes(t, func(t *testing.T, w *world) {
		var set []*http.Cookie
		w.seen = func(d edgeauth.Decision) { set = append(set, d.Cookies...) }
		w.signedIn("alice", "/")
		w.wait(2 * time.Hour)
		w.get("/")
		w.signOut()
		require.GreaterOrEqual(t, len(set), 6)
		for _, c := range set {
			require.True(t, strings.HasPrefix(c.Name, "__Host-edgeauth-"), c.Name)
			require.True(t, c.Secure && c.HttpOnly, c.Name)
			require.Equal(t, http.SameSiteLaxMode, c.SameSite)
			require.Equal(t, "/", c.Path)
			require.Empty(t, c.Domain)
			require.True(t, c.Expires.IsZero(), "Max-Age alone: an odd date is ignored by browsers")
			require.NoError(t, c.Valid())
		}
	})
}

func TestCookiesForADomain(t *testing.T) {
	w := newWorld(t, func(c *edgeauth.Config, _ *devidp.Options) { c.Cookie.Domain = "example.com" })
	w.seen = func(d edgeauth.Decision) {
		for _, c := range d.Cookies {
			require.True(t, strings.HasPrefix(c.Name, "__Secure-edgeauth-"), c.Name)
			require.Equal(t, "example.com", c.Domain, "clearing needs it too")
			require.True(t, c.Secure && c.HttpOnly)
		}
	}
	w.signedIn("alice", "/")
	require.Equal(t, edgeauth.Allow, w.get("/").Action)
	w.signOut()
}

func TestCookiesForFramesOfOtherSites(t *testing.T) {
	w := newWorld(t, func(c *edgeauth.Config, _ *devidp.Options) { c.Cookie.SameSite = http.SameSiteNoneMode })
	for _, c := range w.get("/").Cookies {
		require.Equal(t, http.SameSiteNoneMode, c.SameSite)
		require.True(t, c.Secure)
	}
}

func TestCookiesOnLoopback(t *testing.T) {
	w := newWorld(t, func(c *edgeauth.Config, _ *devidp.Options) {
		c.Hosts, c.InsecureHTTP = []string{"localhost:8080"}, true
	})
	r := w.request(http.MethodGet, "/")
	r.Host = "localhost:8080"
	d := w.guard.Check(context.Background(), r)
	require.Len(t, d.Cookies, 1)
	require.True(t, strings.HasPrefix(d.Cookies[0].Name, "edgeauth-"), "browsers refuse the prefixes without Secure")
	require.False(t, d.Cookies[0].Secure)
	require.True(t, d.Cookies[0].HttpOnly)
	require.Contains(t, d.Location, "redirect_uri=http%3A%2F%2Flocalhost%3A8080%2F")
}

func TestForwardedIdentityIsTheSessionsAlone(t *testing.T) { // CVE-2025-64484
	forward := func(c *edgeauth.Config, o *devidp.Options) {
		c.Rules = []edgeauth.Rule{{Path: "/public/", Anyone: true}}
		c.Forward.Headers = map[string]string{"X-Auth-Subject": "sub", "X-Auth-Name": "name", "X-Auth-Groups": "groups", "X-Auth-Odd": "odd", "X-Auth-Missing": "missing"}
		o.Users[0].Claims["name"], o.Users[0].Claims["odd"] = "Zoë\r\nX: y %41", []string{"a,b", "c"}
	}
	with(t, forward, func(t *testing.T, w *world) {
		names := []string{"X-Auth-Groups", "X-Auth-Missing", "X-Auth-Name", "X-Auth-Odd", "X-Auth-Subject"}
		d := w.get("/public/x")
		require.Equal(t, names, d.Forward.Drop, "on public paths too")
		require.Empty(t, d.Forward.Set)
		w.signedIn("alice", "/")
		w.jar["theme"] = "dark"
		d = w.get("/")
		require.Equal(t, names, d.Forward.Drop)
		require.Equal(t, http.Header{
			"X-Auth-Subject": {"alice"}, "X-Auth-Name": {"Zo%C3%AB%0D%0AX: y %2541"}, "X-Auth-Groups": {"staff"}, "X-Auth-Odd": {"a%2Cb,c"},
		}, d.Forward.Set)
		require.Equal(t, "theme=dark", d.Forward.Cookie)
	})
	t.Run("the access token", func(t *testing.T) {
		w := newWorld(t, func(c *edgeauth.Config, _ *devidp.Options) { c.Forward.AccessToken = true })
		w.signedIn("alice", "/")
		d := w.get("/")
		require.Equal(t, []string{"Authorization"}, d.Forward.Drop)
		require.True(t, strings.HasPrefix(d.Forward.Set.Get("Authorization"), "Bearer ey"))
		before := d.Forward.Set.Get("Authorization")
		w.wait(2 * time.Hour)
		require.NotEqual(t, before, w.fetch("/").Forward.Set.Get("Authorization"), "it is renewed with the session")
	})
}
