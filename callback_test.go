package edgeauth_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/internal/devidp"
	"github.com/edgeauth/edgeauth/provider"
	"github.com/stretchr/testify/require"
)

// noSession says that nothing came of a callback: no session, no redirect, no code spent.
func (w *world) noSession(d edgeauth.Decision) {
	w.t.Helper()
	require.Equal(w.t, edgeauth.Deny, d.Action, "%v", d.Reason)
	require.Empty(w.t, d.Location)
	require.Empty(w.t, w.session())
	require.Equal(w.t, http.StatusUnauthorized, w.fetch("/x").Status)
}

// editAttempt changes the one attempt in the browser. That needs a site without keys: with them it is sealed.
func (w *world) editAttempt(edit func(map[string]any)) {
	w.t.Helper()
	names := w.attempts()
	require.Len(w.t, names, 1)
	plain, err := base64.RawURLEncoding.DecodeString(w.Jar[names[0]])
	require.NoError(w.t, err)
	var a map[string]any
	require.NoError(w.t, json.Unmarshal(plain, &a))
	edit(a)
	plain, err = json.Marshal(a)
	require.NoError(w.t, err)
	w.Jar[names[0]] = base64.RawURLEncoding.EncodeToString(plain)
}

func TestACallbackIsRefusedBeforeItsCodeGoesAnywhere(t *testing.T) {
	set := func(name string, values ...string) func(url.Values) {
		return func(q url.Values) { q[name] = values }
	}
	for _, test := range []struct {
		rule    string
		edit    func(url.Values)
		code    string
		status  int
		pending bool // the attempt was not named, so that it lives on
	}{
		{"C02 state differs in one character", func(q url.Values) { q.Set("state", "x"+q.Get("state")[1:]) }, "state_mismatch", 400, true},
		{"C02 state is longer", func(q url.Values) { q.Set("state", q.Get("state")+"x") }, "state_mismatch", 400, true},
		{"C02 state in another case", func(q url.Values) { q.Set("state", strings.ToLower(q.Get("state"))) }, "state_mismatch", 400, true},
		{"no state", func(q url.Values) { q.Del("state") }, "state_missing", 400, true},
		{"an empty state", set("state", ""), "state_missing", 400, true},
		{"C06 state comes twice", func(q url.Values) { q["state"] = []string{q.Get("state"), q.Get("state")} }, "callback_malformed", 400, false},
		{"C06 state comes twice, the second is right", func(q url.Values) { q["state"] = []string{"x", q.Get("state")} }, "callback_malformed", 400, true},
		{"code comes twice", func(q url.Values) { q["code"] = []string{q.Get("code"), "x"} }, "callback_malformed", 400, false},
		{"an unknown parameter comes twice", set("x", "1", "2"), "callback_malformed", 400, false},
		{"C08 code and error both", set("error", "server_error"), "provider_busy", 503, false},
		{"C08 code and an empty error both", set("error", ""), "provider_error", 500, false},
		{"C09 error without a valid state", func(q url.Values) { q["error"], q["state"] = []string{"access_denied"}, []string{"x"} }, "state_mismatch", 400, true},
		{"C11 iss of another issuer", set("iss", "https://evil.example"), "callback_issuer", 400, false},
		{"C11 iss with a slash more", set("iss", idpURL+"/"), "callback_issuer", 400, false},
		{"InvalidAuthorizationResponseIss: iss with 1 at the end", set("iss", idpURL+"1"), "callback_issuer", 400, false},
		{"RemoveAuthorizationResponseIss: the metadata says iss comes, and it does not", func(q url.Values) { q.Del("iss") }, "callback_issuer", 400, false},
		{"an empty iss", set("iss", ""), "callback_issuer", 400, false},
		{"iss is checked before error", func(q url.Values) { q["error"], q["iss"] = []string{"access_denied"}, []string{"https://evil.example"} }, "callback_issuer", 400, false},
		{"C17 a code of 20 kB", set("code", strings.Repeat("c", 20_000)), "callback_malformed", 400, false},
		{"C17 a code with line breaks", set("code", "a\r\nb"), "callback_malformed", 400, false},
		{"C18 an id_token in the query", set("id_token", "x.y.z"), "callback_malformed", 400, false},
		{"C18 an access_token in the query", set("access_token", "x"), "callback_malformed", 400, false},
		{"a token in the query", set("token", "x"), "callback_malformed", 400, false},
		{"a response in the query", set("response", "x.y.z"), "callback_malformed", 400, false},
		{"neither code nor error", func(q url.Values) { q.Del("code") }, "callback_malformed", 400, false},
		{"an empty code", set("code", ""), "callback_malformed", 400, false},
		{"nothing at all", func(q url.Values) { clear(q) }, "state_missing", 400, true},
	} {
		t.Run(test.rule, func(t *testing.T) {
			modes(t, func(t *testing.T, w *world) {
				target := w.comesBack("alice", "/deep?x=1", test.edit)
				calls := w.tokenCalls(func() {
					d := w.get(target)
					require.Equal(t, test.code, edgeauth.Code(d.Reason), "%v", d.Reason)
					require.Equal(t, test.status, d.Status)
					w.noSession(d)
				})
				require.Zero(t, calls, "the code was sent")
				require.Equal(t, test.pending, len(w.attempts()) == 1, "attempts left: %v", w.attempts())
			})
		})
	}
}

func TestUnknownCallbackParametersAreIgnored(t *testing.T) { // P05
	modes(t, func(t *testing.T, w *world) {
		d := w.get(w.comesBack("alice", "/", func(q url.Values) {
			for _, name := range []string{"session_state", "scope", "authuser", "hd", "prompt", "client_info"} {
				q.Set(name, "x y/z")
			}
		}))
		require.Equal(t, "signed_in", edgeauth.Code(d.Reason), "%v", d.Reason)
	})
}

func TestAnIssuerInTheCallbackIsCheckedEvenWhereItIsNotPromised(t *testing.T) { // RFC 9207, 2.4
	w := newWorld(t, func(_ *edgeauth.Config, o *devidp.Options) { o.CallbackIssuer = false })
	w.noSession(w.get(w.comesBack("alice", "/", func(q url.Values) { q.Set("iss", "https://evil.example") })))
	w.signedIn("alice", "/")
}

func TestACallbackTakesGETAlone(t *testing.T) { // C15
	for _, method := range []string{"POST", "HEAD", "PUT", "OPTIONS"} {
		modes(t, func(t *testing.T, w *world) {
			target := w.comesBack("alice", "/")
			calls := w.tokenCalls(func() {
				d := w.do(method, target)
				require.Equal(t, http.StatusMethodNotAllowed, d.Status)
				require.Equal(t, "GET", d.Header.Get("Allow"))
			})
			require.Zero(t, calls)
			require.Equal(t, "signed_in", w.code(target), "a stray request does not spoil the sign-in")
		})
	}
}

func TestAnotherProvidersCodeIsNotSentToOurs(t *testing.T) { // C13, RFC 9700, 4.4
	for name, change := range map[string]func(*edgeauth.Config, *devidp.Options){"sealed": nil, "tokens": tokensMode} {
		t.Run(name, func(t *testing.T) {
			a := newWorld(t, change)
			b := newWorld(t, func(c *edgeauth.Config, o *devidp.Options) {
				if change != nil {
					change(c, o)
				}
				c.Provider = provider.OIDC("https://evil.example")
			})
			target := a.comesBack("alice", "/")
			b.Jar = a.Jar
			calls := b.tokenCalls(func() { b.noSession(b.get(target)) })
			require.Zero(t, calls)
		})
	}
}

func TestASignInOfOneSiteDoesNotFinishAtAnother(t *testing.T) { // C14
	for name, change := range map[string]func(*edgeauth.Config, *devidp.Options){"sealed": nil, "tokens": tokensMode} {
		t.Run(name, func(t *testing.T) {
			a := newWorld(t, change)
			b := newWorld(t, func(c *edgeauth.Config, o *devidp.Options) {
				if change != nil {
					change(c, o)
				}
				c.SiteID = "another"
			})
			target := a.comesBack("alice", "/")
			b.Jar = a.Jar
			calls := b.tokenCalls(func() {
				d := b.get(target)
				require.Equal(t, "state_mismatch", edgeauth.Code(d.Reason))
				b.noSession(d)
			})
			require.Zero(t, calls)
		})
	}
}

func TestACallbackInAnotherBrowserIsRefused(t *testing.T) { // login CSRF, RFC 9700, 4.7
	modes(t, func(t *testing.T, w *world) {
		target := w.comesBack("alice", "/")
		w.Jar = map[string]string{}
		calls := w.tokenCalls(func() {
			d := w.get(target)
			require.Equal(t, "state_mismatch", edgeauth.Code(d.Reason))
			w.noSession(d)
		})
		require.Zero(t, calls)
	})
}

func TestAReturnTargetIsCheckedAgainWhenItIsUsed(t *testing.T) { // C19
	for _, target := range []string{"https://evil.example", "//evil.example", `/\evil.example`, "/\t/evil.example", "javascript:alert(1)", "/.auth/logout", ""} {
		w := newWorld(t, tokensMode)
		back := w.comesBack("alice", "/")
		w.editAttempt(func(a map[string]any) { a["r"] = target })
		d := w.get(back)
		require.Equal(t, "signed_in", edgeauth.Code(d.Reason))
		require.Equal(t, appURL+"/", d.Location, "%q", target)
	}
}

func TestAReturnTargetIsCheckedWhenItIsTakenIn(t *testing.T) {
	w := newWorld(t, tokensMode)
	w.get("/.auth/login?return=//evil.example")
	w.editAttempt(func(a map[string]any) { require.Equal(t, "/", a["r"]) })
}

func TestAnAttemptWithoutItsPartsIsNone(t *testing.T) { // C23
	for name, edit := range map[string]func(map[string]any){
		"no PKCE verifier":                   func(a map[string]any) { delete(a, "v") },
		"a PKCE verifier too short":          func(a map[string]any) { a["v"] = strings.Repeat("x", 42) },
		"no nonce":                           func(a map[string]any) { delete(a, "n") },
		"no state":                           func(a map[string]any) { delete(a, "s") },
		"another state":                      func(a map[string]any) { a["s"] = "x" },
		"another type":                       func(a map[string]any) { a["v"] = 7 },
		"of another issuer":                  func(a map[string]any) { a["i"] = "https://evil.example" },
		"no issuer":                          func(a map[string]any) { delete(a, "i") },
		"begun before all time":              func(a map[string]any) { delete(a, "t") },
		"another verifier (at the provider)": func(a map[string]any) { a["v"] = strings.Repeat("x", 43); a["a"] = 1 },
		"another nonce (in the ID token)":    func(a map[string]any) { a["n"] = "x" },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, tokensMode)
			back := w.comesBack("alice", "/")
			w.editAttempt(edit)
			w.noSession(w.get(back))
		})
	}
}

func TestAReloadedCallbackIsNoError(t *testing.T) {
	modes(t, func(t *testing.T, w *world) {
		target := w.comesBack("alice", "/")
		require.Equal(t, "signed_in", w.code(target))
		calls := w.tokenCalls(func() {
			d := w.get(target)
			require.Equal(t, "already_signed_in", edgeauth.Code(d.Reason))
			require.Contains(t, string(d.Body), "signed in already")
			require.Empty(t, d.Cookies, "the session stays as it is")
			require.Equal(t, edgeauth.Allow, w.get("/").Action)

			delete(w.Jar, w.session())
			d = w.get(target)
			require.Equal(t, "state_mismatch", edgeauth.Code(d.Reason))
			require.Contains(t, string(d.Body), `href="/.auth/login"`, "a way on, by hand")
			w.noSession(d)
		})
		require.Zero(t, calls)
	})
}

func TestASpentCodeIsRefusedByTheProviderAndLeavesNoSession(t *testing.T) {
	modes(t, func(t *testing.T, w *world) {
		target := w.comesBack("alice", "/")
		attempts := w.attempts()
		kept := w.Jar[attempts[0]]
		require.Equal(t, "signed_in", w.code(target))
		w.Jar = map[string]string{attempts[0]: kept} // somebody who has stolen both
		d := w.get(target)
		require.Equal(t, "code_refused", edgeauth.Code(d.Reason))
		require.Empty(t, w.session())
	})
}

// Section 1.6 of the providers' rules: what each error of an authorization answer comes to.
func TestAnErrorAnswerIsToldAndNeverRedeemed(t *testing.T) {
	for failure, want := range map[string]struct {
		code   string
		status int
	}{
		"access_denied":              {"access_denied", 403}, // C10
		"login_required":             {"silent_sign_in_failed", 400},
		"interaction_required":       {"silent_sign_in_failed", 400},
		"consent_required":           {"silent_sign_in_failed", 400},
		"account_selection_required": {"silent_sign_in_failed", 400},
		"invalid_request":            {"provider_error", 500},
		"unauthorized_client":        {"provider_error", 500},
		"unsupported_response_type":  {"provider_error", 500},
		"invalid_scope":              {"provider_error", 500},
		"invalid_resource":           {"provider_error", 500},
		"invalid_target":             {"provider_error", 500},
		"server_error":               {"provider_busy", 503},
		"temporarily_unavailable":    {"provider_busy", 503},
		"something_else":             {"provider_error", 500},
		"ACCESS_DENIED":              {"provider_error", 500},
		"":                           {"provider_error", 500},
	} {
		t.Run(failure, func(t *testing.T) {
			modes(t, func(t *testing.T, w *world) {
				calls := w.tokenCalls(func() {
					d := w.refusedAtProvider("/deep", failure, "")
					require.Equal(t, want.code, edgeauth.Code(d.Reason))
					require.Equal(t, want.status, d.Status)
					require.Equal(t, want.status == 503, d.Header.Get("Retry-After") != "")
					require.Contains(t, string(d.Body), "ref-1", "a reference to tell the owner")
					w.noSession(d)
				})
				require.Zero(t, calls)
				require.Empty(t, w.attempts())
			})
		})
	}
}

func TestWhoSaysNoCanTryAgainByHand(t *testing.T) { // C10, B26
	modes(t, func(t *testing.T, w *world) {
		d := w.refusedAtProvider("/deep?x=1", "access_denied", "")
		require.Contains(t, string(d.Body), `href="/.auth/login?return=%2Fdeep%3Fx%3D1"`)
		require.NotContains(t, string(d.Body), "refresh", "no automatic way on")
	})
}

func TestAnErrorDoesNotEndARunningSession(t *testing.T) { // C09
	modes(t, func(t *testing.T, w *world) {
		w.signedIn("alice", "/")
		for _, target := range []string{
			"/.auth/callback?error=access_denied", "/.auth/callback?error=access_denied&state=x", "/.auth/callback?code=x&state=x", "/.auth/callback", "/.auth/callback?%zz",
		} {
			w.get(target)
			require.Equal(t, edgeauth.Allow, w.get("/").Action, target)
		}
		d := w.get("/.auth/login?return=/deep") // and with a state that is ours
		w.get(edited(t, w.atProvider(d.Location, "alice"), func(q url.Values) { q.Set("error", "access_denied") }))
		require.Equal(t, edgeauth.Allow, w.get("/").Action)
	})
}

func TestTheProvidersTextIsNotShown(t *testing.T) { // C22, B40
	modes(t, func(t *testing.T, w *world) {
		d := w.refusedAtProvider("/", `<script>alert("code")</script>`, `<script>alert("text")</script>`)
		require.NotContains(t, string(d.Body), "alert")
		require.NotContains(t, string(d.Body), "<script")
		require.NotContains(t, w.log.String(), `alert(\"text\")`, "nor is it logged")
	})
}

func TestASilentSignInIsFollowedByALoudOneOnce(t *testing.T) {
	silent := func(c *edgeauth.Config, _ *devidp.Options) {
		c.AuthorizeParams = map[string]string{"prompt": "none"}
	}
	for name, change := range map[string]func(*edgeauth.Config, *devidp.Options){
		"sealed": silent,
		"tokens": func(c *edgeauth.Config, o *devidp.Options) { silent(c, o); tokensMode(c, o) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, change)
			d := w.get("/deep")
			require.Contains(t, d.Location, "prompt=none")
			back := func(location string) string {
				return edited(t, w.atProvider(location, "alice"), func(q url.Values) { q.Del("code"); q.Set("error", "login_required") })
			}
			d = w.get(back(d.Location))
			require.Equal(t, edgeauth.Redirect, d.Action)
			require.Equal(t, "silent_sign_in_failed", edgeauth.Code(d.Reason))
			require.NotContains(t, d.Location, "prompt")
			require.Len(t, w.attempts(), 1, "the first attempt is over")

			loud := d.Location
			d = w.get(back(loud))
			require.Equal(t, edgeauth.Deny, d.Action, "and no further")
			require.Equal(t, "silent_sign_in_failed", edgeauth.Code(d.Reason))

			d = w.get("/deep")
			d = w.get(back(d.Location))
			d = w.get(w.atProvider(d.Location, "alice"))
			require.Equal(t, appURL+"/deep", d.Location)
		})
	}
}

func TestKeycloaksExpiredLoginPageStartsAgainOnce(t *testing.T) { // P16
	modes(t, func(t *testing.T, w *world) {
		d := w.refusedAtProvider("/deep", "temporarily_unavailable", "authentication_expired")
		require.Equal(t, edgeauth.Redirect, d.Action)
		require.Contains(t, d.Location, idpURL+"/authorize")
		d = w.get(edited(t, w.atProvider(d.Location, "alice"), func(q url.Values) {
			q.Del("code")
			q.Set("error", "temporarily_unavailable")
			q.Set("error_description", "authentication_expired")
		}))
		require.Equal(t, http.StatusServiceUnavailable, d.Status)
	})
}

func TestASignInThatTookTooLongIsOver(t *testing.T) {
	modes(t, func(t *testing.T, w *world) {
		target := w.comesBack("alice", "/deep")
		w.Wait(10*time.Minute + time.Second)
		calls := w.tokenCalls(func() {
			d := w.get(target)
			require.Equal(t, "attempt_expired", edgeauth.Code(d.Reason))
			require.Contains(t, string(d.Body), "return=%2Fdeep")
			w.noSession(d)
		})
		require.Zero(t, calls)
		require.Empty(t, w.attempts())

		target = w.comesBack("alice", "/deep")
		w.Wait(9 * time.Minute)
		require.Equal(t, "signed_in", w.code(target))
	})
}

func TestAtMostFiveSignInsArePendingAndAYoungOneIsNeverGivenUp(t *testing.T) {
	modes(t, func(t *testing.T, w *world) {
		var first edgeauth.Decision
		for i := range 5 {
			d := w.get("/a")
			require.Equal(t, edgeauth.Redirect, d.Action)
			require.Len(t, w.attempts(), i+1)
			if i == 0 {
				first = d
			}
			w.Wait(time.Second)
		}
		d := w.get("/a")
		require.Equal(t, "attempts_pending", edgeauth.Code(d.Reason))
		require.Equal(t, http.StatusTooManyRequests, d.Status)
		require.Equal(t, "60", d.Header.Get("Retry-After"))
		require.Empty(t, d.Cookies)
		require.Len(t, w.attempts(), 5)

		w.Wait(56 * time.Second) // the first one is now older than a minute, the others are not
		d = w.get("/b")
		require.Equal(t, edgeauth.Redirect, d.Action, "%v", d.Reason)
		require.Len(t, w.attempts(), 5)
		require.Equal(t, "state_mismatch", w.code(w.atProvider(first.Location, "alice")), "the oldest made room")
		require.Equal(t, appURL+"/b", w.get(w.atProvider(d.Location, "alice")).Location)
	})
}

func TestWhatIsNoAttemptDoesNotTakeAPlace(t *testing.T) {
	modes(t, func(t *testing.T, w *world) {
		w.get("/a")
		name := w.attempts()[0]
		for _, end := range []string{"0", "1", "2", "3", "4", "5", "6"} {
			w.Jar[name[:len(name)-1]+"x"+end] = "garbage"
		}
		d := w.get("/a")
		require.Equal(t, edgeauth.Redirect, d.Action)
		require.Len(t, w.attempts(), 2, "garbage is cleared")
	})
}

func TestAnAttemptIsClearedOnEveryOutcome(t *testing.T) {
	for outcome, prepare := range map[string]func(w *world) string{
		"success":              func(w *world) string { return w.comesBack("alice", "/") },
		"the provider's error": func(w *world) string { return w.comesBack("alice", "/", func(q url.Values) { q.Set("error", "x") }) },
		"the provider is down": func(w *world) string { w.IdP.Fail(devidp.Token, devidp.Down()); return w.comesBack("alice", "/") },
		"a wrong iss":          func(w *world) string { return w.comesBack("alice", "/", func(q url.Values) { q.Set("iss", "x") }) },
		"no code":              func(w *world) string { return w.comesBack("alice", "/", func(q url.Values) { q.Del("code") }) },
		"too late":             func(w *world) string { s := w.comesBack("alice", "/"); w.Wait(11 * time.Minute); return s },
		"a malformed callback": func(w *world) string {
			return w.comesBack("alice", "/", func(q url.Values) { q["x"] = []string{"", ""} })
		},
		"no evidence":             func(w *world) string { w.IdP.Tamper(noIDToken); return w.comesBack("alice", "/") },
		"a token of another user": func(w *world) string { w.IdP.Tamper(claims("nonce", "x")); return w.comesBack("alice", "/") },
		"a session too large": func(w *world) string {
			w.IdP.Tamper(claims("name", strings.Repeat("x", 20_000)))
			return w.comesBack("alice", "/")
		},
	} {
		t.Run(outcome, func(t *testing.T) {
			modes(t, func(t *testing.T, w *world) {
				target := prepare(w)
				require.Len(t, w.attempts(), 1)
				w.get(target)
				require.Empty(t, w.attempts())
			})
		})
	}
}

// claims is a bend that sets one claim of ID tokens; nil takes it away.
func claims(name string, value any) devidp.Tamper {
	return devidp.Tamper{IDToken: devidp.TokenTamper{Claims: func(c map[string]any) {
		if c[name] = value; value == nil {
			delete(c, name)
		}
	}}}
}

var noIDToken = devidp.Tamper{TokenAnswer: func(_ string, answer map[string]any) { delete(answer, "id_token") }}

func TestWhoeverTheProvidersRulesRefuseMaySignOutAndTryAnotherAccount(t *testing.T) {
	w := newWorld(t, func(c *edgeauth.Config, _ *devidp.Options) {
		c.Provider.Check = func(t provider.Token) error {
			if name, _ := t.Claims.Text("sub"); name != "alice" {
				return errors.New("not one of us")
			}
			return nil
		}
	})
	d := w.signIn("bob", "/")
	require.Equal(t, "claim_refused", edgeauth.Code(d.Reason))
	require.Equal(t, http.StatusForbidden, d.Status, "nothing has to be mended")
	require.Contains(t, string(d.Body), `href="/.auth/logout"`)
	require.NotContains(t, string(d.Body), "one of us")
}

// Whether a host is this machine is asked when a configuration is made and when a discovery document is read.
func TestAProviderOnAnyLoopbackNameSignsPeopleIn(t *testing.T) {
	for _, issuer := range []string{"http://localhost:9000", "http://idp.localhost:9000", "http://127.0.0.1:9000", "http://[::1]:9000"} {
		t.Run(issuer, func(t *testing.T) {
			w := newWorld(t, func(c *edgeauth.Config, _ *devidp.Options) { c.Provider = provider.OIDC(issuer) })
			w.signedIn("alice", "/")
		})
	}
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

// deadlines keeps the deadline of every call to the provider.
type deadlines struct {
	next http.RoundTripper
	seen []time.Time
}

func (d *deadlines) RoundTrip(r *http.Request) (*http.Response, error) {
	if at, ok := r.Context().Deadline(); ok && r.Method == http.MethodPost {
		d.seen = append(d.seen, at)
	}
	return d.next.RoundTrip(r)
}

func TestTheTokenCallEndsBeforeThePlatformDoes(t *testing.T) {
	calls := &deadlines{}
	w := newWorld(t, func(c *edgeauth.Config, _ *devidp.Options) { c.HTTPClient = &http.Client{Transport: calls} })
	calls.next = w.IdP.Transport()
	back := w.atProvider(w.get("/").Location, "alice")

	end := time.Now().Add(2 * time.Second)
	ctx, cancel := context.WithDeadline(context.Background(), end)
	defer cancel()
	d := w.Guard.Check(ctx, w.request(http.MethodGet, back))
	require.Equal(t, "signed_in", edgeauth.Code(d.Reason))
	require.Len(t, calls.seen, 1)
	require.Equal(t, 300*time.Millisecond, end.Sub(calls.seen[0]), "there is time left to answer in")
}
