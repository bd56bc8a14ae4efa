package access

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/edgeauth/edgeauth/internal/reason"
	"github.com/edgeauth/edgeauth/internal/session"
)

// Permits returns why a person does not meet the rules, or nil.
func (n Needs) Permits(who *session.Person) error {
	if n.path == nil {
		return signedIn.Permits(who)
	}
	if err := n.path.Permits(who); err != nil {
		return err
	}
	if n.served != n.path {
		if err := n.served.Permits(who); err != nil {
			return err
		}
	}
	for _, rule := range n.wider {
		if err := rule.Permits(who); err != nil {
			return err
		}
	}
	return nil
}

// Permits reports whether an person, or nobody, meets the rule: nil, or an error that says what is missing.
func (rule Rule) Permits(who *session.Person) error {
	switch {
	case rule.Anyone:
		return nil
	case who == nil:
		return reason.NoSession
	case len(rule.Groups) > 0 && !who.GroupsKnown():
		return fmt.Errorf("%w: the token does not list the groups; rule %s wants one of %q", reason.UnknownGroups, rule.name(), rule.Groups)
	case len(rule.Groups) > 0 && !slices.ContainsFunc(rule.Groups, who.HasGroup):
		return fmt.Errorf("%w: rule %s wants one of %q", reason.ForbiddenGroup, rule.name(), rule.Groups)
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
	return nil
}

// name is what log lines call the rule.
func (rule Rule) name() string {
	if rule.Path == "" {
		return "without a path"
	}
	return strconv.Quote(rule.Path)
}
