package access

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/edgeauth/edgeauth/internal/address"
	"github.com/edgeauth/edgeauth/internal/session"
	"github.com/edgeauth/edgeauth/provider"
)

// Fault is what is wrong with the rules. Field is named as in edgeauth.Config.
type Fault struct{ Field, Problem, Remedy string }

// checks collects every fault.
type checks struct {
	rules  []Rule
	p      *provider.Provider
	choice string   // "" where there is one provider
	acr    []string // that the site asks of every sign-in; none for any
	faults []Fault
}

func (c *checks) add(field, problem, remedy string) {
	c.faults = append(c.faults, Fault{field, problem, remedy})
}

// Faults returns what is wrong with rules for people of this provider. Open says that everybody may enter who can sign up
// there. Choice is the provider's name, where the site has several: what is for people of the others is not judged. Acr are the
// classes that the site asks of every sign-in.
func Faults(rules []Rule, p *provider.Provider, open bool, choice string, acr []string) []Fault {
	c := &checks{rules: rules, p: p, choice: choice, acr: acr}
	c.checkRules()
	for i := range rules {
		if len(rules[i].Providers) > 0 && choice == "" {
			c.add(fmt.Sprintf("Rules[%d].Providers", i), "is set, and the site has one provider, which has no name", "leave it out")
		}
	}
	if p.OpenSignup && !open {
		c.checkOpenness()
	}
	return c.faults
}

func (c *checks) checkRules() {
	for i := range c.rules {
		rule := &c.rules[i]
		field := fmt.Sprintf("Rules[%d]", i)
		if sign := address.PatternSign(rule.Path); sign != "" {
			c.add(field+".Path", fmt.Sprintf("%q looks like a pattern because of %q, and paths are no patterns", rule.Path, sign),
				fmt.Sprintf(`end it with a slash for everything below, like "/admin/"; write %s for a path that does hold %q`, address.PercentEncoded(sign), sign))
			continue
		}
		path := rule.literal().Path
		decoded, clean := address.CleanPath(path)
		if address.HostilePath(strings.ReplaceAll(path, " ", "_")) || !clean || decoded != path {
			c.add(field+".Path", fmt.Sprintf("%q is not a plain path", rule.Path), `write it decoded, like "/admin/" or "/robots.txt"; a slash at the end makes it a prefix`)
			continue
		}
		for j := range i {
			if earlier := c.rules[j].literal(); earlier.shadows(rule.literal()) {
				c.add(field, fmt.Sprintf("for %q is never asked: Rules[%d] for %q comes first and covers all of it", rule.Path, j, earlier.Path),
					"put the narrower rule first, or remove it; what is restricted is so in any case, with any extension, and with what is below")
				break
			}
		}
		for _, method := range rule.Methods {
			if method == "" || strings.Trim(method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
				c.add(field+".Methods", fmt.Sprintf("holds %q, which no request has", method), `write methods in capitals, like "GET"`)
			}
		}
		if rule.Anyone && rule.Path == "/" && len(rule.Methods) == 0 {
			c.add(field+".Path", `"/" lets anyone in everywhere`, "name what is public, such as \"/public/\"; a rule for the home page alone is not possible, because \"/\" is a prefix")
		} else if rule.Anyone && rule.Path == "/" && slices.ContainsFunc(rule.Methods, func(m string) bool { return m != http.MethodOptions }) {
			c.add(field+".Path", fmt.Sprintf(`"/" lets anyone in everywhere with %q`, rule.Methods), "for the whole site only OPTIONS can be public")
		}
		for name, empty := range map[string]bool{
			".Groups": rule.Groups != nil && len(rule.Groups) == 0, ".Roles": rule.Roles != nil && len(rule.Roles) == 0,
			".Scopes": rule.Scopes != nil && len(rule.Scopes) == 0, ".Claims": rule.Claims != nil && len(rule.Claims) == 0,
			".ClaimsAnyOf": rule.ClaimsAnyOf != nil && len(rule.ClaimsAnyOf) == 0, ".ClaimsSuffix": rule.ClaimsSuffix != nil && len(rule.ClaimsSuffix) == 0,
			".Emails": rule.Emails != nil && len(rule.Emails) == 0, ".EmailDomains": rule.EmailDomains != nil && len(rule.EmailDomains) == 0,
			".Providers": rule.Providers != nil && len(rule.Providers) == 0,
			".ACR":       rule.ACR != nil && len(rule.ACR) == 0, ".AMR": rule.AMR != nil && len(rule.AMR) == 0,
		} {
			if empty { // one reader takes it for "nobody may", another for "everybody may"
				c.add(field+name, "is empty", "name what is asked for, or leave it out")
			}
		}
		if rule.Anyone && rule.restricts() {
			c.add(field, "lets anyone in and asks for something", "choose one")
		}
		if !rule.Anyone && len(rule.Methods) > 0 {
			c.add(field+".Methods", "is set on a rule that is not for anyone", "remove it: other rules hold for every method")
		}
		if c.choice != "" && rule.names() && len(rule.Providers) == 0 {
			c.add(field+".Providers", "is missing: each of the site's providers could say that somebody is what the rule asks for", "name the providers whose word counts")
		}
		if c.forOthers(rule) {
			continue
		}
		m := c.p.Mapping
		for _, asks := range []struct {
			claim string
			texts []string
		}{{m.Groups, rule.Groups}, {m.Roles, rule.Roles}, {m.Scopes, rule.Scopes}} {
			if listed := session.Mutable(c.p, asks.claim); len(asks.texts) > 0 && listed != "" {
				c.add(field, fmt.Sprintf("rests on %q, which others than you can set at %s", listed, c.p.Name), cmp.Or(c.p.MutableRemedy, "use a claim that only you control"))
			}
		}
		for name := range rule.Claims {
			listed := session.Mutable(c.p, name)
			switch {
			case listed != "":
				c.add(field+".Claims", fmt.Sprintf("rests on %q, which %s lets people change", listed, c.p.Name), cmp.Or(c.p.MutableRemedy, "use groups, roles, or a claim that only you control"))
			case session.PlainName(name) == "email" && rule.Claims["email_verified"] != "true" && rule.Claims["/email_verified"] != "true":
				c.add(field+".Claims", `rests on "email" alone, which may be unproven`, `add "email_verified": "true", or use groups or roles`)
			}
		}
		c.checkLists(field, rule)
		c.checkEmails(field, rule)
		c.checkStrength(field, rule)
	}
}

// checkLists looks at claims with several values or endings.
func (c *checks) checkLists(field string, rule *Rule) {
	for part, claims := range map[string]map[string][]string{".ClaimsAnyOf": rule.ClaimsAnyOf, ".ClaimsSuffix": rule.ClaimsSuffix} {
		for name, values := range claims {
			listed := session.Mutable(c.p, name)
			switch {
			case listed != "":
				c.add(field+part, fmt.Sprintf("rests on %q, which %s lets people change", listed, c.p.Name), cmp.Or(c.p.MutableRemedy, "use groups, roles, or a claim that only you control"))
			case session.PlainName(name) == "email":
				c.add(field+part, `rests on "email", which may be unproven`, "use Emails or EmailDomains, which ask for a verified one")
			case len(values) == 0 || slices.Contains(values, ""):
				c.add(field+part, fmt.Sprintf("has no value for %q, or an empty one", name), "name what is asked for, or leave it out")
			}
			for _, ending := range values {
				if first := strings.IndexFunc(ending, letterOrDigit); part == ".ClaimsSuffix" && first == 0 {
					c.add(field+part, fmt.Sprintf("%q begins with a letter or a digit, so that it is also the end of other names", ending), fmt.Sprintf("begin with what separates it, as %q or %q do", "@"+ending, "."+ending))
				}
			}
		}
	}
}

func letterOrDigit(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

func (c *checks) checkEmails(field string, rule *Rule) {
	if len(rule.Emails)+len(rule.EmailDomains) == 0 {
		return
	}
	if listed := session.Mutable(c.p, "email"); listed != "" {
		c.add(field, fmt.Sprintf("rests on %q, which %s lets people change", listed, c.p.Name), cmp.Or(c.p.MutableRemedy, "use groups, roles, or a claim that only you control"))
	}
	for i, email := range rule.Emails {
		if domain, ok := domainOf(email); !ok || !address.ValidHost(domain) {
			c.add(fmt.Sprintf("%s.Emails[%d]", field, i), fmt.Sprintf("%q is no address", email), `give one like "ada@example.com"`)
		}
	}
	for i, domain := range rule.EmailDomains {
		if !address.ValidHost(domain) || !strings.Contains(domain, ".") || strings.Contains(domain, ":") {
			c.add(fmt.Sprintf("%s.EmailDomains[%d]", field, i), fmt.Sprintf("%q is no domain", domain), `give one like "example.com", without "@" and "*"; sub-domains are domains of their own`)
		}
	}
}

func (c *checks) checkStrength(field string, rule *Rule) {
	if rule.MaxAge < 0 || rule.MaxAge > 0 && rule.MaxAge < time.Minute {
		c.add(field+".MaxAge", fmt.Sprintf("is %v", rule.MaxAge), "choose a minute or more: who has just signed in has to get through")
	}
	if rule.asksForStrength() && len(c.p.Proofs) > 0 && !slices.Contains(c.p.Proofs, provider.IDToken) {
		c.add(field, fmt.Sprintf("asks how people signed in, and %s issues no ID token that could say so", c.p.Name), "leave it out")
	}
	for _, class := range rule.ACR {
		if len(c.acr) > 0 && !slices.Contains(c.acr, class) {
			c.add(field+".ACR", fmt.Sprintf("takes %q, which is none of the acr_values %q that every sign-in is asked for", class, c.acr), "add it to acr_values, if it is no weaker, or leave it out")
		}
	}
	for _, list := range [][]string{rule.ACR, rule.AMR} {
		if slices.ContainsFunc(list, func(value string) bool { return value == "" || strings.ContainsAny(value, " \t") }) {
			c.add(field, fmt.Sprintf("asks for one of %q, of which one is empty or has a space", list), "name each class or method by itself")
		}
	}
}

// forOthers reports whether a rule lets nobody of this provider in.
func (c *checks) forOthers(rule *Rule) bool {
	return c.choice != "" && len(rule.Providers) > 0 && !slices.Contains(rule.Providers, c.choice)
}

// checkOpenness wants a restriction on every path where anybody could sign up: a rule for "/" that restricts, and
// no rule before it that only asks for a sign-in.
func (c *checks) checkOpenness() {
	for i := range c.rules {
		rule := &c.rules[i]
		if !rule.Anyone && !rule.tellsApart() && !c.forOthers(rule) {
			break
		}
		if rule.Path == "/" && !rule.Anyone {
			return
		}
	}
	c.add("OpenToEveryone", "anybody can get an account at "+c.p.Name+", and not every path asks for more than that",
		`restrict the provider (tenants, organisations), end the rules with {"path": "/", …} that asks for groups, roles or claims, or set it to say that everybody may enter`)
}

// everybodys are claims that are the same for everybody, or that everybody has as rules want them.
var everybodys = []string{"email_verified", "phone_number_verified", "iss", "aud", "azp", "client_id", "token_use", "typ", "ver"}

// tellsApart reports whether a rule asks for what not everybody who can sign up has: anybody may ask for
// a scope, and anybody can prove an address of their own.
func (rule *Rule) tellsApart() bool {
	names := slices.Collect(maps.Keys(rule.Claims))
	names = slices.AppendSeq(names, maps.Keys(rule.ClaimsAnyOf))
	names = slices.AppendSeq(names, maps.Keys(rule.ClaimsSuffix))
	return len(rule.Groups)+len(rule.Roles)+len(rule.Emails)+len(rule.EmailDomains) > 0 ||
		slices.ContainsFunc(names, func(name string) bool { return !slices.Contains(everybodys, session.PlainName(name)) })
}
