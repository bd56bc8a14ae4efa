package edgeauth_test

import (
	"testing"
	"time"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/cognito"
	"github.com/edgeauth/edgeauth/entraid"
	"github.com/edgeauth/edgeauth/provider"
	"github.com/stretchr/testify/require"
)

const (
	tenantA = "37c156ce-36f2-4e30-ab8a-c9e8d79d09f4"
	tenantB = "47c156ce-36f2-4e30-ab8a-c9e8d79d09f4"
)

func entra(t *testing.T, c entraid.Config) provider.Provider {
	t.Helper()
	p, err := entraid.New(c)
	require.NoError(t, err)
	return p
}

func TestNoRuleRestsOnWhatOthersCanSet(t *testing.T) {
	anyTenant := entra(t, entraid.Config{Tenant: "organizations", AnyTenant: true})
	oneTenant := entra(t, entraid.Config{Tenant: tenantA})
	closed := func(mutable string, mapping provider.Mapping) provider.Provider {
		p := provider.OIDC(idpURL)
		p.MutableClaims, p.Mapping = []string{mutable}, mapping
		return p
	}
	pool := func(readOnly ...string) provider.Provider {
		p, err := cognito.New(cognito.Config{UserPoolID: "eu-west-1_MadeUp123", Domain: "shop", ReadOnlyAttributes: readOnly})
		require.NoError(t, err)
		return p
	}
	mapped := func(p provider.Provider, m provider.Mapping) provider.Provider {
		p.Mapping = m
		return p
	}
	claim := func(name string) edgeauth.Rule {
		return edgeauth.Rule{Path: "/", Claims: map[string]string{name: "x", "email_verified": "true"}}
	}
	roles, groups, scopes := edgeauth.Rule{Path: "/", Roles: []string{"x"}}, edgeauth.Rule{Path: "/", Groups: []string{"x"}}, edgeauth.Rule{Path: "/", Scopes: []string{"x"}}
	nested := provider.Mapping{Roles: "/realm_access/roles"}
	for _, test := range []struct {
		rule     string
		provider provider.Provider
		asks     edgeauth.Rule
		want     string // "" accepts
	}{
		{"roles of any tenant", anyTenant, roles, `rests on "roles"`},
		{"roles of any tenant as a claim", anyTenant, claim("roles"), `rests on "roles"`},
		{"roles of any tenant by a pointer", anyTenant, claim("/roles"), `rests on "roles"`},
		{"roles of any tenant by a longer pointer", anyTenant, claim("/roles/0"), `rests on "roles"`},
		{"roles of one tenant", oneTenant, roles, ""},
		{"an address at Entra", oneTenant, claim("email"), `rests on "email"`},
		{"an address at Entra by a pointer", oneTenant, claim("/email"), `rests on "email"`},
		{"a user name at Entra", oneTenant, claim("/preferred_username"), `rests on "preferred_username"`},
		{"groups that others set", closed("groups", provider.Mapping{}), groups, `rests on "groups"`},
		{"scopes that others set", closed("scope", provider.Mapping{}), scopes, `rests on "scope"`},
		{"nested roles that others set", closed("/realm_access/roles", nested), roles, `rests on "/realm_access/roles"`},
		{"nested roles as a claim", closed("/realm_access/roles", nested), claim("/realm_access/roles/0"), `rests on "/realm_access/roles"`},
		{"nested roles below what others set", closed("realm_access", nested), roles, `rests on "realm_access"`},
		{"a name with the escape of a pointer", closed("cognito/user", provider.Mapping{}), claim("/cognito~1user"), `rests on "cognito/user"`},
		{"an attribute of Cognito", pool(), claim("custom:department"), `rests on "custom:*", which cognito lets people change; name it in read_only_attributes`},
		{"the same by a pointer", pool(), claim("/custom:department"), `rests on "custom:*"`},
		{"a standard attribute of Cognito", pool(), claim("locale"), `name it in read_only_attributes`},
		{"the part of one", pool(), claim("/address/country"), `rests on "address"`},
		{"an attribute of Cognito that nobody may write", pool("custom:department"), claim("custom:department"), ""},
		{"the same by a pointer again", pool("custom:department"), claim("/custom:department"), ""},
		{"a standard one that nobody may write", pool("locale"), claim("locale"), ""},
		{"another one beside it", pool("custom:department"), claim("custom:departments"), `rests on "custom:*"`},
		{"a developer's attribute, which only administrators write", pool(), claim("dev:custom:x"), ""},
		{"groups of Cognito", pool(), groups, ""},
		{"groups of Cognito as a claim", pool(), claim("cognito:groups"), ""},
		{"groups in an attribute of Cognito", mapped(pool(), provider.Mapping{Groups: "custom:groups"}), groups, `rests on "custom:*"`},
		{"a nickname where anybody can get an account", provider.OIDC("https://gitlab.com"), claim("nickname"), `rests on "nickname"`},
		{"a picture at Google", provider.Google("example.com"), claim("picture"), `rests on "picture"`},
		{"a name at Okta", provider.Okta("https://acme.okta.example", provider.IDToken), claim("given_name"), `rests on "given_name"`},
		{"a claim beside it", closed("/realm_access/roles", nested), claim("/realm_access/other"), ""},
		{"groups that nobody else sets", closed("name", provider.Mapping{}), groups, ""},
	} {
		t.Run(test.rule, func(t *testing.T) {
			_, err := edgeauth.New(edgeauth.Config{
				Provider: test.provider, ClientID: "site", ClientSecret: secretFor(test.provider), OpenToEveryone: true, Hosts: []string{appHost},
				Session: edgeauth.Session{Keys: [][]byte{testKey}}, Rules: []edgeauth.Rule{test.asks},
			})
			if test.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, test.want)
		})
	}
}

func secretFor(p provider.Provider) string {
	if p.Secret == provider.Required {
		return "s"
	}
	return ""
}

func TestWhereAnybodyCanSignUpARestrictionHasToTellPeopleApart(t *testing.T) {
	for rule, test := range map[string]struct {
		asks edgeauth.Rule
		open bool // is no restriction
	}{
		"scopes":                          {edgeauth.Rule{Scopes: []string{"openid"}}, true},
		"a proven address of any kind":    {edgeauth.Rule{Claims: map[string]string{"email_verified": "true"}}, true},
		"the same by a pointer":           {edgeauth.Rule{Claims: map[string]string{"/email_verified": "true"}}, true},
		"both":                            {edgeauth.Rule{Scopes: []string{"email"}, Claims: map[string]string{"email_verified": "true"}}, true},
		"a proven address of one's own":   {edgeauth.Rule{Claims: map[string]string{"email_verified": "true", "email": "a@example.com"}}, false},
		"groups":                          {edgeauth.Rule{Groups: []string{"staff"}}, false},
		"roles beside scopes":             {edgeauth.Rule{Roles: []string{"staff"}, Scopes: []string{"openid"}}, false},
		"a sign-in":                       {edgeauth.Rule{}, true},
		"a claim that only the owner has": {edgeauth.Rule{Claims: map[string]string{"sub": "1"}}, false},
	} {
		t.Run(rule, func(t *testing.T) {
			test.asks.Path = "/"
			_, err := edgeauth.New(edgeauth.Config{
				Provider: provider.Google(), ClientID: "site", ClientSecret: "s", Hosts: []string{appHost},
				Session: edgeauth.Session{Keys: [][]byte{testKey}}, Rules: []edgeauth.Rule{test.asks},
			})
			if test.open {
				require.ErrorContains(t, err, "OpenToEveryone")
				return
			}
			require.NoError(t, err)
		})
	}
}

func TestARuleThatSaysWhoMayEnterIsRefusedWhereItCannotHold(t *testing.T) {
	for name, c := range map[string]struct {
		rule  edgeauth.Rule
		field string
	}{
		"no emails":                     {edgeauth.Rule{Path: "/a/", Emails: []string{}}, "Rules[0].Emails"},
		"no address":                    {edgeauth.Rule{Path: "/a/", Emails: []string{"@example.com"}}, "Rules[0].Emails[0]"},
		"a domain with an @":            {edgeauth.Rule{Path: "/a/", EmailDomains: []string{"@example.com"}}, "Rules[0].EmailDomains[0]"},
		"a domain as a pattern":         {edgeauth.Rule{Path: "/a/", EmailDomains: []string{"*.example.com"}}, "Rules[0].EmailDomains[0]"},
		"a domain that is a top one":    {edgeauth.Rule{Path: "/a/", EmailDomains: []string{"com"}}, "Rules[0].EmailDomains[0]"},
		"an empty domain":               {edgeauth.Rule{Path: "/a/", EmailDomains: []string{""}}, "Rules[0].EmailDomains[0]"},
		"anyone with an email":          {edgeauth.Rule{Path: "/a/", Anyone: true, Emails: []string{"a@b.example"}}, "Rules[0]"},
		"anyone by a class":             {edgeauth.Rule{Path: "/a/", Anyone: true, ACR: []string{"gold"}}, "Rules[0]"},
		"no values":                     {edgeauth.Rule{Path: "/a/", ClaimsAnyOf: map[string][]string{"x": nil}}, "Rules[0].ClaimsAnyOf"},
		"an email of several":           {edgeauth.Rule{Path: "/a/", ClaimsAnyOf: map[string][]string{"email": {"a@b"}}}, "Rules[0].ClaimsAnyOf"},
		"an email's end":                {edgeauth.Rule{Path: "/a/", ClaimsSuffix: map[string][]string{"/email": {"@b.example"}}}, "Rules[0].ClaimsSuffix"},
		"an end without its sign":       {edgeauth.Rule{Path: "/a/", ClaimsSuffix: map[string][]string{"x": {"ops"}}}, "Rules[0].ClaimsSuffix"},
		"an empty end":                  {edgeauth.Rule{Path: "/a/", ClaimsSuffix: map[string][]string{"x": {""}}}, "Rules[0].ClaimsSuffix"},
		"an age of seconds":             {edgeauth.Rule{Path: "/a/", MaxAge: time.Second}, "Rules[0].MaxAge"},
		"an age below zero":             {edgeauth.Rule{Path: "/a/", MaxAge: -time.Hour}, "Rules[0].MaxAge"},
		"two classes in one":            {edgeauth.Rule{Path: "/a/", ACR: []string{"gold silver"}}, "Rules[0]"},
		"no class":                      {edgeauth.Rule{Path: "/a/", ACR: []string{}}, "Rules[0].ACR"},
		"a claim that people write":     {edgeauth.Rule{Path: "/a/", ClaimsAnyOf: map[string][]string{"nickname": {"root"}}}, "Rules[0].ClaimsAnyOf"},
		"its end":                       {edgeauth.Rule{Path: "/a/", ClaimsSuffix: map[string][]string{"nickname": {".root"}}}, "Rules[0].ClaimsSuffix"},
		"a provider where there is one": {edgeauth.Rule{Path: "/a/", Providers: []string{"staff"}}, "Rules[0].Providers"},
		"an email that people change":   {edgeauth.Rule{Path: "/a/", Emails: []string{"a@b.example"}}, "Rules[0]"},
	} {
		t.Run(name, func(t *testing.T) {
			config := newWorld(t, nil).config
			config.Rules = []edgeauth.Rule{c.rule}
			config.Provider.MutableClaims = []string{"nickname"}
			if name == "an email that people change" {
				config.Provider.MutableClaims = []string{"email"}
			}
			_, err := edgeauth.New(config)
			var fault *edgeauth.FieldError
			require.ErrorAs(t, err, &fault)
			require.Equal(t, c.field, fault.Field, "%v", err)
		})
	}
}
