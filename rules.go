package edgeauth

import (
	"fmt"
	"slices"
	"strings"

	"github.com/edgeauth/edgeauth/internal/address"
)

// signedIn is the rule of a path that no rule matches.
var signedIn = &Rule{}

// rules are a site's rules in their order.
type rules struct {
	list       []Rule
	restricted bool // some rule asks more than a sign-in
	indexed    bool // some rule names a folder's index.html, which servers also give for the folder
	spaced     bool // some rule's path has a space, which S3 also reads from a raw "+"
}

func newRules(configured []Rule) rules {
	list := make([]Rule, len(configured))
	for i, rule := range configured {
		list[i] = rule.literal()
	}
	return rules{
		list: list, restricted: slices.ContainsFunc(list, Rule.restricts),
		indexed: slices.ContainsFunc(list, func(rule Rule) bool { return strings.HasSuffix(rule.Path, "/"+folderIndex) }),
		spaced:  slices.ContainsFunc(list, func(rule Rule) bool { return strings.Contains(rule.Path, " ") }),
	}
}

// folderIndex is what buckets' root objects and file servers give for a folder, whether or not the site says so.
const folderIndex = "index.html"

// match returns the first rule for a clean, decoded path.
func (rs *rules) match(method, path string) *Rule {
	for i := range rs.list {
		if rule := &rs.list[i]; rule.covers(path) && (len(rule.Methods) == 0 || slices.Contains(rule.Methods, method)) {
			return rule
		}
	}
	return signedIn
}

// patternSigns are what other software's patterns are made of.
const patternSigns = "*?{}()[]|^$"

func percentEncoded(sign string) string { return fmt.Sprintf("%%%02X", sign[0]) }

// literal is the rule with its path as requests are compared with it: what would look like a pattern may be written
// percent-encoded (RFC 3986, 2.1), and nothing else.
func (rule Rule) literal() Rule {
	for _, sign := range patternSigns + ":" {
		encoded := percentEncoded(string(sign))
		rule.Path = strings.ReplaceAll(strings.ReplaceAll(rule.Path, encoded, string(sign)), strings.ToLower(encoded), string(sign))
	}
	return rule
}

// shadows reports whether every request that later is for meets this rule first.
func (rule Rule) shadows(later Rule) bool {
	covered := rule.Path == later.Path || strings.HasSuffix(rule.Path, "/") && rule.covers(later.Path)
	for _, method := range later.Methods {
		covered = covered && (len(rule.Methods) == 0 || slices.Contains(rule.Methods, method))
	}
	return covered && (len(rule.Methods) == 0 || len(later.Methods) > 0)
}

// covers compares exactly, case included: CloudFront and S3 do so too.
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

// asked are the rules that a request has to meet: that of the path asked for and that of the path served.
type asked struct{ path, served *Rule }

// forRequest finds the rules. A path that is not clean is never public. Where everybody may have the path asked for, but
// not the one served in its place, nothing else is served.
func (rs *rules) forRequest(v *visit) asked {
	if !v.clean {
		return asked{signedIn, signedIn}
	}
	rule, served := rs.match(v.r.Method, v.path), v.served
	if served == "" && rs.indexed && strings.HasSuffix(v.path, "/") {
		served = v.r.Path + folderIndex
	}
	if served == "" {
		return asked{rule, rule}
	}
	decoded, _ := address.CleanPath(served)
	other := rs.match(v.r.Method, decoded)
	if rule.Anyone && !other.Anyone && v.served != "" { // what is open is meant as it is asked for
		v.served = ""
		return asked{rule, rule}
	}
	return asked{rule, other}
}

// anyone reports whether everybody may pass, signed in or not.
func (a asked) anyone() bool { return a.path.Anyone && a.served.Anyone }

// servedFor is the path that index rewriting serves in the place of the one asked for; "" for the same. What asks for no
// page, such as a script for its data, gets what it asks for.
func (index *Index) servedFor(v *visit) string {
	switch {
	case index.SPA != "" && v.namesNoFile() && (v.path == "/" || v.wantsPage()):
		return address.EscapeURL(index.SPA)
	case index.Folder != "" && v.namesNoFile() && strings.HasSuffix(v.path, "/"):
		return address.EscapeURL(v.r.Path + index.Folder)
	}
	return ""
}

// lacksSlash reports whether a page is asked for by a folder's name without its slash: relative links on the page would
// lead astray.
func (index *Index) lacksSlash(v *visit) bool {
	return index.Folder != "" && v.namesNoFile() && !strings.HasSuffix(v.path, "/") && v.wantsPage()
}
