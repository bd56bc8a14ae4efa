package access

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/edgeauth/edgeauth/internal/address"
)

// PathFaults returns what is wrong with the own paths of a site, by the names of their fields.
func PathFaults(own map[string]string, rules []Rule) (faults []Fault) {
	used := make(map[string]string, len(own))
	for _, name := range slices.Sorted(maps.Keys(own)) {
		path, field := own[name], "Paths."+name
		decoded, clean := address.CleanPath(path)
		if address.HostilePath(path) || !clean || decoded != path || strings.HasSuffix(path, "/") || address.EscapeURL(path) != path {
			faults = append(faults, Fault{field, fmt.Sprintf("%q is not a plain path", path), `give one like "/.auth/callback": no escapes, no slash at the end`})
		}
		if other, taken := used[path]; taken {
			faults = append(faults, Fault{field, fmt.Sprintf("%q is also Paths.%s", path, other), "give each its own path"})
		}
		used[path] = name
		for i := range rules {
			// What "/" may do is said with the rules.
			if r := &rules[i]; r.Path != "" && r.Path != "/" && r.Anyone && r.Covers(address.Literal(path)) {
				faults = append(faults, Fault{fmt.Sprintf("Rules[%d].Path", i), fmt.Sprintf("%q lets anyone in and covers the own path %q", r.Path, path), "narrow the rule, or move the path; own paths need no rule"})
			}
		}
	}
	return faults
}
