package edgeauth

import (
	"cmp"
	"strings"

	"github.com/edgeauth/edgeauth/internal/access"
)

func (c *Config) checkPaths(f *faults) {
	own := map[string]string{"Callback": c.Paths.Callback, "Login": c.Paths.Login, "Logout": c.Paths.Logout, "Session": c.Paths.Session, "SignedOut": c.Paths.SignedOut}
	for _, fault := range access.PathFaults(own, c.accessRules()) {
		f.add(fault.Field, fault.Problem, fault.Remedy)
	}
}

func (c *Config) checkRules(f *faults) {
	for _, fault := range access.Faults(c.accessRules(), &c.Provider, c.OpenToEveryone, c.choice.name(), strings.Fields(cmp.Or(c.AuthorizeParams["acr_values"], c.Provider.AuthorizeParams["acr_values"]))) {
		f.add(fault.Field, fault.Problem, fault.Remedy)
	}
}
