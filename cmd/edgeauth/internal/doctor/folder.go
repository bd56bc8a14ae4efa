package doctor

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/cmd/edgeauth/internal/sitefile"
	"github.com/edgeauth/edgeauth/internal/outbound"
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
	o.Client = outbound.Policy{Networks: o.Networks}.Client() // whoever writes one document is not trusted with this machine
	var sites []*check
	for _, entry := range entries {
		if name := entry.Name(); filepath.Ext(name) != ".json" || strings.HasPrefix(name, ".") {
			continue
		}
		doc, err := files.Document(entry.Name())
		if err != nil {
			return err
		}
		sites = append(sites, r.checkDocument(ctx, filepath.Join(folder, entry.Name()), doc, files.DocumentOptions(entry.Name(), opts), o))
	}
	if len(sites) == 0 {
		return fmt.Errorf("there is no site document in %s; they are files named like app.example.com.json", folder)
	}
	all := &Section{Document: folder, Name: "together", Title: "Together", About: folder}
	r.Sections = append(r.Sections, all)
	all.together(ctx, sites)
	if len(all.Findings) == 0 {
		all.say(OK, "%s, none in another's way", count(len(sites), "document"))
	}
	return nil
}

// together finds what is right in each document and wrong beside the others.
func (s *Section) together(ctx context.Context, sites []*check) {
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
		if c.site.Cookie.Domain != "" {
			s.say(Wrong, "%s: cookie.domain does not work with many sites, each of which has keys of its own", name).about("cookie.domain").try("leave it out")
		}
	}
	s.tokensOfEachOther(ctx, sites)
}

// tokensOfEachOther finds sites of tokens that would take each other's. The core says which: where it protects many
// sites, it refuses the second of them.
func (s *Section) tokensOfEachOther(ctx context.Context, sites []*check) {
	sites = slices.DeleteFunc(slices.Clone(sites), func(c *check) bool { return c.site.Session.Mode != edgeauth.Tokens || len(c.site.Hosts) == 0 })
	refused := refusedForTokens(ctx, sites...)
	for i, c := range sites {
		if !refused(c) {
			continue
		}
		for _, other := range sites[:i] {
			pair := refusedForTokens(ctx, other, c)
			if pair(other); !pair(c) {
				continue
			}
			shared := slices.DeleteFunc(c.audiences(), func(audience string) bool { return !slices.Contains(other.audiences(), audience) })
			s.say(Wrong, "%s and %s keep the tokens of one issuer for the audience %s, so that each takes the other's", filepath.Base(other.name), filepath.Base(c.name), quoted(shared)).
				about("session.mode").try("register a client for each site, or use sealed sessions")
			break
		}
	}
}

// refusedForTokens returns a function that asks the core for one site after another, and reports whether it refuses this
// one because one before it takes its tokens.
func refusedForTokens(ctx context.Context, sites ...*check) func(*check) bool {
	configs := make(configs)
	for _, c := range sites {
		configs[c.firstHost()] = c.site
	}
	together, err := edgeauth.NewSites(edgeauth.SitesConfig{Source: configs, Max: len(sites), HTTPClient: http.DefaultClient, Logger: slog.New(slog.DiscardHandler)})
	return func(c *check) bool {
		if err != nil {
			return false
		}
		// A script's request: nobody is sent to a provider, and none is asked.
		d := together.Check(ctx, &edgeauth.Request{Method: http.MethodGet, Host: c.firstHost(), Path: "/", Header: func(string) string { return "" }})
		var field *edgeauth.FieldError
		return errors.As(d.Reason, &field) && field.Field == "Session.Mode"
	}
}

// firstHost is the first of the site's hosts as a [edgeauth.ConfigSource] is asked for it.
func (c *check) firstHost() string {
	return strings.TrimSuffix(strings.ToLower(c.site.Hosts[0]), ":443")
}

// configs are the configurations of sites by their first hosts.
type configs map[string]edgeauth.Config

func (c configs) Config(_ context.Context, host string) (edgeauth.Config, error) {
	config, ok := c[host]
	if !ok {
		return config, edgeauth.ErrUnknownSite
	}
	return config, nil
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
