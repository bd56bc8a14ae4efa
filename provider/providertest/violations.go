package providertest

import (
	"bytes"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/edgeauth/edgeauth/internal/devidp"
	"github.com/edgeauth/edgeauth/provider"
)

// violation is one broken rule and the reason for which it has to be refused.
type violation struct {
	name, reason string
	violation    devidp.Tamper
	api          devidp.Fault // of the requests that give the evidence
}

// violations are the rules that hold for every provider, broken one at a time.
func (k kit) violations() []violation {
	list := []violation{{
		name: "a callback from another issuer", reason: "callback_issuer",
		violation: devidp.Tamper{Callback: func(q url.Values) { q.Set("iss", k.p.Issuer+".evil.example") }},
	}, {
		name: "a token answer without evidence",
		violation: devidp.Tamper{TokenAnswer: func(_ string, answer map[string]any) {
			if delete(answer, "access_token"); k.is(provider.IDToken) {
				delete(answer, "id_token")
			}
		}},
	}}
	if k.issues(provider.IDToken) {
		nonce := func(change func(claims map[string]any)) devidp.Tamper {
			return devidp.Tamper{IDToken: devidp.TokenTamper{Claims: change}}
		}
		list = append(list,
			violation{"an ID token of another sign-in, with another nonce", "wrong_nonce", nonce(func(c map[string]any) { c["nonce"] = "another" }), nil},
			violation{"an ID token without nonce", "wrong_nonce", nonce(func(c map[string]any) { delete(c, "nonce") }), nil},
			violation{"a token answer without ID token, which binds it to the sign-in", "no_evidence", devidp.Tamper{
				TokenAnswer: func(_ string, answer map[string]any) { delete(answer, "id_token") },
			}, nil},
		)
	}
	if k.is(provider.Userinfo) {
		return append(list,
			violation{"an access token that the API does not know", "refresh_refused", devidp.Tamper{}, devidp.Status(http.StatusUnauthorized)},
			violation{"an API that finds nothing, whatever it writes below", "no_evidence", devidp.Tamper{}, notFound},
			violation{"an API that answers with a page", "token_answer", devidp.Tamper{}, devidp.HTML()},
		)
	}
	return append(append(append(list, k.claimBends()...), k.kindViolations()...), k.signatureBends()...)
}

const nobody = "somebody-else"

func (k kit) claimBends() (list []violation) {
	add := func(name, reason string, claims map[string]any) {
		list = append(list, violation{k.named(name), reason, k.tamper(Answer{Claims: claims}), nil})
	}
	change := func(name, reason string, t devidp.TokenTamper) {
		list = append(list, violation{k.named(name), reason, k.token(t), nil})
	}
	now := newWorld().Now()
	change("of another issuer", "wrong_issuer", devidp.TokenTamper{Claims: func(c map[string]any) { c["iss"] = c["iss"].(string) + "1" }})
	change("of an issuer that begins like this one", "wrong_issuer",
		devidp.TokenTamper{Claims: func(c map[string]any) { c["iss"] = strings.TrimSuffix(c["iss"].(string), "/") + ".evil.example" }})
	add("without issuer", "wrong_issuer", map[string]any{"iss": nil})
	add("with a second issuer in capitals", "token_malformed", map[string]any{"ISS": "https://evil.example"})
	change("with two issuers", "token_malformed", devidp.TokenTamper{Payload: func(p []byte) []byte {
		return bytes.Replace(p, []byte("{"), []byte(`{"iss":"https://evil.example",`), 1)
	}})
	add("for another audience", "wrong_audience", map[string]any{"aud": nobody})
	if !k.is(provider.AccessToken) || !k.p.AccessToken.AudienceOptional {
		add("without audience", "wrong_audience", map[string]any{"aud": nil})
	}
	add("without expiry", "token_malformed", map[string]any{"exp": nil})
	add("with a text for its expiry", "token_malformed", map[string]any{"exp": strconv.FormatInt(now.Add(time.Hour).Unix(), 10)})
	add("that has expired", "expired", map[string]any{"exp": now.Add(-time.Hour).Unix()})
	add("that is not valid yet", "not_yet_valid", map[string]any{"nbf": now.Add(time.Hour).Unix()})
	add("without subject", "token_malformed", map[string]any{"sub": nil})
	add("with an empty subject", "token_malformed", map[string]any{"sub": ""})
	return list
}

// kindViolations mix up clients and kinds of token.
func (k kit) kindViolations() []violation {
	swap := func(name, from, to string) violation {
		return violation{name, "", devidp.Tamper{
			IDToken:     devidp.TokenTamper{Claims: func(c map[string]any) { delete(c, "at_hash") }},
			TokenAnswer: func(_ string, answer map[string]any) { answer[to] = answer[from] },
		}, nil}
	}
	if k.is(provider.IDToken) {
		return []violation{
			{"an ID token for two audiences that names no client", "wrong_client", k.tamper(Answer{Claims: map[string]any{"aud": []string{k.s.ClientID, nobody}, "azp": nil}}), nil},
			{"an ID token that was given to another client", "wrong_client", k.tamper(Answer{Claims: map[string]any{"azp": nobody}}), nil},
			{"an ID token that goes with another access token", "wrong_token_hash", k.tamper(Answer{Claims: map[string]any{"at_hash": "x"}}), nil},
			swap("an access token in the place of an ID token", "access_token", "id_token"),
		}
	}
	// RFC 9068 names the claim client_id; others have azp, appid or cid.
	other, none := map[string]any{}, map[string]any{}
	for _, name := range append([]string{"client_id", "azp", "appid", "cid"}, k.p.AccessToken.ClientClaims...) {
		other[name], none[name] = nobody, nil
	}
	return []violation{
		{"an access token of another client", "wrong_client", k.tamper(Answer{Claims: other}), nil},
		{"an access token that names no client", "wrong_client", k.tamper(Answer{Claims: none}), nil},
		swap("an ID token in the place of an access token", "id_token", "access_token"),
	}
}

func (k kit) signatureBends() (list []violation) {
	add := func(name, reason string, t devidp.TokenTamper) {
		list = append(list, violation{k.named(name), reason, k.token(t), nil})
	}
	key, stranger := k.keys.id, k.keys.strangerID
	if k.is(provider.AccessToken) {
		key, stranger = k.keys.access, k.keys.strangerAccess
	}
	signedBy := func(algorithm string, private any) *devidp.Key {
		return &devidp.Key{ID: key.ID, Algorithm: algorithm, Private: private}
	}
	foreign := signedBy(stranger.Algorithm, stranger.Private)
	header := func(name string, value any) devidp.TokenTamper {
		return devidp.TokenTamper{Header: func(h map[string]any) { h[name] = value }}
	}
	add("without signature (alg none)", "bad_algorithm", devidp.TokenTamper{Key: signedBy("none", nil)})
	add("signed with the public key as a secret (HS256)", "bad_algorithm", devidp.TokenTamper{Key: signedBy("HS256", key.PublicPEM())})
	add("signed with a foreign key", "bad_signature", devidp.TokenTamper{Key: foreign})
	add("that brings its own key", "bad_signature", devidp.TokenTamper{Key: foreign, Header: header("jwk", foreign.JWK()).Header})
	add("with a made-up key id", "unknown_key", header("kid", "made-up"))
	add("with a damaged signature", "bad_signature", devidp.TokenTamper{Token: damage})
	add("with an extension that nobody knows (crit)", "token_malformed", header("crit", []string{"exp"}))
	add("that is a logout token by its type", "bad_type", header("typ", "logout+jwt"))
	return list
}

// damage changes one character in the middle of the signature.
func damage(token string) string {
	b := []byte(token)
	i := len(b) - 20
	if b[i]++; b[i] == 'Z'+1 || b[i] == 'z'+1 || b[i] == '9'+1 || b[i] == '_'+1 || b[i] == '-'+1 {
		b[i] = 'A'
	}
	return string(b)
}

func (k kit) named(what string) string {
	if k.is(provider.AccessToken) {
		return "an access token " + what
	}
	return "an ID token " + what
}

// notFound changes only the status of the answer.
func notFound(endpoint http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { endpoint.ServeHTTP(missing{w}, r) })
}

type missing struct{ http.ResponseWriter }

func (w missing) WriteHeader(int) { w.ResponseWriter.WriteHeader(http.StatusNotFound) }
