package edgeauth_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/internal/devidp"
	"github.com/stretchr/testify/require"
)

const crowd = 1000

// atOnce answers as many requests at the same moment. The endpoint that they need answers once all are there.
func (w *world) atOnce(endpoint devidp.Endpoint, n int, request func(i int) *edgeauth.Request) []edgeauth.Decision {
	answers := make([]edgeauth.Decision, n)
	var there, done sync.WaitGroup
	w.IdP.Fail(endpoint, func(rightly http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			there.Wait()
			rightly.ServeHTTP(rw, r)
		})
	})
	defer w.IdP.Fail(endpoint, nil)
	there.Add(n)
	for i := range n {
		done.Go(func() {
			r := request(i)
			there.Done()
			answers[i] = w.Guard.Check(context.Background(), r)
		})
	}
	done.Wait()
	return answers
}

// networkCalls is how many calls f makes to the provider, of any kind.
func (w *world) networkCalls(f func()) int {
	count := func() (n int) {
		for _, e := range []devidp.Endpoint{devidp.Discovery, devidp.Keys, devidp.Token, devidp.Userinfo, devidp.API, devidp.Revoke} {
			n += w.IdP.Calls(e)
		}
		return n
	}
	before := count()
	f()
	return count() - before
}

func TestAThousandRequestsWithOneExpiredSessionMakeOneTokenCall(t *testing.T) {
	modes(t, func(t *testing.T, w *world) {
		w.signedIn("alice", "/")
		w.Wait(2 * time.Hour)
		old := maps.Clone(w.Jar)
		var answers []edgeauth.Decision
		require.Equal(t, 1, w.tokenCalls(func() {
			answers = w.atOnce(devidp.Token, crowd, func(int) *edgeauth.Request { return w.request(http.MethodGet, "/") })
		}))
		for _, d := range answers {
			require.Equal(t, edgeauth.Allow, d.Action, "%v", d.Reason)
			require.Equal(t, "alice", d.Identity.Subject())
			require.Equal(t, names(answers[0]), names(d))
		}
		w.keep(answers[0])
		renewed := maps.Clone(w.Jar)

		for _, late := range []time.Duration{time.Second, 8 * time.Second} {
			w.Wait(late)
			w.Jar = maps.Clone(old)
			require.Zero(t, w.tokenCalls(func() { require.Equal(t, edgeauth.Allow, w.fetch("/").Action) }), "a late-comer gets the same")
			if w.config.Session.Mode == edgeauth.Tokens {
				require.Equal(t, renewed, w.Jar)
			}
		}
		w.Wait(time.Hour)
		w.Jar = renewed
		require.Equal(t, edgeauth.Allow, w.fetch("/").Action, "and it is the newest refresh token that they got")
	})
}

func names(d edgeauth.Decision) (names []string) {
	for _, c := range d.Cookies {
		names = append(names, c.Name)
	}
	slices.Sort(names)
	return names
}

func TestAThousandRequestsWithARefusedRefreshMakeOneTokenCall(t *testing.T) {
	modes(t, func(t *testing.T, w *world) {
		w.signedIn("alice", "/")
		w.IdP.EndSessions()
		w.Wait(2 * time.Hour)
		require.Equal(t, 1, w.tokenCalls(func() {
			for _, d := range w.atOnce(devidp.Token, crowd, func(int) *edgeauth.Request { return w.request(http.MethodGet, "/") }) {
				require.Equal(t, "reload_once", edgeauth.Code(d.Reason))
			}
		}))
	})
}

// forged is a token of right form that names a key that there is not.
func forged(kid string, now time.Time) string {
	encode := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
	return encode(`{"alg":"RS256","typ":"JWT","kid":"`+kid+`"}`) + "." +
		encode(fmt.Sprintf(`{"iss":%q,"aud":"site","sub":"mallory","iat":%d,"exp":%d}`, idpURL, now.Unix(), now.Add(time.Hour).Unix())) + "." +
		encode(strings.Repeat("x", 256))
}

func TestAThousandRequestsWithAnUnknownKeyMakeOneFetch(t *testing.T) {
	w := newWorld(t, tokensMode)
	w.signedIn("alice", "/")
	name := w.session()
	ask := func(kid func(i int) string) func(int) *edgeauth.Request {
		return func(i int) *edgeauth.Request {
			r := w.request(http.MethodGet, "/")
			r.Header = func(name string) string { return script[name] }
			r.Cookie = []string{name + "=" + forged(kid(i), w.config.Now())}
			return r
		}
	}
	before := w.IdP.Calls(devidp.Keys)
	for _, d := range w.atOnce(devidp.Keys, crowd, ask(func(int) string { return "unknown" })) {
		require.Equal(t, http.StatusUnauthorized, d.Status)
		require.Equal(t, "unknown_key", edgeauth.Code(d.Reason))
	}
	require.Equal(t, 1, w.IdP.Calls(devidp.Keys)-before)

	for i := range 300 {
		w.Guard.Check(context.Background(), ask(func(int) string { return fmt.Sprint("made up ", i) })(0))
	}
	require.LessOrEqual(t, w.IdP.Calls(devidp.Keys)-before, 3, "a flood of made-up ids costs three fetches")

	w.IdP.SetKeys(otherKey())
	w.Wait(10 * time.Second)
	w.Jar = map[string]string{}
	w.signedIn("bob", "/")
}

func TestABadSignatureFetchesNothing(t *testing.T) {
	w := newWorld(t, tokensMode)
	w.signedIn("alice", "/")
	name, token := w.session(), w.Jar[w.session()]
	require.Zero(t, w.networkCalls(func() {
		for range 50 {
			w.Jar[name] = damaged(token)
			require.Equal(t, "bad_signature", edgeauth.Code(w.fetch("/").Reason))
		}
	}))
}

func TestAThousandFirstVisitorsMakeOneDiscovery(t *testing.T) {
	w := newWorld(t, nil)
	for _, d := range w.atOnce(devidp.Discovery, crowd, func(int) *edgeauth.Request { return w.request(http.MethodGet, "/") }) {
		require.Equal(t, edgeauth.Redirect, d.Action, "%v", d.Reason)
	}
	require.Equal(t, 1, w.IdP.Calls(devidp.Discovery))
}

func TestAnAllowedRequestWithFreshKeysCallsNobody(t *testing.T) {
	modes(t, func(t *testing.T, w *world) {
		w.signedIn("alice", "/")
		require.Zero(t, w.networkCalls(func() {
			for range 100 {
				require.Equal(t, edgeauth.Allow, w.get("/").Action)
				require.Equal(t, edgeauth.Allow, w.fetch("/").Action)
				w.fetch(sessionPath)
				w.Wait(500 * time.Millisecond) // the provider says no-store, so that keys are fresh for the least time, a minute
			}
		}))
	})
}

func TestGarbageCallsNobody(t *testing.T) {
	modes(t, func(t *testing.T, w *world) {
		w.signedIn("alice", "/")
		name := w.session()
		require.Zero(t, w.networkCalls(func() {
			for _, value := range []string{"garbage", "a.b.c", "~2~x", strings.Repeat("x", 20_000), "eyJhbGciOiJub25lIn0.e30.", "..", "%"} {
				w.Jar = map[string]string{name: value}
				require.Equal(t, http.StatusUnauthorized, w.fetch("/").Status, value)
			}
		}))
	})
}
