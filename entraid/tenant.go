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
	// consumerTenant is the tenant of all personal accounts.
	consumerTenant = "9188040d-6c67-4c5b-b112-36a304b66dad"
)

var guid = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

var subdomain = regexp.MustCompile(`^[a-z0-9-]+$`)

// withDefaults returns c with everything filled in, and its cloud; or every fault of c. Tenants are then all tenants
// that may sign in, or empty if every tenant may.
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

	if c.Tenant = strings.ToLower(c.Tenant); c.Tenant == consumerTenant {
		c.Tenant = consumers
	}
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
		c.Tenant, several = organizations, true
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
	if c.External = strings.ToLower(c.External); c.External != "" {
		switch {
		case !subdomain.MatchString(c.External):
			fault(`external %q is no subdomain; give "contoso" for contoso.ciamlogin.com`, c.External)
		case several || c.Cloud != Public:
			fault("external is for one tenant of the public cloud; give its ID in tenant")
		case c.V1AccessTokens:
			fault("external and v1_access_tokens exclude each other: the issuer of version 1 is the workforce cloud's; set requestedAccessTokenVersion of the API's registration to 2")
		case c.Issuer == "":
			c.Issuer = "https://{tid}.ciamlogin.com/{tid}/v2.0"
		}
	}
	if c.Issuer == "" {
		c.Issuer = "https://" + home.host + "/{tid}/v2.0"
	}
	switch {
	case c.Tenant == consumers:
		c.Tenants = []string{consumerTenant}
	case !several:
		c.Tenants = []string{c.Tenant}
	case !strings.Contains(c.Issuer, "{tid}"):
		fault("issuer %q is the same for every tenant; write {tid} where the tenant's ID goes", c.Issuer)
	}
	return c, home, errors.Join(errs...)
}

// issuer names the provider: the issuer of the one tenant, or one that stands for several.
func (c Config) issuer() string {
	if c.Tenant == consumers {
		return fill(c.Issuer, consumerTenant)
	}
	return fill(c.Issuer, c.Tenant)
}

// issuers are those of the tenants that may sign in, or the template itself if every tenant may.
func (c Config) issuers(template string) []string {
	if len(c.Tenants) == 0 {
		return []string{template}
	}
	filled := make([]string, len(c.Tenants))
	for i, tid := range c.Tenants {
		filled[i] = fill(template, tid)
	}
	return filled
}

func fill(template, tid string) string { return strings.ReplaceAll(template, "{tid}", tid) }
