package edgeauth_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/internal/devidp"
	"github.com/edgeauth/edgeauth/nethttp"
	"github.com/edgeauth/edgeauth/provider"
	"github.com/stretchr/testify/require"
)

// The promises of the package's documentation, one test each.

type always edgeauth.Decision

func (d always) Check(context.Context, *edgeauth.Request) edgeauth.Decision {
	return edgeauth.Decision(d)
}

func TestPromise1TheZeroDecisionDenies(t *testing.T) {
	require.Equal(t, edgeauth.Deny, edgeauth.Decision{}.Action)
	require.Equal(t, "deny", edgeauth.Action(0).String())
	require.True(t, edgeauth.Identity{}.IsZero())
	require.Error(t, edgeauth.Rule{Path: "/"}.Permits(edgeauth.Identity{}), "nobody is permitted")
	for name, d := range map[string]edgeauth.Decision{
		"the zero Decision": {}, "an unknown Action": {Action: 99, Status: 200}, "an Action below": {Action: -1, Status: 200},
		"a denial without Status": {Action: edgeauth.Deny}, "Status 199": {Action: edgeauth.Respond, Status: 199}, "Status 600": {Action: edgeauth.Deny, Status: 600},
		"a Status below": {Action: edgeauth.Respond, Status: -1}, "a redirect without Status": {Action: edgeauth.Redirect, Location: appURL},
	} {
		t.Run(name, func(t *testing.T) {
			reached := false
			site := nethttp.Protect(always(d), http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
			w := httptest.NewRecorder()
			site.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
			require.Equal(t, http.StatusInternalServerError, w.Code)
			require.False(t, reached)
		})
	}
}

func TestPromise2NoHookTurnsARefusalIntoAPass(t *testing.T) {
	willing := func(c *edgeauth.Config, _ *devidp.Options) {
		c.Check = func(context.Context, *edgeauth.Request, edgeauth.Identity) error { return nil }
		c.Provider.Check = func(provider.Token) error { return nil }
		c.Provider.Userinfo.Claims = func([]json.RawMessage) (json.RawMessage, error) {
			return json.RawMessage(`{"sub":"alice"}`), nil
		}
		c.Provider.ErrorCodes = map[string]string{"access_denied": "", "invalid_grant": "", "login_required": "ok"}
		c.OnDecision = func(_ context.Context, r *edgeauth.Request, d *edgeauth.Decision) {
			d.Action, d.Status, d.Reason, d.Location = edgeauth.Allow, 200, nil, ""
			for _, cookie := range d.Cookies {
				cookie.Value = "changed"
			}
			if d.Header != nil {
				d.Header.Set("X-Changed", "yes")
			}
			r.Path = "/public/"
		}
		c.Rules = []edgeauth.Rule{{Path: "/public/", Anyone: true}, {Path: "/admin/", Groups: []string{"admins"}}}
	}
	with(t, willing, func(t *testing.T, w *world) {
		for name, bend := range map[string]devidp.Tamper{
			"a damaged token": {IDToken: devidp.TokenTamper{Token: damaged}}, "another audience": claims("aud", "other"), "another nonce": claims("nonce", "x"),
			"another issuer": claims("iss", "https://evil.example"), "an expired token": claims("exp", 1), "no token": noIDToken,
		} {
			w.IdP.Tamper(bend)
			d := w.signIn("alice", "/")
			require.Equal(t, edgeauth.Deny, d.Action, name)
			require.NotContains(t, d.Header, "X-Changed")
			require.Empty(t, w.session())
		}
		w.IdP.Tamper(devidp.Tamper{})
		for _, failure := range []string{"access_denied", "login_required", "server_error"} {
			require.Equal(t, edgeauth.Deny, w.refusedAtProvider("/", failure, "").Action, failure)
		}
		w.IdP.Fail(devidp.Token, refusal(400, "invalid_grant"))
		require.Equal(t, edgeauth.Deny, w.signIn("alice", "/").Action)
		w.IdP.Fail(devidp.Token, nil)

		w.signedIn("alice", "/")
		require.Equal(t, "forbidden_group", w.code("/admin/"))
		session := w.Jar[w.session()]
		w.Jar[w.session()] = damaged("." + session)
		require.Equal(t, http.StatusUnauthorized, w.fetch("/").Status)
	})
	t.Run("userinfo about somebody else", func(t *testing.T) {
		w := newWorld(t, func(c *edgeauth.Config, o *devidp.Options) { willing(c, o); c.Proof = provider.Userinfo })
		require.Equal(t, "wrong_subject", edgeauth.Code(w.signIn("bob", "/").Reason))
	})
	t.Run("hooks that refuse and hooks that panic", func(t *testing.T) {
		for name, change := range map[string]func(c *edgeauth.Config){
			"the provider's check refuses": func(c *edgeauth.Config) { c.Provider.Check = func(provider.Token) error { return errors.New("no") } },
			"the provider's check panics":  func(c *edgeauth.Config) { c.Provider.Check = func(provider.Token) error { panic("no") } },
			"the program's own check panics": func(c *edgeauth.Config) {
				c.Check = func(context.Context, *edgeauth.Request, edgeauth.Identity) error { panic("no") }
			},
			"the program's own check fails": func(c *edgeauth.Config) {
				c.Check = func(context.Context, *edgeauth.Request, edgeauth.Identity) error { return errors.New("no") }
			},
		} {
			with(t, func(c *edgeauth.Config, _ *devidp.Options) { change(c) }, func(t *testing.T, w *world) {
				w.signIn("alice", "/")
				d := w.get("/")
				require.NotEqual(t, edgeauth.Allow, d.Action, name)
			})
		}
	})
	t.Run("a report that panics changes nothing", func(t *testing.T) {
		w := newWorld(t, func(c *edgeauth.Config, _ *devidp.Options) {
			c.OnDecision = func(context.Context, *edgeauth.Request, *edgeauth.Decision) { panic("no") }
		})
		w.signedIn("alice", "/")
		require.Equal(t, edgeauth.Allow, w.get("/").Action)
		w.Jar = map[string]string{}
		require.Equal(t, http.StatusUnauthorized, w.fetch("/").Status)
	})
}

// spy keeps every secret that passes by: what it is, by its first and its last bytes, since logs cut long values.
type spy struct {
	mu      sync.Mutex
	secrets map[[16]byte]string
}

func (s *spy) add(what, value string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, part := range append(strings.Split(value, "."), value) {
		if len(part) >= 16 {
			s.secrets[[16]byte([]byte(part))] = what
			s.secrets[[16]byte([]byte(part[len(part)-16:]))] = what
		}
	}
}

// found is what of the secrets can be read in a text.
func (s *spy) found(text string, but ...string) (found []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := 16; i <= len(text); i++ {
		if what, ok := s.secrets[[16]byte([]byte(text[i-16:i]))]; ok && !slices.Contains(but, what) {
			found = append(found, what+" at "+text[max(0, i-60):i])
		}
	}
	return found
}

func (s *spy) transport(inner http.RoundTripper) http.RoundTripper {
	return roundTrip(func(r *http.Request) (*http.Response, error) {
		if r.Body != nil {
			body, _ := io.ReadAll(r.Body)
			r.Body = io.NopCloser(strings.NewReader(string(body)))
			form, _ := url.ParseQuery(string(body))
			for _, name := range []string{"code", "code_verifier", "refresh_token", "token", "client_secret"} {
				s.add(name, form.Get(name))
			}
		}
		s.add("authorization", strings.TrimPrefix(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "), "Basic "))
		resp, err := inner.RoundTrip(r)
		if err != nil {
			return nil, err
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body = io.NopCloser(strings.NewReader(string(body)))
		var answer map[string]any
		if json.Unmarshal(body, &answer) == nil {
			for _, name := range []string{"access_token", "id_token", "refresh_token"} {
				text, _ := answer[name].(string)
				s.add(name, text)
			}
		}
		return resp, nil
	})
}

// watch looks at every decision of the world from now on.
func (s *spy) watch(w *world) {
	w.seen = func(d edgeauth.Decision) {
		for _, c := range d.Cookies {
			s.add("cookie", c.Value)
		}
		inURL := []string{"state", "nonce"} // which belong into the authorization request
		if u, err := url.Parse(d.Location); err == nil && strings.HasPrefix(d.Location, idpURL+"/authorize") {
			for _, name := range inURL {
				s.add(name, u.Query().Get(name))
			}
		}
		require.Empty(w.t, s.found(string(d.Body)), "on a page: %s", d.Body)
		header, _ := json.Marshal(d.Header)
		require.Empty(w.t, s.found(string(header)), "in a header")
		require.Empty(w.t, s.found(d.Location, inURL...), "in a URL: %s", d.Location)
	}
}

func TestPromise3NoPageURLOrLogShowsATokenOrASecret(t *testing.T) {
	const secret = "the-client-secret-of-the-site"
	echo := func(http.Handler) http.Handler { // providers tell in their texts what they got
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			w.WriteHeader(400)
			_ = json.NewEncoder(w).Encode(map[string]string{"error": "invalid_grant", "error_description": string(body), "error_uri": "https://idp.example/?" + string(body)})
		})
	}
	repeat := func(contentType string) devidp.Fault {
		return func(http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				w.Header().Set("Content-Type", contentType)
				_, _ = w.Write(append([]byte("<p>you sent "), body...))
			})
		}
	}
	for mode, change := range map[string]func(*edgeauth.Config, *devidp.Options){
		"sealed": func(c *edgeauth.Config, _ *devidp.Options) {
			c.Session.Idle = 2 * time.Hour
			c.Forward.AccessToken = true
		},
		"tokens":       tokensMode,
		"access token": func(c *edgeauth.Config, o *devidp.Options) { tokensMode(c, o); c.Proof = provider.AccessToken },
		"userinfo":     func(c *edgeauth.Config, o *devidp.Options) { c.Proof, o.OpaqueAccessToken = provider.Userinfo, true },
	} {
		t.Run(mode, func(t *testing.T) {
			s := &spy{secrets: map[[16]byte]string{}}
			s.add("client secret", secret)
			s.add("session key", string(testKey))
			var w *world
			w = newWorld(t, func(c *edgeauth.Config, o *devidp.Options) {
				change(c, o)
				c.ClientSecret, o.Clients[0].Secret = secret, secret
				c.Rules = []edgeauth.Rule{{Path: "/admin/", Groups: []string{"admins"}}, {Path: "/public/", Anyone: true}}
				c.Check = func(_ context.Context, r *edgeauth.Request, _ edgeauth.Identity) error {
					if r.Path == "/panic" {
						panic("a panic that tells " + r.Cookie[0])
					}
					return nil
				}
				c.HTTPClient = &http.Client{Transport: s.transport(roundTrip(func(r *http.Request) (*http.Response, error) { return w.IdP.Transport().RoundTrip(r) }))}
			})
			s.watch(w)
			signIn := func(edits ...func(url.Values)) {
				d := w.get("/.auth/login?return=/deep")
				require.Equal(t, edgeauth.Redirect, d.Action, "%v", d.Reason)
				target := edited(t, w.atProvider(d.Location, "alice"), edits...)
				u, _ := url.Parse(target)
				s.add("code", u.Query().Get("code"))
				w.get(target)
				w.get(target) // and once more
			}
			visit := func() {
				for _, target := range []string{"/", "/admin/", "/public/x", "/panic", "/a//b", "//", sessionPath, "/.auth/signed-out", "/.auth/logout", "/.auth/login", "/.auth/callback?code=x&state=y"} {
					w.get(target)
					w.fetch(target)
					w.do(http.MethodPost, target)
				}
			}
			for _, carry := range []bool{true, false} {
				w.CookiesOnAllow, w.Jar = carry, map[string]string{}
				visit()
				w.Jar = map[string]string{}
				signIn()
				require.Equal(t, edgeauth.Allow, w.get("/").Action)
				visit()
				for range 3 {
					w.Wait(59 * time.Minute)
					visit()
				}
				w.Wait(3 * time.Hour)
				visit()
				w.signOut()
				for _, fault := range []devidp.Fault{devidp.Down(), devidp.Status(500), echo, repeat("text/html"), repeat("application/json"), devidp.HTML(), devidp.RedirectTo("https://evil.example"), refusal(401, "invalid_client")} {
					for _, endpoint := range []devidp.Endpoint{devidp.Token, devidp.Userinfo, devidp.Keys, devidp.Revoke} {
						w.Jar = map[string]string{}
						signIn()
						w.IdP.Fail(endpoint, fault)
						signIn()
						w.Wait(2 * time.Hour)
						w.get("/")
						w.fetch("/")
						w.signOut()
						w.IdP.Fail(endpoint, nil)
						w.Wait(time.Minute)
					}
				}
				for _, edit := range []func(url.Values){
					func(q url.Values) { q.Set("error", "access_denied"); q.Set("error_description", q.Get("code")) },
					func(q url.Values) { q.Add("code", q.Get("code")) }, func(q url.Values) { q.Add("state", "x") }, func(q url.Values) { q.Set("state", "x") },
					func(q url.Values) { q.Set("iss", "x") }, func(q url.Values) { q.Set("code", q.Get("code")+"\n") }, func(q url.Values) { q.Set("id_token", q.Get("code")) },
				} {
					w.Jar = map[string]string{}
					signIn(edit)
				}
				for _, bend := range []devidp.Tamper{
					{IDToken: devidp.TokenTamper{Token: damaged}, AccessToken: devidp.TokenTamper{Token: damaged}}, {IDToken: devidp.TokenTamper{Token: func(s string) string { return s + ".x" }}},
					claims("iss", "x"), claims("aud", "x"), claims("nonce", "x"), claims("at_hash", "x"), claims("exp", 1), claims("sub", nil), header("kid", "x"), header("alg", "none"),
					answering("token_type", "mac"), answering("expires_in", -1), answering("access_token", nil), noIDToken,
				} {
					w.Jar = map[string]string{}
					w.IdP.Tamper(bend)
					signIn()
					visit()
					w.IdP.Tamper(devidp.Tamper{})
				}
				w.Jar = map[string]string{}
				signIn()
				for name, value := range w.Jar { // a session that is spoilt
					w.Jar[name] = value[:len(value)/2]
				}
				visit()
			}
			log := w.log.String()
			require.Empty(t, s.found(log), "in the log")
			require.Greater(t, len(s.secrets), 100, "there were some")
			for _, what := range []string{"code", "code_verifier", "refresh_token", "access_token", "id_token", "cookie", "state", "nonce", "authorization"} {
				require.Contains(t, slices.Collect(maps.Values(s.secrets)), what)
			}
			for _, code := range []string{"allowed", "signed_in", "refreshed", "provider_down", "token_answer", "internal", "state_mismatch", "callback_malformed", "signed_out"} {
				require.True(t, strings.Contains(log, `"code":"`+code+`"`), "no journey went to %s", code)
			}
		})
	}
}

func TestPromise4TheSameRequestGetsTheSameDecision(t *testing.T) {
	with(t, func(c *edgeauth.Config, _ *devidp.Options) {
		c.Rules = []edgeauth.Rule{{Path: "/public/", Anyone: true}, {Path: "/admin/", Groups: []string{"admins"}}}
		c.Forward.Headers = map[string]string{"X-Auth-Subject": "sub"}
		c.Index.SPA = "/index.html"
	}, func(t *testing.T, w *world) {
		w.signedIn("alice", "/")
		other, err := edgeauth.New(w.config)
		require.NoError(t, err)
		for _, target := range []string{"/", "/a.js", "/public/x", "/admin/", "/a//b", "//", sessionPath, "/.auth/signed-out", "/.auth/logout", "/.auth/callback", "/.auth/callback?state=x"} {
			for _, header := range []map[string]string{navigation, script, {}} {
				for _, carry := range []bool{true, false} {
					w.Header, w.CookiesOnAllow = header, carry
					r := w.request(http.MethodGet, target)
					first := w.Guard.Check(context.Background(), r)
					require.Equal(t, first, w.Guard.Check(context.Background(), r), target)
					require.Equal(t, first, other.Check(context.Background(), r), target)
				}
			}
		}
	})
	t.Run("only declared headers are asked for", func(t *testing.T) {
		declared := []string{"Sec-Fetch-Site", "Sec-Fetch-Mode", "Sec-Fetch-Dest", "Sec-Purpose", "Accept", "X-Requested-With", "Origin", "Referer", "HX-Request", "HX-Current-URL", "Sec-WebSocket-Key", "Accept-Language", "User-Agent"}
		modes(t, func(t *testing.T, w *world) {
			w.signedIn("alice", "/")
			for _, method := range []string{"GET", "HEAD", "POST", "PUT", "OPTIONS"} {
				for _, target := range []string{"/", "//", sessionPath, "/.auth/signed-out", "/.auth/logout", "/.auth/login", "/.auth/callback"} {
					for _, cookies := range [][]string{nil, w.request("GET", "/").Cookie} {
						r := w.request(method, target)
						r.Cookie = cookies
						r.Header = func(name string) string {
							require.Contains(t, declared, name)
							return ""
						}
						w.Guard.Check(context.Background(), r)
					}
				}
			}
		})
	})
}

func TestPromise5NothingOutlivesACallButASharedFetch(t *testing.T) {
	modes(t, func(t *testing.T, w *world) {
		var mu sync.Mutex
		calls := map[devidp.Endpoint]int{}
		for _, endpoint := range []devidp.Endpoint{devidp.Discovery, devidp.Keys, devidp.Token, devidp.Revoke} {
			w.IdP.Fail(endpoint, func(rightly http.Handler) http.Handler {
				return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
					deadline, ok := r.Context().Deadline()
					require.True(t, ok, "%s has a deadline", endpoint)
					require.LessOrEqual(t, time.Until(deadline), 10*time.Second)
					mu.Lock()
					calls[endpoint]++
					mu.Unlock()
					rightly.ServeHTTP(rw, r)
				})
			})
		}
		w.signedIn("alice", "/")
		w.Wait(2 * time.Hour)
		w.get("/")
		w.signOut()
		require.Len(t, calls, 4)
		require.Eventually(t, func() bool { return ours() == 0 }, 10*time.Second, time.Millisecond, "goroutines are left")
	})
	t.Run("a process that was frozen wakes up correct", func(t *testing.T) {
		w := newWorld(t, func(c *edgeauth.Config, o *devidp.Options) { tokensMode(c, o); o.TokenLife = 100 * time.Hour })
		w.signedIn("alice", "/")
		require.Equal(t, edgeauth.Allow, w.get("/").Action)
		w.IdP.SetKeys(otherKey())
		w.Wait(30 * time.Hour)
		require.Equal(t, "unknown_key", edgeauth.Code(w.fetch("/").Reason), "the first request already sees the new keys")
	})
}

// ours is how many goroutines are in the code of this package.
func ours() int {
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	n := 0
	for _, one := range strings.Split(string(stacks), "\n\n") {
		if strings.Contains(one, "edgeauth/edgeauth.(") || strings.Contains(one, "internal/fresh.") {
			n++
		}
	}
	return n
}
