package access

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/edgeauth/edgeauth/internal/reason"
	"github.com/edgeauth/edgeauth/internal/session"
)

// Permits returns why a person does not meet the rules at a time, or nil. With [reason.WeakSession] a stronger sign-in of the
// same person would meet them.
func (n Needs) Permits(who *session.Person, now time.Time) error {
	if n.path == nil {
		return signedIn.Permits(who, now)
	}
	weak := n.path.Permits(who, now)
	if weak != nil && !errors.Is(weak, reason.WeakSession) {
		return weak
	}
	if n.served != n.path {
		if err := n.served.Permits(who, now); err != nil {
			if !errors.Is(err, reason.WeakSession) {
				return err
			}
			weak = err
		}
	}
	for _, rule := range n.wider {
		if err := rule.Permits(who, now); err != nil {
			if !errors.Is(err, reason.WeakSession) {
				return err
			}
			weak = err
		}
	}
	return weak
}

// Permits reports whether a person, or nobody, meets the rule: nil, or an error that says what is missing.
func (rule *Rule) Permits(who *session.Person, now time.Time) error {
	switch {
	case rule.Anyone:
		return nil
	case who == nil:
		return reason.NoSession
	case len(rule.Providers) > 0 && !slices.Contains(rule.Providers, who.Provider):
		return fmt.Errorf("%w: rule %s wants a sign-in by one of %q, and this one is by %q", reason.ForbiddenClaim, rule.name(), rule.Providers, who.Provider)
	case len(rule.Groups) > 0 && !who.GroupsKnown():
		return fmt.Errorf("%w: the token does not list the groups; rule %s wants one of %q", reason.UnknownGroups, rule.name(), rule.Groups)
	case len(rule.Groups) > 0 && !slices.ContainsFunc(rule.Groups, who.HasGroup):
		return fmt.Errorf("%w: rule %s wants one of %q%s", reason.ForbiddenGroup, rule.name(), rule.Groups, notKept(who, rule.Groups))
	case len(rule.Roles) > 0 && !slices.ContainsFunc(rule.Roles, who.HasRole):
		return fmt.Errorf("%w: rule %s wants one of %q", reason.ForbiddenRole, rule.name(), rule.Roles)
	}
	for _, scope := range rule.Scopes {
		if !who.HasScope(scope) {
			return fmt.Errorf("%w: rule %s wants %q", reason.ForbiddenScope, rule.name(), scope)
		}
	}
	for name, want := range rule.Claims {
		if !session.ClaimHolds(who.Claims.Value(name), want) {
			return fmt.Errorf("%w: rule %s wants %s to be %q", reason.ForbiddenClaim, rule.name(), name, want)
		}
	}
	for name, values := range rule.ClaimsAnyOf {
		if !holdsAny(who, name, values) {
			return fmt.Errorf("%w: rule %s wants %s to be one of %q", reason.ForbiddenClaim, rule.name(), name, values)
		}
	}
	for name, endings := range rule.ClaimsSuffix {
		if !endsWithAny(who, name, endings) {
			return fmt.Errorf("%w: rule %s wants %s to end with one of %q", reason.ForbiddenClaim, rule.name(), name, endings)
		}
	}
	if len(rule.Emails)+len(rule.EmailDomains) > 0 && !rule.knowsEmail(who) {
		return fmt.Errorf("%w: rule %s wants a verified email that is one of %q or in one of %q", reason.ForbiddenClaim, rule.name(), rule.Emails, rule.EmailDomains)
	}
	return rule.strong(who, now)
}

// notKept says why a group may be missing that the person is in.
func notKept(who *session.Person, groups []string) string {
	if who.Kept == nil || slices.ContainsFunc(groups, func(group string) bool { return who.Kept[group] }) {
		return ""
	}
	return ", which the session does not keep: name one in a rule of the site, or keep all groups (Session.Claims)"
}

func endsWithAny(who *session.Person, claim string, endings []string) bool {
	ends := func(text string) bool {
		return slices.ContainsFunc(endings, func(ending string) bool { return len(text) > len(ending) && strings.HasSuffix(text, ending) })
	}
	for text := range who.Claims.Strings(claim) {
		if ends(text) {
			return true
		}
	}
	return false
}

// knowsEmail reports whether the person's address is one of the rule's and known to be theirs (OIDC Core 5.1).
func (rule *Rule) knowsEmail(who *session.Person) bool {
	email, _ := who.Claims.Text("email")
	domain, ok := domainOf(email)
	if !ok || !session.ClaimHolds(who.Claims.Value("email_verified"), "true") {
		return false
	}
	same := func(want string) func(string) bool {
		return func(s string) bool { return lower(s) == lower(want) }
	}
	return slices.ContainsFunc(rule.Emails, same(email)) || slices.ContainsFunc(rule.EmailDomains, same(domain))
}

// lower takes ASCII letters alone for the same in both cases: other pairs are of different addresses.
func lower(s string) string {
	return strings.Map(func(c rune) rune {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		return c
	}, s)
}

// domainOf is the domain of an address. One with a second "@", which may be quoted, is read in two ways: it has none.
func domainOf(email string) (domain string, ok bool) {
	local, domain, _ := strings.Cut(email, "@")
	return domain, local != "" && domain != "" && !strings.Contains(domain, "@")
}

// name is what log lines call the rule.
func (rule Rule) name() string {
	if rule.Path == "" {
		return "without a path"
	}
	return strconv.Quote(rule.Path)
}
