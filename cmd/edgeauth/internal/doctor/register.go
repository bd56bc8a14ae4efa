package doctor

import (
	"context"
	"slices"
	"strings"
)

// guides are the pages that say where in a provider's console things are.
var guides = map[string]string{"entraid": "entra-id.md", "auth0": "auth0.md", "cognito": "cognito.md", "github": "github.md", "okta": "okta.md", "google": "google.md", "keycloak": "keycloak.md"}

// ownGuides are types whose page is called as they are.
var ownGuides = []string{"adfs", "apple", "authelia", "authentik", "discord", "gitlab", "jumpcloud", "linkedin", "onelogin", "pingone", "slack", "zitadel"}

// guidesURL is where the guides are: whoever has only the command has none of them.
const guidesURL = "https://github.com/edgeauth/edgeauth/blob/main/docs/providers/"

// guide is the page for a provider. Those that need no type of their own are known by their issuers.
func guide(name, issuer string) string {
	switch {
	case guides[name] != "":
		return guides[name]
	case slices.Contains(ownGuides, name):
		return name + ".md"
	case issuer == "https://accounts.google.com":
		return "google.md"
	case strings.Contains(issuer, ".okta"):
		return "okta.md"
	case strings.Contains(issuer, "/realms/"):
		return "keycloak.md"
	}
	return "generic.md"
}

// registration rehearses a sign-in at every host, and shows what the provider has to know of it.
func (c *check) registration(ctx context.Context) {
	read := c.found
	read.PushRequests = false // what is asked for is read here, and a made-up code needs no request
	r, err := newRehearsal(c.site, read, c.caller)
	if err != nil {
		c.faultsOfConfig(err)
		return
	}
	var begun []signIn
	for _, host := range c.site.Hosts {
		s, err := r.signIn(ctx, host)
		if err != nil {
			c.faultsOfConfig(err)
			return
		}
		begun = append(begun, s)
	}
	c.scopes = strings.Fields(begun[0].request.Get("scope"))
	c.agreement(c.scopes)
	if c.reached {
		c.client(ctx, r, begun[0])
		c.pushed(ctx, begun[0].host)
	}
	c.section("register", "Register at the provider", guidesURL+guide(c.found.Name, c.found.Issuer)+" says where")
	for _, s := range begun {
		c.fact("redirect URI", s.request.Get("redirect_uri"))
		switch to := r.signedOut(ctx, s.host, c.found.Logout); {
		case c.found.Endpoints.EndSession != "":
			c.fact("sign-out URL", to)
		case c.found.Discovery != "" && !c.known:
			c.fact("sign-out URL", to).printed = to + " (if it has a sign-out)"
		}
		if s.host == "cloudfront" {
			c.say(Note, "%s stands for the distribution's own name, which is known once it exists", distribution)
		}
	}
}
