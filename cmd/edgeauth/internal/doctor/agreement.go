package doctor

import (
	"fmt"
	"slices"
	"strings"

	"github.com/edgeauth/edgeauth/internal/token"
)

// agreement compares what the sign-in asks for with what the metadata lists.
func (c *check) agreement(scopes []string) {
	m := c.metadata
	if !c.known {
		return
	}
	accepted := c.algorithms()
	lacks := func(scope string) bool { return !slices.Contains(m.Scopes, scope) }
	missing := slices.DeleteFunc(slices.Clone(scopes), func(s string) bool { return !lacks(s) })
	switch {
	case len(m.Algorithms) > 0 && !slices.ContainsFunc(accepted, func(a string) bool { return slices.Contains(m.Algorithms, a) }):
		c.say(Wrong, "it signs with %s, but only %s is accepted", strings.Join(m.Algorithms, ", "), strings.Join(accepted, ", ")).about("provider.algorithms").
			try(fmt.Sprintf("list its algorithm in provider.algorithms, if it is one of %s", strings.Join(token.Algorithms(), ", ")))
	case slices.ContainsFunc(m.Algorithms, func(a string) bool { return !slices.Contains(accepted, a) }):
		c.say(Note, "it can sign with %s; only %s is accepted, so the application must be set to that", strings.Join(m.Algorithms, ", "), strings.Join(accepted, ", ")).about("provider.algorithms")
	default:
		c.say(OK, "it signs with %s", strings.Join(accepted, ", "))
	}
	switch {
	case c.found.NoPKCE:
		c.say(Note, "it is asked without PKCE, which it does not take from a client with a secret")
	case len(m.Challenges) == 0:
		c.say(Note, "it does not say that it knows PKCE, as several that do know it; a challenge with S256 is always sent")
	case !slices.Contains(m.Challenges, "S256"):
		c.say(Wrong, "it says that it knows PKCE by %s alone; S256 is what is sent", strings.Join(m.Challenges, ", "))
	default:
		c.say(OK, "it knows PKCE with S256")
	}
	mode := string(c.found.ResponseMode)
	if mode == "" {
		mode = "query"
	}
	if len(m.ResponseModes) > 0 && !slices.Contains(m.ResponseModes, mode) {
		c.say(Wrong, "it does not answer by %s (response modes: %s); query and form_post are the ways that are read", mode, strings.Join(m.ResponseModes, ", ")).
			about("provider.response_mode").try("set response_mode to the one of them that it lists")
	}
	switch {
	case len(m.Scopes) == 0:
		c.say(Note, "it does not list its scopes; asked for: %s", strings.Join(scopes, " "))
	case len(missing) > 0:
		c.say(Note, "it does not list %s among its scopes (%s); where it refuses, the sign-in ends with invalid_scope", quoted(missing), strings.Join(m.Scopes, " ")).about("scopes")
	default:
		c.say(OK, "it lists every scope that is asked for: %s", strings.Join(scopes, " "))
	}
	if c.found.CallbackIssuerRequired {
		c.say(OK, "it names itself in callbacks (iss, RFC 9207), and one that does not is refused")
	}
}

func quoted(words []string) string {
	list := make([]string, len(words))
	for i, word := range words {
		list[i] = fmt.Sprintf("%q", word)
	}
	return strings.Join(list, " and ")
}
