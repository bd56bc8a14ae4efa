package edgeauth_test

import (
	"encoding/base64"
	"maps"
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

// The modules of the OpenID Connect conformance suite for relying parties, by their ids: basic, config, refresh
// token, and those of the comprehensive plan that apply. The provider is bent as the module's is.

func TestConformanceBasicRelyingParty(t *testing.T) {
	appended := func(name string) devidp.Tamper {
		return devidp.Tamper{IDToken: devidp.TokenTamper{Claims: func(c map[string]any) { c[name] = c[name].(string) + "1" }}}
	}
	for _, test := range []struct {
		module string
		bend   devidp.Tamper
		code   string
	}{
		{"oidcc-client-test", devidp.Tamper{}, "signed_in"},
		{"oidcc-client-test-invalid-iss", appended("iss"), "wrong_issuer"},
		{"oidcc-client-test-missing-sub", claims("sub", nil), "token_malformed"},
		{"oidcc-client-test-invalid-aud", appended("aud"), "wrong_audience"},
		{"oidcc-client-test-missing-iat", claims("iat", nil), "token_malformed"},
		{"oidcc-client-test-idtoken-sig-rs256", devidp.Tamper{}, "signed_in"},
		{"oidcc-client-test-idtoken-sig-none", devidp.Tamper{IDToken: devidp.TokenTamper{Key: &devidp.Key{Algorithm: "none"}}}, "bad_algorithm"},
		{"oidcc-client-test-invalid-sig-rs256", devidp.Tamper{IDToken: devidp.TokenTamper{Token: damaged}}, "bad_signature"},
		{"oidcc-client-test-nonce-invalid", appended("nonce"), "wrong_nonce"},

		{"oidcc-client-test-missing-aud", claims("aud", nil), "wrong_audience"},
		{"oidcc-client-test-invalid-sig-hs256", devidp.Tamper{IDToken: devidp.TokenTamper{Key: &devidp.Key{ID: signingKey().ID, Algorithm: "HS256", Private: signingKey().PublicPEM()}}}, "bad_algorithm"},
		{"oidcc-client-test-invalid-athash", claims("at_hash", "AAAAAAAAAAAAAAAAAAAAAA"), "wrong_token_hash"},
		{"oidcc-client-test-missing-athash (optional in the code flow)", claims("at_hash", nil), "signed_in"},
		{"oidcc-client-test-aggregated-claims (ignored)", claims("_claim_names", map[string]any{"a": "s"}), "signed_in"},
		{"oidcc-client-test-distributed-claims (no URL in a token is fetched)", claims("_claim_sources", map[string]any{"s": map[string]any{"endpoint": "https://evil.example"}}), "signed_in"},
		{"InvalidMissingExp", claims("exp", nil), "token_malformed"},
		{"InvalidMissingIss", claims("iss", nil), "wrong_issuer"},
		{"InvalidMissingNonce", claims("nonce", nil), "wrong_nonce"},

		{"own: a nonce that is empty", claims("nonce", ""), "wrong_nonce"},
		{"own: an issuer with a slash more", claims("iss", idpURL+"/"), "wrong_issuer"},
		{"own: an audience in a list", claims("aud", []string{"site"}), "signed_in"},
		{"own: two audiences and no azp", claims("aud", []string{"site", "other"}), "wrong_client"},
		{"own: no audience in the list", claims("aud", []string{}), "wrong_audience"},
		{"own: azp of another client", claims("azp", "other"), "wrong_client"},
		{"own: an empty sub", claims("sub", ""), "token_malformed"},
		{"own: exp as a text", claims("exp", "9999999999"), "token_malformed"},
		{"own: iat one hour ahead", claims("iat", time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC).Unix()), "signed_in"},
		{"own: an unknown crit", header("crit", []string{"x"}), "token_malformed"},
		{"own: a logout token", header("typ", "logout+jwt"), "bad_type"},
		{"own: an access token", header("typ", "at+jwt"), "bad_type"},
		{"own: a doubled iss", devidp.Tamper{IDToken: devidp.TokenTamper{Payload: func(p []byte) []byte {
			return append([]byte(`{"iss":"https://evil.example",`), p[1:]...)
		}}}, "token_malformed"},
		{"own: ISS in capitals", claims("ISS", "https://evil.example"), "token_malformed"},
		{"own: of another key with the right id", devidp.Tamper{IDToken: devidp.TokenTamper{Key: &devidp.Key{ID: signingKey().ID, Algorithm: "RS256", Private: otherKey().Private}}}, "bad_signature"},
		{"own: encrypted, in five parts", devidp.Tamper{IDToken: devidp.TokenTamper{Token: func(s string) string { return s + ".x.y" }}}, "token_malformed"},
	} {
		t.Run(test.module, func(t *testing.T) {
			modes(t, func(t *testing.T, w *world) {
				w.IdP.Tamper(test.bend)
				d := w.signIn("alice", "/")
				require.Equal(t, test.code, edgeauth.Code(d.Reason), "%v", d.Reason)
				if test.code != "signed_in" {
					w.noSession(d)
					return
				}
				d = w.get("/")
				require.Equal(t, edgeauth.Allow, d.Action, "%v", d.Reason)
				require.Equal(t, "alice", d.Identity.Subject())
			})
		})
	}
}

func header(name string, value any) devidp.Tamper {
	return devidp.Tamper{IDToken: devidp.TokenTamper{Header: func(h map[string]any) { h[name] = value }}}
}

// damaged turns one bit of the signature.
func damaged(token string) string {
	i := strings.LastIndexByte(token, '.') + 1
	signature, _ := base64.RawURLEncoding.DecodeString(token[i:])
	signature[20] ^= 1
	return token[:i] + base64.RawURLEncoding.EncodeToString(signature)
}

// unnamed is a key without kid.
func unnamed(key *devidp.Key) *devidp.Key {
	return &devidp.Key{Algorithm: key.Algorithm, Private: key.Private, Members: map[string]any{"alg": nil}}
}

func TestConformanceKeysWithoutID(t *testing.T) {
	for module, keys := range map[string][]*devidp.Key{
		"oidcc-client-test-kid-absent-single-jwks":   {unnamed(signingKey())},
		"oidcc-client-test-kid-absent-multiple-jwks": {unnamed(signingKey()), unnamed(otherKey()), unnamed(newKey("ES256")), unnamed(newKey("ES256")), unnamed(newKey("EdDSA"))},
	} {
		t.Run(module, func(t *testing.T) {
			modes(t, func(t *testing.T, w *world) {
				w.IdP.SetKeys(keys...)
				w.IdP.Tamper(devidp.Tamper{IDToken: devidp.TokenTamper{Key: unnamed(signingKey())}})
				w.signedIn("alice", "/")
				require.Equal(t, edgeauth.Allow, w.get("/").Action)
			})
		})
	}
}

// The suite's own key set holds keys that a relying party does not know or must not use.
func TestConformanceDefaultKeySet(t *testing.T) {
	for name, odd := range map[string]map[string]any{
		"secp256k1":              {"kty": "EC", "crv": "secp256k1", "x": "WbbzFcGPxl_dNNmcbkpkW0dqYJBhnQ5Rl_lbqRgTlCY", "y": "dtRmPuYtDQ-0ZvVXvZjlGjpJ2sXtzsSmmdzzYCmzbBU"},
		"Ed25519":                newKey("EdDSA").JWK(),
		"a key for encryption":   {"kty": "RSA", "use": "enc", "kid": signingKey().ID + "x", "n": otherKey().JWK()["n"], "e": "AQAB"},
		"a type that nobody has": {"kty": "AKP", "alg": "ML-DSA-44", "pub": "AA"},
		"an RSA key without n":   {"kty": "RSA", "e": "AQAB"},
		"a kid that is a number": {"kty": "RSA", "kid": 7, "n": otherKey().JWK()["n"], "e": "AQAB"},
		"a secret":               {"kty": "oct", "k": "AAAA"},
		"null":                   nil,
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, nil)
			w.IdP.Tamper(devidp.Tamper{Keys: func(set map[string]any) {
				set["keys"] = append([]map[string]any{odd}, set["keys"].([]map[string]any)...)
			}})
			w.signedIn("alice", "/")
		})
	}
}

func TestConformanceUserinfo(t *testing.T) {
	byUserinfo := func(c *edgeauth.Config, _ *devidp.Options) { c.Proof = provider.Userinfo }
	t.Run("oidcc-client-test-userinfo-invalid-sub", func(t *testing.T) {
		w := newWorld(t, byUserinfo)
		w.IdP.Tamper(devidp.Tamper{Answer: func(_ string, answer any) any {
			changed := maps.Clone(answer.(map[string]any))
			changed["sub"] = "aliceinvalid"
			return changed
		}})
		d := w.signIn("alice", "/")
		require.Equal(t, "wrong_subject", edgeauth.Code(d.Reason), "%v", d.Reason)
		w.noSession(d)
	})
	t.Run("oidcc-client-test-scope-userinfo-claims", func(t *testing.T) {
		w := newWorld(t, byUserinfo)
		d := w.get("/")
		require.Contains(t, d.Location, "profile")
		require.Contains(t, d.Location, "email")
		w.get(w.atProvider(d.Location, "alice"))
		require.Equal(t, "Alice", w.get("/").Identity.Claim("name"))
		require.Equal(t, "alice@example.com", w.get("/").Identity.Claim("email"))
	})
	t.Run("impl-bearer: the access token is in no URL", func(t *testing.T) {
		w := newWorld(t, func(c *edgeauth.Config, o *devidp.Options) {
			byUserinfo(c, o)
			c.HTTPClient = &http.Client{}
		})
		w.config.HTTPClient.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
			if strings.HasSuffix(r.URL.Path, "/userinfo") {
				require.Empty(t, r.URL.RawQuery)
				require.True(t, strings.HasPrefix(r.Header.Get("Authorization"), "Bearer "))
			}
			return w.IdP.Transport().RoundTrip(r)
		})
		var err error
		w.Guard, err = edgeauth.New(w.config)
		require.NoError(t, err)
		w.signedIn("alice", "/")
		require.Equal(t, 1, w.IdP.Calls(devidp.Userinfo))
	})
}

func TestConformanceClientSecret(t *testing.T) {
	const id, secret = "a client: ü/%+&", "p:ss w%rd+/=&ü"
	for module, auth := range map[string]provider.ClientAuth{
		"oidcc-client-test-client-secret-basic": provider.ClientSecretBasic, // form-encoded before base64
		"client_secret_post":                    provider.ClientSecretPost,
	} {
		t.Run(module, func(t *testing.T) {
			w := newWorld(t, func(c *edgeauth.Config, o *devidp.Options) {
				c.ClientID, c.ClientSecret, c.Provider.ClientAuth = id, secret, auth
				o.Clients[0].ID, o.Clients[0].Secret = id, secret
			})
			w.signedIn("alice", "/")
		})
	}
}

func TestConformanceRequests(t *testing.T) {
	modes(t, func(t *testing.T, w *world) {
		d := w.get("/")
		u, err := url.Parse(d.Location)
		require.NoError(t, err)
		q := u.Query()
		require.Contains(t, strings.Fields(q.Get("scope")), "openid", "impl-scope")
		require.Equal(t, "site", q.Get("client_id"), "impl-client-id")
		require.Equal(t, "code", q.Get("response_type"), "impl-response-type")
		require.GreaterOrEqual(t, len(q.Get("nonce")), 22, "impl-nonce: 128 bits")
		require.GreaterOrEqual(t, len(q.Get("state")), 22, "128 bits")
		require.Equal(t, "S256", q.Get("code_challenge_method"), "impl-pkce")
		require.True(t, strings.HasPrefix(q.Get("redirect_uri"), "https://"), "impl-https")
		for name, values := range q {
			require.Len(t, values, 1, name)
		}
		again, err := url.Parse(w.get("/").Location)
		require.NoError(t, err)
		for _, name := range []string{"state", "nonce", "code_challenge"} {
			require.NotEqual(t, q.Get(name), again.Query().Get(name), "%s is fresh each time", name)
		}
	})
	t.Run("parameters of the provider do not replace the sign-in's own", func(t *testing.T) {
		ours := []string{"client_id", "redirect_uri", "response_type", "response_mode", "scope", "state", "nonce", "code_challenge", "code_challenge_method", "request", "request_uri"}
		w := newWorld(t, func(c *edgeauth.Config, _ *devidp.Options) {
			c.Provider.AuthorizeParams = map[string]string{"access_type": "offline"}
			for _, name := range ours {
				c.Provider.AuthorizeParams[name] = "of-the-provider"
			}
		})
		d := w.get("/")
		require.NotContains(t, d.Location, "of-the-provider")
		require.Contains(t, d.Location, "access_type=offline")
	})
	t.Run("scopes of the site do not push openid out", func(t *testing.T) {
		w := newWorld(t, func(c *edgeauth.Config, _ *devidp.Options) { c.Scopes = []string{"profile"} })
		u, _ := url.Parse(w.get("/").Location)
		require.ElementsMatch(t, []string{"openid", "profile"}, strings.Fields(u.Query().Get("scope")))
	})
}

func TestConformanceConfigRelyingParty(t *testing.T) {
	t.Run("oidcc-client-test-discovery-openid-config", func(t *testing.T) {
		w := newWorld(t, nil)
		w.signedIn("alice", "/")
		require.Equal(t, 1, w.IdP.Calls(devidp.Discovery))
	})
	t.Run("oidcc-client-test-discovery-jwks-uri-keys", func(t *testing.T) {
		w := newWorld(t, nil)
		w.IdP.Tamper(devidp.Tamper{Discovery: func(doc map[string]any) { doc["jwks_uri"] = idpURL + "/keys/of/this/run" }})
		asked := ""
		w.config.HTTPClient = &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			if strings.HasPrefix(r.URL.Path, "/keys") {
				asked = r.URL.Path
				r = r.Clone(r.Context())
				r.URL.Path = "/keys"
			}
			return w.IdP.Transport().RoundTrip(r)
		})}
		var err error
		w.Guard, err = edgeauth.New(w.config)
		require.NoError(t, err)
		w.signedIn("alice", "/")
		require.Equal(t, "/keys/of/this/run", asked)
	})
	t.Run("oidcc-client-test-discovery-issuer-mismatch", func(t *testing.T) {
		w := newWorld(t, nil)
		w.IdP.Tamper(devidp.Tamper{Discovery: func(doc map[string]any) { doc["issuer"] = idpURL + "1" }})
		d := w.get("/")
		require.Equal(t, "provider_error", edgeauth.Code(d.Reason))
		w.noSession(d)
		require.Empty(t, w.attempts(), "no sign-in was begun")
	})
	t.Run("oidcc-client-test-signing-key-rotation-just-before-signing", func(t *testing.T) {
		modes(t, func(t *testing.T, w *world) {
			w.signedIn("bob", "/")
			w.Jar = map[string]string{}
			target := w.comesBack("alice", "/")
			w.IdP.SetKeys(otherKey())
			require.Equal(t, "signed_in", w.code(target))
		})
	})
	t.Run("oidcc-client-test-signing-key-rotation", func(t *testing.T) {
		modes(t, func(t *testing.T, w *world) {
			w.signedIn("alice", "/")
			require.Equal(t, 1, w.IdP.Calls(devidp.Keys))
			w.IdP.SetKeys(otherKey())
			w.Jar = map[string]string{}
			w.signedIn("alice", "/")
			require.Equal(t, 2, w.IdP.Calls(devidp.Keys))
		})
	})
}

func TestConformanceRefreshToken(t *testing.T) {
	refreshed := func(edit func(map[string]any)) devidp.Tamper {
		return devidp.Tamper{IDToken: devidp.TokenTamper{Claims: edit}}
	}
	for _, test := range []struct {
		module string
		bend   devidp.Tamper
		allow  bool
	}{
		{"oidcc-client-test-refresh-token", devidp.Tamper{}, true},
		{"P07: without nonce", refreshed(func(c map[string]any) { delete(c, "nonce") }), true},
		{"oidcc-client-test-refresh-token-invalid-issuer", refreshed(func(c map[string]any) { c["iss"] = idpURL + "1" }), false},
		{"oidcc-client-test-refresh-token-invalid-sub", refreshed(func(c map[string]any) { c["sub"] = "bob" }), false}, // T10
		{"T12: with another nonce", refreshed(func(c map[string]any) { c["nonce"] = "x" }), false},
		{"with another audience", refreshed(func(c map[string]any) { c["aud"] = "other" }), false},
	} {
		for when, wait := range map[string]time.Duration{"ahead of the end": 59 * time.Minute, "after the end": 2 * time.Hour} {
			t.Run(test.module+" "+when, func(t *testing.T) {
				modes(t, func(t *testing.T, w *world) {
					w.signedIn("alice", "/")
					w.Wait(wait)
					w.IdP.Tamper(test.bend)
					before := w.Jar[w.session()]
					d := w.get("/")
					if test.allow {
						require.Equal(t, edgeauth.Allow, d.Action, "%v", d.Reason)
						require.NotEqual(t, before, w.Jar[w.session()])
						return
					}
					require.Equal(t, edgeauth.Redirect, d.Action, "%v", d.Reason)
					require.Contains(t, d.Location, idpURL+"/authorize")
					require.Empty(t, w.session(), "the session is over, and nothing of the answer is used")
					require.Equal(t, http.StatusUnauthorized, w.fetch("/").Status)
				})
			})
		}
	}
}
