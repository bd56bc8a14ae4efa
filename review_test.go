package edgeauth_test

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/entraid"
	"github.com/edgeauth/edgeauth/internal/answer"
	"github.com/edgeauth/edgeauth/internal/devidp"
	"github.com/edgeauth/edgeauth/provider"
	"github.com/stretchr/testify/require"
)

const (
	tenantA = "37c156ce-36f2-4e30-ab8a-c9e8d79d09f4"
	tenantB = "47c156ce-36f2-4e30-ab8a-c9e8d79d09f4"
)

func entra(t *testing.T, c entraid.Config) provider.Provider {
	t.Helper()
	p, err := entraid.New(c)
	require.NoError(t, err)
	return p
}

func TestNoRuleRestsOnWhatOthersCanSet(t *testing.T) {
	anyTenant := entra(t, entraid.Config{Tenant: "organizations", AnyTenant: true})
	oneTenant := entra(t, entraid.Config{Tenant: tenantA})
	closed := func(mutable string, mapping provider.Mapping) provider.Provider {
		p := provider.OIDC(idpURL)
		p.MutableClaims, p.Mapping = []string{mutable}, mapping
		return p
	}
	claim := func(name string) edgeauth.Rule {
		return edgeauth.Rule{Path: "/", Claims: map[string]string{name: "x", "email_verified": "true"}}
	}
	roles, groups, scopes := edgeauth.Rule{Path: "/", Roles: []string{"x"}}, edgeauth.Rule{Path: "/", Groups: []string{"x"}}, edgeauth.Rule{Path: "/", Scopes: []string{"x"}}
	nested := provider.Mapping{Roles: "/realm_access/roles"}
	for _, test := range []struct {
		rule     string
		provider provider.Provider
		asks     edgeauth.Rule
		want     string // "" accepts
	}{
		{"roles of any tenant", anyTenant, roles, `rests on "roles"`},
		{"roles of any tenant as a claim", anyTenant, claim("roles"), `rests on "roles"`},
		{"roles of any tenant by a pointer", anyTenant, claim("/roles"), `rests on "roles"`},
		{"roles of any tenant by a longer pointer", anyTenant, claim("/roles/0"), `rests on "roles"`},
		{"roles of one tenant", oneTenant, roles, ""},
		{"an address at Entra", oneTenant, claim("email"), `rests on "email"`},
		{"an address at Entra by a pointer", oneTenant, claim("/email"), `rests on "email"`},
		{"a user name at Entra", oneTenant, claim("/preferred_username"), `rests on "preferred_username"`},
		{"groups that others set", closed("groups", provider.Mapping{}), groups, `rests on "groups"`},
		{"scopes that others set", closed("scope", provider.Mapping{}), scopes, `rests on "scope"`},
		{"nested roles that others set", closed("/realm_access/roles", nested), roles, `rests on "/realm_access/roles"`},
		{"nested roles as a claim", closed("/realm_access/roles", nested), claim("/realm_access/roles/0"), `rests on "/realm_access/roles"`},
		{"nested roles below what others set", closed("realm_access", nested), roles, `rests on "realm_access"`},
		{"a name with the escape of a pointer", closed("cognito/user", provider.Mapping{}), claim("/cognito~1user"), `rests on "cognito/user"`},
		{"a claim beside it", closed("/realm_access/roles", nested), claim("/realm_access/other"), ""},
		{"groups that nobody else sets", closed("name", provider.Mapping{}), groups, ""},
	} {
		t.Run(test.rule, func(t *testing.T) {
			_, err := edgeauth.New(edgeauth.Config{
				Provider: test.provider, ClientID: "site", Hosts: []string{appHost},
				Session: edgeauth.Session{Keys: [][]byte{testKey}}, Rules: []edgeauth.Rule{test.asks},
			})
			if test.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, test.want)
		})
	}
}

func TestWhereAnybodyCanSignUpARestrictionHasToTellPeopleApart(t *testing.T) {
	for rule, test := range map[string]struct {
		asks edgeauth.Rule
		open bool // is no restriction
	}{
		"scopes":                          {edgeauth.Rule{Scopes: []string{"openid"}}, true},
		"a proven address of any kind":    {edgeauth.Rule{Claims: map[string]string{"email_verified": "true"}}, true},
		"the same by a pointer":           {edgeauth.Rule{Claims: map[string]string{"/email_verified": "true"}}, true},
		"both":                            {edgeauth.Rule{Scopes: []string{"email"}, Claims: map[string]string{"email_verified": "true"}}, true},
		"a proven address of one's own":   {edgeauth.Rule{Claims: map[string]string{"email_verified": "true", "email": "a@example.com"}}, false},
		"groups":                          {edgeauth.Rule{Groups: []string{"staff"}}, false},
		"roles beside scopes":             {edgeauth.Rule{Roles: []string{"staff"}, Scopes: []string{"openid"}}, false},
		"a sign-in":                       {edgeauth.Rule{}, true},
		"a claim that only the owner has": {edgeauth.Rule{Claims: map[string]string{"sub": "1"}}, false},
	} {
		t.Run(rule, func(t *testing.T) {
			test.asks.Path = "/"
			_, err := edgeauth.New(edgeauth.Config{
				Provider: provider.Google(), ClientID: "site", ClientSecret: "s", Hosts: []string{appHost},
				Session: edgeauth.Session{Keys: [][]byte{testKey}}, Rules: []edgeauth.Rule{test.asks},
			})
			if test.open {
				require.ErrorContains(t, err, "OpenToEveryone")
				return
			}
			require.NoError(t, err)
		})
	}
}

// refreshName is the name of the refresh token's cookie in tokens mode.
func (w *world) refreshName() string { return w.session() + "-r" }

func TestWhoBringsAnothersRefreshTokenGetsNoShareInItsRenewal(t *testing.T) {
	w := newWorld(t, tokensMode)
	w.signedIn("bob", "/")
	bob := w.jar
	w.jar = map[string]string{}
	w.signedIn("alice", "/")
	w.wait(2 * time.Hour)
	w.jar, bob = bob, w.jar
	stolen := w.jar[w.refreshName()]
	require.Equal(t, "bob", w.fetch("/").Identity.Subject(), "renewed a moment ago")
	w.jar = bob
	w.jar[w.refreshName()] = stolen
	d := w.fetch("/")
	require.NotEqual(t, edgeauth.Allow, d.Action, "%v", d.Identity.Subject())
}

// walk goes to a page after each step in turn until the time is over, following redirects to itself, and wants to be let in.
func (w *world) walk(total time.Duration, steps ...time.Duration) {
	w.t.Helper()
	begun := w.config.Now()
	for i := 0; w.config.Now().Sub(begun) < total; i++ {
		w.wait(steps[i%len(steps)])
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
	w.carry = false
	w.signedIn("alice", "/")
	// Each stamp is followed by a request within its ten seconds, and then by none while a renewal would be shared.
	w.walk(time.Hour, 9*time.Second, 12*time.Second)
	require.GreaterOrEqual(t, w.idp.Calls(devidp.Token), 5)
}

func TestAnActivePersonDoesNotIdleOut(t *testing.T) {
	for rule, test := range map[string]struct {
		idle, life, step time.Duration
		outlives         bool
		fault            devidp.Fault
	}{
		"across renewals":                      {15 * time.Minute, 14 * time.Minute, 90 * time.Second, false, nil},
		"across renewals and nothing else":     {15 * time.Minute, 14 * time.Minute, 13*time.Minute + 50*time.Second, false, nil},
		"across renewals that fail":            {4 * time.Minute, 5 * time.Minute, 90 * time.Second, true, devidp.Status(503)},
		"across renewals that are refused":     {4 * time.Minute, 5 * time.Minute, 90 * time.Second, true, refusal(400, "invalid_grant")},
		"across renewals that nobody answers":  {4 * time.Minute, 5 * time.Minute, 90 * time.Second, true, devidp.Down()},
		"across renewals that are not allowed": {4 * time.Minute, 5 * time.Minute, 90 * time.Second, true, refusal(401, "invalid_client")},
	} {
		for _, carry := range []bool{true, false} {
			t.Run(fmt.Sprint(rule, ", cookies on allow: ", carry), func(t *testing.T) {
				w := newWorld(t, func(c *edgeauth.Config, o *devidp.Options) {
					c.Session.Idle, c.Session.OutliveToken, o.TokenLife = test.idle, test.outlives, test.life
				})
				w.carry = carry
				w.signedIn("alice", "/")
				w.idp.Fail(devidp.Token, test.fault)
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
				w.idp.Bend(claims(claim, "https://other.example"))
				w.wait(2 * time.Hour)
				d := w.fetch("/")
				require.Equal(t, http.StatusUnauthorized, d.Status, "%v", d.Reason)
				require.Empty(t, w.session())
				require.Empty(t, w.jar[w.refreshName()])
			})
		})
	}
}

func TestARenewedSessionThatIsTooLargeLeavesTheRunningOneAlone(t *testing.T) {
	w := newWorld(t, nil)
	w.signedIn("alice", "/")
	w.idp.Bend(claims("name", strings.Repeat("x", 13_000)))
	w.wait(59 * time.Minute)
	require.Equal(t, edgeauth.Allow, w.get("/").Action)
	require.Contains(t, w.log.String(), "session_too_large")
}

func TestAnAttemptFitsTheCookieThatBrowsersKeep(t *testing.T) { // RFC 6265bis, 5.6
	for _, unit := range []string{"&", "a=1&", "<>\"", "ü", "+", "%26", "'"} {
		t.Run(unit, func(t *testing.T) {
			modes(t, func(t *testing.T, w *world) {
				d := w.get("/page?" + strings.Repeat(unit, 2000/len(unit)))
				attempt := d.Cookies[0]
				require.LessOrEqual(t, len(attempt.Name)+len(attempt.Value), 4096)
				require.NoError(t, attempt.Valid())
			})
		})
	}
	modes(t, func(t *testing.T, w *world) {
		long := "/page?" + strings.Repeat("a=1&", 500)
		w.signedIn("alice", long)
	})
}

func TestManyLongAttemptsFitARequest(t *testing.T) {
	modes(t, func(t *testing.T, w *world) {
		long := "/page?" + strings.Repeat("&", 2000)
		var locations []string
		for range 5 {
			locations = append(locations, w.get(long).Location)
		}
		size := 0
		for name, value := range w.jar {
			size += len(name) + len(value)
		}
		require.Len(t, w.attempts(), 5)
		require.Less(t, size, 12<<10, "CloudFront passes 20 KB of headers")
		require.Equal(t, appURL+long, w.get(w.atProvider(locations[0], "alice")).Location)
		require.Equal(t, appURL+"/", w.get(w.atProvider(locations[4], "alice")).Location, "the last ones forget where they go")
	})
}

func TestABrowserThatKeepsAttemptsButNoSessionIsToldSoon(t *testing.T) {
	for _, carry := range []bool{true, false} {
		modes(t, func(t *testing.T, w *world) {
			w.carry, w.drops = carry, func(name string) bool { return name == w.session() || strings.HasSuffix(name, "-r") }
			d := w.follow("alice", "/deep")
			require.Equal(t, http.StatusBadRequest, d.Status)
			require.Contains(t, string(d.Body), "does not keep the sign-in")
			require.Equal(t, 3, w.idp.Calls(devidp.Token), "sign-ins")
			require.Zero(t, w.tokenCalls(func() { w.get("/") }), "and it stays at that")

			w.drops = nil // cookies are allowed now
			require.Equal(t, edgeauth.Allow, w.follow("alice", "/.auth/login?return=%2Fdeep").Action, "the page's button")
			w.jar, w.drops = map[string]string{}, nil
			require.Equal(t, edgeauth.Allow, w.follow("alice", "/deep").Action)
		})
	}
}

func TestABrowserThatDropsItsSessionIsForgivenAfterAMinute(t *testing.T) {
	w := newWorld(t, nil)
	w.drops = func(name string) bool { return name == w.session() }
	w.follow("alice", "/")
	w.drops = nil
	for name := range w.jar { // as the browser does at its Max-Age
		if strings.HasSuffix(name, "-f") {
			delete(w.jar, name)
		}
	}
	require.Equal(t, edgeauth.Allow, w.follow("alice", "/").Action)
}

func TestWhoSignsOutAndInAgainIsNotTakenForABrowserWithoutCookies(t *testing.T) {
	modes(t, func(t *testing.T, w *world) {
		for range 8 {
			require.Equal(t, edgeauth.Allow, w.follow("alice", "/").Action)
			w.header = map[string]string{"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
			require.Equal(t, "signed_out", edgeauth.Code(w.do(http.MethodPost, "/.auth/logout").Reason))
			w.header = nil
		}
		var tabs []string
		for range 5 {
			tabs = append(tabs, w.atProvider(w.get("/").Location, "alice"))
		}
		for _, tab := range tabs {
			require.Equal(t, "signed_in", w.code(tab))
		}
		require.Equal(t, edgeauth.Allow, w.get("/").Action)
	})
}

func TestAnOddRefreshTokenComesBackAsItWas(t *testing.T) {
	for _, odd := range []string{`a "quoted", one; and \ more`, "~2~chunk", "~", "!b64!AAAA", "ümlaut", "tab\tand\nline", "a=b==", strings.Repeat(`"`, 4000)} {
		t.Run(odd[:min(len(odd), 20)], func(t *testing.T) {
			modes(t, func(t *testing.T, w *world) {
				var real, brought string
				w.idp.Bend(tokenAnswer(func(a map[string]any) { real, _ = a["refresh_token"].(string); a["refresh_token"] = odd }))
				w.signedIn("alice", "/")
				w.idp.Fail(devidp.Token, func(endpoint http.Handler) http.Handler {
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
					w.wait(2 * time.Hour)
					d := w.fetch("/")
					require.Equal(t, edgeauth.Allow, d.Action, "%v", d.Reason)
					require.Equal(t, odd, brought)
				}
			})
		})
	}
}

// madeUp brings a refresh token of nobody's with the tokens-mode session of jar.
func (w *world) madeUp(ctx context.Context, jar map[string]string, i int) edgeauth.Decision {
	w.jar = maps.Clone(jar)
	w.jar[w.refreshName()] = fmt.Sprint("made-up-", i)
	w.header = script
	defer func() { w.header = nil }()
	return w.guard.Check(ctx, w.request(http.MethodGet, "/"))
}

func TestMadeUpRefreshTokensCostTheProviderLittle(t *testing.T) {
	for name, fault := range map[string]devidp.Fault{
		"refused": nil, "called invalid": refusal(400, "invalid_request"), "answered with a page": devidp.HTML(),
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, tokensMode)
			w.signedIn("bob", "/")
			bob := w.jar
			w.jar = map[string]string{}
			w.signedIn("alice", "/")
			alice := w.jar
			w.wait(100 * time.Hour)
			w.idp.Fail(devidp.Token, fault)
			for minute := range 2 {
				require.Equal(t, 5, w.tokenCalls(func() {
					for i := range 200 {
						require.NotEqual(t, edgeauth.Allow, w.madeUp(t.Context(), alice, 1000*minute+i).Action)
					}
				}))
				w.wait(time.Minute)
			}
			for i := range 10 {
				w.madeUp(t.Context(), alice, 5000+i)
			}
			w.idp.Fail(devidp.Token, nil)
			w.jar = bob
			require.Equal(t, edgeauth.Allow, w.fetch("/").Action, "one person's are not another's")
		})
	}
}

func TestNoMoreThan256RenewalsAreUnderWay(t *testing.T) {
	w := newWorld(t, tokensMode)
	w.signedIn("alice", "/")
	alice := w.jar
	w.wait(2 * time.Hour)
	w.madeUp(t.Context(), alice, 0) // the keys are here now
	release := make(chan struct{})
	defer close(release)
	w.idp.Fail(devidp.Token, devidp.Hang(release))
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	count := map[string]int{}
	for i := range 300 {
		count[edgeauth.Code(w.madeUp(gone, alice, 1+i).Reason)]++
	}
	require.Equal(t, map[string]int{"provider_down": 256, "provider_busy": 44}, count)
}

func TestADeadRefreshTokenIsAskedForOnceAMinute(t *testing.T) {
	t.Run("while the session counts", func(t *testing.T) {
		w := newWorld(t, func(c *edgeauth.Config, o *devidp.Options) {
			c.Session.OutliveToken, o.RefreshLife = true, 30*time.Minute
		})
		w.signedIn("alice", "/")
		w.wait(2 * time.Hour)
		require.Equal(t, 5, w.tokenCalls(func() {
			for range 20 {
				require.Equal(t, edgeauth.Allow, w.get("/").Action)
				w.wait(15 * time.Second)
			}
		}))
	})
	t.Run("by somebody who keeps it on purpose", func(t *testing.T) {
		modes(t, func(t *testing.T, w *world) {
			w.signedIn("alice", "/")
			w.idp.EndSessions()
			w.wait(2 * time.Hour)
			dead := maps.Clone(w.jar)
			require.Equal(t, 5, w.tokenCalls(func() {
				for range 20 {
					w.jar = maps.Clone(dead)
					require.NotEqual(t, edgeauth.Allow, w.fetch("/").Action)
					w.wait(15 * time.Second)
				}
			}))
		})
	})
}

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
			w.wait(59 * time.Minute) // a renewal is due
			changed := w.config
			test.change(&changed)
			var err error
			w.guard, err = edgeauth.New(changed)
			require.NoError(t, err)
			var d edgeauth.Decision
			require.NotPanics(t, func() { d = w.get("/") })
			require.Equal(t, test.allows, d.Action == edgeauth.Allow, "%v", d.Action)
			w.jar = map[string]string{}
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
		w.wait(2 * time.Hour)
		require.NotPanics(t, func() { require.Equal(t, http.StatusInternalServerError, w.fetch("/").Status) })
		w.jar = map[string]string{}
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
			for which, checker := range map[string]edgeauth.Checker{"one site": w.guard, "many": sites} {
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

func TestAHookSeesACopyOfTheDecision(t *testing.T) {
	spoil := func(_ context.Context, _ *edgeauth.Request, d *edgeauth.Decision) {
		for _, h := range []http.Header{d.Header, d.Forward.Set} {
			for name := range h {
				h[name][0] = "spoilt"
				delete(h, name)
			}
		}
		for _, c := range d.Cookies {
			*c = http.Cookie{Name: "spoilt", Value: "spoilt"}
		}
		for i := range d.Body {
			d.Body[i] = 'x'
		}
		for i := range d.Forward.Drop {
			d.Forward.Drop[i] = "spoilt"
		}
		*d = edgeauth.Decision{Action: edgeauth.Allow}
	}
	w := newWorld(t, func(c *edgeauth.Config, _ *devidp.Options) {
		c.Forward.Headers = map[string]string{"X-Auth-Subject": "sub", "X-Auth-Name": "name"}
		c.Rules = []edgeauth.Rule{{Path: "/admin/", Groups: []string{"admins"}}, {Path: "/public/", Anyone: true}}
	})
	w.signedIn("alice", "/")
	changed := w.config
	changed.OnDecision = spoil
	hooked, err := edgeauth.New(changed)
	require.NoError(t, err)
	for _, target := range []string{"/", "/public/x", "/admin/", "/.auth/session", "/.auth/signed-out", "//bad", "/"} {
		want := w.guard.Check(t.Context(), w.request(http.MethodGet, target))
		got := hooked.Check(t.Context(), w.request(http.MethodGet, target))
		want.Reason, got.Reason = nil, nil // holds a stack or an address at most
		require.Equal(t, want, got, target)
	}
	w.wait(59 * time.Minute)
	d := hooked.Check(t.Context(), w.request(http.MethodGet, "/"))
	require.Equal(t, "private, no-store", d.Header.Get("Cache-Control"))
	require.Equal(t, w.session(), d.Cookies[0].Name)
	w.jar = map[string]string{}
	d = hooked.Check(t.Context(), w.request(http.MethodGet, "/"))
	require.Equal(t, edgeauth.Redirect, d.Action)
	require.Contains(t, d.Location, idpURL)
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
		signedIn := w.jar
		for range 100 {
			w.jar = map[string]string{}
			w.get("/.auth/login")
			for _, name := range w.attempts() {
				pending += name + "=" + w.jar[name] + "; "
			}
		}
		w.jar = signedIn
		callback := w.comesBack("alice", "/.auth/login")
		w.wait(2 * time.Minute)
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
					d := w.guard.Check(t.Context(), r)
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

func TestAMalformedCallbackEndsItsAttemptAndAnotherMethodDoesNot(t *testing.T) {
	modes(t, func(t *testing.T, w *world) {
		for _, malformed := range []string{"&x=%zz", "&x=1;y=2", "&code=again", "&x=%00", "&id_token=x", "&x=" + strings.Repeat("y", 9000)} {
			target := w.comesBack("alice", "/")
			for _, method := range []string{http.MethodPost, http.MethodHead, http.MethodPut} {
				require.Equal(t, http.StatusMethodNotAllowed, w.do(method, target+malformed).Status)
				require.Len(t, w.attempts(), 1, method)
			}
			require.Equal(t, "callback_malformed", w.code(target+malformed), malformed)
			require.Empty(t, w.attempts(), malformed)
			require.Equal(t, "state_mismatch", w.code(target), "it is over")
		}
		target := w.comesBack("alice", "/")
		w.do(http.MethodPost, target)
		require.Equal(t, "signed_in", w.code(target))
	})
}

func TestAReturnTargetLeadsNowhereElseThroughDotSegments(t *testing.T) {
	w := newWorld(t, nil)
	for _, target := range []string{
		"/.auth/x/../logout", "/.auth/%2e/logout", "/x/%2e%2e/.auth/login", "/x/%2E%2e/.auth/logout", "/x/.%2E/.auth/logout", "/.//evil.example",
		"/..//evil.example/", "/%2e//evil.example", "/%2e%2e//evil.example", "/%2E%2E//evil.example", "/x/.%2E//evil.example", "/./\\evil.example", "/x/..", "/x/%2e%2e", "/%2e%2e/%zz",
	} {
		d := w.get("/.auth/login?return=" + url.QueryEscape(target))
		require.Equal(t, appURL+"/", w.get(w.atProvider(d.Location, "alice")).Location, target)
	}
	for _, target := range []string{"/a.b/..c/d..", "/x?next=/../y&z=%2e%2e", "/.well-known/x"} {
		d := w.get("/.auth/login?return=" + url.QueryEscape(target))
		require.Equal(t, appURL+target, w.get(w.atProvider(d.Location, "alice")).Location)
	}
}

func TestAClockThatIsPutBackHoldsNobodyUp(t *testing.T) {
	modes(t, func(t *testing.T, w *world) {
		for name, fault := range map[string]devidp.Fault{"a failure": devidp.Status(503), "a refusal": refusal(400, "invalid_grant"), "another fault": refusal(401, "invalid_client")} {
			w.jar = map[string]string{}
			w.signedIn("alice", "/")
			w.wait(100 * time.Hour)
			w.idp.Fail(devidp.Token, fault)
			jar := maps.Clone(w.jar)
			require.NotEqual(t, edgeauth.Allow, w.fetch("/").Action)
			w.idp.Fail(devidp.Token, nil)
			w.jar = jar
			w.wait(-96 * time.Hour)
			require.Equal(t, edgeauth.Allow, w.fetch("/").Action, "%s is not remembered for days", name)
			w.wait(200 * time.Hour)
		}
	})
	t.Run("many failures of one person", func(t *testing.T) {
		w := newWorld(t, tokensMode)
		w.signedIn("alice", "/")
		alice := w.jar
		w.wait(100 * time.Hour)
		for i := range 10 {
			w.madeUp(t.Context(), alice, i)
		}
		w.wait(-90 * time.Hour)
		w.jar = alice
		require.Equal(t, edgeauth.Allow, w.fetch("/").Action)
	})
	t.Run("an unknown host", func(t *testing.T) {
		w, src, sites := manySites(t, nil)
		require.Equal(t, "unknown_host", edgeauth.Code(w.at(sites, "new.example.com", "/").Reason))
		w.wait(-24 * time.Hour)
		c := src.sites["a.example.com"]
		c.Hosts = []string{"new.example.com"}
		src.set("new.example.com", c)
		require.Equal(t, "no_session", edgeauth.Code(w.at(sites, "new.example.com", "/").Reason))
	})
}

func TestIndexesAndPathsOutsideASCIICanBeServed(t *testing.T) {
	for _, test := range []struct{ spa, folder, path, want string }{
		{"/start-ü.html", "", "/", "/start-%C3%BC.html"},
		{"/start-ü.html", "", "/größe", "/start-%C3%BC.html"},
		{"", "über.html", "/", "/%C3%BCber.html"},
		{"", "über.html", "/gr%C3%B6%C3%9Fe", "/gr%C3%B6%C3%9Fe/%C3%BCber.html"},
		{"", "über.html", "/größe/", "/gr%C3%B6%C3%9Fe/%C3%BCber.html"},
		{"", "index.html", "/größe", "/gr%C3%B6%C3%9Fe/index.html"},
		{"", "index.html", "/größe.txt", ""},
		{"", "", "/größe", ""},
	} {
		t.Run(test.spa+test.folder+" at "+test.path, func(t *testing.T) {
			w := newWorld(t, func(c *edgeauth.Config, _ *devidp.Options) {
				c.Index = edgeauth.Index{SPA: test.spa, Folder: test.folder}
			})
			w.follow("alice", "/x.y")
			d := w.get(test.path)
			require.Equal(t, edgeauth.Allow, d.Action, "%v", d.Reason)
			require.Equal(t, test.want, d.Forward.Path)
			_, err := answer.Of(&d)
			require.NoError(t, err)

			w.jar = map[string]string{}
			d = w.get(w.atProvider(w.get(test.path).Location, "alice"))
			got, err := url.PathUnescape(strings.TrimPrefix(d.Location, appURL))
			require.NoError(t, err)
			want, _ := url.PathUnescape(test.path)
			require.Equal(t, want, got, "and it comes back there")
			_, err = answer.Of(&d)
			require.NoError(t, err)
		})
	}
}

func TestAPlusIsNotASpaceThatARuleMisses(t *testing.T) { // S3 reads a raw "+" as a space
	for _, test := range []struct {
		rule, path, want string
	}{
		{"/hr files/", "/hr%20files/pay.pdf", "forbidden_group"},
		{"/hr files/", "/hr+files/pay.pdf", "bad_path"},
		{"/hr files/", "/hr%2Bfiles/pay.pdf", "allowed"}, // another file
		{"/hr files/", "/other", "allowed"},
		{"/hr/pay roll.pdf", "/hr/pay+roll.pdf", "bad_path"},
		{"/hr/pay roll.pdf", "/hr/pay%20roll.pdf", "forbidden_group"},
		{"/hr files/", "/c++/x", "bad_path"},
		{"/hr/", "/c++/x", "allowed"},
		{"/hr/", "/hr/a+b", "forbidden_group"},
	} {
		t.Run(test.rule+" "+test.path, func(t *testing.T) {
			w := newWorld(t, func(c *edgeauth.Config, _ *devidp.Options) {
				c.Rules = []edgeauth.Rule{{Path: test.rule, Groups: []string{"hr"}}}
			})
			w.signedIn("alice", "/")
			require.Equal(t, test.want, w.code(test.path))
		})
	}
	t.Run("a public path with a space", func(t *testing.T) {
		w := newWorld(t, func(c *edgeauth.Config, _ *devidp.Options) {
			c.Rules = []edgeauth.Rule{{Path: "/open files/", Anyone: true}}
		})
		require.Equal(t, "allowed", w.code("/open%20files/x"))
		require.Equal(t, "no_session", w.code("/open+files/x"))
	})
}

func TestManySitesTakeNoCookieDomain(t *testing.T) {
	w, src, sites := manySites(t, nil)
	c := src.sites["a.example.com"]
	c.Cookie.Domain = "example.com"
	src.set("a.example.com", c)
	require.Equal(t, "config_failure", edgeauth.Code(w.at(sites, "a.example.com", "/").Reason))
	require.Contains(t, w.log.String(), "Cookie.Domain: does not work with many sites")
}

func TestSigningOutRevokesTheRefreshTokenOfABrokenSession(t *testing.T) {
	for name, broken := range map[string]func(string) string{
		"damaged": damaged, "cut short": func(s string) string { return s[:len(s)/2] }, "missing chunks": func(string) string { return "~3~x" },
		"another text": func(string) string { return "x" }, "as it was": func(s string) string { return s },
	} {
		for age, wait := range map[string]time.Duration{"fresh": 0, "expired": 100 * time.Hour} {
			t.Run(name+", "+age, func(t *testing.T) {
				w := newWorld(t, tokensMode)
				w.signedIn("alice", "/")
				w.wait(wait)
				kept := maps.Clone(w.jar)
				w.jar[w.session()] = broken(w.jar[w.session()])
				w.header = map[string]string{"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
				d := w.do(http.MethodPost, "/.auth/logout")
				w.header = nil
				require.Equal(t, "signed_out", edgeauth.Code(d.Reason))
				require.Empty(t, w.jar)
				require.Equal(t, 1, w.idp.Calls(devidp.Revoke))
				w.jar = kept
				w.wait(100 * time.Hour)
				w.fetch("/") // reloads once
				require.Equal(t, "code_refused", edgeauth.Code(w.fetch("/").Reason), "it is dead at the provider")
			})
		}
	}
}

func TestAFolderIsAlsoJudgedByTheRuleOfItsIndex(t *testing.T) {
	w := newWorld(t, func(c *edgeauth.Config, _ *devidp.Options) {
		c.Rules = []edgeauth.Rule{
			{Path: "/reports/index.html", Groups: []string{"admins"}},
			{Path: "/index.html", Groups: []string{"admins"}},
			{Path: "/reports/", Anyone: true},
		}
	})
	require.Equal(t, "no_session", w.code("/reports/"), "a file server gives the index for it")
	require.Equal(t, "allowed", w.code("/reports/other.html"))
	w.signIn("alice", "/x")
	require.Equal(t, "forbidden_group", w.code("/reports/"))
	require.Equal(t, "forbidden_group", w.code("/"))
	require.Equal(t, "allowed", w.code("/x"))
}
