// Package providertest is the test that the author of a provider runs.
//
// It signs a person in through a real guard, with a fake provider that answers at the URLs of the one that is tested;
// nothing touches the network. Then it breaks one rule at a time and wants each of these sign-ins refused:
//
//	func TestAcme(t *testing.T) { providertest.Test(t, acme.New("maps"), providertest.Sample{Good: staff, Bad: strangers}) }
//
// No fake can test what only the real provider knows: whether URLs, parameters and headers are right, and whether its
// groups are in the claim that the mapping names. Sign in there once, and open a page that asks for a group.
package providertest

import (
	"testing"

	"github.com/edgeauth/edgeauth/provider"
)

// Sample says what a provider gives out, as far as its rules do not say so already. The zero Sample suits a provider
// that adds nothing to OpenID Connect.
type Sample struct {
	// ClientID and ClientSecret are the site's. Default "client", and a made-up secret if the provider requires one.
	ClientID, ClientSecret string
	// Proof is the kind of evidence to test. Default the provider's choice; test each kind that it can give.
	Proof provider.Proof
	// Audience and AuthorizeParams are those of the site, as in edgeauth.Config.
	Audience        []string
	AuthorizeParams map[string]string

	// Good is about somebody who may sign in.
	Good Answer
	// AlsoGood are changes to Good with which somebody may sign in too. The names say who that is.
	AlsoGood map[string]Answer
	// Bad are changes to Good, each of which must be refused. The names say who that is.
	Bad map[string]Answer
}

// Answer is what a provider gives out during one sign-in. Its members replace those that the fake provider makes from
// the provider's own rules; nil removes a member.
type Answer struct {
	Claims map[string]any // of the tokens, or of the userinfo endpoint where that is the evidence
	Header map[string]any // the JOSE header
	Key    map[string]any // the published keys
	Token  map[string]any // the answer of the token endpoint
	// Callback are the parameters with which the browser comes back.
	Callback map[string]any
	// API are the answers of the requests in provider.UserinfoRules, by URL.
	API map[string]any

	// Reason is the reason code for which a bad answer is refused. Default any.
	Reason string
}

// Test fails for each rule that p breaks or lacks, one subtest for one rule. The subtests run in parallel.
func Test(t *testing.T, p provider.Provider, s Sample) {
	t.Helper()
	k, err := newKit(p, s)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range k.rules() {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			if fault := r.broken(); fault != "" {
				t.Errorf("%s: %s", r.name, fault)
			}
		})
	}
}
