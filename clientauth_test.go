package edgeauth_test

import (
	"context"
	"crypto"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/internal/devidp"
	"github.com/edgeauth/edgeauth/provider"
)

// tokenForms keeps what the token endpoint is asked.
func (w *world) tokenForms() *[]url.Values {
	var forms []url.Values
	w.IdP.Fail(devidp.Token, func(rightly http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			_ = r.ParseForm()
			forms = append(forms, r.PostForm)
			rightly.ServeHTTP(rw, r)
		})
	})
	return &forms
}

func TestAClientSignsWhoItIs(t *testing.T) { // private_key_jwt: OIDC Core 9, RFC 7523
	for alg, asked := range map[string]string{"RS256": "", "PS256": "PS256", "ES256": "", "ES384": "", "EdDSA": ""} {
		t.Run(alg, func(t *testing.T) {
			kind := strings.Replace(alg, "PS", "RS", 1)
			key := newKey(kind).Private.(crypto.Signer)
			w := newWorld(t, func(c *edgeauth.Config, o *devidp.Options) {
				c.ClientKey, c.ClientKeyID, c.ClientKeyAlgorithm = key, "k-1", asked
				o.Clients[0].Key = key.Public()
			})
			forms := w.tokenForms()
			w.signedIn("alice", "/")
			w.Wait(2 * time.Hour)
			require.Equal(t, edgeauth.Allow, w.follow("alice", "/").Action)
			w.signOut() // whose revocation is signed too
			require.Equal(t, 1, w.IdP.Calls(devidp.Revoke))
			require.Len(t, *forms, 2)
			seen := map[any]bool{}
			for _, form := range *forms {
				token, _, err := jwt.NewParser().ParseUnverified(form.Get("client_assertion"), jwt.MapClaims{})
				require.NoError(t, err)
				claims := token.Claims.(jwt.MapClaims)
				require.Equal(t, alg, token.Header["alg"])
				require.Equal(t, "k-1", token.Header["kid"])
				require.Equal(t, idpURL+"/token", claims["aud"])
				require.False(t, seen[claims["jti"]], "each is good for one call")
				seen[claims["jti"]] = true
				require.Empty(t, form.Get("client_secret"))
			}
		})
	}
}

func TestACertificateNamesItsKey(t *testing.T) { // RFC 7515, 4.1.8, as Entra ID wants it
	w := newWorld(t, func(c *edgeauth.Config, o *devidp.Options) {
		c.ClientKey, c.ClientCertificate = signingKey().Private.(*rsa.PrivateKey), []byte("the certificate's bytes")
		o.Clients[0].Key = c.ClientKey.Public()
	})
	forms := w.tokenForms()
	w.signedIn("alice", "/")
	head, _, _ := strings.Cut((*forms)[0].Get("client_assertion"), ".")
	raw, err := base64.RawURLEncoding.DecodeString(head)
	require.NoError(t, err)
	var header map[string]string
	require.NoError(t, json.Unmarshal(raw, &header))
	require.Equal(t, "ymtooaYAhZNsMznk4htrXEInq06Bp5NslCmkJgLP004", header["x5t#S256"])
}

func TestAnAssertionOfTheWorkloadIsAskedForAnew(t *testing.T) { // RFC 7523, 2.2
	key, n := newKey("RS256"), 0
	var fault error
	w := newWorld(t, func(c *edgeauth.Config, o *devidp.Options) {
		o.Clients[0].Key = key.Private.(crypto.Signer).Public()
		c.ClientAssertion = func(context.Context) (string, error) {
			n++
			token := jwt.NewWithClaims(jwt.SigningMethodRS256, jwt.MapClaims{
				"iss": "site", "sub": "site", "aud": idpURL, "jti": string(rune('a' + n)), "exp": 4e9,
			})
			text, err := token.SignedString(key.Private)
			return text, errors.Join(err, fault)
		}
	})
	w.signedIn("alice", "/")
	w.Wait(2 * time.Hour)
	require.Equal(t, edgeauth.Allow, w.follow("alice", "/").Action)
	require.Equal(t, 2, n)
	w.Wait(2 * time.Hour)
	fault = errors.New("no such file")
	d := w.get("/")
	require.Equal(t, http.StatusServiceUnavailable, d.Status, "it passes: the session is kept")
	fault = nil
	w.Wait(time.Minute)
	require.Equal(t, edgeauth.Allow, w.follow("alice", "/").Action)
	require.Equal(t, 1, w.IdP.Calls(devidp.Authorize))
}

func TestASecretMayBeATokenThatTheKeySigns(t *testing.T) { // as Apple wants it
	key := newKey("ES256").Private.(crypto.Signer)
	w := newWorld(t, func(c *edgeauth.Config, _ *devidp.Options) {
		c.ClientKey, c.ClientKeyID = key, "ABC123"
		c.Provider.SecretIssuer, c.Provider.ClientAuth = "TEAM456", provider.ClientSecretPost
	})
	forms := w.tokenForms()
	w.signIn("alice", "/")
	require.Len(t, *forms, 1)
	token, err := jwt.Parse((*forms)[0].Get("client_secret"), func(*jwt.Token) (any, error) { return key.Public(), nil },
		jwt.WithIssuer("TEAM456"), jwt.WithAudience(idpURL), jwt.WithSubject("site"), jwt.WithExpirationRequired(), jwt.WithTimeFunc(w.Now))
	require.NoError(t, err)
	require.Equal(t, "ABC123", token.Header["kid"])
	require.Empty(t, (*forms)[0].Get("client_assertion"))
	require.NotContains(t, w.log.String(), (*forms)[0].Get("client_secret"))
}

func TestARequestIsPushedWhereTheProviderAsksForThat(t *testing.T) { // RFC 9126
	key := newKey("ES256").Private.(crypto.Signer)
	for name, change := range map[string]func(*edgeauth.Config, *devidp.Options){
		"the metadata asks": func(c *edgeauth.Config, _ *devidp.Options) { c.Provider.PushRequests = true },
		"by a client with a key": func(c *edgeauth.Config, o *devidp.Options) {
			c.Provider.PushRequests, c.ClientKey, o.Clients[0].Key = true, key, key.Public()
		},
		"with an answer by form_post": func(c *edgeauth.Config, o *devidp.Options) {
			c.Provider.PushRequests = true
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, change)
			config := w.config
			config.Provider.PushRequests = false // the metadata says it
			guard, err := edgeauth.New(config)
			require.NoError(t, err)
			w.Guard = guard
			d := w.get("/deep")
			u, err := url.Parse(d.Location)
			require.NoError(t, err)
			q := u.Query()
			require.NotEmpty(t, q.Get("request_uri"))
			require.Equal(t, "site", q.Get("client_id"))
			require.Len(t, q, 2, "nothing else travels by the browser: %v", q)
			back, err := w.AtProvider(http.MethodPost, d.Location, url.Values{"user": {"alice"}})
			require.NoError(t, err)
			require.Equal(t, "signed_in", w.code(strings.TrimPrefix(back, appURL)))
			require.Equal(t, edgeauth.Allow, w.get("/deep").Action)
		})
	}
	for name, c := range map[string]struct {
		fault  devidp.Fault
		code   string
		status int
	}{
		"refused": {refusal(400, "invalid_request"), "provider_error", 500}, "busy": {devidp.Status(503), "provider_busy", 503}, "down": {devidp.Down(), "provider_down", 503},
		"a page": {devidp.HTML(), "token_answer", 500}, "nothing in it": {answers(201, "application/json", "{}"), "token_answer", 500},
		"no such client": {refusal(401, "invalid_client"), "provider_error", 500}, "a list": {answers(201, "application/json", "[]"), "token_answer", 500},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, func(c *edgeauth.Config, _ *devidp.Options) { c.Provider.PushRequests = true })
			w.IdP.Fail(devidp.Pushed, c.fault)
			d := w.get("/")
			require.Equal(t, c.code, edgeauth.Code(d.Reason), "%v", d.Reason)
			require.Equal(t, c.status, d.Status)
			require.Empty(t, w.attempts())
		})
	}
	w := newWorld(t, func(c *edgeauth.Config, _ *devidp.Options) { c.Provider.PushRequests = true })
	w.IdP.Tamper(devidp.Tamper{Discovery: func(doc map[string]any) { delete(doc, "pushed_authorization_request_endpoint") }})
	d := w.get("/")
	require.ErrorContains(t, d.Reason, "names no endpoint")
	require.Equal(t, 500, d.Status)
}

func TestAClientSaysWhoItIsInOneWay(t *testing.T) {
	key := newKey("ES256").Private.(crypto.Signer)
	assertion := func(context.Context) (string, error) { return "x", nil }
	for name, c := range map[string]struct {
		change func(*edgeauth.Config)
		field  string
	}{
		"a secret and a key":                {func(c *edgeauth.Config) { c.ClientSecret, c.ClientKey = "s", key }, "ClientKey"},
		"a key and an assertion":            {func(c *edgeauth.Config) { c.ClientAssertion, c.ClientKey = assertion, key }, "ClientAssertion"},
		"a key where none may be":           {func(c *edgeauth.Config) { c.ClientKey, c.Provider.Secret = key, provider.Forbidden }, "ClientKey"},
		"an algorithm that does not fit":    {func(c *edgeauth.Config) { c.ClientKey, c.ClientKeyAlgorithm = key, "RS256" }, "ClientKey"},
		"no secret where there is no PKCE":  {func(c *edgeauth.Config) { c.ClientSecret, c.Provider.NoPKCE = "", true }, "ClientSecret"},
		"no key where the secret is signed": {func(c *edgeauth.Config) { c.ClientSecret, c.Provider.SecretIssuer = "s", "TEAM" }, "ClientKey"},
	} {
		config := newWorld(t, nil).config
		c.change(&config)
		_, err := edgeauth.New(config)
		var fault *edgeauth.FieldError
		require.ErrorAs(t, err, &fault, name)
		require.Equal(t, c.field, fault.Field, name)
	}
	for name, change := range map[string]func(*edgeauth.Config){
		"a key where a secret must be":        func(c *edgeauth.Config) { c.ClientKey, c.Provider.Secret = key, provider.Required },
		"a secret where there is no PKCE":     func(c *edgeauth.Config) { c.ClientSecret, c.Provider.NoPKCE = "s", true },
		"an assertion where a secret must be": func(c *edgeauth.Config) { c.ClientAssertion, c.Provider.Secret = assertion, provider.Required },
	} {
		config := newWorld(t, nil).config
		change(&config)
		_, err := edgeauth.New(config)
		require.NoError(t, err, name)
	}
}
