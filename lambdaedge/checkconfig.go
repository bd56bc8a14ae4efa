package lambdaedge

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/edgeauth/edgeauth"
)

// CheckConfig reports what CloudFront does not let a function do for a site, every fault at once. It is for those who
// build functions: at run time such a request gets an error page.
func CheckConfig(c edgeauth.Config) error {
	var faults []error
	for _, name := range slices.Sorted(maps.Keys(c.Forward.Headers)) {
		if !settable(name) {
			faults = append(faults, &edgeauth.FieldError{
				Field:   "Forward.Headers",
				Problem: fmt.Sprintf("%q is a header that CloudFront does not let a function set", name),
				Remedy:  "choose another name, such as X-Auth-Subject",
			})
		}
	}
	if c.InsecureHTTP {
		faults = append(faults, &edgeauth.FieldError{
			Field: "InsecureHTTP", Problem: "is set, and viewers reach CloudFront over https", Remedy: "leave it out",
		})
	}
	return errors.Join(faults...)
}
