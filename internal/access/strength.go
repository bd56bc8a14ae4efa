package access

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/edgeauth/edgeauth/internal/reason"
	"github.com/edgeauth/edgeauth/internal/session"
)

// SignInClaims say how and when somebody signed in (OIDC Core 2).
var SignInClaims = []string{"acr", "amr", "auth_time"}

func (rule *Rule) asksForStrength() bool {
	return len(rule.ACR)+len(rule.AMR) > 0 || rule.MaxAge > 0
}

// ahead is how much later than it is here a provider's clock may be.
const ahead = 10 * time.Minute

// strong returns why the sign-in is too weak for the rule, or nil.
func (rule *Rule) strong(who *session.Person, now time.Time) error {
	missing := func(format string, args ...any) error {
		return fmt.Errorf("%w: rule %s wants %s", reason.WeakSession, rule.name(), fmt.Sprintf(format, args...))
	}
	if len(rule.ACR) > 0 && !holdsAny(who, "acr", rule.ACR) {
		return missing("acr to be one of %q", rule.ACR)
	}
	if len(rule.AMR) > 0 && !holdsAny(who, "amr", rule.AMR) {
		return missing("one of %q in amr", rule.AMR)
	}
	if rule.MaxAge <= 0 {
		return nil
	}
	at, ok := who.Claims.Number("auth_time")
	switch {
	case !ok:
		return missing("auth_time, which the provider does not say")
	case time.Unix(at, 0).Sub(now) > ahead:
		return missing("auth_time, and that of the provider is %v ahead: are those seconds?", time.Unix(at, 0).Sub(now).Round(time.Second))
	case now.Sub(time.Unix(at, 0)) > rule.MaxAge:
		return missing("a sign-in of the last %v, and auth_time is %v ago", rule.MaxAge, now.Sub(time.Unix(at, 0)).Round(time.Second))
	}
	return nil
}

func holdsAny(who *session.Person, claim string, values []string) bool {
	value := who.Claims.Value(claim)
	return slices.ContainsFunc(values, func(want string) bool { return session.ClaimHolds(value, want) })
}

// Strength is what a sign-in has to be asked for, so that it meets rules. The zero Strength is any.
type Strength struct {
	ACR    []string      // any of these
	MaxAge time.Duration // 0 for any
	Again  bool          // by some method that has no name in a request: the person is to sign in again
}

// IsZero reports whether nothing is asked for.
func (s Strength) IsZero() bool { return len(s.ACR) == 0 && s.MaxAge == 0 && !s.Again }

// Challenge is that of RFC 9470, 3.
func (s Strength) Challenge() string {
	text := `Bearer error="insufficient_user_authentication", error_description="a stronger or newer sign-in is needed"`
	if len(s.ACR) > 0 {
		text += fmt.Sprintf(`, acr_values=%q`, strings.Join(s.ACR, " "))
	}
	if s.MaxAge > 0 {
		text += fmt.Sprintf(`, max_age="%d"`, s.MaxAge/time.Second)
	}
	return text
}

// Strength returns what the rules ask of a sign-in.
func (n Needs) Strength() (s Strength) {
	for _, rule := range append([]*Rule{n.path, n.served}, n.wider...) {
		if rule == nil {
			continue
		}
		for _, acr := range rule.ACR {
			if !slices.Contains(s.ACR, acr) {
				s.ACR = append(s.ACR, acr)
			}
		}
		if rule.MaxAge > 0 && (s.MaxAge == 0 || rule.MaxAge < s.MaxAge) {
			s.MaxAge = rule.MaxAge
		}
		s.Again = s.Again || len(rule.AMR) > 0
	}
	return s
}
