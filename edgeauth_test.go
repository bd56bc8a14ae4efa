package edgeauth_test

import (
	"context"
	"log/slog"
	"maps"
	"net/http"
	"testing"
	"time"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/internal/devidp"
	"github.com/edgeauth/edgeauth/provider"
	"github.com/stretchr/testify/require"
)

// loud is a log handler that panics.
type loud struct{ slog.Handler }

func (loud) Handle(context.Context, slog.Record) error { panic("refresh_token=SECRET") }

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestCheckNeverPanicsDeniesAndTellsNoPanicsValue(t *testing.T) {
	secret := func() { panic("refresh_token=SECRET") }
	check := func(f func(*edgeauth.Request)) func(*edgeauth.Config) {
		return func(c *edgeauth.Config) {
			c.Check = func(_ context.Context, r *edgeauth.Request, _ edgeauth.Identity) error { f(r); return nil }
		}
	}
	client := &http.Client{Transport: roundTripper(func(*http.Request) (*http.Response, error) { secret(); return nil, nil })}
	logger := slog.New(loud{slog.Default().Handler()})
	for place, test := range map[string]struct {
		change func(*edgeauth.Config)
		allows bool // what panics has no say in the decision
	}{
		"the program's check":          {check(func(*edgeauth.Request) { secret() }), false},
		"a runtime error in the check": {check(func(r *edgeauth.Request) { _ = r.Cookie[99] }), false},
		"a nil panic in the check":     {check(func(*edgeauth.Request) { panic(nil) }), false},
		"the clock":                    {func(c *edgeauth.Config) { c.Now = func() time.Time { secret(); return time.Time{} } }, false},
		"the hook": {func(c *edgeauth.Config) {
			c.OnDecision = func(context.Context, *edgeauth.Request, *edgeauth.Decision) { secret() }
		}, true},
		"the logger":                     {func(c *edgeauth.Config) { c.Logger = logger }, true},
		"the client":                     {func(c *edgeauth.Config) { c.HTTPClient = client }, true},
		"the logger after a failed call": {func(c *edgeauth.Config) { c.Logger, c.HTTPClient = logger, client }, true},
	} {
		t.Run(place, func(t *testing.T) {
			w := newWorld(t, nil)
			w.signedIn("alice", "/")
			w.Wait(59 * time.Minute) // a renewal is due
			changed := w.config
			test.change(&changed)
			var err error
			w.Guard, err = edgeauth.New(changed)
			require.NoError(t, err)
			var d edgeauth.Decision
			require.NotPanics(t, func() { d = w.get("/") })
			require.Equal(t, test.allows, d.Action == edgeauth.Allow, "%v", d.Action)
			w.Jar = map[string]string{}
			require.NotPanics(t, func() { d = w.get("/") })
			require.NotEqual(t, edgeauth.Allow, d.Action)
			require.NotPanics(t, func() { d = w.get("/.auth/callback?code=x&state=y") })
			require.NotEqual(t, edgeauth.Allow, d.Action)
			require.NotContains(t, w.log.String(), "SECRET")
			require.NotContains(t, string(d.Body), "SECRET")
		})
	}
	t.Run("the provider's own check", func(t *testing.T) {
		armed := false
		w := newWorld(t, func(c *edgeauth.Config, _ *devidp.Options) {
			c.Provider.Check = func(provider.Token) error {
				if armed {
					secret()
				}
				return nil
			}
		})
		w.signedIn("alice", "/")
		armed = true
		w.Wait(2 * time.Hour)
		require.NotPanics(t, func() { require.Equal(t, http.StatusInternalServerError, w.fetch("/").Status) })
		w.Jar = map[string]string{}
		require.NotPanics(t, func() { require.Equal(t, http.StatusInternalServerError, w.signIn("alice", "/").Status) })
		require.NotContains(t, w.log.String(), "SECRET")
		require.Contains(t, w.log.String(), "panic: string")
	})
	t.Run("the request", func(t *testing.T) {
		w, src, sites := manySites(t, nil)
		for name, r := range map[string]*edgeauth.Request{
			"none":            nil,
			"an empty one":    {},
			"without header":  {Method: "GET", Host: appHost, Path: "/"},
			"a header":        {Method: "GET", Host: appHost, Path: "/", Header: func(string) string { secret(); return "" }},
			"and no host":     {Method: "GET", Path: "/", Header: func(string) string { secret(); return "" }},
			"at a known site": {Method: "GET", Host: "a.example.com", Path: "/", Header: func(string) string { secret(); return "" }},
		} {
			for which, checker := range map[string]edgeauth.Checker{"one site": w.Guard, "many": sites} {
				t.Run(name+", "+which, func(t *testing.T) {
					require.NotPanics(t, func() { require.NotEqual(t, edgeauth.Allow, checker.Check(t.Context(), r).Action) })
				})
			}
		}
		src.set("bad.example.com", edgeauth.Config{})
		bad := &edgeauth.Request{Method: "GET", Host: "bad.example.com", Path: "/", Header: func(string) string { secret(); return "" }}
		require.NotPanics(t, func() { require.NotEqual(t, edgeauth.Allow, sites.Check(t.Context(), bad).Action) })
		require.NotContains(t, w.log.String(), "SECRET")
	})
}

func TestAClockThatIsPutBackHoldsNobodyUp(t *testing.T) {
	modes(t, func(t *testing.T, w *world) {
		for name, fault := range map[string]devidp.Fault{"a failure": devidp.Status(503), "a refusal": refusal(400, "invalid_grant"), "another fault": refusal(401, "invalid_client")} {
			w.Jar = map[string]string{}
			w.signedIn("alice", "/")
			w.Wait(100 * time.Hour)
			w.IdP.Fail(devidp.Token, fault)
			jar := maps.Clone(w.Jar)
			require.NotEqual(t, edgeauth.Allow, w.fetch("/").Action)
			w.IdP.Fail(devidp.Token, nil)
			w.Jar = jar
			w.Wait(-96 * time.Hour)
			require.Equal(t, edgeauth.Allow, w.fetch("/").Action, "%s is not remembered for days", name)
			w.Wait(200 * time.Hour)
		}
	})
	t.Run("many failures of one person", func(t *testing.T) {
		w := newWorld(t, tokensMode)
		w.signedIn("alice", "/")
		alice := w.Jar
		w.Wait(100 * time.Hour)
		for i := range 10 {
			w.madeUp(t.Context(), alice, i)
		}
		w.Wait(-90 * time.Hour)
		w.Jar = alice
		require.Equal(t, edgeauth.Allow, w.fetch("/").Action)
	})
	t.Run("an unknown host", func(t *testing.T) {
		w, src, sites := manySites(t, nil)
		require.Equal(t, "unknown_host", edgeauth.Code(w.at(sites, "new.example.com", "/").Reason))
		w.Wait(-24 * time.Hour)
		c := src.sites["a.example.com"]
		c.Hosts = []string{"new.example.com"}
		src.set("new.example.com", c)
		require.Equal(t, "no_session", edgeauth.Code(w.at(sites, "new.example.com", "/").Reason))
	})
}
