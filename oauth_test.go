package edgeauth_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
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

// answers is a fault that answers with these bytes.
func answers(status int, contentType, body string) devidp.Fault {
	return func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", contentType)
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		})
	}
}

// refusal is a token error (RFC 6749, 5.2).
func refusal(status int, code string) devidp.Fault {
	return answers(status, "application/json", fmt.Sprintf(`{"error":%q,"error_description":"a text with secrets"}`, code))
}

func tokenAnswer(edit func(answer map[string]any)) devidp.Tamper {
	return devidp.Tamper{TokenAnswer: func(_ string, answer map[string]any) { edit(answer) }}
}

func answering(name string, value any) devidp.Tamper {
	return tokenAnswer(func(answer map[string]any) {
		if answer[name] = value; value == nil {
			delete(answer, name)
		}
	})
}

func TestATokenAnswerIsRefused(t *testing.T) {
	for _, test := range []struct {
		rule   string
		bend   devidp.Tamper
		fault  devidp.Fault
		code   string
		status int
	}{
		{"T01 no id_token though openid was asked for", noIDToken, nil, "no_evidence", 500},
		{"an empty id_token", answering("id_token", ""), nil, "no_evidence", 500},
		{"neither token", tokenAnswer(func(a map[string]any) { clear(a) }), nil, "token_answer", 500},
		{"T03 token_type DPoP", answering("token_type", "DPoP"), nil, "token_answer", 500},
		{"T03 token_type mac", answering("token_type", "mac"), nil, "token_answer", 500},
		{"T05 a page with 200", devidp.Tamper{}, devidp.HTML(), "token_answer", 500},
		{"a page that says it is JSON", devidp.Tamper{}, answers(200, "application/json", "<html>"), "token_answer", 500},
		{"T06 a body of 5 MB", devidp.Tamper{}, devidp.Huge(5 << 20), "token_answer", 500},
		{"T07 a redirect to another host", devidp.Tamper{}, devidp.RedirectTo("https://evil.example/token"), "token_answer", 500},
		{"a redirect to itself", devidp.Tamper{}, devidp.RedirectTo(idpURL + "/token"), "token_answer", 500},
		{"nothing", devidp.Tamper{}, answers(200, "application/json", ""), "token_answer", 500},
		{"null", devidp.Tamper{}, answers(200, "application/json", "null"), "token_answer", 500},
		{"a list", devidp.Tamper{}, answers(200, "application/json", "[]"), "token_answer", 500},
		{"form encoding", devidp.Tamper{}, answers(200, "application/x-www-form-urlencoded", "access_token=x&token_type=bearer"), "token_answer", 500},
		{"two answers", devidp.Tamper{}, answers(200, "application/json", `{"access_token":"x"}{}`), "token_answer", 500},
		{"201", devidp.Tamper{}, answers(201, "application/json", `{"access_token":"x","token_type":"bearer"}`), "token_answer", 500},
		{"204", devidp.Tamper{}, devidp.Status(204), "token_answer", 500},
		{"404 without error", devidp.Tamper{}, devidp.Status(404), "token_answer", 500},
		{"down", devidp.Tamper{}, devidp.Down(), "provider_down", 503},
		{"500", devidp.Tamper{}, devidp.Status(500), "provider_busy", 503},
		{"503", devidp.Tamper{}, devidp.Status(503), "provider_busy", 503},
		{"429", devidp.Tamper{}, devidp.Status(429), "provider_busy", 503},
	} {
		t.Run(test.rule, func(t *testing.T) {
			modes(t, func(t *testing.T, w *world) {
				w.IdP.Tamper(test.bend)
				w.IdP.Fail(devidp.Token, test.fault)
				target := w.comesBack("alice", "/")
				calls := w.tokenCalls(func() {
					d := w.get(target)
					require.Equal(t, test.code, edgeauth.Code(d.Reason), "%v", d.Reason)
					require.Equal(t, test.status, d.Status)
					require.Equal(t, test.status == 503, d.Header.Get("Retry-After") != "")
					w.noSession(d)
				})
				require.Equal(t, 1, calls, "a code is sent once")
			})
		})
	}
}

// looseAnswers lack or bend what a sign-in does not need.
func looseAnswers() map[string]devidp.Tamper {
	return map[string]devidp.Tamper{
		"P06 bearer in lower case":        answering("token_type", "bearer"),
		"BEARER":                          answering("token_type", "BEARER"),
		"no token_type":                   answering("token_type", nil),
		"token_type null":                 answering("token_type", json.RawMessage("null")),
		"expires_in as text":              answering("expires_in", "3600"),
		"expires_in as a fraction":        answering("expires_in", 3599.5),
		"no expires_in":                   answering("expires_in", nil),
		"expires_in null":                 answering("expires_in", json.RawMessage("null")),
		"expires_in empty":                answering("expires_in", ""),
		"expires_in 0":                    answering("expires_in", 0),
		"expires_in -1":                   answering("expires_in", -1),
		"expires_in 1e18":                 answering("expires_in", 1e18),
		"expires_in beyond every number":  answering("expires_in", json.RawMessage("1e999")),
		"expires_in that is no number":    answering("expires_in", "soon"),
		"expires_in NaN":                  answering("expires_in", "NaN"),
		"expires_in in a list":            answering("expires_in", []int{1}),
		"expires_in true":                 answering("expires_in", true),
		"no scope":                        answering("scope", nil),
		"other scopes":                    answering("scope", "openid"),
		"scope as a list":                 answering("scope", []string{"openid", "email"}),
		"scope as an empty list":          answering("scope", []string{}),
		"scope null":                      answering("scope", json.RawMessage("null")),
		"scope a number":                  answering("scope", 7),
		"no refresh token":                answering("refresh_token", nil),
		"refresh_token null":              answering("refresh_token", json.RawMessage("null")),
		"refresh_token a number":          answering("refresh_token", 7),
		"error null":                      answering("error", json.RawMessage("null")),
		"error empty":                     answering("error", ""),
		"no access token":                 tokenAnswer(func(a map[string]any) { delete(a, "access_token") }),
		"an access_token that is no text": answering("access_token", 7),
		"members that nobody knows":       answering("not_before_policy", map[string]any{"a": []int{1}}),
		"a member in other letters":       answering("ID_TOKEN", "x"),
		"an opaque access token":          {AccessToken: devidp.TokenTamper{Token: func(string) string { return "opaque" }}},
		"an access token in five part":    {AccessToken: devidp.TokenTamper{Token: func(string) string { return "a.b.c.d.e" }}},
	}
}

func TestARenewalLosesNoRefreshTokenForWhatItDoesNotNeed(t *testing.T) {
	for rule, bend := range looseAnswers() {
		t.Run(rule, func(t *testing.T) {
			modes(t, func(t *testing.T, w *world) {
				w.signedIn("alice", "/")
				w.IdP.Tamper(bend)
				for range 3 { // each takes the refresh token that came with the one before
					w.Wait(61 * time.Minute)
					require.Equal(t, edgeauth.Allow, w.follow("alice", "/").Action)
					if !strings.Contains(rule, "refresh") {
						require.Equal(t, 1, w.IdP.Calls(devidp.Authorize), "no other sign-in")
					}
				}
			})
		})
	}
}

func TestATokenAnswerIsAccepted(t *testing.T) {
	for rule, bend := range looseAnswers() {
		t.Run(rule, func(t *testing.T) {
			modes(t, func(t *testing.T, w *world) {
				w.IdP.Tamper(bend)
				w.signedIn("alice", "/")
			})
		})
	}
	t.Run("JSON under a wrong content type", func(t *testing.T) {
		w := newWorld(t, nil)
		w.IdP.FailAll(devidp.ContentType("text/plain"))
		w.signedIn("alice", "/")
	})
}

// The HTTP status of a token error says nothing: Auth0 uses 403, Entra and Cognito 400, GitHub 200.
func TestATokenErrorIsJudgedByItsErrorMember(t *testing.T) {
	for failure, want := range map[string]struct {
		code   string
		action edgeauth.Action
		status int
	}{
		"invalid_grant":           {"code_refused", edgeauth.Redirect, 302},
		"invalid_client":          {"provider_error", edgeauth.Deny, 500},
		"unauthorized_client":     {"provider_error", edgeauth.Deny, 500},
		"unsupported_grant_type":  {"provider_error", edgeauth.Deny, 500},
		"invalid_scope":           {"provider_error", edgeauth.Deny, 500},
		"invalid_request":         {"provider_error", edgeauth.Deny, 500}, // T15: Entra's platform and Origin disagree
		"invalid_resource":        {"provider_error", edgeauth.Deny, 500},
		"temporarily_unavailable": {"provider_busy", edgeauth.Deny, 503},
		"server_error":            {"provider_busy", edgeauth.Deny, 503},
		"something_else":          {"provider_error", edgeauth.Deny, 500},
	} {
		for _, status := range []int{200, 400, 401, 403} {
			t.Run(fmt.Sprint(failure, " with ", status), func(t *testing.T) {
				w := newWorld(t, nil)
				w.IdP.Fail(devidp.Token, refusal(status, failure))
				d := w.signIn("alice", "/")
				require.Equal(t, want.code, edgeauth.Code(d.Reason), "%v", d.Reason)
				require.Equal(t, want.action, d.Action)
				require.Equal(t, want.status, d.Status)
				require.Empty(t, w.session())
				require.NotContains(t, string(d.Body), "secrets")
			})
		}
	}
}

// The guides explain errors by number, so the log has what the provider says of them, and nothing that was sent to it.
func TestWhatAProviderSaysOfAnErrorIsInTheLogAlone(t *testing.T) {
	const jwt = "eyJhbGciOiJSUzI1NiIsImtpZCI6ImsxIn0.eyJzdWIiOiJ1c2VyLTEiLCJpc3MiOiJodHRwczovL2lkcC5leGFtcGxlIn0.c2lnbmF0dXJl"
	var sent url.Values
	repeats := func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_ = r.ParseForm()
			sent = r.PostForm
			_, secret, _ := r.BasicAuth()
			sent.Set("secret", secret)
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusBadRequest)
			_ = json.NewEncoder(w).Encode(map[string]any{
				"error": "invalid_client", "suberror": "bad_token", "error_codes": []int{7000215, 50011},
				"error_description": "AADSTS7000215: Invalid <b>client</b> secret\r\nTrace ID: 8ee73fba-d2c7-4d9a-9f8b-0f2d1f7b3a00 \u202e" +
					strings.Join([]string{sent.Get("code"), sent.Get("code_verifier"), secret, jwt}, " ") + strings.Repeat(" and more", 500),
			})
		})
	}
	w := newWorld(t, func(c *edgeauth.Config, o *devidp.Options) {
		c.ClientSecret, o.Clients[0].Secret = "hush-hush", "hush-hush"
	})
	w.IdP.Fail(devidp.Token, repeats)
	d := w.signIn("alice", "/")
	log := w.log.String()
	for _, want := range []string{"[7000215,50011]", "AADSTS7000215: Invalid", "bad_token", "8ee73fba-d2c7-4d9a-9f8b-0f2d1f7b3a00"} {
		require.Contains(t, log, want)
	}
	require.Equal(t, "hush-hush", sent.Get("secret"))
	for _, hidden := range []string{sent.Get("code"), sent.Get("code_verifier"), "hush-hush", jwt, jwt[40:], "\u202e", `\r`} {
		require.NotContains(t, log, hidden)
	}
	require.Less(t, len(d.Reason.Error()), 600)
	require.NotContains(t, string(d.Body), "AADSTS")

	w = newWorld(t, nil)
	d = w.refusedAtProvider("/", "access_denied", "AADB2C90091: The user has cancelled "+jwt)
	require.Contains(t, w.log.String(), "AADB2C90091: The user has cancelled")
	require.NotContains(t, w.log.String(), jwt)
	require.NotContains(t, string(d.Body), "AADB2C90091")
}

func TestAProvidersOwnErrorCodeIsTranslated(t *testing.T) {
	w := newWorld(t, func(c *edgeauth.Config, _ *devidp.Options) {
		c.Provider.ErrorCodes = map[string]string{"bad_verification_code": "invalid_grant"}
	})
	w.IdP.Fail(devidp.Token, refusal(200, "bad_verification_code"))
	require.Equal(t, "code_refused", edgeauth.Code(w.signIn("alice", "/").Reason))
}

func TestARefusedCodeIsTriedOnceMoreAndThenAPageSaysSo(t *testing.T) { // T17
	modes(t, func(t *testing.T, w *world) {
		w.IdP.Fail(devidp.Token, refusal(400, "invalid_grant"))
		d := w.signIn("alice", "/deep")
		require.Equal(t, edgeauth.Redirect, d.Action)
		require.Len(t, w.attempts(), 1)
		d = w.get(w.atProvider(d.Location, "alice"))
		require.Equal(t, "code_refused", edgeauth.Code(d.Reason))
		w.noSession(d)
	})
}

func TestEvidenceThatIsMissing(t *testing.T) {
	t.Run("T02 no access token where it is the evidence", func(t *testing.T) {
		with(t, func(c *edgeauth.Config, _ *devidp.Options) { c.Proof = provider.AccessToken }, func(t *testing.T, w *world) {
			w.IdP.Tamper(answering("access_token", nil))
			w.noSession(w.signIn("alice", "/"))
		})
	})
	t.Run("T01 no id_token where another is the evidence: nothing ties the answer to this sign-in", func(t *testing.T) {
		for _, proof := range []provider.Proof{provider.AccessToken, provider.Userinfo} {
			w := newWorld(t, func(c *edgeauth.Config, _ *devidp.Options) { c.Proof = proof })
			w.IdP.Tamper(noIDToken)
			d := w.signIn("alice", "/")
			require.Equal(t, "no_evidence", edgeauth.Code(d.Reason), "%v", d.Reason)
			w.noSession(d)
		}
	})
	t.Run("T09 a scope that the person took away", func(t *testing.T) {
		w := newWorld(t, func(c *edgeauth.Config, _ *devidp.Options) {
			c.Proof, c.Provider.Userinfo.ScopeRequired = provider.Userinfo, []string{"read:org"}
		})
		w.IdP.Tamper(answering("scope", "read:orgs,user"))
		d := w.signIn("alice", "/")
		require.Equal(t, "no_evidence", edgeauth.Code(d.Reason))
		w.noSession(d)
		w.IdP.Tamper(answering("scope", "read:org,user"))
		w.signedIn("alice", "/")
	})
	t.Run("nobody is named: the claim that the site's mapping takes for the subject", func(t *testing.T) {
		with(t, func(c *edgeauth.Config, _ *devidp.Options) { c.Provider.Mapping.Subject = "oid" }, func(t *testing.T, w *world) {
			w.IdP.Tamper(claims("oid", nil))
			d := w.signIn("alice", "/")
			require.Equal(t, "no_evidence", edgeauth.Code(d.Reason), "%v", d.Reason)
			w.noSession(d)
		})
	})
	for name, answer := range map[string]any{"a list": []int{1}, "no subject": map[string]any{"name": "x"}, "a subject that is a number": map[string]any{"sub": 7}} {
		t.Run("userinfo is "+name, func(t *testing.T) {
			w := newWorld(t, func(c *edgeauth.Config, _ *devidp.Options) { c.Proof = provider.Userinfo })
			w.IdP.Tamper(devidp.Tamper{Answer: func(string, any) any { return answer }})
			w.noSession(w.signIn("alice", "/"))
		})
	}
	for name, fault := range map[string]devidp.Fault{
		"a page": devidp.HTML(), "huge": devidp.Huge(5 << 20), "a redirect": devidp.RedirectTo("https://evil.example"), "down": devidp.Down(), "403": devidp.Status(403), "404": devidp.Status(404), "401": devidp.Status(401),
	} {
		t.Run("userinfo answers with "+name, func(t *testing.T) {
			w := newWorld(t, func(c *edgeauth.Config, _ *devidp.Options) { c.Proof = provider.Userinfo })
			w.IdP.Fail(devidp.Userinfo, fault)
			d := w.signIn("alice", "/")
			require.Equal(t, edgeauth.Deny, d.Action)
			require.Empty(t, w.session())
		})
	}
}

var troubles = map[string]devidp.Fault{
	"down": devidp.Down(), "500": devidp.Status(500), "503": devidp.Status(503), "429": devidp.Status(429), "404": devidp.Status(404),
	"HTML": devidp.HTML(), "5 MB": devidp.Huge(5 << 20), "a redirect": devidp.RedirectTo("https://evil.example/"),
	"no JSON": answers(200, "application/json", "{"), "an empty object": answers(200, "application/json", "{}"), "null": answers(200, "application/json", "null"),
}

func TestTroubleAtTheProviderIsAPageAndNeverALoop(t *testing.T) {
	for _, endpoint := range []devidp.Endpoint{devidp.Discovery, devidp.Keys, devidp.Token} {
		for name, fault := range troubles {
			t.Run(fmt.Sprint(endpoint, " ", name), func(t *testing.T) {
				modes(t, func(t *testing.T, w *world) {
					w.IdP.Fail(endpoint, fault)
					d := w.follow("alice", "/deep")
					require.Equal(t, edgeauth.Deny, d.Action, "%v", d.Reason)
					require.GreaterOrEqual(t, d.Status, 500)
					require.Contains(t, string(d.Body), "ref-1")
					require.Empty(t, w.session())

					w.IdP.Fail(endpoint, nil)
					// A load that took longer than its caller waited, as on a busy machine, ends when it ends.
					for deadline := time.Now().Add(time.Minute); ; {
						w.Wait(11 * time.Second)
						if d = w.follow("alice", "/deep"); d.Action == edgeauth.Allow || time.Now().After(deadline) {
							break
						}
					}
					require.Equal(t, edgeauth.Allow, d.Action, "and it is over when it is over: %v", d.Reason)
				})
			})
		}
	}
}

func TestAProviderSignsAsItsMetadataSays(t *testing.T) {
	for _, alg := range []string{"RS256", "RS512", "PS256", "ES256", "ES384", "ES512", "EdDSA"} {
		t.Run(alg, func(t *testing.T) {
			key := newKey(alg)
			modes(t, func(t *testing.T, w *world) {
				w.IdP.SetKeys(key)
				w.signedIn("alice", "/")
				w.Wait(2 * time.Hour)
				require.Equal(t, edgeauth.Allow, w.follow("alice", "/").Action)
			})
			t.Run("and not otherwise", func(t *testing.T) {
				w := newWorld(t, func(_ *edgeauth.Config, o *devidp.Options) { o.Keys = []*devidp.Key{key} })
				w.IdP.Tamper(devidp.Tamper{Discovery: func(doc map[string]any) { doc["id_token_signing_alg_values_supported"] = []string{"RS256"} }})
				if alg == "RS256" {
					w.signedIn("alice", "/")
					return
				}
				require.Equal(t, "bad_algorithm", edgeauth.Code(w.signIn("alice", "/").Reason))
			})
		})
	}
}

// RFC 7519, 4.1.6: iat says how old a token is. What a provider's clock is ahead by locks nobody out.
func TestAProvidersClockMayBeAhead(t *testing.T) {
	modes(t, func(t *testing.T, w *world) {
		w = newWorld(t, func(c *edgeauth.Config, o *devidp.Options) {
			c.Session, c.Provider = w.config.Session, w.config.Provider
			o.Now = func() time.Time { return w.Now().Add(90 * time.Second) }
		})
		w.signedIn("alice", "/")
		for range 5 {
			w.Wait(50 * time.Minute)
			require.Equal(t, edgeauth.Allow, w.follow("alice", "/").Action)
		}
		require.Equal(t, 1, w.IdP.Calls(devidp.Authorize))
	})
}

func TestOddMetadataIsRefused(t *testing.T) {
	for rule, edit := range map[string]func(map[string]any){
		"D02 an http token endpoint":     func(doc map[string]any) { doc["token_endpoint"] = "http://idp.example/token" },
		"D02 an http jwks_uri":           func(doc map[string]any) { doc["jwks_uri"] = "http://idp.example/keys" },
		"an http authorization endpoint": func(doc map[string]any) { doc["authorization_endpoint"] = "http://idp.example/authorize" },
		"a script as endpoint":           func(doc map[string]any) { doc["authorization_endpoint"] = "javascript:alert(1)" },
		"no token endpoint":              func(doc map[string]any) { delete(doc, "token_endpoint") },
		"no issuer":                      func(doc map[string]any) { delete(doc, "issuer") },
		"an issuer with a slash":         func(doc map[string]any) { doc["issuer"] = idpURL + "/" },
		"an endpoint that is no text":    func(doc map[string]any) { doc["jwks_uri"] = 7 },
		"an endpoint with a user":        func(doc map[string]any) { doc["token_endpoint"] = "https://a@idp.example/token" },
	} {
		t.Run(rule, func(t *testing.T) {
			w := newWorld(t, nil)
			w.IdP.Tamper(devidp.Tamper{Discovery: edit})
			d := w.get("/")
			require.Equal(t, "provider_error", edgeauth.Code(d.Reason), "%v", d.Reason)
			require.Equal(t, http.StatusInternalServerError, d.Status)
			w.noSession(d)
		})
	}
}

func TestTheLastGoodKeysAreKept(t *testing.T) { // D04, D07
	longTokens := func(c *edgeauth.Config, o *devidp.Options) { tokensMode(c, o); o.TokenLife = 100 * time.Hour }
	for name, fault := range troubles {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, longTokens)
			w.signedIn("alice", "/")
			w.IdP.Fail(devidp.Keys, fault)
			w.Wait(23 * time.Hour)
			d := w.fetch("/")
			require.Equal(t, edgeauth.Allow, d.Action, "%v", d.Reason)
			w.Wait(time.Hour)
			d = w.fetch("/")
			require.Equal(t, "keys_unavailable", edgeauth.Code(d.Reason), "older than the maximum: closed")
			require.Equal(t, http.StatusServiceUnavailable, d.Status)
		})
	}
	t.Run("empty keys", func(t *testing.T) {
		w := newWorld(t, longTokens)
		w.signedIn("alice", "/")
		w.IdP.Tamper(devidp.Tamper{Keys: func(set map[string]any) { set["keys"] = []map[string]any{} }})
		w.Wait(2 * time.Hour)
		require.Equal(t, edgeauth.Allow, w.fetch("/").Action)
	})
}

func TestAWithdrawnKeyIsTrustedForAnHourAtMost(t *testing.T) { // CVE-2025-22149
	w := newWorld(t, func(c *edgeauth.Config, o *devidp.Options) { tokensMode(c, o); o.TokenLife = 100 * time.Hour })
	w.signedIn("alice", "/")
	require.Equal(t, edgeauth.Allow, w.fetch("/").Action)
	w.IdP.SetKeys(otherKey())
	w.Wait(61 * time.Minute)
	d := w.fetch("/")
	require.Equal(t, "unknown_key", edgeauth.Code(d.Reason), "though the token was verified before")
}

func TestASlowProviderIsNotWaitedForLongerThanTheRequest(t *testing.T) {
	for _, endpoint := range []devidp.Endpoint{devidp.Discovery, devidp.Keys, devidp.Token} {
		t.Run(string(endpoint), func(t *testing.T) {
			modes(t, func(t *testing.T, w *world) {
				release := make(chan struct{})
				defer close(release)
				if endpoint == devidp.Discovery {
					w.IdP.Fail(endpoint, devidp.Hang(release))
				}
				target := "/"
				if endpoint != devidp.Discovery {
					target = w.comesBack("alice", "/")
					w.IdP.Fail(endpoint, devidp.Hang(release))
				}
				ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
				defer cancel()
				d := w.Guard.Check(ctx, w.request(http.MethodGet, target))
				require.Equal(t, http.StatusServiceUnavailable, d.Status, "%v", d.Reason)
			})
		})
	}
	t.Run("refresh", func(t *testing.T) {
		modes(t, func(t *testing.T, w *world) {
			w.signedIn("alice", "/")
			release := make(chan struct{})
			defer close(release)
			w.IdP.Fail(devidp.Token, devidp.Hang(release))
			for wait, want := range map[time.Duration]edgeauth.Action{59 * time.Minute: edgeauth.Allow} {
				w.Wait(wait)
				ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
				require.Equal(t, want, w.Guard.Check(ctx, w.request(http.MethodGet, "/")).Action)
				cancel()
			}
			w.Wait(time.Hour)
			ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
			defer cancel()
			require.Equal(t, http.StatusServiceUnavailable, w.Guard.Check(ctx, w.request(http.MethodGet, "/")).Status)
		})
	})
}

// endless is a body of blanks that counts how much of it was read.
type endless struct{ read int }

func (e *endless) Read(p []byte) (int, error) {
	if e.read > 32<<20 {
		return 0, io.ErrUnexpectedEOF
	}
	for i := range p {
		p[i] = ' '
	}
	e.read += len(p)
	return len(p), nil
}

func (e *endless) Close() error { return nil }

func TestAnEndlessAnswerIsReadToItsLimitOnly(t *testing.T) {
	for suffix, most := range map[string]int{"/openid-configuration": 256 << 10, "/keys": 512 << 10, "/token": 1 << 20} {
		t.Run(suffix, func(t *testing.T) {
			modes(t, func(t *testing.T, w *world) {
				body := &endless{}
				w.config.HTTPClient = &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
					resp, err := w.IdP.Transport().RoundTrip(r)
					if err == nil && strings.HasSuffix(r.URL.Path, suffix) {
						resp.Body, resp.ContentLength = body, -1
					}
					return resp, err
				})}
				var err error
				w.Guard, err = edgeauth.New(w.config)
				require.NoError(t, err)
				d := w.follow("alice", "/")
				require.Equal(t, edgeauth.Deny, d.Action)
				require.Positive(t, body.read)
				require.LessOrEqual(t, body.read, 2*most)
			})
		})
	}
}

func TestClocksMayDifferByTheLeeway(t *testing.T) { // P11; a minute unless the site says otherwise
	const none = edgeauth.NoLeeway
	for _, row := range []struct {
		leeway, off time.Duration
		want        string
	}{
		{0, 60 * time.Second, "signed_in"},
		{0, 61 * time.Second, "not_yet_valid"},
		{0, -60 * time.Second, "signed_in"},
		{0, -61 * time.Second, "expired"},
		{none, 0, "signed_in"},
		{none, time.Second, "not_yet_valid"},
		{none, -time.Second, "expired"},
		{2 * time.Second, -2 * time.Second, "signed_in"},
		{2 * time.Second, -3 * time.Second, "expired"},
		{5 * time.Minute, 5 * time.Minute, "signed_in"},
		{5 * time.Minute, -5*time.Minute - time.Second, "expired"},
	} {
		t.Run(fmt.Sprint(row.leeway, row.off), func(t *testing.T) {
			with(t, func(c *edgeauth.Config, o *devidp.Options) {
				c.Leeway = row.leeway
				now := o.Now
				o.Now = func() time.Time { return now().Add(row.off) }
				o.TokenLife = time.Second // so that a clock behind shows at once
				if row.off > 0 {
					o.TokenLife = time.Hour
				}
			}, func(t *testing.T, w *world) {
				fromNow := devidp.TokenTamper{Claims: func(c map[string]any) { c["nbf"] = c["iat"] }}
				w.IdP.Tamper(devidp.Tamper{IDToken: fromNow, AccessToken: fromNow})
				require.Equal(t, row.want, edgeauth.Code(w.signIn("alice", "/").Reason))
			})
		})
	}
}

func TestAValidSessionSurvivesAnOutage(t *testing.T) {
	modes(t, func(t *testing.T, w *world) {
		w.signedIn("alice", "/")
		w.IdP.FailAll(devidp.Down())
		for range 12 {
			w.Wait(5 * time.Minute)
			require.Equal(t, edgeauth.Allow, w.get("/").Action)
			require.Equal(t, edgeauth.Allow, w.fetch("/").Action)
		}
		w.Wait(2 * time.Minute)
		require.Equal(t, http.StatusServiceUnavailable, w.get("/").Status, "never past its end")
		w.IdP.FailAll(nil)
		w.Wait(11 * time.Second)
		require.Equal(t, edgeauth.Allow, w.get("/").Action, "and it goes on afterwards, without a new sign-in")
	})
}

func TestAFailedCallIsNotRepeatedByEveryRequest(t *testing.T) {
	modes(t, func(t *testing.T, w *world) {
		w.signedIn("alice", "/")
		w.IdP.Fail(devidp.Token, devidp.Status(503))
		w.Wait(2 * time.Hour)
		require.Equal(t, 1, w.tokenCalls(func() {
			for range 50 {
				w.fetch("/")
			}
		}))
	})
}

// follow goes where the answers send it, signing user in wherever the provider asks, until there is a page.
func (w *world) follow(user, target string) edgeauth.Decision {
	w.t.Helper()
	for range 25 {
		d := w.get(target)
		if d.Action != edgeauth.Redirect {
			return d
		}
		if target = d.Location; strings.HasPrefix(target, idpURL) {
			target = w.atProvider(target, user)
		}
	}
	w.t.Fatal("the browser goes round in circles")
	return edgeauth.Decision{}
}

func TestNobodyGoesRoundInCircles(t *testing.T) {
	for rule, prepare := range map[string]func(w *world){
		"every code is refused":       func(w *world) { w.IdP.Fail(devidp.Token, refusal(400, "invalid_grant")) },
		"every token is damaged":      func(w *world) { w.IdP.Tamper(devidp.Tamper{IDToken: devidp.TokenTamper{Token: damaged}}) },
		"every token has expired":     func(w *world) { w.IdP.Tamper(claims("exp", 1)) },
		"every sign-in is denied":     func(w *world) { w.IdP.Tamper(devidp.Tamper{Callback: deny("access_denied")}) },
		"every sign-in wants a login": func(w *world) { w.IdP.Tamper(devidp.Tamper{Callback: deny("login_required")}) },
		"every session is too large":  func(w *world) { w.IdP.Tamper(claims("name", strings.Repeat("x", 20_000))) },
	} {
		t.Run(rule, func(t *testing.T) {
			modes(t, func(t *testing.T, w *world) {
				prepare(w)
				require.Equal(t, edgeauth.Deny, w.follow("alice", "/deep").Action)
			})
		})
	}
	for _, carry := range []bool{true, false} {
		t.Run(fmt.Sprint("a browser drops the session, cookies on allow: ", carry), func(t *testing.T) {
			modes(t, func(t *testing.T, w *world) {
				w.CookiesOnAllow, w.drops = carry, func(name string) bool { return name == w.session() }
				d := w.follow("alice", "/deep")
				require.Equal(t, "loop", edgeauth.Code(d.Reason))
				require.Contains(t, string(d.Body), "does not keep the sign-in")
			})
		})
		t.Run(fmt.Sprint("a browser keeps no cookies, cookies on allow: ", carry), func(t *testing.T) {
			modes(t, func(t *testing.T, w *world) {
				w.CookiesOnAllow, w.drops = carry, func(string) bool { return true }
				require.Equal(t, "state_mismatch", edgeauth.Code(w.follow("alice", "/deep").Reason))
			})
		})
	}
}

func deny(failure string) func(url.Values) {
	return func(q url.Values) {
		q.Del("code")
		q.Set("error", failure)
	}
}

// The person can take a parameter out of the authorization request, and a provider may overlook it.
func TestWhatTheRequestAsksOfTheSignInIsAskedOfTheAnswer(t *testing.T) { // OIDC Core 3.1.2.1; 3.1.3.7, rules 12 and 13
	const began = 1772355600 // 2026-03-01T09:00:00Z, by the clock of newWorld
	for _, test := range []struct {
		rule   string
		params map[string]string
		claims map[string]any
		code   string
	}{
		{"nothing asked", nil, map[string]any{"auth_time": began - 1_000_000, "acr": "0"}, "signed_in"},
		{"a sign-in of now", map[string]string{"max_age": "600"}, map[string]any{"auth_time": began}, "signed_in"},
		{"a sign-in that is just young enough", map[string]string{"max_age": "600"}, map[string]any{"auth_time": began - 660}, "signed_in"},
		{"a sign-in that is too old", map[string]string{"max_age": "600"}, map[string]any{"auth_time": began - 661}, "weak_sign_in"},
		{"no word about the time", map[string]string{"max_age": "600"}, map[string]any{"auth_time": nil}, "weak_sign_in"},
		{"a text for the time", map[string]string{"max_age": "600"}, map[string]any{"auth_time": "1772355600"}, "weak_sign_in"},
		{"a time below none", map[string]string{"max_age": "600"}, map[string]any{"auth_time": -1}, "weak_sign_in"},
		{"a time that no clock has", map[string]string{"max_age": "600"}, map[string]any{"auth_time": 1 << 40}, "weak_sign_in"},
		{"a new sign-in wanted, and had", map[string]string{"max_age": "0"}, map[string]any{"auth_time": began}, "signed_in"},
		{"a new sign-in wanted, and none had", map[string]string{"max_age": "0"}, map[string]any{"auth_time": began - 3600}, "weak_sign_in"},
		{"a new sign-in wanted by prompt, and none had", map[string]string{"prompt": "login"}, map[string]any{"auth_time": began - 3600}, "weak_sign_in"},
		{"a new sign-in wanted by prompt, and nothing said", map[string]string{"prompt": "login"}, map[string]any{"auth_time": nil}, "signed_in"},
		{"a class that was asked for", map[string]string{"acr_values": "silver gold"}, map[string]any{"acr": "gold"}, "signed_in"},
		{"a weaker class", map[string]string{"acr_values": "silver gold"}, map[string]any{"acr": "bronze"}, "weak_sign_in"},
		{"no class", map[string]string{"acr_values": "gold"}, map[string]any{"acr": nil}, "weak_sign_in"},
		{"a part of a class's name", map[string]string{"acr_values": "gold"}, map[string]any{"acr": "gol"}, "weak_sign_in"},
	} {
		t.Run(test.rule, func(t *testing.T) {
			with(t, func(c *edgeauth.Config, _ *devidp.Options) { c.AuthorizeParams = test.params }, func(t *testing.T, w *world) {
				w.IdP.Tamper(devidp.Tamper{IDToken: devidp.TokenTamper{Claims: func(c map[string]any) {
					for name, value := range test.claims {
						if c[name] = value; value == nil {
							delete(c, name)
						}
					}
				}}})
				d := w.signIn("alice", "/")
				require.Equal(t, test.code, edgeauth.Code(d.Reason), "%v", d.Reason)
				if test.code != "signed_in" {
					require.Empty(t, w.session())
					require.Equal(t, http.StatusBadRequest, d.Status)
				}
			})
		})
	}
}

func TestATokenWithEventsIsNoSession(t *testing.T) { // Back-Channel Logout 1.0, 2.4
	modes(t, func(t *testing.T, w *world) {
		w.IdP.Tamper(claims("events", map[string]any{"http://schemas.openid.net/event/backchannel-logout": map[string]any{}}))
		require.Equal(t, "bad_type", edgeauth.Code(w.signIn("alice", "/").Reason))
		require.Empty(t, w.session())
	})
}

// Where an access token is the proof, the ID token beside it has to be about the same person, or the nonce would bind
// nothing.
func TestTheTokensOfOneAnswerAreAboutOnePerson(t *testing.T) {
	access := func(c *edgeauth.Config, _ *devidp.Options) {
		c.Proof = provider.AccessToken
	}
	with(t, access, func(t *testing.T, w *world) {
		w.IdP.Tamper(devidp.Tamper{IDToken: devidp.TokenTamper{Claims: func(c map[string]any) { c["sub"] = "mallory"; delete(c, "at_hash") }}})
		d := w.signIn("alice", "/")
		require.Equal(t, "wrong_subject", edgeauth.Code(d.Reason), "%v", d.Reason)
		require.Empty(t, w.session())

		w.IdP.Tamper(devidp.Tamper{})
		w.signedIn("alice", "/")
		w.IdP.Tamper(devidp.Tamper{IDToken: devidp.TokenTamper{Claims: func(c map[string]any) { c["sub"] = "mallory"; delete(c, "at_hash") }}})
		w.Wait(2 * time.Hour)
		d = w.get("/")
		require.NotEqual(t, edgeauth.Allow, d.Action, "at a renewal too")
		require.Equal(t, "wrong_subject", edgeauth.Code(d.Reason))
	})
}

func TestARefreshedIDTokenOfAnotherSignInEndsASessionOfAnAccessToken(t *testing.T) { // OIDC Core 12.2
	access := func(c *edgeauth.Config, _ *devidp.Options) { c.Proof = provider.AccessToken }
	with(t, access, func(t *testing.T, w *world) {
		refreshed := func(nonce func(map[string]any)) string {
			w.Jar = map[string]string{}
			w.IdP.Tamper(devidp.Tamper{})
			w.signedIn("alice", "/")
			w.Wait(2 * time.Hour)
			require.Equal(t, edgeauth.Allow, w.get("/").Action, "a renewal keeps it")
			w.Wait(2 * time.Hour)
			w.IdP.Tamper(devidp.Tamper{IDToken: devidp.TokenTamper{Claims: nonce}})
			return edgeauth.Code(w.get("/").Reason)
		}
		require.Equal(t, "allowed", refreshed(func(c map[string]any) { delete(c, "nonce") }))
		require.Equal(t, "wrong_nonce", refreshed(func(c map[string]any) { c["nonce"] = "of another sign-in" }))
		require.Empty(t, w.session())
	})
}
