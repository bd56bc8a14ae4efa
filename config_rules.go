package edgeauth

import (
	"fmt"
	"strings"

	"github.com/edgeauth/edgeauth/internal/access"
	"github.com/edgeauth/edgeauth/internal/address"
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
			if r := access.Rule(c.Rules[i]); r.Path != "" && r.Path != "/" && r.Anyone && r.Covers(address.Literal(path)) {
				f.add(fmt.Sprintf("Rules[%d].Path", i), fmt.Sprintf("%q lets anyone in and covers the own path %q", r.Path, path), "narrow the rule, or move the path; own paths need no rule")
			}
		}
	}
}

func (c *Config) checkRules(f *faults) {
	for _, fault := range access.Faults(c.accessRules(), &c.Provider, c.OpenToEveryone, c.choice.name()) {
		f.add(fault.Field, fault.Problem, fault.Remedy)
	}
}
