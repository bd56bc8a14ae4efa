package oauth

import (
	"fmt"
	"net/url"
	"slices"

	"github.com/edgeauth/edgeauth/internal/token"
	"github.com/edgeauth/edgeauth/provider"
)

// Fault is what is wrong with a configuration. Field is named as in edgeauth.Config.
type Fault struct{ Field, Problem, Remedy string }

type faults []Fault

func (f *faults) add(field, problem, remedy string) { *f = append(*f, Fault{field, problem, remedy}) }

// Faults returns what is wrong with the client and its provider.
func (c *Config) Faults() []Fault {
	var f faults
	c.clientFaults(&f)
	c.providerFaults(&f)
	return f
}

func (c *Config) clientFaults(f *faults) {
	if c.ClientID == "" {
		f.add("ClientID", "is empty", "copy the application (client) id from the provider's console")
	}
	var shown []string // by which the client says who it is
	for name, set := range map[string]bool{"ClientSecret": c.ClientSecret != "", "ClientKey": c.ClientKey != nil, "ClientAssertion": c.ClientAssertion != nil} {
		if set {
			shown = append(shown, name)
		}
	}
	if slices.Sort(shown); len(shown) > 1 {
		f.add(shown[0], "is set beside "+shown[1], "choose one: they are ways to say who the client is")
	}
	if c.ClientKey != nil {
		if _, err := KeyAlgorithm(c.ClientKey, c.ClientKeyAlgorithm); err != nil {
			f.add("ClientKey", "is "+err.Error(), "make one with: openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072")
		}
	} else if c.Provider.SecretIssuer != "" {
		f.add("ClientKey", "is empty, but the client secret of "+c.Provider.Name+" is a token that it signs", "download the key at the provider")
	}
	need := c.Provider.Secret
	if c.Provider.NoPKCE { // with neither, whoever sees a code could redeem it
		need = provider.Required
	}
	switch need {
	case provider.Required:
		if len(shown) == 0 {
			f.add("ClientSecret", "is empty, but "+c.Provider.Name+" wants one for this kind of client", "create a client secret at the provider, or choose its kind of client that has none")
		}
	case provider.Forbidden:
		if len(shown) > 0 {
			f.add(shown[0], "is set, but "+c.Provider.Name+" refuses one for this kind of client", "remove it, or choose the provider's kind of client that has one")
		}
	}
	if param, err := checkStrength(c.AuthorizeParams); err != nil {
		f.add("AuthorizeParams", param+": "+err.Error(), "give a whole number, 0 or more")
	}
	if asksForStrength(c.AuthorizeParams) && !c.UsesIDToken {
		f.add("AuthorizeParams", "asks for max_age or acr_values, and "+c.Provider.Name+" issues no ID token that could say so", "remove it")
	}
	for name := range c.AuthorizeParams {
		if Protected(name) {
			f.add("AuthorizeParams", fmt.Sprintf("sets %q, which the sign-in itself sets", name), "remove it")
		}
	}
}

func (c *Config) providerFaults(f *faults) {
	p := &c.Provider
	if p.Name == "" || p.Issuer == "" {
		f.add("Provider", "has no name or no issuer", "build it with a provider package, such as provider.OIDC(issuer)")
	}
	proofs := p.Proofs
	if len(proofs) == 0 {
		proofs = []provider.Proof{provider.IDToken}
	}
	if !slices.Contains(proofs, c.Proof) {
		f.add("Proof", fmt.Sprintf("is %q, but %s can prove a sign-in only by %q", c.Proof, p.Name, proofs), "choose one of these")
	}
	if c.Proof == provider.AccessToken && len(c.Audience) == 0 && len(p.AccessToken.Audience) == 0 && !p.AccessToken.AudienceOptional {
		f.add("Audience", "is empty, but an access token is the proof", "name the API that the access token is for")
	}
	required := map[string]string{"Authorize": p.Endpoints.Authorize, "Token": p.Endpoints.Token}
	if c.UsesIDToken && len(p.JWKS) == 0 {
		required["Keys"] = p.Endpoints.Keys
	}
	for name, value := range required {
		if value == "" && p.Discovery == "" {
			f.add("Provider.Endpoints."+name, "is empty and nothing is discovered", "set it, or set Discovery")
		}
	}
	for name, value := range map[string]string{
		"Provider.Discovery": p.Discovery, "Provider.Endpoints.Authorize": p.Endpoints.Authorize, "Provider.Endpoints.Token": p.Endpoints.Token,
		"Provider.Endpoints.Keys": p.Endpoints.Keys, "Provider.Endpoints.Userinfo": p.Endpoints.Userinfo,
		"Provider.Endpoints.Revoke": p.Endpoints.Revoke, "Provider.Endpoints.EndSession": p.Endpoints.EndSession, "Provider.Endpoints.PushedRequests": p.Endpoints.PushedRequests,
	} {
		checkURL(f, name, value)
	}
	checkURL(f, "Provider.GroupsLookup.URL", p.GroupsLookup.URL)
	for i, value := range p.Userinfo.URLs {
		checkURL(f, fmt.Sprintf("Provider.Userinfo.URLs[%d]", i), value)
	}
	for kind, list := range map[string][]string{"IDToken": p.IDToken.Algorithms, "AccessToken": p.AccessToken.Algorithms} {
		for i, alg := range list {
			if !slices.Contains(token.Algorithms(), alg) {
				f.add(fmt.Sprintf("Provider.%s.Algorithms[%d]", kind, i), fmt.Sprintf("is %q", alg), fmt.Sprintf("choose from %q", token.Algorithms()))
			}
		}
	}
}

// checkURL wants https everywhere but on this machine: a code or a secret that travels in clear is lost.
func checkURL(f *faults, field, value string) {
	if value == "" {
		return
	}
	u, err := url.Parse(value)
	switch {
	case err != nil || u.Host == "" || u.User != nil || u.Fragment != "":
		f.add(field, fmt.Sprintf("%q is not a plain URL", value), "give one like https://idp.example.com/path")
	case u.Scheme == "https" || u.Scheme == "http" && provider.Loopback(u.Host):
	default:
		f.add(field, fmt.Sprintf("%q is not https", value), "use https; http is accepted for loopback hosts only")
	}
}
