package doctor

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/provider"
)

// checkFolder checks each document of a folder, and then whether they get along.
func (r *Report) checkFolder(ctx context.Context, folder string, o Options) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	var sites []*check
	for _, entry := range entries {
		if name := entry.Name(); filepath.Ext(name) != ".json" || strings.HasPrefix(name, ".") {
			continue
		}
		c, err := r.checkDocument(ctx, filepath.Join(folder, entry.Name()), o)
		if err != nil {
			return err
		}
		sites = append(sites, c)
	}
	if len(sites) == 0 {
		return fmt.Errorf("there is no site document in %s; they are files named like app.example.com.json", folder)
	}
	all := &Section{Document: folder, Name: "together", Title: "Together", About: folder}
	r.Sections = append(r.Sections, all)
	all.together(sites)
	if len(all.Findings) == 0 {
		all.say(OK, "%s, none in another's way", count(len(sites), "document"))
	}
	return nil
}

// together finds what is right in each document and wrong in their company.
func (s *Section) together(sites []*check) {
	hosts, audiences := make(map[string]string), make(map[string]string)
	for _, c := range sites {
		name := filepath.Base(c.name)
		for _, host := range c.site.Hosts {
			host = strings.ToLower(host)
			switch other := hosts[host]; {
			case host == "cloudfront":
				s.say(Wrong, `%s: hosts: "cloudfront" is for a site that is alone`, name).about("hosts").try("write the host itself")
			case other != "" && other != name:
				s.say(Wrong, "%s is listed by %s and %s, so that it is served for neither", host, other, name).about("hosts").try("leave it in one")
			}
			hosts[host] = name
		}
		if c.site.Cookie.Domain != "" {
			s.say(Wrong, "%s: cookie.domain does not work with many sites, each of which has keys of its own", name).about("cookie.domain").try("leave it out")
		}
		if c.site.Session.Mode != edgeauth.Tokens {
			continue
		}
		for _, audience := range c.audiences() {
			place := c.found.Issuer + " " + audience
			if other := audiences[place]; other != "" && other != name {
				s.say(Wrong, "%s and %s keep the tokens of one issuer for the audience %q, so that each takes the other's", other, name, audience).
					about("session.mode").try("register a client for each site, or use sealed sessions")
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
