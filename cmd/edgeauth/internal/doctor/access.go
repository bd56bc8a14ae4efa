package doctor

import (
	"fmt"
	"slices"
	"strings"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/provider"
)

func everybodyEnters(c *check) []*Finding {
	if !c.found.OpenSignup || !c.site.OpenToEveryone || !c.anyAccountEnters() {
		return nil
	}
	return finding("open_to_everyone", fmt.Sprintf("Everybody in the world can get an account at %s, and everybody who has one enters: open_to_everyone says so.", c.found.Name), "")
}

// anyAccountEnters reports whether an account at the provider is enough for some path. The core says so: New refuses
// such a site where anybody can get an account and open_to_everyone is not set, and it has accepted this one otherwise.
func (c *check) anyAccountEnters() bool {
	strict := c.site
	strict.Provider.OpenSignup, strict.OpenToEveryone = true, false
	_, err := edgeauth.New(strict)
	return err != nil
}

func (c *check) rulesOnGroups() bool {
	return slices.ContainsFunc(c.site.Rules, func(r edgeauth.Rule) bool { return len(r.Groups) > 0 })
}

func groupsThatAreMissing(c *check) []*Finding {
	if !c.rulesOnGroups() || c.found.Name != "entraid" {
		return nil
	}
	return finding("rules", "Entra leaves the groups out of the token of somebody who is in more than 200. Such a person is refused wherever a rule "+
		"asks for a group (unknown_groups in the log). App roles are a way out: ask for roles instead.", "")
}

func groupsThatAreLarge(c *check) []*Finding {
	all := slices.Contains(c.site.Session.Claims, c.found.Mapping.WithDefaults().Groups)
	switch {
	case c.site.Session.Mode == edgeauth.Tokens && c.rulesOnGroups():
		return finding("session.mode", "All of a person's groups travel in the cookies of every request, 52 bytes each where they are GUIDs; about 54 fill a cookie, and servers "+
			"refuse long headers. Sealed sessions keep only the groups that rules name.", "")
	case all:
		return finding("session.claims", "session.claims keeps all of a person's groups in the cookies, not only those that rules name, 52 bytes each where they are GUIDs, and a third more by the sealing. "+
			"A session of more than 16 kB is refused.", "")
	}
	return nil
}

// changeable are standard claims that people can commonly edit (OIDC Core 5.1 and 5.7).
var changeable = provider.SelfWritten("username", "upn", "unique_name", "email")

// ruleClaims are the claims that rules rest on, each with its rule's path: those that people can commonly change, or
// all others but email_verified.
func (c *check) ruleClaims(changing bool) []string {
	var claims []string
	for _, rule := range c.site.Rules {
		for name := range rule.Claims {
			plain := strings.TrimPrefix(name, "/")
			if plain != "email_verified" && slices.Contains(changeable, plain) == changing {
				claims = append(claims, fmt.Sprintf("%s on %q", rule.Path, name))
			}
		}
	}
	slices.Sort(claims)
	return claims
}

func changingClaims(c *check) []*Finding {
	claims := c.ruleClaims(true)
	if len(claims) == 0 {
		return nil
	}
	return finding("rules", "Rules rest on claims that people can often change by themselves, or that are given to somebody else once they are free: "+
		strings.Join(claims, ", ")+".", "Use groups, roles, or a claim that only you can set.")
}

func otherClaims(c *check) []*Finding {
	claims := c.ruleClaims(false)
	if len(claims) == 0 {
		return nil
	}
	return finding("rules", "Rules rest on claims: "+strings.Join(claims, ", ")+".", "Make sure that nobody but you can set them.")
}

func whoEnters(c *check) []*Finding {
	if c.found.OpenSignup || !c.anyAccountEnters() {
		return nil
	}
	switch c.found.Name {
	case "entraid":
		return finding("rules", "Every account of the tenant enters, guests included, unless the enterprise application requires assignment.", "")
	case "auth0":
		return finding("rules", "Whoever can sign up in one of the application's connections at Auth0 enters: are sign-ups switched off there?", "")
	case "cognito":
		return finding("rules", "Whoever can sign up in the user pool enters, through its federated providers too: is self-registration switched off there?", "")
	}
	return finding("rules", "Every account at the provider enters: can people sign up there by themselves?", "")
}

func withoutSignIn(c *check) []*Finding {
	var open []string
	for _, rule := range c.site.Rules {
		if rule.Anyone {
			open = append(open, strings.TrimSpace(rule.Path+" "+strings.Join(rule.Methods, ",")))
		}
	}
	if open == nil {
		return nil
	}
	return finding("rules", "Anyone may see, without a sign-in: "+strings.Join(open, "; "), "")
}

func restrictedPaths(c *check) []*Finding {
	var restricted []string
	for _, rule := range c.site.Rules {
		if !rule.Anyone {
			restricted = append(restricted, rule.Path)
		}
	}
	if restricted == nil {
		return nil
	}
	return finding("rules", "Restricted with all that is below, in any case and with any extension, since servers may read these as the same path: "+strings.Join(restricted, "; ")+
		". A rule that comes before and names a path exactly says otherwise for that path.", "")
}

func refusedPaths(c *check) []*Finding {
	if !slices.ContainsFunc(c.site.Rules, func(r edgeauth.Rule) bool { return len(r.Groups)+len(r.Roles)+len(r.Scopes)+len(r.Claims) > 0 }) {
		return nil
	}
	return finding("rules", "Because a rule asks for more than a sign-in, a path that servers read in different ways is a 400 for everybody, on the whole site: one with //, ;, %2F, "+
		"%5C, dot segments, what is encoded twice, or a short name such as SECRET~1.HTM.", "")
}
