package providertest

import (
	"testing"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/auth0"
)

// TestRulesSeeWhatTheProviderSays signs somebody in at each provider and asks for a page with a rule.
func TestRulesSeeWhatTheProviderSays(t *testing.T) {
	permissions := auth0Config
	permissions.Permissions = true
	rbac := tested{made(t)(auth0.New(permissions)), map[string]Sample{"access tokens": auth0Any(t).samples["access tokens"]}}
	verified := edgeauth.Rule{Claims: map[string]string{"email": "robin@shop.example", "email_verified": "true"}}
	const allowed = "allowed"

	for name, c := range map[string]struct {
		tested
		sample string
		answer Answer
		rule   edgeauth.Rule
		want   string
	}{
		"auth0: a role under the operator's namespace":       {auth0Any(t), "ID tokens", Answer{}, edgeauth.Rule{Roles: []string{"editor"}}, allowed},
		"auth0: A10 a role under the plain name":             {auth0Any(t), "ID tokens", Answer{}, edgeauth.Rule{Roles: []string{"admin"}}, "forbidden_role"},
		"auth0: a verified address":                          {auth0Any(t), "ID tokens", Answer{}, verified, allowed},
		"auth0: A09 an address that is not verified":         {auth0Any(t), "ID tokens", claims("email_verified", false), verified, "forbidden_claim"},
		"auth0: A09 an address of which nobody says so":      {auth0Any(t), "ID tokens", claims("email_verified", nil), verified, "forbidden_claim"},
		"auth0: P13 a scope in a text":                       {auth0Any(t), "access tokens", claims("scope", "openid read:site"), edgeauth.Rule{Scopes: []string{"read:site"}}, allowed},
		"auth0: part of a scope":                             {auth0Any(t), "access tokens", claims("scope", "openid read:site"), edgeauth.Rule{Scopes: []string{"read"}}, "forbidden_scope"},
		"auth0: a permission":                                {rbac, "access tokens", claims("permissions", []string{"read:site"}), edgeauth.Rule{Scopes: []string{"read:site"}}, allowed},
		"auth0: A12 a scope that is no permission":           {rbac, "access tokens", claims("scope", "read:site", "permissions", []string{}), edgeauth.Rule{Scopes: []string{"read:site"}}, "forbidden_scope"},
		"cognito: a group":                                   {cognitoPool(t), "ID tokens", Answer{}, edgeauth.Rule{Groups: []string{"editors"}}, allowed},
		"cognito: another group":                             {cognitoPool(t), "ID tokens", Answer{}, edgeauth.Rule{Groups: []string{"admins"}}, "forbidden_group"},
		"cognito: somebody of no group":                      {cognitoPool(t), "ID tokens", claims("cognito:groups", nil), edgeauth.Rule{Groups: []string{"editors"}}, "unknown_groups"},
		"cognito: a plain groups claim":                      {cognitoPool(t), "ID tokens", claims("cognito:groups", nil, "groups", []string{"editors"}), edgeauth.Rule{Groups: []string{"editors"}}, "unknown_groups"},
		"cognito: P13 a scope of the code flow":              {cognitoPool(t), "access tokens", claims("scope", "openid email"), edgeauth.Rule{Scopes: []string{"openid"}}, allowed},
		"cognito: G10 a token of the sign-in API":            {cognitoPool(t), "access tokens", claims("scope", "aws.cognito.signin.user.admin"), edgeauth.Rule{Scopes: []string{"openid"}}, "forbidden_scope"},
		"cognito: a federated address, not verified":         {cognitoPool(t), "ID tokens", claims("email_verified", false), verified, "forbidden_claim"},
		"entraid: P13 a scope in a text":                     {entraOne(t), "access tokens", claims("scp", "profile files.read"), edgeauth.Rule{Scopes: []string{"files.read"}}, allowed},
		"entraid: E19 groups that are elsewhere":             {entraOne(t), "ID tokens", claims("groups", []string{"g"}, "_claim_names", object("groups", "src1")), edgeauth.Rule{Groups: []string{"g"}}, "unknown_groups"},
		"entraid: E20 groups that are only said to be":       {entraOne(t), "ID tokens", claims("hasgroups", true), edgeauth.Rule{Groups: []string{"g"}}, "unknown_groups"},
		"okta: a group":                                      {oktaCustom(), "ID tokens", Answer{}, edgeauth.Rule{Groups: []string{"Site-Readers"}}, allowed},
		"okta: P13 a scope in a list":                        {oktaAccess(), "access tokens", Answer{}, edgeauth.Rule{Scopes: []string{"site.read"}}, allowed},
		"okta: O06 a list that lacks the scope":              {oktaAccess(), "access tokens", claims("scp", []string{"openid"}), edgeauth.Rule{Scopes: []string{"site.read"}}, "forbidden_scope"},
		"keycloak: a role of the realm":                      {keycloakRealm(), "ID tokens", claims("realm_access", object("roles", []string{"reader"})), edgeauth.Rule{Roles: []string{"reader"}}, allowed},
		"keycloak: a role of another client":                 {keycloakRealm(), "ID tokens", claims("resource_access", object("other", object("roles", []string{"reader"}))), edgeauth.Rule{Roles: []string{"reader"}}, "forbidden_role"},
		"google: a Workspace":                                {googleAny(), "ID tokens", claims("hd", "acme.example"), edgeauth.Rule{Claims: map[string]string{"hd": "acme.example"}}, allowed},
		"google: an address like that of a Workspace":        {googleAny(), "ID tokens", claims("email", "x@acme.example"), edgeauth.Rule{Claims: map[string]string{"hd": "acme.example"}}, "forbidden_claim"},
		"github: an organization by its id":                  {githubOrgs(t), "members", Answer{}, edgeauth.Rule{Groups: []string{"4242001"}}, allowed},
		"github: an organization by its name":                {githubOrgs(t), "members", Answer{}, edgeauth.Rule{Groups: []string{"acme"}}, "forbidden_group"},
		"github: organizations that nobody asked for":        {githubAny(t), "everybody", Answer{}, edgeauth.Rule{Groups: []string{"4242001"}}, "unknown_groups"},
		"github: O14 an address that is not the primary one": {githubAny(t), "everybody", Answer{}, edgeauth.Rule{Claims: map[string]string{"email": "ceo@victim.example", "email_verified": "true"}}, "forbidden_claim"},
		"github: O14 the primary address":                    {githubAny(t), "everybody", Answer{}, edgeauth.Rule{Claims: map[string]string{"email": "robin@acme.example", "email_verified": "true"}}, allowed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, ok := c.samples[c.sample]
			if !ok {
				t.Fatalf("no sample %q", c.sample)
			}
			k := quickKit(t, c.provider, s)
			c.rule.Path = "/"
			w, err := k.world(func(config *edgeauth.Config) { config.Rules = []edgeauth.Rule{c.rule} })
			if err != nil {
				t.Fatal(err)
			}
			w.IdP.Tamper(k.tamper(c.answer))
			d, err := w.signIn()
			if code := edgeauth.Code(d.Reason); err != nil || code != "signed_in" {
				t.Fatalf("the sign-in failed: %v, %v", err, d.Reason)
			}
			if got := edgeauth.Code(w.get("/").Reason); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestTheSubjectOutlivesANewName(t *testing.T) {
	for name, c := range map[string]struct {
		tested
		sample, issuer, subject string
	}{
		"github: the number of the account":        {githubAny(t), "everybody", "https://github.com", "7700042"},
		"github enterprise: it is of that server":  {githubEnterprise(t), "everybody", "https://github.acme.example", "7700042"},
		"okta: uid, and not the login":             {oktaAccess(), "access tokens", oktaServer, "00u1madeupuser000001"},
		"auth0: sub, with the domain that gave it": {auth0Any(t), "ID tokens", shop, "auth0|bb82030dbc2bcaba32a90bf2"},
		"cognito: sub, with the pool":              {cognitoPool(t), "access tokens", pool, "d21104e9-a9c7-4ce3-ac14-630c602535d5"},
	} {
		t.Run(name, func(t *testing.T) {
			k := quickKit(t, c.provider, c.samples[c.sample])
			w, err := k.signedIn()
			if err != nil {
				t.Fatal(err)
			}
			if id := w.get("/").Identity; id.Issuer() != c.issuer || id.Subject() != c.subject {
				t.Errorf("got %q at %q, want %q at %q", id.Subject(), id.Issuer(), c.subject, c.issuer)
			}
		})
	}
}
