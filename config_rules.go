package edgeauth

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/edgeauth/edgeauth/internal/address"
	"github.com/edgeauth/edgeauth/internal/session"
)

func (c *Config) checkPaths(f *faults) {
	names := map[string]string{"Callback": c.Paths.Callback, "Login": c.Paths.Login, "Logout": c.Paths.Logout, "Session": c.Paths.Session, "SignedOut": c.Paths.SignedOut}
	used := make(map[string]string, len(names))
	for _, name := range []string{"Callback", "Login", "Logout", "Session", "SignedOut"} {
		path := names[name]
		decoded, clean := address.CleanPath(path)
		if address.HostilePath(path) || !clean || decoded != path || strings.HasSuffix(path, "/") || address.EscapeURL(path) != path {
			f.add("Paths."+name, fmt.Sprintf("%q is not a plain path", path), `give one like "/.auth/callback": no escapes, no slash at the end`)
		}
		if other, taken := used[path]; taken {
			f.add("Paths."+name, fmt.Sprintf("%q is also Paths.%s", path, other), "give each its own path")
		}
		used[path] = name
		for i := range c.Rules {
			// What "/" may do is said with the rules.
			if r := c.Rules[i].literal(); r.Path != "" && r.Path != "/" && r.Anyone && r.covers(path) {
				f.add(fmt.Sprintf("Rules[%d].Path", i), fmt.Sprintf("%q lets anyone in and covers the own path %q", r.Path, path), "narrow the rule, or move the path; own paths need no rule")
			}
		}
	}
}

func (c *Config) checkRules(f *faults) {
	for i := range c.Rules {
		rule := &c.Rules[i]
		field := fmt.Sprintf("Rules[%d]", i)
		if sign := address.PatternSign(rule.Path); sign != "" {
			f.add(field+".Path", fmt.Sprintf("%q looks like a pattern because of %q, and paths are no patterns", rule.Path, sign),
				fmt.Sprintf(`end it with a slash for everything below, like "/admin/"; write %s for a path that does hold %q`, address.PercentEncoded(sign), sign))
			continue
		}
		path := rule.literal().Path
		decoded, clean := address.CleanPath(path)
		if address.HostilePath(strings.ReplaceAll(path, " ", "_")) || !clean || decoded != path {
			f.add(field+".Path", fmt.Sprintf("%q is not a plain path", rule.Path), `write it decoded, like "/admin/" or "/robots.txt"; a slash at the end makes it a prefix`)
			continue
		}
		for j := range i {
			if earlier := c.Rules[j].literal(); earlier.shadows(rule.literal()) {
				f.add(field, fmt.Sprintf("for %q is never asked: Rules[%d] for %q comes first and covers all of it", rule.Path, j, earlier.Path),
					"put the narrower rule first, or remove it; what is restricted is so in any case, with any extension, and with what is below")
				break
			}
		}
		for _, method := range rule.Methods {
			if method == "" || strings.Trim(method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
				f.add(field+".Methods", fmt.Sprintf("holds %q, which no request has", method), `write methods in capitals, like "GET"`)
			}
		}
		if rule.Anyone && rule.Path == "/" && len(rule.Methods) == 0 {
			f.add(field+".Path", `"/" lets anyone in everywhere`, "name what is public, such as \"/public/\"; a rule for the home page alone is not possible, because \"/\" is a prefix")
		} else if rule.Anyone && rule.Path == "/" && slices.ContainsFunc(rule.Methods, func(m string) bool { return m != http.MethodOptions }) {
			f.add(field+".Path", fmt.Sprintf(`"/" lets anyone in everywhere with %q`, rule.Methods), "for the whole site only OPTIONS can be public")
		}
		for name, empty := range map[string]bool{
			".Groups": rule.Groups != nil && len(rule.Groups) == 0, ".Roles": rule.Roles != nil && len(rule.Roles) == 0,
			".Scopes": rule.Scopes != nil && len(rule.Scopes) == 0, ".Claims": rule.Claims != nil && len(rule.Claims) == 0,
		} {
			if empty { // one reader takes it for "nobody may", another for "everybody may"
				f.add(field+name, "is empty", "name what is asked for, or leave it out")
			}
		}
		if rule.Anyone && rule.restricts() {
			f.add(field, "lets anyone in and asks for groups, roles, scopes or claims", "choose one")
		}
		if !rule.Anyone && len(rule.Methods) > 0 {
			f.add(field+".Methods", "is set on a rule that is not for anyone", "remove it: other rules hold for every method")
		}
		m := &c.Provider.Mapping
		for _, asks := range []struct {
			claim string
			texts []string
		}{{m.Groups, rule.Groups}, {m.Roles, rule.Roles}, {m.Scopes, rule.Scopes}} {
			if listed := session.Mutable(&c.Provider, asks.claim); len(asks.texts) > 0 && listed != "" {
				f.add(field, fmt.Sprintf("rests on %q, which others than you can set at %s", listed, c.Provider.Name), cmp.Or(c.Provider.MutableRemedy, "use a claim that only you control"))
			}
		}
		for name := range rule.Claims {
			listed := session.Mutable(&c.Provider, name)
			switch {
			case listed != "":
				f.add(field+".Claims", fmt.Sprintf("rests on %q, which %s lets people change", listed, c.Provider.Name), cmp.Or(c.Provider.MutableRemedy, "use groups, roles, or a claim that only you control"))
			case session.PlainName(name) == "email" && rule.Claims["email_verified"] != "true" && rule.Claims["/email_verified"] != "true":
				f.add(field+".Claims", `rests on "email" alone, which may be unproven`, `add "email_verified": "true", or use groups or roles`)
			}
		}
	}
	c.checkOpenness(f)
}

// checkOpenness wants a restriction on every path where anybody could sign up: a rule for "/" that restricts, and
// no rule before it that only asks for a sign-in.
func (c *Config) checkOpenness(f *faults) {
	if !c.Provider.OpenSignup || c.OpenToEveryone {
		return
	}
	for i := range c.Rules {
		rule := &c.Rules[i]
		if !rule.Anyone && !rule.tellsApart() {
			break
		}
		if rule.Path == "/" && !rule.Anyone {
			return
		}
	}
	f.add("OpenToEveryone", "anybody can get an account at "+c.Provider.Name+", and not every path asks for more than that",
		`restrict the provider (tenants, organisations), end the rules with {"path": "/", …} that asks for groups, roles or claims, or set it to say that everybody may enter`)
}

// tellsApart reports whether a rule asks for what not everybody who can sign up has: anybody may ask for
// a scope, and anybody can prove an address of their own.
func (rule *Rule) tellsApart() bool {
	for name := range rule.Claims {
		if session.PlainName(name) != "email_verified" {
			return true
		}
	}
	return len(rule.Groups)+len(rule.Roles) > 0
}

func (c *Config) checkForward(f *faults) {
	for name := range c.Forward.Headers {
		if !address.ValidHeaderName(name) || address.StatesRequest(name) {
			f.add("Forward.Headers", fmt.Sprintf("%q is not a header that can carry a claim", name), `use a name like "X-Auth-Subject"`)
		}
	}
	for name, path := range map[string]string{"Index.SPA": c.Index.SPA, "Index.Folder": "/" + c.Index.Folder} {
		decoded, clean := address.CleanPath(path)
		if path != "" && path != "/" && (address.HostilePath(path) || !clean || decoded != path || strings.HasSuffix(path, "/")) {
			f.add(name, fmt.Sprintf("%q is not the name of a file", strings.TrimPrefix(path, "/")), `give one like "index.html"; for Index.SPA with a slash in front`)
		}
	}
	if c.Index.SPA != "" && c.Index.Folder != "" {
		f.add("Index", "has both SPA and Folder", "choose one")
	}
}
