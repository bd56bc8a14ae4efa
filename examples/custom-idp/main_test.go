package main

import (
	"testing"

	"github.com/edgeauth/edgeauth/provider/providertest"
)

func TestAcme(t *testing.T) {
	providertest.Test(t, acme("https://sso.acme.example"), providertest.Sample{Good: staff, Bad: strangers})
}

var (
	staff     = providertest.Answer{Claims: map[string]any{"status": "staff"}}
	strangers = map[string]providertest.Answer{
		"a guest":                      {Claims: map[string]any{"status": "guest"}},
		"somebody without a status":    {Claims: map[string]any{"status": nil}},
		"an access token, by its kind": {Claims: map[string]any{"kind": "access"}},
	}
)
