package devidp_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/MicahParks/keyfunc/v3"
	"github.com/edgeauth/edgeauth/internal/devidp"
	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"
)

// verify checks an ID token against the keys that the provider publishes now.
func (p *person) verify(token any) error {
	p.t.Helper()
	keys, err := keyfunc.NewJWKSetJSON(json.RawMessage(text(p.t, p.get(issuer+"keys"))))
	require.NoError(p.t, err)
	_, err = jwt.Parse(token.(string), keys.Keyfunc, jwt.WithoutClaimsValidation())
	return err
}

func TestEveryAlgorithmVerifiesWithThePublishedKey(t *testing.T) {
	for _, algorithm := range []string{"RS256", "PS384", "ES256", "ES384", "ES512", "EdDSA"} {
		t.Run(algorithm, func(t *testing.T) {
			key, err := devidp.NewKey(algorithm)
			require.NoError(t, err)
			p := sit(t, func(o *devidp.Options) { o.Keys = []*devidp.Key{key} })
			require.NoError(t, p.verify(p.signIn().body["id_token"]))
		})
	}
	_, err := devidp.NewKey("HS256")
	require.ErrorContains(t, err, "HS256")
}

func TestOneRuleIsBrokenAtATime(t *testing.T) {
	foreign, err := devidp.NewKey("ES256")
	require.NoError(t, err)
	right := func(p *person) { p.idp.Tamper(devidp.Tamper{}) }
	for name, c := range map[string]struct {
		bend     func(key *devidp.Key) devidp.TokenTamper
		verifies bool
		shows    func(t *testing.T, header, claims map[string]any)
	}{
		"a claim": {
			func(*devidp.Key) devidp.TokenTamper {
				return devidp.TokenTamper{Claims: func(c map[string]any) { c["iss"] = c["iss"].(string) + "1" }}
			}, true,
			func(t *testing.T, _, claims map[string]any) { require.Equal(t, issuer+"1", claims["iss"]) },
		},
		"a header": {
			func(*devidp.Key) devidp.TokenTamper {
				return devidp.TokenTamper{Header: func(h map[string]any) { h["crit"] = []string{"x"} }}
			}, true,
			func(t *testing.T, header, _ map[string]any) { require.Equal(t, []any{"x"}, header["crit"]) },
		},
		"a payload text": {
			func(*devidp.Key) devidp.TokenTamper {
				return devidp.TokenTamper{Payload: func(b []byte) []byte { return []byte(strings.Replace(string(b), "{", `{"ISS":"x",`, 1)) }}
			}, true,
			func(t *testing.T, _, claims map[string]any) { require.Equal(t, "x", claims["ISS"]) },
		},
		"a foreign key under our kid": {
			func(key *devidp.Key) devidp.TokenTamper {
				return devidp.TokenTamper{Key: &devidp.Key{ID: key.ID, Algorithm: "ES256", Private: foreign.Private}}
			}, false,
			func(t *testing.T, header, _ map[string]any) { require.Equal(t, "ES256", header["alg"]) },
		},
		"a made-up kid": {
			func(*devidp.Key) devidp.TokenTamper { return devidp.TokenTamper{Key: foreign} }, false,
			func(t *testing.T, header, _ map[string]any) { require.Equal(t, foreign.ID, header["kid"]) },
		},
		"the public key as a secret": {
			func(key *devidp.Key) devidp.TokenTamper {
				return devidp.TokenTamper{Key: &devidp.Key{ID: key.ID, Algorithm: "HS256", Private: key.PublicPEM()}}
			}, false,
			func(t *testing.T, header, _ map[string]any) { require.Equal(t, "HS256", header["alg"]) },
		},
		"no signature": {
			func(key *devidp.Key) devidp.TokenTamper {
				return devidp.TokenTamper{Key: &devidp.Key{ID: key.ID, Algorithm: "none"}}
			}, false,
			func(t *testing.T, header, _ map[string]any) { require.Equal(t, "none", header["alg"]) },
		},
		"a damaged signature": {
			func(*devidp.Key) devidp.TokenTamper {
				return devidp.TokenTamper{Token: func(s string) string { return s[:len(s)-8] + "AAAAAAAA" }}
			}, false,
			func(*testing.T, map[string]any, map[string]any) {},
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := sit(t, nil)
			p.idp.Tamper(devidp.Tamper{IDToken: c.bend(p.idp.Keys()[0])})
			a := p.signIn()
			header, claims := read(t, a.body["id_token"])
			c.shows(t, header, claims)
			if c.verifies {
				require.NoError(t, p.verify(a.body["id_token"]))
			} else {
				require.Error(t, p.verify(a.body["id_token"]))
			}
			require.NoError(t, p.verify(a.body["access_token"]), "the other token stays right")
			right(p)
			require.NoError(t, p.verify(p.signIn().body["id_token"]))
		})
	}
}

func TestAnswersCallbackAndDocumentsCanBeTamperedWith(t *testing.T) {
	p := sit(t, func(o *devidp.Options) {
		o.Shape = devidp.Tamper{TokenAnswer: func(_ string, a map[string]any) { a["scope"] = "a,b" }}
	})
	require.Equal(t, "a,b", p.signIn().body["scope"], "a shape always holds")
	p.idp.Tamper(devidp.Tamper{
		TokenAnswer: func(grant string, a map[string]any) { delete(a, "id_token"); a["grant"] = grant },
		Callback:    func(q url.Values) { q["state"] = []string{"st", "other"} },
		Discovery:   func(d map[string]any) { d["issuer"] = "https://other.example.com" },
		Keys:        func(s map[string]any) { s["keys"] = []any{} },
	})
	params := p.click(request(nil), url.Values{"user": {"alice"}})
	require.Equal(t, []string{"st", "other"}, params["state"])
	a := p.ask(codeForm(params.Get("code")))
	require.Equal(t, "a,b", a.body["scope"])
	require.Equal(t, "authorization_code", a.body["grant"])
	require.NotContains(t, a.body, "id_token")
	require.Contains(t, text(t, p.get(issuer+".well-known/openid-configuration")), "other.example.com")
	require.JSONEq(t, `{"keys":[]}`, text(t, p.get(issuer+"keys")))
}

func TestDiscoveryNamesTheProvidersURLs(t *testing.T) {
	p := sit(t, func(o *devidp.Options) {
		o.Provider.Endpoints.Token = "https://tokens.example.net/t"
		o.CallbackIssuer = true
	})
	var doc map[string]any
	require.NoError(t, json.Unmarshal([]byte(text(t, p.get(issuer+".well-known/openid-configuration"))), &doc))
	require.Equal(t, issuer, doc["issuer"])
	require.Equal(t, issuer+"authorize", doc["authorization_endpoint"])
	require.Equal(t, "https://tokens.example.net/t", doc["token_endpoint"], "the provider's own URL wins")
	require.Equal(t, true, doc["authorization_response_iss_parameter_supported"])
	require.ElementsMatch(t, []string{"id.example.com", "tokens.example.net"}, p.idp.Hosts())
}

func TestKeysRotate(t *testing.T) {
	p := sit(t, nil)
	before := p.signIn().body["id_token"]
	require.NoError(t, p.idp.Rotate())
	after := p.signIn().body["id_token"]
	require.NoError(t, p.verify(before), "the old key stays published")
	require.NoError(t, p.verify(after))
	h1, _ := read(t, before)
	h2, _ := read(t, after)
	require.NotEqual(t, h1["kid"], h2["kid"])
	key, err := devidp.NewKey("ES256")
	require.NoError(t, err)
	p.idp.SetKeys(key)
	require.Error(t, p.verify(before), "a replaced key is gone")
}

func TestTheTwoTokensMayHaveTwoKeysAndKeysTheirOwnMembers(t *testing.T) {
	one, err := devidp.NewKey("ES256")
	require.NoError(t, err)
	two, err := devidp.NewKey("ES256")
	require.NoError(t, err)
	one.Members = map[string]any{"cloud_instance_name": "microsoftonline.com", "alg": nil}
	p := sit(t, func(o *devidp.Options) { o.Keys = []*devidp.Key{one, two} })
	a := p.signIn()
	id, _ := read(t, a.body["id_token"])
	access, _ := read(t, a.body["access_token"])
	require.Equal(t, one.ID, id["kid"])
	require.Equal(t, two.ID, access["kid"])
	require.Equal(t, "microsoftonline.com", one.JWK()["cloud_instance_name"])
	require.NotContains(t, one.JWK(), "alg")
	require.Equal(t, http.StatusOK, p.get(issuer+"keys").StatusCode)
}
