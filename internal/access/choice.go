package access

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/edgeauth/edgeauth/internal/address"
)

// Choice is one of several providers of a site, by what people choose it.
type Choice struct {
	Name    string
	Domains []string // of addresses
}

// Asked reports whether a choice is meant by a name, or else by the domain of an address.
func (c Choice) Asked(name, email string) bool {
	if name != "" {
		return c.Name == name
	}
	domain, ok := domainOf(email)
	return ok && slices.ContainsFunc(c.Domains, func(own string) bool { return lower(own) == lower(domain) })
}

var choiceName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,31}$`)

// ChoiceFaults returns what is wrong with the names of providers, and with rules that name them.
func ChoiceFaults(choices []Choice, rules []Rule) (faults []Fault) {
	names, domains := map[string]bool{}, map[string]bool{}
	for i, c := range choices {
		if !choiceName.MatchString(c.Name) || names[c.Name] {
			faults = append(faults, Fault{fmt.Sprintf("Providers[%d].Name", i), fmt.Sprintf("%q is no name, or is there twice", c.Name), `give one like "staff": small letters, digits and "-"`})
		}
		names[c.Name] = true
		for j, domain := range c.Domains {
			if !address.ValidHost(domain) || strings.Contains(domain, ":") || domains[lower(domain)] {
				faults = append(faults, Fault{fmt.Sprintf("Providers[%d].EmailDomains[%d]", i, j), fmt.Sprintf("%q is no domain, or is there twice", domain), `give one like "example.com"`})
			}
			domains[lower(domain)] = true
		}
	}
	for i, rule := range rules {
		for _, name := range rule.Providers {
			if !names[name] {
				faults = append(faults, Fault{fmt.Sprintf("Rules[%d].Providers", i), fmt.Sprintf("%q is none of the providers", name), "name them as in Providers"})
			}
		}
	}
	return faults
}
