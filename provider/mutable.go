package provider

import "slices"

// SelfWritten are the standard claims that people commonly write about themselves (OpenID Connect Core 5.1), and others:
// for [Provider.MutableClaims]. The e-mail address is not among them, since email_verified says whether it is proven.
func SelfWritten(others ...string) []string {
	return slices.Concat([]string{
		"name", "given_name", "family_name", "middle_name", "nickname", "preferred_username", "profile", "picture", "website", "gender",
		"birthdate", "zoneinfo", "locale", "address", "phone_number", "updated_at",
	}, others)
}
