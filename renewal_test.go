package edgeauth_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/internal/devidp"
	"github.com/stretchr/testify/require"
)

// refreshName is the name of the refresh token's cookie in tokens mode.
func (w *world) refreshName() string { return w.session() + "-r" }

func TestWhoBringsAnothersRefreshTokenGetsNoShareInItsRenewal(t *testing.T) {
	w := newWorld(t, tokensMode)
	w.signedIn("bob", "/")
	bob := w.Jar
	w.Jar = map[string]string{}
	w.signedIn("alice", "/")
	w.Wait(2 * time.Hour)
	w.Jar, bob = bob, w.Jar
	stolen := w.Jar[w.refreshName()]
	require.Equal(t, "bob", w.fetch("/").Identity.Subject(), "renewed a moment ago")
	w.Jar = bob
	w.Jar[w.refreshName()] = stolen
	d := w.fetch("/")
	require.NotEqual(t, edgeauth.Allow, d.Action, "%v", d.Identity.Subject())
}

// walk goes to a page after each step in turn until the time is over, following redirects to itself, and wants to be let in.
func (w *world) walk(total time.Duration, steps ...time.Duration) {
	w.t.Helper()
	begun := w.config.Now()
	for i := 0; w.config.Now().Sub(begun) < total; i++ {
		w.Wait(steps[i%len(steps)])
		d := w.get("/")
		if d.Status == http.StatusTemporaryRedirect {
			d = w.get("/")
		}
		require.Equal(w.t, edgeauth.Allow, d.Action, "after %v: %v", w.config.Now().Sub(begun), d.Reason)
	}
}

func TestARotatedRefreshTokenIsKeptAmongManyStamps(t *testing.T) {
	w := newWorld(t, func(c *edgeauth.Config, o *devidp.Options) {
		c.Session.Idle, o.TokenLife = time.Minute, 12*time.Minute
	})
	w.CookiesOnAllow = false
	w.signedIn("alice", "/")
	// Each stamp is followed by a request within its ten seconds, and then by none while a renewal would be shared.
	w.walk(time.Hour, 9*time.Second, 12*time.Second)
	require.GreaterOrEqual(t, w.IdP.Calls(devidp.Token), 5)
}

func TestAnActivePersonDoesNotIdleOut(t *testing.T) {
	for rule, test := range map[string]struct {
		idle, life, step time.Duration
		outlives         bool
		fault            devidp.Fault
	}{
		"across renewals":                     {15 * time.Minute, 14 * time.Minute, 90 * time.Second, false, nil},
		"across renewals and nothing else":    {15 * time.Minute, 14 * time.Minute, 13*time.Minute + 50*time.Second, false, nil},
		"across renewals that fail":           {4 * time.Minute, 5 * time.Minute, 90 * time.Second, true, devidp.Status(503)},
		"across renewals that nobody answers": {4 * time.Minute, 5 * time.Minute, 90 * time.Second, true, devidp.Down()},
	} {
		for _, carry := range []bool{true, false} {
			t.Run(fmt.Sprint(rule, ", cookies on allow: ", carry), func(t *testing.T) {
				w := newWorld(t, func(c *edgeauth.Config, o *devidp.Options) {
					c.Session.Idle, c.Session.OutliveToken, o.TokenLife = test.idle, test.outlives, test.life
				})
				w.CookiesOnAllow = carry
				w.signedIn("alice", "/")
				w.IdP.Fail(devidp.Token, test.fault)
				w.walk(3*time.Hour, test.step)
			})
		}
	}
}

func TestARefreshAnswerAboutAnotherSignInEndsTheSessionForAFetchToo(t *testing.T) { // OIDC Core 12.2
	for _, claim := range []string{"iss", "sub", "nonce", "aud"} {
		t.Run(claim, func(t *testing.T) {
			modes(t, func(t *testing.T, w *world) {
				w.signedIn("alice", "/")
				w.IdP.Tamper(claims(claim, "https://other.example"))
				w.Wait(2 * time.Hour)
				d := w.fetch("/")
				require.Equal(t, http.StatusUnauthorized, d.Status, "%v", d.Reason)
				require.Empty(t, w.session())
				require.Empty(t, w.Jar[w.refreshName()])
			})
		})
	}
}

func TestARenewedSessionThatIsTooLargeLeavesTheRunningOneAlone(t *testing.T) {
	w := newWorld(t, nil)
	w.signedIn("alice", "/")
	w.IdP.Tamper(claims("name", strings.Repeat("x", 13_000)))
	w.Wait(59 * time.Minute)
	require.Equal(t, edgeauth.Allow, w.get("/").Action)
	require.Contains(t, w.log.String(), "session_too_large")
}

// madeUp brings a refresh token of nobody's with the tokens-mode session of jar.
func (w *world) madeUp(ctx context.Context, jar map[string]string, i int) edgeauth.Decision {
	w.Jar = maps.Clone(jar)
	w.Jar[w.refreshName()] = fmt.Sprint("made-up-", i)
	w.Header = script
	defer func() { w.Header = nil }()
	return w.Guard.Check(ctx, w.request(http.MethodGet, "/"))
}

func TestMadeUpRefreshTokensCostTheProviderLittle(t *testing.T) {
	for name, fault := range map[string]devidp.Fault{
		"refused": nil, "called invalid": refusal(400, "invalid_request"), "answered with a page": devidp.HTML(),
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, tokensMode)
			w.signedIn("bob", "/")
			bob := w.Jar
			w.Jar = map[string]string{}
			w.signedIn("alice", "/")
			alice := w.Jar
			w.Wait(100 * time.Hour)
			w.IdP.Fail(devidp.Token, fault)
			for minute := range 2 {
				require.Equal(t, 5, w.tokenCalls(func() {
					for i := range 200 {
						require.NotEqual(t, edgeauth.Allow, w.madeUp(t.Context(), alice, 1000*minute+i).Action)
					}
				}))
				w.Wait(time.Minute)
			}
			for i := range 10 {
				w.madeUp(t.Context(), alice, 5000+i)
			}
			w.IdP.Fail(devidp.Token, nil)
			w.Jar = bob
			require.Equal(t, edgeauth.Allow, w.fetch("/").Action, "one person's are not another's")
		})
	}
}

func TestNoMoreThan256RenewalsAreUnderWay(t *testing.T) {
	// No time passes in here while anything runs, so that none of them is over before the last has begun.
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, tokensMode)
		w.signedIn("alice", "/")
		alice := w.Jar
		w.Wait(2 * time.Hour)
		w.madeUp(t.Context(), alice, 0) // the keys are here now
		release := make(chan struct{})
		defer close(release)
		w.IdP.Fail(devidp.Token, devidp.Hang(release))
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		count := map[string]int{}
		for i := range 300 {
			count[edgeauth.Code(w.madeUp(gone, alice, 1+i).Reason)]++
		}
		require.Equal(t, map[string]int{"provider_down": 256, "provider_busy": 44}, count)
	})
}

func TestADeadRefreshTokenIsAskedForOnceAMinute(t *testing.T) {
	t.Run("while the session counts", func(t *testing.T) {
		w := newWorld(t, func(c *edgeauth.Config, o *devidp.Options) {
			o.RefreshLife = 30 * time.Minute
		})
		w.signedIn("alice", "/")
		w.Wait(56*time.Minute + 30*time.Second) // it is asked for ahead of the end
		calls := w.tokenCalls(func() {
			for range 14 {
				require.Equal(t, edgeauth.Allow, w.get("/").Action)
				w.Wait(15 * time.Second)
			}
		})
		require.True(t, 1 <= calls && calls <= 4, "%d calls in the last three and a half minutes", calls)
	})
	t.Run("by somebody who keeps it on purpose", func(t *testing.T) {
		modes(t, func(t *testing.T, w *world) {
			w.signedIn("alice", "/")
			w.IdP.EndSessions()
			w.Wait(2 * time.Hour)
			dead := maps.Clone(w.Jar)
			require.Equal(t, 5, w.tokenCalls(func() {
				for range 20 {
					w.Jar = maps.Clone(dead)
					require.NotEqual(t, edgeauth.Allow, w.fetch("/").Action)
					w.Wait(15 * time.Second)
				}
			}))
		})
	})
}

// A session that may outlive its token outlives the provider's silence, and nothing that the provider says.
func TestOnlySilenceIsOutlived(t *testing.T) {
	for name, test := range map[string]struct {
		fault devidp.Fault
		goes  bool // the session goes on
	}{
		"nobody answers":                  {devidp.Down(), true},
		"a busy server":                   {devidp.Status(503), true},
		"too many requests":               {devidp.Status(429), true},
		"an error of the server":          {refusal(500, "server_error"), true},
		"a page of a proxy":               {devidp.Status(502), true},
		"a refresh token that is dead":    {refusal(400, "invalid_grant"), false},
		"a person who has to sign in":     {refusal(400, "interaction_required"), false},
		"a client that is not allowed":    {refusal(400, "unauthorized_client"), false},
		"a client that is not known":      {refusal(401, "invalid_client"), false},
		"a person who is not allowed any": {refusal(403, "access_denied"), false},
	} {
		for _, carry := range []bool{true, false} {
			for _, ask := range []string{"page", "fetch"} {
				t.Run(fmt.Sprint(name, ", ", ask, ", cookies on allow: ", carry), func(t *testing.T) {
					w := newWorld(t, func(c *edgeauth.Config, _ *devidp.Options) { c.Session.OutliveToken = true })
					w.CookiesOnAllow = carry
					w.signedIn("alice", "/")
					w.IdP.Fail(devidp.Token, test.fault)
					w.Wait(2 * time.Hour)
					get := w.get
					if ask == "fetch" {
						get = w.fetch
					}
					d := get("/")
					for d.Status == http.StatusTemporaryRedirect {
						d = get("/")
					}
					require.Equal(t, test.goes, d.Action == edgeauth.Allow, "%v", d.Reason)
				})
			}
		}
	}
}
