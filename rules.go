package edgeauth

import (
	"slices"
	"strings"

	"github.com/edgeauth/edgeauth/internal/address"
)

// signedIn is the rule of a path that no rule matches.
var signedIn = &Rule{}

// rules are a site's rules in their order.
type rules struct {
	list       []Rule
	places     []address.Place // of the rules that ask for something
	restricted bool            // something asks for more than a sign-in
	asking     bool            // some rule asks for something
	spaced     bool            // some rule's path has a space, which S3 also reads from a raw "+"
}

func newRules(c *Config) rules {
	rs := rules{list: make([]Rule, len(c.Rules)), places: make([]address.Place, len(c.Rules)), restricted: c.Check != nil}
	for i, rule := range c.Rules {
		rule = rule.literal()
		rs.list[i] = rule
		rs.restricted = rs.restricted || rule.restricts()
		rs.spaced = rs.spaced || strings.Contains(rule.Path, " ")
		if !rule.Anyone {
			rs.asking, rs.places[i] = true, address.NewPlace(rule.Path)
		}
	}
	return rs
}

// match returns the first rule for a clean, decoded path as it is written. Before it come rules that ask for something
// and hold for a path that a server may read in the place of this one: they are added to wider.
func (rs *rules) match(method, path string, wider []*Rule) (*Rule, []*Rule) {
	var form string
	if rs.asking {
		form = address.Wide(path)
	}
	for i := range rs.list {
		rule := &rs.list[i]
		switch {
		case rule.covers(path) && (len(rule.Methods) == 0 || slices.Contains(rule.Methods, method)):
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
	covered := rule.Path == later.Path || strings.HasSuffix(rule.Path, "/") && rule.covers(later.Path)
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

// covers compares exactly, case included. What a rule asks for, it asks for more than this: see match.
func (rule *Rule) covers(path string) bool {
	if strings.HasSuffix(rule.Path, "/") {
		return strings.HasPrefix(path, rule.Path) || path == rule.Path[:len(rule.Path)-1]
	}
	return path == rule.Path
}

// restricts reports whether the rule asks for more than a sign-in.
func (rule Rule) restricts() bool {
	return len(rule.Groups)+len(rule.Roles)+len(rule.Scopes)+len(rule.Claims) > 0
}

// asked are the rules that a request has to meet: that of the path asked for, that of the path served, and those of
// paths that a server may read in their place.
type asked struct {
	path, served *Rule
	wider        []*Rule
}

// forRequest finds the rules. A path that is not clean is never public. Where everybody may have the path asked for, but
// not the one served in its place, nothing else is served.
func (rs *rules) forRequest(v *visit) asked {
	if !v.clean {
		return asked{path: signedIn, served: signedIn}
	}
	rule, wider := rs.match(v.r.Method, v.path, nil)
	as := asked{rule, rule, wider}
	if v.served == "" {
		return as
	}
	decoded, _ := address.CleanPath(v.served)
	other, all := rs.match(v.r.Method, decoded, wider)
	both := asked{rule, other, all}
	if as.anyone() && !both.anyone() { // what is open is meant as it is asked for
		v.served = ""
		return as
	}
	return both
}

// anyone reports whether everybody may pass, signed in or not.
func (a asked) anyone() bool { return a.path.Anyone && a.served.Anyone && len(a.wider) == 0 }

// servedFor is the path that index rewriting serves in the place of the one asked for; "" for the same. What asks for no
// page, such as a script for its data, gets what it asks for.
func (index *Index) servedFor(v *visit) string {
	switch {
	case index.SPA != "" && v.namesNoFile() && (v.path == "/" || v.fetch().WantsPage()):
		return address.EscapeURL(index.SPA)
	case index.Folder != "" && v.namesNoFile() && strings.HasSuffix(v.path, "/"):
		return address.EscapeURL(v.r.Path + index.Folder)
	}
	return ""
}

// lacksSlash reports whether a page is asked for by a folder's name without its slash: relative links on the page would
// lead astray.
func (index *Index) lacksSlash(v *visit) bool {
	return index.Folder != "" && v.namesNoFile() && !strings.HasSuffix(v.path, "/") && v.fetch().WantsPage()
}
