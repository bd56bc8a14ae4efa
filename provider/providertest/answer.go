package providertest

import (
	"fmt"
	"maps"
	"net/url"

	"github.com/edgeauth/edgeauth/internal/devidp"
	"github.com/edgeauth/edgeauth/provider"
)

// lay replaces members of under; a nil value deletes the member.
func lay(over, under map[string]any) {
	for name, value := range over {
		if under[name] = value; value == nil {
			delete(under, name)
		}
	}
}

// shape is the usual answer of the provider: Good, in both kinds of token.
func (k kit) shape() devidp.Tamper {
	b := k.tamper(k.s.Good)
	header := func(header map[string]any) { lay(k.s.Good.Header, header) }
	b.IDToken = devidp.TokenTamper{Header: header, Claims: func(claims map[string]any) { lay(k.s.Good.Claims, claims) }}
	b.AccessToken = devidp.TokenTamper{Header: header, Claims: func(claims map[string]any) {
		if len(k.s.Audience) > 0 {
			claims["aud"] = k.s.Audience[0]
		}
		lay(k.s.Good.Claims, claims)
	}}
	callback := b.Callback
	b.Callback = func(q url.Values) {
		if k.p.CallbackIssuerRequired {
			q.Set("iss", append(k.p.CallbackIssuers, k.p.Issuer)[0])
		}
		callback(q)
	}
	return b
}

// tamper makes the provider answer a. Claims and header are those of the token that is the evidence.
func (k kit) tamper(a Answer) devidp.Tamper {
	b := k.token(devidp.TokenTamper{
		Header: func(header map[string]any) { lay(a.Header, header) },
		Claims: func(claims map[string]any) { lay(a.Claims, claims) },
	})
	b.TokenAnswer = func(_ string, answer map[string]any) { lay(a.Token, answer) }
	b.Callback = func(q url.Values) {
		for name, value := range a.Callback {
			if q.Set(name, fmt.Sprint(value)); value == nil {
				q.Del(name)
			}
		}
	}
	b.Keys = func(set map[string]any) {
		for _, key := range set["keys"].([]map[string]any) {
			lay(a.Key, key)
		}
	}
	b.Answer = func(url string, answer any) any {
		if replaced, ok := a.API[url]; ok {
			return replaced
		}
		if claims, ok := answer.(map[string]any); ok && k.s.Good.API == nil {
			claims = maps.Clone(claims)
			lay(a.Claims, claims)
			return claims
		}
		return answer
	}
	return b
}

// token tampers with the token that is the evidence.
func (k kit) token(t devidp.TokenTamper) devidp.Tamper {
	switch k.s.Proof {
	case provider.IDToken:
		return devidp.Tamper{IDToken: t}
	case provider.AccessToken:
		return devidp.Tamper{AccessToken: t}
	}
	return devidp.Tamper{}
}
