package providertest_test

import (
	"errors"
	"testing"

	"github.com/edgeauth/edgeauth/provider"
	"github.com/edgeauth/edgeauth/provider/providertest"
)

// acme is the provider under test: a company's own, where guests have accounts too.
func acme(issuer string) provider.Provider {
	p := provider.OIDC(issuer)
	p.Name = "acme"
	p.Check = func(t provider.Token) error {
		if status, _ := t.Claims.Text("status"); status != "staff" {
			return errors.New("not a member of staff")
		}
		return nil
	}
	return p
}

// testAcme is TestAcme in your package.
func testAcme(t *testing.T) {
	providertest.Test(t, acme("https://sso.acme.example"), providertest.Sample{
		Good: providertest.Answer{Claims: map[string]any{"status": "staff"}},
		Bad: map[string]providertest.Answer{
			"a guest":                   {Claims: map[string]any{"status": "guest"}},
			"somebody without a status": {Claims: map[string]any{"status": nil}},
		},
	})
}

// The author of an adapter writes one test function.
func ExampleTest() {
	var t *testing.T // the one that go test gives to TestAcme
	_ = func() { testAcme(t) }
}
