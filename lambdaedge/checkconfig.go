package lambdaedge

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/edgeauth/edgeauth"
)

// CheckConfig reports every setting of a site that CloudFront does not let a function carry out. Call it when you build
// a function: at run time such a request gets an error page.
func CheckConfig(c edgeauth.Config) error {
	var faults []error
	fault := func(field, problem, remedy string) {
		e := &edgeauth.FieldError{Field: field, Problem: problem, Remedy: remedy}
		if c.Locator != nil {
			e.Place = c.Locator.Locate(field)
		}
		faults = append(faults, e)
	}
	for _, name := range slices.Sorted(maps.Keys(c.Forward.Headers)) {
		if !settable(name) {
			fault("Forward.Headers", fmt.Sprintf("%q is a header that CloudFront does not let a function set", name),
				"choose another name, such as X-Auth-Subject")
		}
	}
	if c.InsecureHTTP {
		fault("InsecureHTTP", "is set, and viewers reach CloudFront over https", "leave it out")
	}
	return errors.Join(faults...)
}
