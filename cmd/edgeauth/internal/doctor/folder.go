package doctor

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/cmd/edgeauth/internal/sitefile"
	"github.com/edgeauth/edgeauth/internal/outbound"
	"github.com/edgeauth/edgeauth/internal/registry"
	"github.com/edgeauth/edgeauth/provider"
)

// checkFolder checks each document of a folder, and then whether they get along.
func (r *Report) checkFolder(ctx context.Context, folder string, o Options) error {
	files, opts, err := sitefile.OpenFolder(folder, o.Keys, o.SecretEnv)
	if err != nil {
		return err
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	policy := outbound.Policy{Networks: o.Networks}
	policy.Loopback = true     // for development; what a public site may not call is said together
	o.Client = policy.Client() // whoever writes one document is not trusted with this machine
	var sites []*check
	var bucket []string // what keeps documents out of one
	for _, entry := range entries {
		if name := entry.Name(); filepath.Ext(name) != ".json" || strings.HasPrefix(name, ".") {
			continue
		}
		doc, err := files.Document(entry.Name())
		if err != nil {
			return err
		}
		own, drawn := files.DocumentOptions(entry.Name(), opts), []string(nil)
		read := own.Secret
		own.Secret = func(owner, reference string) (string, error) {
			drawn = append(drawn, reference)
			return read(owner, reference)
		}
		c := r.checkDocument(ctx, filepath.Join(folder, entry.Name()), doc, own, o)
		if drawn = slices.Compact(slices.Sorted(slices.Values(drawn))); len(drawn) > 0 {
			bucket = append(bucket, fmt.Sprintf("%s draws on %s", entry.Name(), strings.Join(drawn, ", ")))
		}
		sites = append(sites, c)
	}
	if len(sites) == 0 {
		return fmt.Errorf("there is no site document in %s; they are files named like app.example.com.json", folder)
	}
	all := &Section{Document: folder, Name: "together", Title: "Together", About: folder}
	r.Sections = append(r.Sections, all)
	all.together(sites, policy, len(opts.Keys) > 0)
	right := len(all.Findings) == 0
	if len(bucket) > 0 {
		all.say(Note, "in a bucket these are refused, since a function of package -source has neither files nor variables: %s", strings.Join(bucket, "; "))
	}
	if right {
		all.say(OK, "%s, none in another's way", count(len(sites), "document"))
	}
	return nil
}

// together finds what is right in each document and wrong beside the others.
func (s *Section) together(sites []*check, policy outbound.Policy, masterKeys bool) {
	hosts := make(map[string]string)
	for _, c := range sites {
		name := filepath.Base(c.name)
		for _, host := range c.site.Hosts {
			host = strings.ToLower(host)
			switch other := hosts[host]; {
			case host == "cloudfront":
				s.say(Wrong, `%s: hosts: "cloudfront" is for a site that is alone`, name).about("hosts").try("write the host itself")
			case other != "" && other != name && (other == host+".json" || name == host+".json"):
				s.say(Wrong, "%s is listed by %s and %s, and belongs to %s.json", host, other, name, host).about("hosts").try("leave it in that one")
			case other != "" && other != name:
				s.say(Wrong, "%s is listed by %s and %s, so that it is served for neither", host, other, name).about("hosts").try("leave it in one")
			}
			hosts[host] = name
		}
		policy.Loopback = !slices.ContainsFunc(c.site.Hosts, func(host string) bool { return !provider.Loopback(host) })
		for i := range c.asked {
			if err := policy.CheckProvider(&c.asked[i]); err != nil {
				s.say(Wrong, "%s: provider: %v", name, err).about("provider").try("use its public address, or list its network with -provider-network")
			}
		}
		if c.site.Cookie.Domain != "" {
			s.say(Wrong, "%s: cookie.domain does not work with many sites, each of which has keys of its own", name).about("cookie.domain").try("leave it out")
		}
	}
	if !masterKeys {
		s.tokensOfEachOther(sites)
	}
}

// tokensOfEachOther finds sites of tokens that take each other's, because no key binds a token to its site.
func (s *Section) tokensOfEachOther(sites []*check) {
	sites = slices.DeleteFunc(slices.Clone(sites), func(c *check) bool {
		return c.site.Session.Mode != edgeauth.Tokens || len(c.site.Session.Keys) > 0 || len(c.site.Hosts) == 0
	})
	for i, c := range sites {
		for _, other := range sites[:i] {
			pair := registry.New()
			pair.Claim(other.firstHost(), other.claim())
			if _, _, alone := pair.Claim(c.firstHost(), c.claim()); alone {
				continue
			}
			shared := slices.DeleteFunc(c.claim().Audiences, func(audience string) bool { return !slices.Contains(other.claim().Audiences, audience) })
			s.say(Wrong, "%s and %s keep the tokens of one issuer for the audience %s, so that each takes the other's", filepath.Base(other.name), filepath.Base(c.name), quoted(shared)).
				about("session.mode").try("give master keys with -keys, which bind a token to its site, or register a client for each site")
			break
		}
	}
}

// claim is what a session of tokens takes.
func (c *check) claim() registry.Claim {
	return registry.NewClaim(c.site.Hosts, &c.found, c.site.ClientID, c.proof() == provider.AccessToken, c.site.Audience)
}

// firstHost is the first of the site's hosts in its normal form.
func (c *check) firstHost() string {
	return strings.TrimSuffix(strings.ToLower(c.site.Hosts[0]), ":443")
}
