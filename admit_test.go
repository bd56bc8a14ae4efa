package edgeauth_test

import (
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/internal/devidp"
	"github.com/edgeauth/edgeauth/provider"
	"github.com/stretchr/testify/require"
)

// with makes both modes of a change.
func with(t *testing.T, change func(*edgeauth.Config, *devidp.Options), story func(t *testing.T, w *world)) {
	t.Run("sealed", func(t *testing.T) { story(t, newWorld(t, change)) })
	t.Run("tokens", func(t *testing.T) {
		story(t, newWorld(t, func(c *edgeauth.Config, o *devidp.Options) {
			tokensMode(c, o)
			change(c, o)
		}))
	})
}

func refreshes(r devidp.Refresh) func(*edgeauth.Config, *devidp.Options) {
	return func(_ *edgeauth.Config, o *devidp.Options) { o.Refresh = r }
}

// needsSignIn says that there is no session any more, for code as the reason.
func (w *world) needsSignIn(code string) {
	w.t.Helper()
	d := w.fetch("/x")
	require.Equal(w.t, http.StatusUnauthorized, d.Status, "%v", d.Reason)
	require.Equal(w.t, code, edgeauth.Code(d.Reason))
	d = w.get("/x")
	require.Equal(w.t, edgeauth.Redirect, d.Action, "%v", d.Reason)
	require.True(w.t, strings.HasPrefix(d.Location, idpURL+"/authorize?"), d.Location)
}

func TestASessionEndsWithItsEvidenceAndTheLeeway(t *testing.T) {
	with(t, refreshes(devidp.NoRefresh), func(t *testing.T, w *world) {
		w.signedIn("alice", "/")
		w.Wait(time.Hour + 59*time.Second)
		require.Equal(t, edgeauth.Allow, w.get("/").Action)
		w.Wait(time.Second)
		w.needsSignIn("expired")
	})
}

func TestLifetimeEndsASessionHoweverOftenItIsRefreshed(t *testing.T) {
	w := newWorld(t, func(c *edgeauth.Config, _ *devidp.Options) { c.Session.Lifetime = 3 * time.Hour })
	d := w.signIn("alice", "/")
	require.Equal(t, 3*60*60, d.Cookies[0].MaxAge)
	for range 179 {
		w.Wait(time.Minute)
		d = w.get("/")
		require.Equal(t, edgeauth.Allow, d.Action, "%v", d.Reason)
		for _, c := range d.Cookies {
			require.LessOrEqual(t, c.MaxAge, 2*60*60+10*60, "a renewed cookie lives no longer than the session")
		}
	}
	require.GreaterOrEqual(t, w.IdP.Calls(devidp.Token), 3)
	w.Wait(time.Minute)
	w.needsSignIn("lifetime_over")
}

func TestIdleEndsASessionThatNobodyNavigates(t *testing.T) {
	w := newWorld(t, func(c *edgeauth.Config, o *devidp.Options) {
		c.Session.Idle, o.TokenLife = 20*time.Minute, 10*time.Hour
	})
	w.signedIn("alice", "/")
	for range 10 {
		w.Wait(19 * time.Minute)
		require.Equal(t, edgeauth.Allow, w.get("/").Action, "navigations keep it alive")
	}
	for range 20 {
		w.Wait(time.Minute)
		d := w.fetch("/poll")
		require.Equal(t, edgeauth.Allow, d.Action)
		require.Empty(t, d.Cookies, "a page that polls is not a person")
	}
	w.Wait(time.Minute)
	w.needsSignIn("idle_too_long")
}

// A person who works in a page without ever leaving it changes something now and then.
func TestIdleCountsWhatAPersonDoes(t *testing.T) {
	script := func(site, mode string) map[string]string {
		return map[string]string{"Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": "empty", "Sec-Fetch-Site": site, "Accept": "*/*"}
	}
	for _, test := range []struct {
		what, method string
		header       map[string]string
		counts       bool
	}{
		{"a POST", "POST", script("same-origin", "cors"), true},
		{"a POST of a program that says nothing of itself", "POST", nil, true},
		{"a PUT", "PUT", script("same-origin", "cors"), true},
		{"a PATCH", "PATCH", script("same-origin", "cors"), true},
		{"a DELETE", "DELETE", script("same-site", "cors"), true},
		{"a beacon", "POST", script("same-origin", "no-cors"), false},
		{"a POST of another site", "POST", script("cross-site", "cors"), false},
		{"a GET", "GET", script("same-origin", "cors"), false},
		{"a preflight", "OPTIONS", script("same-origin", "cors"), false},
	} {
		for _, carry := range []bool{true, false} {
			t.Run(fmt.Sprint(test.what, ", cookies on allow: ", carry), func(t *testing.T) {
				w := newWorld(t, func(c *edgeauth.Config, o *devidp.Options) {
					c.Session.Idle, o.TokenLife = 15*time.Minute, 10*time.Hour
				})
				w.CookiesOnAllow = carry
				w.signedIn("alice", "/")
				w.Header = test.header
				last := edgeauth.Allow
				for range 60 {
					w.Wait(time.Minute)
					d := w.do(test.method, "/act")
					for d.Status == http.StatusTemporaryRedirect {
						d = w.do(test.method, "/act")
					}
					last = d.Action
				}
				require.Equal(t, test.counts, last == edgeauth.Allow)
			})
		}
	}
}

func TestIdleNeverEndsASessionEarly(t *testing.T) {
	for _, idle := range []time.Duration{time.Minute, 20 * time.Minute, 8 * time.Hour} {
		for _, carry := range []bool{true, false} {
			for used := time.Second; used < idle; used += idle / 13 {
				w := newWorld(t, func(c *edgeauth.Config, o *devidp.Options) {
					c.Session.Idle, o.TokenLife, c.Session.Lifetime = idle, 100*time.Hour, 200*time.Hour
				})
				w.CookiesOnAllow = carry
				w.signedIn("alice", "/")
				w.Wait(used)
				for w.get("/").Action == edgeauth.Redirect {
				}
				w.Wait(idle - 1)
				require.NotEqual(t, "idle_too_long", w.code("/"), "idle %v, used %v after the sign-in", idle, used)
			}
		}
	}
}

func TestIdleIsStampedNowAndThen(t *testing.T) {
	w := newWorld(t, func(c *edgeauth.Config, o *devidp.Options) {
		c.Session.Idle, o.TokenLife = 20*time.Minute, 10*time.Hour
	})
	w.signedIn("alice", "/")
	var stamps []int
	for minute := 1; minute <= 19; minute++ {
		w.Wait(59 * time.Second)
		d := w.get("/")
		require.Equal(t, edgeauth.Allow, d.Action)
		if len(d.Cookies) > 0 {
			stamps = append(stamps, minute)
			require.Equal(t, "private, no-store", d.Header.Get("Cache-Control"))
		}
	}
	require.Equal(t, []int{2, 4, 6, 8, 10, 12, 14, 16, 18}, stamps)
	require.Equal(t, 1, w.IdP.Calls(devidp.Token), "a stamp asks nobody")
}

func TestAStampWithoutCookiesOnAllowIsOneRedirect(t *testing.T) {
	w := newWorld(t, func(c *edgeauth.Config, o *devidp.Options) {
		c.Session.Idle, o.TokenLife = 20*time.Minute, 10*time.Hour
	})
	w.CookiesOnAllow = false
	w.signedIn("alice", "/")
	w.Wait(6 * time.Minute)
	d := w.get("/a?b=c")
	require.Equal(t, http.StatusTemporaryRedirect, d.Status)
	require.Equal(t, "seen_again", edgeauth.Code(d.Reason))
	require.Equal(t, appURL+"/a?b=c", d.Location)
	require.Equal(t, edgeauth.Allow, w.get("/a?b=c").Action)

	w.Wait(6 * time.Minute)
	session := w.Jar[w.session()]
	require.Equal(t, http.StatusTemporaryRedirect, w.get("/").Status)
	w.Jar[w.session()] = session // a browser that does not keep it
	require.Equal(t, edgeauth.Allow, w.get("/").Action, "is not sent round for a stamp")
}

func TestARenewalByANavigationIsUseOfTheSession(t *testing.T) {
	w := newWorld(t, func(c *edgeauth.Config, _ *devidp.Options) { c.Session.Idle = 40 * time.Minute })
	w.signedIn("alice", "/")
	w.Wait(25 * time.Minute)
	require.NotEmpty(t, w.get("/").Cookies)
	w.Wait(34 * time.Minute)
	require.Equal(t, 1, w.tokenCalls(func() { w.get("/") }))
	w.Wait(30 * time.Minute)
	require.Equal(t, edgeauth.Allow, w.get("/").Action, "the last navigation was half an hour ago")
}

func TestAnOutageDoesNotMakeASessionIdle(t *testing.T) {
	w := newWorld(t, func(c *edgeauth.Config, _ *devidp.Options) { c.Session.Idle = 2 * time.Minute })
	w.signedIn("alice", "/")
	w.IdP.FailAll(devidp.Down())
	for range 60 {
		w.Wait(time.Minute)
		require.Equal(t, edgeauth.Allow, w.get("/").Action)
	}
}

func TestASealedSessionMayOutliveItsToken(t *testing.T) {
	w := newWorld(t, func(c *edgeauth.Config, o *devidp.Options) {
		c.Session.OutliveToken, c.Session.Lifetime, o.Refresh = true, 5*time.Hour, devidp.NoRefresh
	})
	w.signedIn("alice", "/")
	w.Wait(4*time.Hour + 59*time.Minute)
	require.Equal(t, edgeauth.Allow, w.get("/").Action)
	w.Wait(time.Minute)
	w.needsSignIn("lifetime_over")
}

func TestOnlyNavigationsRenewAheadOfTheEnd(t *testing.T) {
	modes(t, func(t *testing.T, w *world) {
		w.signedIn("alice", "/")
		require.Zero(t, w.tokenCalls(func() {
			w.Wait(54 * time.Minute)
			w.get("/") // the window has not begun
			w.Wait(5 * time.Minute)
			d := w.fetch("/")
			require.Equal(t, edgeauth.Allow, d.Action)
			require.Empty(t, d.Cookies)
			w.Header = map[string]string{"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Sec-Purpose": "prefetch;prerender"}
			w.get("/")
			w.Header = nil
		}))
		require.Equal(t, 1, w.tokenCalls(func() {
			d := w.get("/")
			require.Equal(t, edgeauth.Allow, d.Action)
			require.NotEmpty(t, d.Cookies)
			w.Wait(time.Minute)
			require.Empty(t, w.get("/").Cookies)
		}))
	})
}

func TestACrowdThatSignedInTogetherDoesNotComeBackTogether(t *testing.T) {
	w := newWorld(t, nil)
	var jars []map[string]string
	for range 40 {
		w.Jar = map[string]string{}
		w.signedIn("alice", "/")
		jars = append(jars, w.Jar)
	}
	w.Wait(55 * time.Minute)
	var calls []int
	for range 4 {
		calls = append(calls, w.tokenCalls(func() {
			for i := range jars {
				w.Jar = jars[i]
				w.get("/")
			}
		}))
		w.Wait(time.Minute)
	}
	require.Less(t, calls[0], 20, "each minute: %v", calls)
	require.Equal(t, 40, calls[0]+calls[1]+calls[2]+calls[3], "all within the window: %v", calls)
}

func TestARotatedRefreshTokenIsKept(t *testing.T) {
	with(t, refreshes(devidp.RotateOnce), func(t *testing.T, w *world) {
		w.signedIn("alice", "/")
		for range 5 {
			w.Wait(2 * time.Hour)
			require.Equal(t, edgeauth.Allow, w.fetch("/").Action, "a used one would end the family")
		}
		require.Equal(t, 6, w.IdP.Calls(devidp.Token))
	})
}

func TestAMissingRefreshTokenMeansKeepTheOldOne(t *testing.T) { // P01
	with(t, refreshes(devidp.Static), func(t *testing.T, w *world) {
		w.signedIn("alice", "/")
		for range 3 {
			w.Wait(2 * time.Hour)
			require.Equal(t, edgeauth.Allow, w.fetch("/").Action)
		}
	})
}

func TestASignInWithoutRefreshTokenForgetsTheOneBefore(t *testing.T) { // P02
	modes(t, func(t *testing.T, w *world) {
		w.signedIn("alice", "/")
		w.IdP.Tamper(devidp.Tamper{TokenAnswer: func(_ string, answer map[string]any) { delete(answer, "refresh_token") }})
		d := w.get("/.auth/login")
		w.get(w.atProvider(d.Location, "bob"))
		require.Equal(t, "bob", w.get("/").Identity.Subject())
		w.Wait(2 * time.Hour)
		require.Zero(t, w.tokenCalls(func() { w.needsSignIn("expired") }), "alice's refresh token is not bob's")
	})
}

func TestABrowserIsRenewedByItsOwnRefreshTokenAlone(t *testing.T) {
	w := newWorld(t, tokensMode)
	w.signedIn("alice", "/")
	require.Equal(t, edgeauth.Allow, w.get("/").Action, "the token is remembered, with its refresh token")
	delete(w.Jar, w.session()+"-r")
	w.Wait(59*time.Minute + 30*time.Second)
	require.Zero(t, w.tokenCalls(func() { require.Equal(t, edgeauth.Allow, w.get("/").Action) }), "another browser with the same token has none")
}

func TestARefreshWithoutIDToken(t *testing.T) {
	omits := func(_ *edgeauth.Config, o *devidp.Options) { o.RefreshOmitsIDToken = true }
	t.Run("sealed keeps its claims with the new end", func(t *testing.T) {
		w := newWorld(t, omits)
		w.signedIn("alice", "/")
		w.Wait(2 * time.Hour)
		d := w.fetch("/")
		require.Equal(t, edgeauth.Allow, d.Action, "%v", d.Reason)
		require.Equal(t, "Alice", d.Identity.Claim("name"))
		w.Wait(59 * time.Minute)
		require.Zero(t, w.tokenCalls(func() { require.Equal(t, edgeauth.Allow, w.fetch("/").Action) }))
		w.Wait(3 * time.Minute)
		require.Equal(t, 1, w.tokenCalls(func() { w.fetch("/") }))
	})
	t.Run("tokens signs in afresh", func(t *testing.T) {
		w := newWorld(t, func(c *edgeauth.Config, o *devidp.Options) { tokensMode(c, o); omits(c, o) })
		w.signedIn("alice", "/")
		w.Wait(2 * time.Hour)
		w.needsSignIn("no_evidence")
	})
}

func TestARefusedRefreshReloadsOnceAndThenSignsIn(t *testing.T) {
	modes(t, func(t *testing.T, w *world) {
		w.signedIn("alice", "/")
		w.IdP.EndSessions()
		w.Wait(2 * time.Hour)
		d := w.get("/deep?x=1")
		require.Equal(t, http.StatusTemporaryRedirect, d.Status, "another tab's answer may be on its way")
		require.Equal(t, "reload_once", edgeauth.Code(d.Reason))
		require.Equal(t, appURL+"/deep?x=1", d.Location)
		d = w.get("/deep?x=1")
		require.Equal(t, edgeauth.Redirect, d.Action)
		require.Equal(t, "refresh_refused", edgeauth.Code(d.Reason))
		require.True(t, strings.HasPrefix(d.Location, idpURL), d.Location)
		require.Empty(t, w.session(), "what the provider has ended is gone")
		require.Equal(t, 2, w.IdP.Calls(devidp.Token), "the refusal was remembered")
		require.Equal(t, appURL+"/deep?x=1", w.get(w.atProvider(d.Location, "alice")).Location)
	})
}

// A browser follows no redirect of a handshake and keeps none of its cookies: a renewal would lose the rotated refresh
// token, and with it the session.
func TestAWebSocketAtTheEdgeRenewsNothing(t *testing.T) {
	for browser, header := range map[string]map[string]string{
		"one that says so":                {"Sec-Fetch-Mode": "websocket", "Sec-Fetch-Dest": "empty", "Sec-Fetch-Site": "same-origin"},
		"one without Sec-Fetch":           {"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="},
		"an event stream follows it well": {"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty", "Accept": "text/event-stream"},
	} {
		t.Run(browser, func(t *testing.T) {
			modes(t, func(t *testing.T, w *world) {
				w.CookiesOnAllow = false
				w.signedIn("alice", "/")
				w.Header = header
				require.Equal(t, edgeauth.Allow, w.get("/socket").Action)
				w.Wait(2 * time.Hour)
				if header["Accept"] != "" {
					require.Equal(t, http.StatusTemporaryRedirect, w.get("/socket").Status)
					return
				}
				kept := maps.Clone(w.Jar)
				require.Zero(t, w.tokenCalls(func() {
					d := w.get("/socket")
					require.Equal(t, http.StatusUnauthorized, d.Status)
					require.Equal(t, "expired", edgeauth.Code(d.Reason))
					require.Empty(t, d.Cookies)
				}))
				require.Equal(t, kept, w.Jar)
				w.Header = nil
				w.get("/")
				require.Equal(t, edgeauth.Allow, w.get("/").Action, "the page renews it")
				w.Header = header
				require.Equal(t, edgeauth.Allow, w.get("/socket").Action)

				w.CookiesOnAllow = true
				w.Wait(2 * time.Hour)
				require.Equal(t, edgeauth.Allow, w.get("/socket").Action, "where the answer carries cookies it does")
			})
		})
	}
}

func TestAFetchWithARefusedRefreshIsTold(t *testing.T) {
	modes(t, func(t *testing.T, w *world) {
		w.signedIn("alice", "/")
		w.IdP.EndSessions()
		w.Wait(2 * time.Hour)
		require.Equal(t, http.StatusTemporaryRedirect, w.fetch("/a").Status)
		d := w.fetch("/a")
		require.Equal(t, http.StatusUnauthorized, d.Status)
		require.Empty(t, w.session())
	})
}

func TestTwoProcessesRenewTheSameSession(t *testing.T) {
	modes(t, func(t *testing.T, w *world) {
		w.signedIn("alice", "/")
		w.Wait(2 * time.Hour)
		old := maps.Clone(w.Jar)
		other, err := edgeauth.New(w.config)
		require.NoError(t, err)
		mine := w.Guard

		w.Guard = other // one tab is served by another process
		require.Equal(t, edgeauth.Allow, w.get("/").Action)
		fresh := w.Jar

		w.Guard, w.Jar = mine, old // the other tab sent its request with the old cookie
		d := w.get("/")
		require.Equal(t, "reload_once", edgeauth.Code(d.Reason), "%v", d.Reason)
		for _, c := range d.Cookies {
			require.NotEqual(t, w.session(), c.Name, "the new session is left alone")
		}
		w.Jar = fresh
		w.keep(d)
		require.Equal(t, edgeauth.Allow, w.get("/").Action)
	})
}

func TestAFailingRefreshBothersNobodyWhileTheSessionCounts(t *testing.T) {
	for name, fault := range map[string]devidp.Fault{
		"down": devidp.Down(), "busy": devidp.Status(503), "429": devidp.Status(429), "a page": devidp.HTML(), "refused": refusal(400, "invalid_grant"), "misconfigured": refusal(401, "invalid_client"),
	} {
		t.Run(name, func(t *testing.T) {
			modes(t, func(t *testing.T, w *world) {
				w.signedIn("alice", "/")
				w.Wait(59 * time.Minute)
				w.IdP.Fail(devidp.Token, fault)
				session := w.Jar[w.session()]
				d := w.get("/")
				require.Equal(t, edgeauth.Allow, d.Action, "%v", d.Reason)
				require.Equal(t, session, w.Jar[w.session()])
				require.Contains(t, w.log.String(), "edgeauth trouble")
			})
		})
	}
}

func TestAnExpiredSessionDuringAnOutageWaitsForItsEnd(t *testing.T) { // T14
	for name, fault := range map[string]devidp.Fault{"down": devidp.Down(), "5xx": devidp.Status(500), "429": devidp.Status(429)} {
		t.Run(name, func(t *testing.T) {
			modes(t, func(t *testing.T, w *world) {
				w.signedIn("alice", "/")
				w.Wait(2 * time.Hour)
				w.IdP.Fail(devidp.Token, fault)
				for _, get := range []func(string) edgeauth.Decision{w.get, w.fetch} {
					d := get("/deep")
					require.Equal(t, edgeauth.Deny, d.Action, "never through, never to sign in")
					require.Equal(t, http.StatusServiceUnavailable, d.Status)
					require.Equal(t, "10", d.Header.Get("Retry-After"))
				}
				require.Contains(t, string(w.get("/deep").Body), `href="/deep"`, "a way to try again")
				w.IdP.Fail(devidp.Token, nil)
				w.Wait(3 * time.Second)
				require.Equal(t, edgeauth.Allow, w.get("/").Action, "it was kept")
			})
		})
	}
}

func TestABrowserThatDoesNotKeepWhatItIsGivenGetsAPage(t *testing.T) {
	modes(t, func(t *testing.T, w *world) {
		w.CookiesOnAllow = false
		w.signedIn("alice", "/")
		old := maps.Clone(w.Jar)
		delete(old, w.session()+"-n")
		w.Wait(2 * time.Hour)
		calls := w.tokenCalls(func() {
			for range 3 {
				d := w.get("/deep")
				require.Equal(t, http.StatusTemporaryRedirect, d.Status)
				maps.Copy(w.Jar, old)
			}
			d := w.get("/deep")
			require.Equal(t, "loop", edgeauth.Code(d.Reason))
			require.Equal(t, http.StatusBadRequest, d.Status)
			require.Contains(t, string(d.Body), "does not keep the sign-in")
			require.Contains(t, string(d.Body), "return=%2Fdeep")
		})
		require.Equal(t, 1, calls)
	})
}

func TestARefreshTokenIsNotSpentForAnAnswerThatCannotBeKept(t *testing.T) {
	modes(t, func(t *testing.T, w *world) {
		w.CookiesOnAllow = false
		w.signedIn("alice", "/")
		w.Wait(59 * time.Minute)
		w.Jar[w.session()+"-n"], w.round = "1", w.config.Now().Add(time.Second) // was sent here again a moment ago
		require.Zero(t, w.tokenCalls(func() { require.Equal(t, edgeauth.Allow, w.get("/").Action) }))
	})
}

func TestMethodAndBodySurviveARenewal(t *testing.T) { // B28
	modes(t, func(t *testing.T, w *world) {
		w.CookiesOnAllow = false
		w.signedIn("alice", "/")
		w.Wait(2 * time.Hour)
		d := w.do(http.MethodPost, "/form?x=1&y=%2F")
		require.Equal(t, http.StatusTemporaryRedirect, d.Status, "307 keeps both (RFC 9110, 15.4.8)")
		require.Equal(t, appURL+"/form?x=1&y=%2F", d.Location)
		require.Equal(t, edgeauth.Allow, w.do(http.MethodPost, "/form?x=1&y=%2F").Action)
	})
}

func TestAFormWithoutSessionComesBackToItsPage(t *testing.T) {
	modes(t, func(t *testing.T, w *world) {
		w.Header = map[string]string{"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Referer": appURL + "/form?x=1"}
		d := w.do(http.MethodPost, "/submit")
		require.Equal(t, http.StatusSeeOther, d.Status, "the body does not go to the provider (B34)")
		w.Header = nil
		require.Equal(t, appURL+"/form?x=1", w.get(w.atProvider(d.Location, "alice")).Location)
	})
}

func TestAnotherSignInReplacesTheSessionWhole(t *testing.T) { // CVE-2026-34454, B30
	modes(t, func(t *testing.T, w *world) {
		w.signedIn("alice", "/")
		d := w.get("/.auth/login")
		require.Equal(t, "alice", w.get("/").Identity.Subject(), "a sign-in that is not finished changes nothing")
		w.get(w.atProvider(d.Location, "bob"))
		require.Equal(t, "bob", w.get("/").Identity.Subject())
		w.Wait(2 * time.Hour)
		require.Equal(t, "bob", w.fetch("/").Identity.Subject())
	})
}

func TestUserinfoEvidenceIsAskedForAgain(t *testing.T) {
	byUserinfo := func(refresh devidp.Refresh) func(*edgeauth.Config, *devidp.Options) {
		return func(c *edgeauth.Config, o *devidp.Options) {
			c.Proof, o.Refresh, o.TokenLife, o.OpaqueAccessToken = provider.Userinfo, refresh, 8*time.Hour, true
			c.Provider.Userinfo.RecheckSeconds = 600
			c.Rules = []edgeauth.Rule{{Path: "/admin/", Groups: []string{"staff"}}}
		}
	}
	for name, refresh := range map[string]devidp.Refresh{"with the same access token": devidp.NoRefresh, "with a new one": devidp.RotateOnce} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, byUserinfo(refresh))
			w.signedIn("alice", "/")
			require.Equal(t, 1, w.IdP.Calls(devidp.Userinfo))
			w.Wait(7 * time.Minute)
			w.get("/admin/")
			require.Equal(t, 1, w.IdP.Calls(devidp.Userinfo), "not before its time")
			w.Wait(5 * time.Minute)
			require.Equal(t, edgeauth.Allow, w.fetch("/admin/").Action)
			require.Equal(t, 2, w.IdP.Calls(devidp.Userinfo))

			w.IdP.Tamper(devidp.Tamper{Answer: func(_ string, answer any) any {
				return map[string]any{"sub": "alice", "groups": []string{"guests"}}
			}})
			w.Wait(12 * time.Minute)
			require.Equal(t, "forbidden_group", edgeauth.Code(w.fetch("/admin/").Reason), "what has changed there holds here")

			w.IdP.Tamper(devidp.Tamper{Answer: func(string, any) any { return map[string]any{"sub": "bob"} }})
			w.Wait(12 * time.Minute)
			d := w.fetch("/")
			require.Equal(t, "wrong_subject", edgeauth.Code(d.Reason))
			require.Empty(t, w.session())
		})
	}
	t.Run("a token that was revoked ends the session", func(t *testing.T) {
		w := newWorld(t, byUserinfo(devidp.NoRefresh))
		w.signedIn("alice", "/")
		w.IdP.Fail(devidp.Userinfo, devidp.Status(http.StatusUnauthorized))
		w.Wait(12 * time.Minute)
		w.fetch("/") // reloads once
		require.Equal(t, http.StatusUnauthorized, w.fetch("/").Status)
		require.Empty(t, w.session())
	})
	t.Run("an outage does not, and lets nobody in", func(t *testing.T) {
		w := newWorld(t, byUserinfo(devidp.NoRefresh))
		w.signedIn("alice", "/")
		w.IdP.Fail(devidp.Userinfo, devidp.Down())
		w.Wait(12 * time.Minute)
		require.Equal(t, http.StatusServiceUnavailable, w.fetch("/").Status)
		w.IdP.Fail(devidp.Userinfo, nil)
		w.Wait(3 * time.Second)
		require.Equal(t, edgeauth.Allow, w.fetch("/").Action)
	})
}

func TestAccessTokenEvidence(t *testing.T) {
	byAccessToken := func(c *edgeauth.Config, _ *devidp.Options) {
		c.Proof = provider.AccessToken
		c.Rules = []edgeauth.Rule{{Path: "/reports/", Scopes: []string{"profile"}}, {Path: "/secret/", Scopes: []string{"secret"}}}
	}
	with(t, byAccessToken, func(t *testing.T, w *world) {
		w.signedIn("alice", "/")
		require.Equal(t, "alice", w.get("/").Identity.Subject())
		require.Equal(t, edgeauth.Allow, w.get("/reports/").Action)
		require.Equal(t, "forbidden_scope", w.code("/secret/"))
		w.Wait(2 * time.Hour)
		require.Equal(t, edgeauth.Allow, w.fetch("/").Action, "it is renewed")
	})
	for name, bend := range map[string]devidp.TokenTamper{
		"for another API":       {Claims: func(c map[string]any) { c["aud"] = "other" }},
		"of another client":     {Claims: func(c map[string]any) { c["client_id"] = "other" }},
		"without client":        {Claims: func(c map[string]any) { delete(c, "client_id") }},
		"of another issuer":     {Claims: func(c map[string]any) { c["iss"] = "https://evil.example" }},
		"without subject":       {Claims: func(c map[string]any) { delete(c, "sub") }},
		"opaque":                {Token: func(string) string { return "opaque" }},         // T18
		"in five parts":         {Token: func(s string) string { return s + ".a.b" }},     // T18
		"an ID token by type":   {Header: func(h map[string]any) { h["typ"] = "id+jwt" }}, // C-typ
		"with another's key":    {Key: &devidp.Key{ID: signingKey().ID, Algorithm: "RS256", Private: otherKey().Private}},
		"with a touched ending": {Token: damaged},
	} {
		t.Run(name, func(t *testing.T) {
			with(t, byAccessToken, func(t *testing.T, w *world) {
				w.IdP.Tamper(devidp.Tamper{AccessToken: bend})
				w.noSession(w.signIn("alice", "/"))
			})
		})
	}
}

func TestASessionThatIsNotOursIsNone(t *testing.T) {
	modes(t, func(t *testing.T, w *world) {
		w.signedIn("alice", "/")
		name, value := w.session(), w.Jar[w.session()]
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
			c.Session.Keys = [][]byte{drawnKey("another")}
		},
	} {
		t.Run(rule, func(t *testing.T) {
			one, two := newWorld(t, nil), newWorld(t, change)
			one.signedIn("alice", "/")
			two.signedIn("alice", "/")
			d := two.asked(two.session() + "=" + one.Jar[one.session()])
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
		d := two.asked(two.session() + "=" + one.Jar[one.session()])
		require.Equal(t, "wrong_audience", edgeauth.Code(d.Reason))
		require.Equal(t, http.StatusUnauthorized, d.Status)
	})
	t.Run("the cookie of a sign-in in progress", func(t *testing.T) {
		w := newWorld(t, nil)
		w.signedIn("alice", "/")
		name := w.session()
		w.get("/.auth/login")
		d := w.asked(name + "=" + w.Jar[w.attempts()[0]])
		require.Equal(t, "bad_session", edgeauth.Code(d.Reason))
	})
}

func TestSessionKeysRotate(t *testing.T) {
	first, second := drawnKey("first"), drawnKey("second")
	w := newWorld(t, func(c *edgeauth.Config, _ *devidp.Options) { c.Session.Keys = [][]byte{first} })
	with := func(keys ...[]byte) {
		config := w.config
		config.Session.Keys = keys
		var err error
		w.Guard, err = edgeauth.New(config)
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
		require.NotContains(t, w.Jar[w.session()], word)
	}
}

// Every way in which a group that was taken away still opens a door has an end.
func TestAGroupThatWasTakenAwayClosesItsDoors(t *testing.T) {
	for name, test := range map[string]struct {
		change  func(*edgeauth.Config, *devidp.Options)
		silent  bool // the provider does not answer any more
		ends    time.Duration
		because string
	}{
		"a sealed session, with its evidence":               {func(*edgeauth.Config, *devidp.Options) {}, false, time.Hour + time.Minute, "forbidden_group"},
		"a session of tokens, with its token":               {tokensMode, false, time.Hour + time.Minute, "forbidden_group"},
		"a session that may outlive its evidence, with it":  {func(c *edgeauth.Config, _ *devidp.Options) { c.Session.OutliveToken = true }, false, time.Hour + time.Minute, "forbidden_group"},
		"where the provider is silent, with its evidence":   {func(*edgeauth.Config, *devidp.Options) {}, true, time.Hour + time.Minute, "provider_down"},
		"where silence is outlived, with the lifetime":      {func(c *edgeauth.Config, _ *devidp.Options) { c.Session.OutliveToken = true }, true, 12 * time.Hour, "lifetime_over"},
		"a session of tokens, where the provider is silent": {tokensMode, true, time.Hour + time.Minute, "provider_down"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, func(c *edgeauth.Config, o *devidp.Options) {
				c.Rules = []edgeauth.Rule{{Path: "/staff/", Groups: []string{"staff"}}}
				test.change(c, o)
			})
			w.signedIn("alice", "/staff/")
			w.IdP.Tamper(claims("groups", []string{}))
			if test.silent {
				w.IdP.FailAll(devidp.Down())
			}
			w.Wait(test.ends)
			d := w.get("/staff/")
			require.NotEqual(t, edgeauth.Allow, d.Action)
			require.Equal(t, test.because, edgeauth.Code(d.Reason), "%v", d.Reason)
		})
	}
}
