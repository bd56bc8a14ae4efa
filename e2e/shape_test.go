package e2e

import (
	"maps"
	"testing"
)

// A shape is the kind of provider that a site is in front of.
const (
	entraLike   = "entra"
	auth0Like   = "auth0"
	cognitoLike = "cognito"
	githubLike  = "github"
)

const (
	tenant  = "3f1a7e7c-2b1d-4e34-9a8e-7b4a3d2c1b0a"
	pool    = "eu-west-1_Pool12345"
	apiName = "https://api.example.test"

	// GitHub's organizations: ada is in both, ben in one, grace in none.
	committeeOrg = "4201"
	clubOrg      = "4202"
)

// setups are those in which nearly everything is tried.
var setups = map[string]setup{
	"OIDC, sealed":  {mode: "sealed"},
	"OIDC, tokens":  {mode: "tokens"},
	"Entra, sealed": {mode: "sealed", shape: entraLike},
	"Entra, tokens": {mode: "tokens", shape: entraLike},
}

// furtherSetups are OpenID Connect with habits of its own.
var furtherSetups = map[string]setup{
	"Auth0, sealed":   {mode: "sealed", shape: auth0Like, confidential: true},
	"Cognito, sealed": {mode: "sealed", shape: cognitoLike, confidential: true},
	"Cognito, tokens": {mode: "tokens", shape: cognitoLike, accessToken: true},
}

// gitHub is no OpenID Connect: a sign-in proves itself by the API's answers.
var gitHub = map[string]setup{
	"GitHub, sealed": {mode: "sealed", shape: githubLike, confidential: true, group: committeeOrg},
}

// inEverySetup runs one journey for both kinds of provider in both session modes, and for further setups, side by side.
func inEverySetup(t *testing.T, journey func(t *testing.T, s setup), further ...map[string]setup) {
	t.Helper()
	t.Parallel()
	for _, list := range append(further, setups) {
		for name, s := range list {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				journey(t, s)
			})
		}
	}
}

// provider is the provider's part of the site document.
func (s setup) provider(p *idp) object {
	members := s.shapeProvider(p)
	maps.Copy(members, s.further)
	return members
}

func (s setup) shapeProvider(p *idp) object {
	switch s.shape {
	case entraLike:
		return object{
			"type": "entraid", "tenant": tenant, "platform": s.platform(), "issuer": p.Issuer,
			"endpoints": below(p.URL+"/"+tenant, object{
				"authorize": "/oauth2/v2.0/authorize", "token": "/oauth2/v2.0/token", "keys": "/discovery/v2.0/keys",
				"end_session": "/oauth2/v2.0/logout",
			}),
		}
	case auth0Like:
		return object{
			"type": "auth0", "domain": "shop.eu.auth0.com", "namespace": "https://site.example.test/", "issuer": p.Issuer,
			"endpoints": below(p.URL, object{
				"authorize": "/authorize", "token": "/oauth/token", "keys": "/.well-known/jwks.json",
				"revoke": "/oauth/revoke", "end_session": "/v2/logout",
			}),
		}
	case cognitoLike: // the keys follow the issuer
		return object{
			"type": "cognito", "user_pool_id": pool, "domain": "shop", "issuer": p.Issuer,
			"endpoints": below(p.URL, object{
				"authorize": "/oauth2/authorize", "token": "/oauth2/token", "revoke": "/oauth2/revoke", "end_session": "/logout",
			}),
		}
	case githubLike:
		return object{
			"type": "github", "orgs": []string{committeeOrg, clubOrg}, "issuer": p.Issuer,
			"endpoints": below(p.URL, object{
				"authorize": "/login/oauth/authorize", "token": "/login/oauth/access_token", "userinfo": "/api/v3/user",
			}),
		}
	}
	return object{"type": "oidc", "issuer": p.Issuer}
}

func below(base string, paths object) object {
	for name, path := range paths {
		paths[name] = base + path.(string)
	}
	return paths
}

// scopes are those of the document; none where the provider's own suffice.
func (s setup) scopes() (scopes []string) {
	switch {
	case s.shape == cognitoLike:
		scopes = []string{"openid", "profile", "email"}
	case s.shape == auth0Like && s.accessToken, s.shape == entraLike, s.shape == "":
		scopes = []string{"openid", "profile", "email", "offline_access"}
	}
	if s.accessToken {
		scopes = append(scopes, "reports.read")
	}
	return scopes
}

func (s setup) platform() string {
	if s.confidential {
		return "web"
	}
	return "spa"
}

// asksConsent reports whether the provider asks a person before it tells a site who they are.
func (s setup) asksConsent() bool { return s.consent || s.shape == "" || s.shape == githubLike }

// asksToSignOut reports whether the provider asks a person who comes to sign out.
func (s setup) asksToSignOut() bool { return s.shape == "" || s.shape == entraLike }

// rotates reports whether a refresh token is good for one use.
func (s setup) rotates() bool { return s.shape != cognitoLike }
