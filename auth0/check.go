package auth0

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/edgeauth/edgeauth/provider"
)

var host = regexp.MustCompile(`^(?i)([a-z0-9-]+\.)+[a-z0-9-]+(:[0-9]+)?$`)

func (c Config) faults() error {
	var errs []error
	for _, domain := range append([]string{c.Domain}, c.FormerDomains...) {
		if !host.MatchString(domain) {
			errs = append(errs, fmt.Errorf(`domain %q is no host name; give it alone, such as "shop.eu.auth0.com" or your custom domain`, domain))
		}
	}
	listed := c.Organizations
	if c.Organization != "" {
		listed = []string{c.Organization}
	}
	if c.Organization != "" && len(c.Organizations) > 0 {
		errs = append(errs, fmt.Errorf("organization %q and organizations exclude each other; put all into organizations", c.Organization))
	}
	for _, id := range listed {
		if !strings.HasPrefix(id, "org_") {
			errs = append(errs, fmt.Errorf(`organization %q is no id: names can be given away; take the id from the organization's page, it begins with "org_"`, id))
		}
	}
	return errors.Join(errs...)
}

// rules are Auth0's rules for a token that cannot be written as data.
type rules struct{ organizations []string }

func (r rules) check(t provider.Token) error {
	sub, _ := t.Claims.Text("sub")
	profile, _ := t.Claims.Text("sub_profile")
	machine := slices.Contains(slices.Collect(t.Claims.Strings("gty")), "client-credentials") || strings.HasSuffix(sub, "@clients")
	switch {
	case t.Kind == provider.AccessToken && machine:
		return errors.New("an access token of a machine, not of a person")
	case t.Claims.Has("sub_profile") && profile != "user":
		return fmt.Errorf("sub_profile is %q, not a person", profile)
	}
	// If the site itself asks for one of the accepted organizations, the token must be of that one.
	accepted := r.organizations
	if asked := t.Params["organization"]; asked != "" && (len(accepted) == 0 || slices.Contains(accepted, asked)) {
		accepted = []string{asked}
	}
	org, _ := t.Claims.Text("org_id")
	if (t.Claims.Has("org_id") || len(accepted) > 0) && !slices.Contains(accepted, org) {
		return fmt.Errorf("org_id is %q, want one of %q", org, accepted)
	}
	return nil
}
