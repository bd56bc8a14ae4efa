package providertest

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"testing"

	"github.com/edgeauth/edgeauth/provider"
)

// TestNoRuleCanGo takes each rule away from each of our providers and wants a sample to show it.
func TestNoRuleCanGo(t *testing.T) {
	keys, err := rs256()
	if err != nil {
		t.Fatal(err)
	}
	for name, one := range ours(t) {
		keys := keys
		if one.provider.JWKS != nil { // of other algorithms
			if keys, err = newKeys(one.provider); err != nil {
				t.Fatal(err)
			}
		}
		for rule, without := range removals(one.provider) {
			t.Run(name+" without "+rule, func(t *testing.T) {
				t.Parallel()
				for _, s := range one.samples {
					k := newKitWith(keys, without, s)
					for _, r := range slices.Backward(k.rules()) { // the samples come last
						if r.broken() != "" {
							return
						}
					}
				}
				t.Error("nothing fails without it: the rule is idle, or no sample shows it")
			})
		}
	}
}

// removals are p without one of its rules each. A rule that says what holds anyway is none.
func removals(p provider.Provider) map[string]provider.Provider {
	out := map[string]provider.Provider{}
	add := func(name string, change func(*provider.Provider)) {
		without := p
		change(&without)
		out[name] = without
	}
	if p.Check != nil {
		add("its check", func(p *provider.Provider) { p.Check = nil })
	}
	if p.CallbackIssuerRequired {
		add("the callback's issuer", func(p *provider.Provider) { p.CallbackIssuerRequired = false })
	}
	for i, issuer := range p.CallbackIssuers {
		if len(p.CallbackIssuers) > 1 {
			add("callback issuer "+issuer, func(p *provider.Provider) { p.CallbackIssuers = without(p.CallbackIssuers, i) })
		}
	}
	for i, issuer := range p.TokenIssuers {
		if len(p.TokenIssuers) > 1 || issuer != p.Issuer {
			add("token issuer "+issuer, func(p *provider.Provider) { p.TokenIssuers = without(p.TokenIssuers, i) })
		}
	}
	for i, scope := range p.Userinfo.ScopeRequired {
		add("scope "+scope, func(p *provider.Provider) { p.Userinfo.ScopeRequired = without(p.Userinfo.ScopeRequired, i) })
	}
	for code := range p.ErrorCodes {
		add("error "+code, func(p *provider.Provider) {
			p.ErrorCodes = maps.Clone(p.ErrorCodes)
			delete(p.ErrorCodes, code)
		})
	}
	for kind, rules := range map[string]func(*provider.Provider) *provider.TokenRules{
		"ID token":     func(p *provider.Provider) *provider.TokenRules { return &p.IDToken },
		"access token": func(p *provider.Provider) *provider.TokenRules { return &p.AccessToken },
	} {
		r := *rules(&p)
		tokens := func(rule string, change func(*provider.TokenRules)) {
			add(kind+" "+rule, func(p *provider.Provider) { change(rules(p)) })
		}
		for claim := range r.Equal {
			tokens(claim, func(r *provider.TokenRules) {
				r.Equal = maps.Clone(r.Equal)
				delete(r.Equal, claim)
			})
		}
		for i, claim := range r.Forbidden {
			tokens("forbidden "+claim, func(r *provider.TokenRules) { r.Forbidden = without(r.Forbidden, i) })
		}
		for i, claim := range r.ClientClaims {
			tokens("client claim "+claim, func(r *provider.TokenRules) { r.ClientClaims = without(r.ClientClaims, i) })
		}
		for i, audience := range r.Audience {
			tokens("audience "+audience, func(r *provider.TokenRules) { r.Audience = without(r.Audience, i) })
		}
		if r.KeyIDRequired {
			tokens("key id", func(r *provider.TokenRules) { r.KeyIDRequired = false })
		}
		if r.ScopeRequired {
			tokens("scope", func(r *provider.TokenRules) { r.ScopeRequired = false })
		}
		if r.AudienceOptional {
			tokens("optional audience", func(r *provider.TokenRules) { r.AudienceOptional = false })
		}
		standard := map[string][]string{"ID token": {"JWT"}, "access token": {"JWT", "at+jwt"}}[kind]
		if r.Types != nil && !reflect.DeepEqual(r.Types, standard) {
			tokens("types "+fmt.Sprint(r.Types), func(r *provider.TokenRules) { r.Types = nil })
		}
		if r.Algorithms != nil && !reflect.DeepEqual(r.Algorithms, []string{"RS256"}) {
			tokens("algorithms", func(r *provider.TokenRules) { r.Algorithms = nil })
		}
	}
	return out
}

func without(list []string, i int) []string { return slices.Delete(slices.Clone(list), i, i+1) }
