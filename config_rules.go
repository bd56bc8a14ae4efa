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
	for _, fault := range access.Faults(c.accessRules(), &c.Provider, c.OpenToEveryone) {
		f.add(fault.Field, fault.Problem, fault.Remedy)
	}
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
