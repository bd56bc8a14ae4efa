package entraid

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

const (
	organizations = "organizations"
	common        = "common"
	consumers     = "consumers"
	// consumerTenant is the tenant that all personal accounts live in.
	consumerTenant = "9188040d-6c67-4c5b-b112-36a304b66dad"
)

var guid = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

// withDefaults returns c with everything filled in, and its cloud; or every fault of c.
func (c Config) withDefaults() (Config, cloud, error) {
	var errs []error
	fault := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }

	if c.Platform == "" {
		c.Platform = SPA
	}
	if c.Platform != SPA && c.Platform != Web {
		fault(`platform %q is unknown; take "spa" or "web", as the redirect URI is registered`, c.Platform)
	}
	if c.Cloud == "" {
		c.Cloud = Public
	}
	home, ok := clouds[c.Cloud]
	switch {
	case !ok:
		fault(`cloud %q is unknown; take "public", "usgov" or "china"`, c.Cloud)
	case c.V1AccessTokens && home.v1 == "":
		fault("version 1 access tokens are not supported in cloud %q; set requestedAccessTokenVersion to 2 in the "+
			"app registration's manifest", c.Cloud)
	}

	c.Tenant = strings.ToLower(c.Tenant)
	c.Tenants = slices.Clone(c.Tenants)
	for i, t := range c.Tenants {
		c.Tenants[i] = strings.ToLower(t)
		switch {
		case !guid.MatchString(c.Tenants[i]):
			fault("tenants: %q is no GUID; take the tenant ID from the tenant's overview page", t)
		case c.Tenants[i] == consumerTenant:
			fault(`tenants: %q is the tenant of all personal accounts, which anybody can make; admit them knowingly `+
				`with tenant "common" for any tenant`, t)
		}
	}

	several := c.Tenant == organizations || c.Tenant == common || c.Tenant == consumers
	switch {
	case c.Tenant == "" && len(c.Tenants) > 0:
		c.Tenant = organizations
	case c.Tenant == "":
		fault("tenant is missing; give the tenant ID from the tenant's overview page, or list several in tenants")
	case !several && !guid.MatchString(c.Tenant):
		fault("tenant %q is no GUID: tokens name the tenant by its ID, never by a domain; take the tenant ID from "+
			"the tenant's overview page", c.Tenant)
	case !several && len(c.Tenants) > 0:
		fault("tenant %q and tenants exclude each other; put all into tenants", c.Tenant)
	case c.Tenant == consumers && len(c.Tenants) > 0:
		fault(`tenant "consumers" and tenants exclude each other; leave tenant out`)
	case several && len(c.Tenants) == 0 && !c.AnyTenant:
		fault("tenant %q admits every tenant there is, and anybody can make one; list those you mean in tenants, or "+
			"say that the site is open to everyone", c.Tenant)
	}
	if c.AnyTenant && (!several || len(c.Tenants) > 0) {
		// Open only where nothing narrower is said.
		c.AnyTenant = false
	}
	if c.Issuer == "" {
		c.Issuer = "https://" + home.host + "/{tid}/v2.0"
	}
	if c.Tenant == consumers {
		c.Issuer = fill(c.Issuer, consumerTenant)
	}
	return c, home, errors.Join(errs...)
}

// issuers are the issuers of tokens and those that a callback may name.
func (c Config) issuers(v1 string) (tokens, callback []string) {
	tenants := c.Tenants
	switch {
	case c.Tenant == consumers:
		tenants = []string{consumerTenant}
	case c.AnyTenant:
		tenants = []string{"{tid}"}
	case len(tenants) == 0:
		tenants = []string{c.Tenant}
	}
	for _, t := range tenants {
		tokens = append(tokens, fill(c.Issuer, t))
	}
	if !c.AnyTenant || c.Tenant == consumers {
		callback = slices.Clone(tokens)
	}
	if v1 != "" {
		for _, t := range tenants {
			tokens = append(tokens, fill(v1, t))
		}
	}
	return tokens, callback
}

func fill(template, tid string) string { return strings.ReplaceAll(template, "{tid}", tid) }
