package edgeauth_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/internal/answer"
	"github.com/edgeauth/edgeauth/internal/devidp"
	"github.com/stretchr/testify/require"
)

func TestAnOddRefreshTokenComesBackAsItWas(t *testing.T) {
	for _, odd := range []string{`a "quoted", one; and \ more`, "~2~chunk", "~", "!b64!AAAA", "ümlaut", "tab\tand\nline", "a=b==", strings.Repeat(`"`, 4000)} {
		t.Run(odd[:min(len(odd), 20)], func(t *testing.T) {
			modes(t, func(t *testing.T, w *world) {
				var real, brought string
				w.IdP.Tamper(tokenAnswer(func(a map[string]any) { real, _ = a["refresh_token"].(string); a["refresh_token"] = odd }))
				w.signedIn("alice", "/")
				w.IdP.Fail(devidp.Token, func(endpoint http.Handler) http.Handler {
					return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
						_ = r.ParseForm()
						brought = r.Form.Get("refresh_token")
						r.Form.Set("refresh_token", real)
						r.PostForm.Set("refresh_token", real)
						endpoint.ServeHTTP(rw, r)
					})
				})
				for range 2 {
					brought = ""
					w.Wait(2 * time.Hour)
					d := w.fetch("/")
					require.Equal(t, edgeauth.Allow, d.Action, "%v", d.Reason)
					require.Equal(t, odd, brought)
				}
			})
		})
	}
}

func TestAFloodOfCookiesIsClearedInBoundedAnswersThatCanBeGiven(t *testing.T) {
	modes(t, func(t *testing.T, w *world) {
		w.signedIn("alice", "/")
		session := w.session()
		junk := func(format string) string {
			var b strings.Builder
			for i := range 3000 {
				fmt.Fprintf(&b, session+format+"=x; ", i)
			}
			return b.String()
		}
		pending := ""
		signedIn := w.Jar
		for range 100 {
			w.Jar = map[string]string{}
			w.get("/.auth/login")
			for _, name := range w.attempts() {
				pending += name + "=" + w.Jar[name] + "; "
			}
		}
		w.Jar = signedIn
		callback := w.comesBack("alice", "/.auth/login")
		w.Wait(2 * time.Minute)
		for name, line := range map[string]string{
			"chunks": junk("-%d"), "others": junk("-x%d"), "attempts": junk("-s-%010x"), "attempts that can be read": pending,
			"names that none can have": junk("-\x01 %d") + junk("-s-(%d)") + junk("-s-\xff%d"),
		} {
			t.Run(name, func(t *testing.T) {
				for _, target := range []string{callback, "/.auth/login", "/.auth/logout", "/.auth/callback?state=x"} {
					r := w.request(http.MethodGet, target)
					r.Cookie = []string{line + r.Cookie[0]}
					r.Header = func(name string) string {
						return map[string]string{"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}[name]
					}
					d := w.Guard.Check(t.Context(), r)
					require.LessOrEqual(t, len(d.Cookies), 64, target)
					_, err := answer.Of(&d)
					require.NoError(t, err, target)
					if target == "/.auth/logout" {
						require.True(t, slices.ContainsFunc(d.Cookies, func(c *http.Cookie) bool { return c.Name == session && c.MaxAge < 0 }), "the session itself is cleared whatever stands before it")
					}
				}
			})
		}
	})
}

// asked is the answer to a script's request with these Cookie lines.
func (w *world) asked(lines ...string) edgeauth.Decision {
	w.Header = script
	defer func() { w.Header = nil }()
	r := w.request(http.MethodGet, "/data.json")
	r.Cookie = lines
	return w.Guard.Check(context.Background(), r)
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

func TestASessionSpreadsOverCookiesAndShrinksAgain(t *testing.T) {
	large := func(c *edgeauth.Config, o *devidp.Options) { o.Users[0].Claims["name"] = strings.Repeat("Ā", 3500) }
	with(t, large, func(t *testing.T, w *world) {
		w.signedIn("alice", "/")
		name := w.session()
		require.Contains(t, w.Jar, name+"-1")
		require.Equal(t, edgeauth.Allow, w.get("/").Action)
		whole := maps.Clone(w.Jar)

		for chunk := range whole {
			if chunk == name || !strings.HasPrefix(chunk, name) || strings.HasSuffix(chunk, "-f") || strings.HasSuffix(chunk, "-r") {
				continue
			}
			w.Jar = maps.Clone(whole)
			delete(w.Jar, chunk)
			require.Equal(t, "bad_session", edgeauth.Code(w.fetch("/").Reason), "without %s", chunk)
			w.Jar = maps.Clone(whole)
			w.Jar[chunk] = damaged("." + whole[chunk])
			require.Equal(t, http.StatusUnauthorized, w.fetch("/").Status, "with a touched %s", chunk)
		}
		w.Jar = maps.Clone(whole)
		if _, two := whole[name+"-2"]; two {
			w.Jar[name+"-1"], w.Jar[name+"-2"] = whole[name+"-2"], whole[name+"-1"]
			require.Equal(t, http.StatusUnauthorized, w.fetch("/").Status, "swapped")
		}

		w.Jar = maps.Clone(whole)
		d := w.get("/.auth/login")
		w.get(w.atProvider(d.Location, "bob"))
		require.Equal(t, "bob", w.get("/").Identity.Subject())
		require.NotContains(t, w.Jar, name+"-1", "what is left of the larger one is cleared")
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
	w.IdP.Tamper(answering("refresh_token", strings.Repeat("r", 9<<10)))
	d := w.signIn("alice", "/")
	require.Equal(t, "session_too_large", edgeauth.Code(d.Reason), "%v", d.Reason)
	require.Empty(t, w.session())
}

func TestSessionCookiesAreOutOfReach(t *testing.T) { // B15, B49
	modes(t, func(t *testing.T, w *world) {
		var set []*http.Cookie
		w.seen = func(d edgeauth.Decision) { set = append(set, d.Cookies...) }
		w.signedIn("alice", "/")
		w.Wait(2 * time.Hour)
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
			require.True(t, c.Secure && c.HttpOnly)
			if strings.HasPrefix(c.Name, "__Host-") { // TestAttemptsAndCountsAreOfThisHostAlone
				require.Empty(t, c.Domain)
				continue
			}
			require.True(t, strings.HasPrefix(c.Name, "__Secure-edgeauth-"), c.Name)
			require.True(t, c.Domain == "example.com" || c.MaxAge < 0, "clearing needs it too")
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
	d := w.Guard.Check(context.Background(), r)
	require.Len(t, d.Cookies, 1)
	require.True(t, strings.HasPrefix(d.Cookies[0].Name, "edgeauth-"), "browsers refuse the prefixes without Secure")
	require.False(t, d.Cookies[0].Secure)
	require.True(t, d.Cookies[0].HttpOnly)
	require.Contains(t, d.Location, "redirect_uri=http%3A%2F%2Flocalhost%3A8080%2F")
}
