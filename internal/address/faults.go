package address

import (
	"fmt"
	"strings"
)

// Fault is what is wrong with an  Field is named as in edgeauth.Config.
type Fault struct{ Field, Problem, Remedy string }

type faults []Fault

func (f *faults) add(field, problem, remedy string) { *f = append(*f, Fault{field, problem, remedy}) }

// HostFaults returns what is wrong with the hosts of a site.
func HostFaults(hosts []string) (f faults) {
	if len(hosts) == 0 {
		f.add("Hosts", "is empty", `list the hosts that people type, such as "app.example.com"`)
	}
	for i, host := range hosts {
		field := fmt.Sprintf("Hosts[%d]", i)
		switch {
		case host == "cloudfront":
		case strings.Contains(host, "://") || strings.Contains(host, "/"):
			f.add(field, fmt.Sprintf("%q is a URL", host), "give the host alone")
		case !ValidHost(host):
			f.add(field, fmt.Sprintf("%q is not a host name", host), "give a name such as app.example.com, with a port only if it is not the default one; write other scripts as A-labels (xn--…)")
		}
	}
	return f
}

// ForwardFaults returns what is wrong with the names of headers that carry claims, and with the names of files.
func ForwardFaults(headers []string, spa, folder string) (f faults) {
	for _, name := range headers {
		if !ValidHeaderName(name) || StatesRequest(name) {
			f.add("Forward.Headers", fmt.Sprintf("%q is not a header that can carry a claim", name), `use a name like "X-Auth-Subject"`)
		}
	}
	for name, path := range map[string]string{"Index.SPA": spa, "Index.Folder": "/" + folder} {
		decoded, clean := CleanPath(path)
		if path != "" && path != "/" && (HostilePath(path) || !clean || decoded != path || strings.HasSuffix(path, "/")) {
			f.add(name, fmt.Sprintf("%q is not the name of a file", strings.TrimPrefix(path, "/")), `give one like "index.html"; for Index.SPA with a slash in front`)
		}
	}
	if spa != "" && folder != "" {
		f.add("Index", "has both SPA and Folder", "choose one")
	}
	return f
}
