package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/provider"
)

// checkFolder checks each document of a folder, and then whether they get along.
func checkFolder(ctx context.Context, folder, keys string, offline bool, stdout io.Writer) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	all := findings{out: stdout}
	var sites []*check
	for _, entry := range entries {
		if name := entry.Name(); filepath.Ext(name) != ".json" || strings.HasPrefix(name, ".") {
			continue
		}
		c, err := checkDocument(ctx, filepath.Join(folder, entry.Name()), keys, offline, stdout)
		if err != nil {
			return err
		}
		all.wrong, all.risk = all.wrong+c.wrong, all.risk+c.risk
		sites = append(sites, c)
	}
	if len(sites) == 0 {
		return fmt.Errorf("there is no site document in %s; they are files named like app.example.com.json", folder)
	}
	all.section("Together", folder)
	before := all.wrong
	all.together(sites)
	if all.wrong == before {
		all.say(fine, "%s, none in another's way", count(len(sites), "document"))
	}
	return all.verdict()
}

// together finds what is right in each document and wrong in their company.
func (f *findings) together(sites []*check) {
	hosts, audiences := make(map[string]string), make(map[string]string)
	for _, c := range sites {
		name := filepath.Base(c.name)
		for _, host := range c.site.Hosts {
			host = strings.ToLower(host)
			switch other := hosts[host]; {
			case host == "cloudfront":
				f.say(wrong, `%s: hosts: "cloudfront" is for a site that is alone; write the host itself`, name)
			case other != "" && other != name:
				f.say(wrong, "%s is listed by %s and %s, so that it is served for neither; leave it in one", host, other, name)
			}
			hosts[host] = name
		}
		if c.site.Cookie.Domain != "" {
			f.say(wrong, "%s: cookie.domain does not work with many sites, each of which has keys of its own; leave it out", name)
		}
		if c.site.Session.Mode != edgeauth.Tokens {
			continue
		}
		for _, audience := range c.audiences() {
			place := c.found.Issuer + " " + audience
			if other := audiences[place]; other != "" && other != name {
				f.say(wrong, "%s and %s keep the tokens of one issuer for the audience %q, so that each takes the other's; "+
					"register a client for each site, or use sealed sessions", other, name, audience)
			}
			audiences[place] = name
		}
	}
}

// audiences are those of the tokens that a session of tokens holds.
func (c *check) audiences() []string {
	if c.proof() != provider.AccessToken {
		return []string{c.site.ClientID}
	}
	audiences := slices.Clone(c.site.Audience)
	if len(audiences) == 0 {
		audiences = slices.Clone(c.found.AccessToken.Audience)
	}
	for i, audience := range audiences {
		audiences[i] = strings.ReplaceAll(audience, "{client_id}", c.site.ClientID)
	}
	return audiences
}
