package edgeauth_test

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/internal/attempt"
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

// editAttempt changes the newest attempt in the browser, and writes it as the first version did, in which every part can
// be another. That needs a site without keys: with them it is sealed.
func (w *world) editAttempt(edit func(map[string]any)) {
	w.t.Helper()
	names := w.attempts()
	require.Len(w.t, names, 1)
	prefix := names[0][:strings.LastIndex(names[0], "-s-")+len("-s-")]
	found, ok := attempt.NewKeeper(nil, prefix).Find(w.Jar[names[0]], w.state)
	require.True(w.t, ok)
	a := map[string]any{"s": found.State, "n": found.Nonce, "v": found.Verifier, "r": found.Return, "i": found.Issuer, "t": found.Began}
	edit(a)
	plain, err := json.Marshal(a)
	require.NoError(w.t, err)
	w.Jar[names[0]] = base64.RawURLEncoding.EncodeToString(plain)
}

func other(character string) string {
	if character == "x" {
		return "y"
	}
	return "x"
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
		{"C02 state differs in one character", func(q url.Values) { q.Set("state", other(q.Get("state")[:1])+q.Get("state")[1:]) }, "state_mismatch", 400, true},
		{"C02 state is longer", func(q url.Values) { q.Set("state", q.Get("state")+"x") }, "state_mismatch", 400, true},
		{"C02 state in another case", func(q url.Values) { q.Set("state", strings.ToLower(q.Get("state"))) }, "state_mismatch", 400, true},
		{"no state", func(q url.Values) { q.Del("state") }, "state_missing", 400, true},
		{"an empty state", set("state", ""), "state_missing", 400, true},
		{"C06 state comes twice", func(q url.Values) { q["state"] = []string{q.Get("state"), q.Get("state")} }, "callback_malformed", 400, false},
		{"C06 state comes twice, the second is right", func(q url.Values) { q["state"] = []string{"x", q.Get("state")} }, "callback_malformed", 400, true},
		{"code comes twice", func(q url.Values) { q["code"] = []string{q.Get("code"), "x"} }, "callback_malformed", 400, false},
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
			q["twice"] = []string{"1", "2"}
			q["long"] = []string{strings.Repeat("x", 10_000)}
			q["odd"] = []string{"a\r\nb"}
			q["nul"] = []string{"\x00"}
			q["token"], q["response"], q["error_uri"] = []string{"x"}, []string{"x.y.z"}, []string{"a\nb"}
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
		"begun before all time":              func(a map[string]any) { delete(a, "t"); a["a"] = 1 },
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
		"ACCESS_DENIED":              {"access_denied", 403},

		// The person, or who manages the accounts, has said no: names of the providers' own.
		"user_cancelled_login":              {"access_denied", 403}, // LinkedIn
		"user_cancelled_authorize":          {"access_denied", 403}, // LinkedIn, Apple
		"unauthorized":                      {"access_denied", 403}, // Auth0, of a blocked user
		"user_disabled":                     {"access_denied", 403},
		"account_locked":                    {"access_denied", 403},
		"inactive_user":                     {"access_denied", 403}, // Salesforce
		"password_expired":                  {"access_denied", 403},
		"must_change_password":              {"access_denied", 403},
		"canceled":                          {"access_denied", 403},
		"consent-declined":                  {"access_denied", 403},
		"unmet_authentication_requirements": {"access_denied", 403},
		"mfa_required":                      {"silent_sign_in_failed", 400},
		"admin_policy_enforced":             {"access_denied", 403}, // Google
		"invalid_client":                    {"provider_error", 500},
		"redirect_uri_mismatch":             {"provider_error", 500},
		"unsupported_grant_type":            {"provider_error", 500},
		"request_uri_not_supported":         {"provider_error", 500},
		"application_suspended":             {"provider_error", 500}, // GitHub
		"":                                  {"provider_error", 500},
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

// A browser that restores its tabs asks for all of them at once, each with an address of any length.
func TestRestoredTabsAllSignInAndTheirCookiesStaySmall(t *testing.T) {
	var text string
	for len(text) < 2000 {
		text += rand.Text() // nothing makes it shorter
	}
	for length, remembered := range map[int]int{1: 15, 100: 15, 300: 9, 2000: 9} {
		t.Run(fmt.Sprint(length, " bytes"), func(t *testing.T) {
			modes(t, func(t *testing.T, w *world) {
				var tabs []edgeauth.Decision
				for i := range 15 {
					d := w.get(fmt.Sprintf("/tab/%d?%s", i, text[:length]))
					require.Equal(t, edgeauth.Redirect, d.Action, "tab %d: %v", i, d.Reason)
					tabs = append(tabs, d)
					size := 0
					for _, name := range w.attempts() {
						one := len(name) + len(w.Jar[name])
						require.LessOrEqual(t, one, 600)
						size += one
					}
					require.LessOrEqual(t, size, 6<<10)
				}
				require.GreaterOrEqual(t, len(w.attempts()), remembered)
				back := w.get(w.atProvider(tabs[14].Location, "alice"))
				if length < 1000 {
					require.Equal(t, appURL+"/tab/14?"+text[:length], back.Location)
				} else {
					require.Equal(t, appURL+"/tab/14", back.Location, "what is too long loses its query, and the log says so")
					require.Contains(t, w.log.String(), "too long to come back to")
				}
				w.Jar = map[string]string{}
			})
		})
	}
}

// A page of another site can open this one in as many windows as it likes.
func TestAForeignPageTakesAwayNoSignInThatAPersonBegan(t *testing.T) {
	modes(t, func(t *testing.T, w *world) {
		mine := w.get("/mine")
		foreign := maps.Clone(navigation)
		foreign["Sec-Fetch-Site"] = "cross-site"
		for range 100 {
			w.Header = foreign
			d := w.get("/?" + strings.Repeat("x", 300))
			w.Header = nil
			require.NotEqual(t, http.StatusTooManyRequests, d.Status)
			w.Wait(time.Second)
		}
		other := w.get("/other")
		require.Equal(t, edgeauth.Redirect, other.Action, "and another one may begin")
		require.Equal(t, appURL+"/mine", w.get(w.atProvider(mine.Location, "alice")).Location)
		require.Equal(t, appURL+"/other", w.get(w.atProvider(other.Location, "alice")).Location)

		w.Jar = map[string]string{}
		for i := range 20 { // of the person's own
			w.get(fmt.Sprintf("/own/%d?%s", i, strings.Repeat("x", 300)))
			w.Wait(time.Second)
		}
		before := maps.Clone(w.Jar)
		w.Header = foreign
		d := w.get("/")
		w.Header = nil
		require.Equal(t, http.StatusUnauthorized, d.Status)
		require.Contains(t, string(d.Body), "/.auth/login", "a click makes room")
		require.Equal(t, before, w.Jar)
		require.Equal(t, edgeauth.Redirect, w.get("/").Action)
	})
}

// Whoever comes back late starts over once, by itself, and ends where the sign-in was to end.
func TestALateCallbackStartsOverByItself(t *testing.T) {
	modes(t, func(t *testing.T, w *world) {
		target := w.comesBack("alice", "/deep?x=1")
		w.Wait(11 * time.Minute)
		old := w.attempts()[0]
		d := w.get(target)
		require.Equal(t, "attempt_expired", edgeauth.Code(d.Reason))
		require.Equal(t, edgeauth.Redirect, d.Action)
		require.NotContains(t, w.attempts(), old)
		require.Equal(t, appURL+"/deep?x=1", w.get(w.atProvider(d.Location, "alice")).Location)

		w.Jar = map[string]string{}
		target = w.comesBack("alice", "/deep")
		w.Wait(11 * time.Minute)
		again := w.atProvider(w.get(target).Location, "alice")
		w.Wait(11 * time.Minute)
		d = w.get(again)
		require.Equal(t, http.StatusBadRequest, d.Status, "but not for ever")
		require.Contains(t, string(d.Body), "return=%2Fdeep")

		target = w.comesBack("alice", "/deep")
		w.Wait(25 * time.Hour)
		w.Jar = map[string]string{} // no browser keeps it so long
		d = w.get(target)
		require.Equal(t, edgeauth.Redirect, d.Action, "%v", d.Reason)
		require.Equal(t, appURL+"/", w.get(w.atProvider(d.Location, "alice")).Location)
	})
}

func TestABrowserWithoutCookiesIsToldAtTheFirstTry(t *testing.T) {
	modes(t, func(t *testing.T, w *world) {
		w.drops = func(string) bool { return true }
		d := w.get(w.comesBack("alice", "/deep"))
		require.Equal(t, http.StatusBadRequest, d.Status)
		require.Equal(t, "state_mismatch", edgeauth.Code(d.Reason))
		require.Contains(t, string(d.Body), "Please allow cookies")
	})
}

func TestAnOutageAtTheCallbackKeepsTheTarget(t *testing.T) {
	modes(t, func(t *testing.T, w *world) {
		target := w.comesBack("alice", "/deep")
		w.IdP.Fail(devidp.Token, devidp.Down())
		d := w.get(target)
		require.Equal(t, http.StatusServiceUnavailable, d.Status)
		require.Contains(t, string(d.Body), `href="/.auth/login?return=%2Fdeep"`)
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
		for _, malformed := range []string{"&code=again", "&id_token=x", "&iss=%zz", "&iss=a%00", "&error=" + strings.Repeat("y", 9000)} {
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
