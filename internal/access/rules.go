// Package access is what a site's rules ask for: which of them hold for a path, and whether a person meets them.
package access

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/edgeauth/edgeauth/internal/address"
)

// Rule is one rule of a site. Its fields are those of edgeauth.Rule, which says what they mean.
type Rule struct {
	Path                  string
	Anyone                bool
	Methods               []string
	Groups, Roles, Scopes []string
	Claims                map[string]string

	ClaimsAnyOf, ClaimsSuffix map[string][]string
	Emails, EmailDomains      []string
	ACR, AMR                  []string
	MaxAge                    time.Duration
	Providers                 []string
}

// signedIn is the rule of a path that no rule matches.
var signedIn = &Rule{}

// Rules are a site's rules in their order.
type Rules struct {
	Restricted bool // something asks for more than a sign-in
	Spaced     bool // some rule's path has a space, which S3 also reads from a raw "+"

	list   []Rule
	places []address.Place // of the rules that ask for something
	asking bool            // some rule asks for something
}

// New takes rules without faults.
func New(list []Rule) Rules {
	rs := Rules{list: make([]Rule, len(list)), places: make([]address.Place, len(list))}
	for i, rule := range list {
		rule = rule.literal()
		rs.list[i] = rule
		rs.Restricted = rs.Restricted || rule.restricts()
		rs.Spaced = rs.Spaced || strings.Contains(rule.Path, " ")
		if !rule.Anyone {
			rs.asking, rs.places[i] = true, address.NewPlace(rule.Path)
		}
	}
	return rs
}

// match returns the first rule for a clean, decoded path as it is written. Before it come rules that ask for something
// and hold for a path that a server may read in the place of this one: they are added to wider.
func (rs *Rules) match(method, path string, wider []*Rule) (*Rule, []*Rule) {
	var form string
	if rs.asking {
		form = address.Wide(path)
	}
	for i := range rs.list {
		rule := &rs.list[i]
		switch {
		case rule.Covers(path) && (len(rule.Methods) == 0 || slices.Contains(rule.Methods, method)):
			return rule, wider
		case !rule.Anyone && rs.places[i].Holds(form):
			wider = append(wider, rule)
		}
	}
	return signedIn, wider
}

// literal is the rule with its path as requests are compared with it.
func (rule Rule) literal() Rule {
	rule.Path = address.Literal(rule.Path)
	return rule
}

// shadows reports whether this rule decides all that later is for, so that later changes nothing.
func (rule Rule) shadows(later Rule) bool {
	covered := rule.Path == later.Path || strings.HasSuffix(rule.Path, "/") && rule.Covers(later.Path)
	switch place, other := address.NewPlace(rule.Path), address.NewPlace(later.Path); {
	case !rule.Anyone: // what it asks for has to be met first, however the path is written
		covered = covered || place.HoldsAll(other)
	case !later.Anyone: // where case does not matter, what is later restricted is open already
		covered = covered || other.Within(place)
	}
	for _, method := range later.Methods {
		covered = covered && (len(rule.Methods) == 0 || slices.Contains(rule.Methods, method))
	}
	return covered && (len(rule.Methods) == 0 || len(later.Methods) > 0)
}

// Covers compares exactly, case included. What a rule asks for, it asks for more than this: see match.
func (rule *Rule) Covers(path string) bool {
	if strings.HasSuffix(rule.Path, "/") {
		return strings.HasPrefix(path, rule.Path) || path == rule.Path[:len(rule.Path)-1]
	}
	return path == rule.Path
}

// ClaimNames are the claims that rules look at, besides those of the provider's mapping.
func ClaimNames(rules []Rule) (names []string) {
	for i := range rules {
		names = append(names, rules[i].claimNames()...)
	}
	return names
}

// Groups are those that rules name.
func Groups(rules []Rule) map[string]bool {
	named := make(map[string]bool)
	for i := range rules {
		for _, group := range rules[i].Groups {
			named[group] = true
		}
	}
	return named
}

func (rule *Rule) claimNames() []string {
	names := slices.Collect(maps.Keys(rule.Claims))
	names = slices.AppendSeq(names, maps.Keys(rule.ClaimsAnyOf))
	names = slices.AppendSeq(names, maps.Keys(rule.ClaimsSuffix))
	if len(rule.Emails)+len(rule.EmailDomains) > 0 {
		names = append(names, "email", "email_verified")
	}
	if rule.asksForStrength() {
		names = append(names, SignInClaims...)
	}
	return names
}

// restricts reports whether the rule asks for more than a sign-in.
func (rule Rule) restricts() bool {
	return rule.names() || len(rule.Providers) > 0 || rule.asksForStrength()
}

// names reports whether the rule asks who somebody is, in words that a provider chooses.
func (rule *Rule) names() bool {
	return len(rule.Groups)+len(rule.Roles)+len(rule.Scopes)+len(rule.Claims)+len(rule.ClaimsAnyOf)+len(rule.ClaimsSuffix)+
		len(rule.Emails)+len(rule.EmailDomains) > 0
}

// Needs are the rules that a request has to meet: that of the path asked for, that of the path served, and those of
// paths that a server may read in their place. The zero Needs asks for a sign-in.
type Needs struct {
	path, served *Rule
	wider        []*Rule
}

// For finds the rules for a clean, decoded path.
func (rs *Rules) For(method, path string) Needs {
	rule, wider := rs.match(method, path, nil)
	return Needs{rule, rule, wider}
}

// And adds what another path asks for, which is served in the place of the one asked for.
func (rs *Rules) And(n Needs, method, path string) Needs {
	other, all := rs.match(method, path, n.wider)
	return Needs{n.path, other, all}
}

// Anyone reports whether everybody may pass, signed in or not.
func (n Needs) Anyone() bool {
	return n.path != nil && n.path.Anyone && n.served.Anyone && len(n.wider) == 0
}
