package edgeauth

import (
	"net/http"
	"strings"

	"github.com/edgeauth/edgeauth/internal/access"
	"github.com/edgeauth/edgeauth/internal/address"
)

// accessRules are the rules of a configuration.
func (c *Config) accessRules() []access.Rule {
	list := make([]access.Rule, len(c.Rules))
	for i, rule := range c.Rules {
		list[i] = access.Rule(rule)
	}
	return list
}

// needs are what a request has to meet. A path that is not clean is never public. Where everybody may have the path asked
// for, but not the one served in its place, nothing else is served.
func (g *Guard) needs(v *visit) access.Needs {
	if !v.clean {
		return access.Needs{}
	}
	needs := g.rules.For(v.r.Method, v.path)
	if v.served == "" {
		return needs
	}
	decoded, _ := address.CleanPath(v.served)
	both := g.rules.And(needs, v.r.Method, decoded)
	if needs.Anyone() && !both.Anyone() { // what is open is meant as it is asked for
		v.served = ""
		return needs
	}
	return both
}

// needsOf are what a navigation to a return target has to meet.
func (g *Guard) needsOf(target string) access.Needs {
	target, _, _ = strings.Cut(target, "#")
	path, query, _ := strings.Cut(target, "?")
	v := &visit{r: &Request{Method: http.MethodGet, Path: path, RawQuery: query}} // without a header a page is wanted
	if v.path, v.clean = address.CleanPath(path); v.clean {
		v.served = g.cfg.Index.servedFor(v)
	}
	return g.needs(v)
}

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
