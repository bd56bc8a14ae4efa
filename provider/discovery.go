package provider

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// Metadata is what a provider says about itself (OIDC Discovery 3, RFC 8414). Its lists help to check a site's settings;
// none but Algorithms widens what is accepted, and that only where a provider's rules say so ([TokenRules]).
type Metadata struct {
	Issuer    string
	Endpoints Endpoints
	// PushRequired says that the provider takes no other requests than pushed ones (RFC 9126, 5).
	PushRequired bool
	// CallbackIssuer says that every callback has the parameter iss (RFC 9207, 3).
	CallbackIssuer bool

	Scopes        []string
	Algorithms    []string // of ID tokens
	ClientAuth    []string // at the token endpoint
	Challenges    []string // of PKCE; several providers that support S256 do not list it
	ResponseModes []string
	Prompts       []string // OpenID Connect Prompt Create 1.0, 4.2

	// Ignored says which optional members are not used, and why.
	Ignored []string
}

// DiscoveryURL is where the metadata of an issuer is. A slash at the end of the issuer is removed before the path is
// added (OIDC Discovery 4.1).
func DiscoveryURL(issuer string) string {
	return strings.TrimSuffix(issuer, "/") + "/.well-known/openid-configuration"
}

// ParseMetadata reads a discovery document. Its issuer has to be exactly the one that was asked for (OIDC Discovery
// 4.3), or an attacker's document could name another's endpoints. Endpoints must be https, or http on a loopback host
// if the issuer is that too. An optional member that is not as it should be is ignored.
func ParseMetadata(raw []byte, issuer string) (Metadata, error) {
	c, err := ParseClaims(raw)
	if err != nil {
		return Metadata{}, fmt.Errorf("discovery: %w", err)
	}
	m := Metadata{
		Scopes:        slices.Collect(c.Strings("scopes_supported")),
		Algorithms:    slices.Collect(c.Strings("id_token_signing_alg_values_supported")),
		ClientAuth:    slices.Collect(c.Strings("token_endpoint_auth_methods_supported")),
		Challenges:    slices.Collect(c.Strings("code_challenge_methods_supported")),
		ResponseModes: slices.Collect(c.Strings("response_modes_supported")),
		Prompts:       slices.Collect(c.Strings("prompt_values_supported")),
	}
	m.Issuer, _ = c.Text("issuer")
	if m.Issuer != issuer {
		return Metadata{}, fmt.Errorf("discovery: issuer is %q, want %q", m.Issuer, issuer)
	}
	m.PushRequired, _ = c.Value("require_pushed_authorization_requests").(bool)
	m.CallbackIssuer, _ = c.Value("authorization_response_iss_parameter_supported").(bool)

	loopback := strings.HasPrefix(issuer, "http:")
	errs := []error{checkEndpoint("issuer", issuer, loopback)}
	for _, e := range []struct {
		name     string
		required bool
		url      *string
	}{
		{"authorization_endpoint", true, &m.Endpoints.Authorize},
		{"token_endpoint", true, &m.Endpoints.Token},
		{"jwks_uri", true, &m.Endpoints.Keys},
		{"userinfo_endpoint", false, &m.Endpoints.Userinfo},
		{"revocation_endpoint", false, &m.Endpoints.Revoke},
		{"end_session_endpoint", false, &m.Endpoints.EndSession},
		{"pushed_authorization_request_endpoint", false, &m.Endpoints.PushedRequests},
	} {
		text, ok := c.Text(e.name)
		fault := checkEndpoint(e.name, text, loopback)
		if !ok {
			fault = fmt.Errorf("%s is missing or no text", e.name)
		}
		switch {
		case fault == nil:
			*e.url = text
		case e.required:
			errs = append(errs, fault)
		case c.Has(e.name) && c.Value(e.name) != nil:
			m.Ignored = append(m.Ignored, fault.Error())
		}
	}
	if err := errors.Join(errs...); err != nil {
		return Metadata{}, fmt.Errorf("discovery of %s: %w", issuer, err)
	}
	return m, nil
}

// WithMetadata returns p with its empty endpoints taken from m, with the iss of callbacks required where the
// provider says that it sends it (RFC 9207, 2.4), with requests pushed where it requires that, and with the account chooser where it says that it has one.
func (p Provider) WithMetadata(m Metadata) Provider {
	p.Endpoints = p.Endpoints.Merge(m.Endpoints)
	p.PushRequests = p.PushRequests || m.PushRequired
	p.CallbackIssuerRequired = p.CallbackIssuerRequired || m.CallbackIssuer
	if p.SelectAccount == "" && slices.Contains(m.Prompts, selectAccount) {
		p.SelectAccount = selectAccount
	}
	return p
}

func checkEndpoint(name, text string, loopback bool) error {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.User != nil || u.Fragment != "":
		return fmt.Errorf("%s is %q, want an absolute URL without user and fragment", name, text)
	case u.Scheme == "https", u.Scheme == "http" && loopback && Loopback(u.Host):
		return nil
	}
	return fmt.Errorf("%s is %q, want https (http only on a loopback host)", name, text)
}
