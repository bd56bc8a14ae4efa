package cookies

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/edgeauth/edgeauth/internal/address"
)

// Fault is what is wrong with where cookies go. Field is one of edgeauth.Cookie.
type Fault struct{ Field, Problem, Remedy string }

// Faults returns what is wrong with where the cookies of a site go.
func Faults(domain string, sameSite http.SameSite, partitioned, insecure bool, hosts []string) (faults []Fault) {
	add := func(field, problem, remedy string) { faults = append(faults, Fault{field, problem, remedy}) }
	switch sameSite {
	case http.SameSiteLaxMode:
	case http.SameSiteNoneMode:
		if insecure {
			add("SameSite", "is none, which browsers accept on https only", "use lax, or https")
		}
	case http.SameSiteStrictMode:
		add("SameSite", "is strict: such cookies do not come back from the provider, so that every sign-in would loop", "use lax")
	default:
		add("SameSite", fmt.Sprintf("is %d", sameSite), "use lax or none")
	}
	if partitioned && sameSite != http.SameSiteNoneMode {
		add("Partitioned", "is set, but Cookie.SameSite keeps the cookies out of other sites' frames", "leave SameSite out, or make it none")
	}
	if domain == "" {
		return faults
	}
	if insecure {
		add("Domain", "is set without https", "leave it empty, or use https")
	}
	for _, host := range hosts {
		name, _, _ := strings.Cut(strings.ToLower(host), ":")
		if name != domain && !strings.HasSuffix(name, "."+domain) {
			add("Domain", fmt.Sprintf("%q does not cover host %q", domain, host), "name a parent of every host")
		}
	}
	if !strings.Contains(domain, ".") || !address.ValidHost(domain) {
		add("Domain", fmt.Sprintf("%q is not a domain of yours", domain), "name the parent domain of the hosts, such as example.com")
	}
	return faults
}
