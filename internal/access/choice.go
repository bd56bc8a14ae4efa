package access

import (
	"crypto"
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
	// Issuer, ClientID and Key are the client's. Nothing but these tells which of two choices a sign-in was for.
	Issuer, ClientID string
	Key              crypto.Signer
}

// sameKey reports whether what one provider is sent to prove who the client is could be handed on to another.
func (c Choice) sameKey(other Choice) bool {
	if c.Key == nil || other.Key == nil {
		return false
	}
	key, ok := c.Key.Public().(interface{ Equal(crypto.PublicKey) bool })
	return ok && key.Equal(other.Key.Public())
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
		for _, before := range choices[:i] {
			if c.ClientID == before.ClientID && c.Issuer == before.Issuer {
				faults = append(faults, Fault{fmt.Sprintf("Providers[%d].ClientID", i), fmt.Sprintf("is that of %q at the same issuer: what tells them apart is in the hands of whoever signs in", before.Name), "register a client for each, or have one provider and rules for claims"})
			}
			if c.sameKey(before) {
				faults = append(faults, Fault{fmt.Sprintf("Providers[%d].ClientKey", i), fmt.Sprintf("is that of %q: one of them could pass on to the other what proves who the site is", before.Name), "make a key for each"})
			}
		}
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
