package provider

import (
	"errors"
	"slices"
	"strings"
)

// Okta signs people in at an authorization server of Okta: https://{org}/oauth2/{id} for a custom one, https://{org}
// for the organisation's own. Proof is [IDToken]. At a custom server it can also be [AccessToken]; the site then lists
// its audience.
//
// Okta ends nothing without the ID token, so that sealed sessions keep it and a form posts it. Sessions of tokens do not.
func Okta(issuer string, proof Proof) Provider {
	p := OIDC(issuer)
	p.Name, p.Proof, p.Proofs = "okta", proof, []Proof{IDToken}
	p.IDToken.KeyIDRequired, p.AccessToken = true, TokenRules{}
	// Only Okta can read the access tokens of an organisation's own server.
	if proof == AccessToken && strings.Contains(issuer, "/oauth2/") {
		p.Proofs = []Proof{AccessToken, IDToken}
		p.AccessToken = TokenRules{KeyIDRequired: true, ClientClaims: []string{"cid"}, ScopeRequired: true}
		// In an access token sub is the login, which can change, and uid has the value that sub has in an ID token.
		p.Mapping.Subject, p.Mapping.Scopes = "uid", "scp"
		p.Check = checkOkta
	}
	p.RefreshRotates = true
	p.Logout.IDTokenHint = true
	p.MutableClaims = SelfWritten()
	return p
}

func checkOkta(t Token) error {
	if t.Kind != AccessToken {
		return nil
	}
	uid, _ := t.Claims.Text("uid")
	scopes, isList := t.Claims.Value("scp").([]any)
	switch {
	case uid == "":
		return errors.New("uid, which names the person, is missing")
	case !isList || slices.ContainsFunc(scopes, func(s any) bool { text, ok := s.(string); return !ok || strings.Contains(text, " ") }):
		return errors.New("scp is no list of scopes")
	}
	return nil
}
