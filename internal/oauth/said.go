package oauth

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/edgeauth/edgeauth/internal/reason"
)

// said is what a provider says about an error, for the log: the guides explain it by its numbers. Hidden are texts that
// were sent along, which some providers repeat.
func said(a map[string]json.RawMessage, hidden ...string) string {
	var b strings.Builder
	for _, name := range []string{"suberror", "error_subcode", "error_codes", "error_description"} {
		said := string(a[name]) // numbers, at Entra
		if said != "" && said[0] == '"' {
			said = text(a[name])
		}
		if said = reason.Describe(said, hidden...); said != "" && said != "null" {
			fmt.Fprintf(&b, ", %s %q", strings.TrimPrefix(name, "error_"), said)
		}
	}
	return b.String()
}

// secrets are the values of a request for the token endpoint that no log may hold.
func secrets(form url.Values, others ...string) []string {
	for _, name := range []string{"code", "code_verifier", "refresh_token", "client_secret", "client_assertion"} {
		others = append(others, form[name]...)
	}
	for _, secret := range slices.Clone(others) { // as they are sent, too (RFC 6749, 2.3.1)
		escaped := url.QueryEscape(secret)
		basic := base64.StdEncoding.EncodeToString([]byte(url.QueryEscape(form.Get("client_id")) + ":" + escaped))
		if secret != "" {
			others = append(others, escaped, basic)
		}
	}
	return others
}

// needsPerson are errors of a sign-in, or a renewal, at which nobody was asked anything (OIDC Core 3.1.2.6).
var needsPerson = []string{"login_required", "interaction_required", "consent_required", "account_selection_required", "mfa_required"}

// refusesPerson are errors that only the person, or who manages the accounts, can cure. Beside that of the standard there
// is one of nearly every provider's own making: see also aboutPerson.
var refusesPerson = []string{
	"access_denied", "unauthorized", "forbidden", "not_authorized", "access_restricted", "unmet_authentication_requirements",
	"mfa_enrollment_required", "mfa_registration_required", "registration_required", "admin_policy_enforced", "org_internal",
}

// aboutPerson are words in the names of such errors, as in user_cancelled_login (LinkedIn), inactive_user (Salesforce),
// unverified_user_email (GitHub) or password_expired.
var aboutPerson = []string{"cancel", "denied", "declined", "user", "account", "password", "email", "member"}

// concernsPerson reports whether an error is about the person rather than about how the site is set up.
func concernsPerson(code string) bool {
	code = strings.NewReplacer("-", "_", " ", "_").Replace(strings.ToLower(code))
	return slices.Contains(refusesPerson, code) ||
		slices.ContainsFunc(aboutPerson, func(word string) bool { return strings.Contains(code, word) })
}
