package provider

import (
	"errors"
	"slices"
	"strings"
)

// Okta is an authorization server of Okta: https://{org}/oauth2/{id} for a custom one, https://{org} for the
// organisation's own. Proof is [IDToken], or at a custom one [AccessToken]; the site then lists its audience.
//
// A logout names the client and not the ID token, which would stand in the URL; whether Okta takes that without
// asking the person is unsure.
func Okta(issuer string, proof Proof) Provider {
	p := OIDC(issuer)
	p.Name, p.Proof, p.Proofs = "okta", proof, []Proof{IDToken}
	p.IDToken.KeyIDRequired, p.AccessToken = true, TokenRules{}
	// The access tokens of an organisation's own server are for Okta alone.
	if proof == AccessToken && strings.Contains(issuer, "/oauth2/") {
		p.Proofs = []Proof{AccessToken, IDToken}
		p.AccessToken = TokenRules{KeyIDRequired: true, ClientClaims: []string{"cid"}, ScopeRequired: true}
		// Here sub is the login, which can change; uid is what an ID token calls sub.
		p.Mapping.Subject, p.Mapping.Scopes = "uid", "scp"
		p.Check = checkOkta
	}
	p.RefreshRotates = true
	p.MutableClaims = []string{"preferred_username", "name"}
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
