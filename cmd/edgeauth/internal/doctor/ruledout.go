package doctor

import (
	"slices"
	"strings"

	"github.com/edgeauth/edgeauth/provider"
)

// ruledOut says what in the metadata keeps every sign-in from working (OIDC Discovery 3; RFC 8414, 2; RFC 9126, 5).
func (c *check) ruledOut(m provider.Claims) {
	lists := func(name string) []string { return slices.Collect(m.Strings(name)) }
	lacks := func(name, want string) bool {
		list := lists(name)
		return len(list) > 0 && !slices.Contains(list, want)
	}
	if m.Value("require_signed_request_object") == true {
		c.say(Wrong, "it takes signed request objects alone (RFC 9101), and none are made").about("provider").try("switch that off for this client; pushed requests protect the same (push_requests)")
	}
	if m.Value("require_pushed_authorization_requests") == true && !c.found.PushRequests {
		c.say(Wrong, "it takes pushed requests alone (RFC 9126), and the document, which names its URLs itself, does not push them").about("provider.push_requests").
			try("set push_requests, and name the endpoint in provider.endpoints.pushed_requests")
	}
	if c.found.PushRequests && c.found.Endpoints.PushedRequests == "" {
		c.say(Wrong, "it takes pushed requests alone (RFC 9126) and names no endpoint for them").about("provider.endpoints.pushed_requests").try("name the endpoint, or ask whoever runs the provider")
	}
	if lacks("response_types_supported", "code") {
		c.say(Wrong, "it does not know the authorization code flow (response types: %s), the only one that is used", strings.Join(lists("response_types_supported"), ", ")).about("provider").try("allow response type code")
	}
	if lacks("grant_types_supported", "authorization_code") {
		c.say(Wrong, "its token endpoint takes no authorization codes (grant types: %s)", strings.Join(lists("grant_types_supported"), ", ")).about("provider").try("allow the authorization code grant")
	}
	c.clientMethod(lists("token_endpoint_auth_methods_supported"))
}

// clientMethod says whether the provider takes any of the ways in which this client can say who it is. Several that take
// clients without a secret do not list none.
func (c *check) clientMethod(listed []string) {
	mine, member := []string{"none", "client_secret_basic", "client_secret_post"}, "client_secret"
	remedy := "give client_key, whose public half is registered there"
	switch {
	case c.site.ClientKey != nil && c.found.SecretIssuer == "":
		mine, member, remedy = []string{"private_key_jwt"}, "client_key", "give a client_secret, or none"
	case c.site.ClientAssertion != nil:
		mine, member, remedy = []string{"private_key_jwt", "client_secret_jwt"}, "client_assertion", "give a client_secret, or client_key"
	case c.site.ClientSecret != "":
		mine = mine[1:]
	}
	if len(listed) > 0 && !slices.ContainsFunc(listed, func(method string) bool { return slices.Contains(mine, method) }) {
		if !slices.ContainsFunc(listed, func(method string) bool { return !strings.HasSuffix(method, "tls_client_auth") }) {
			remedy = "allow another way there; a certificate is for programs alone, which give HTTPClient one and set ClientCertificate (RFC 8705)"
		}
		c.say(Wrong, "it takes clients by %s alone, and this one would come by %s", strings.Join(listed, ", "), strings.Join(mine, " or ")).about(member).try(remedy)
	}
}
