// Package doctor judges a site document: whether it is right, whether its provider is there and agrees with it, what to
// register there, and what its settings risk. Who may enter is judged by the core, which doctor asks.
package doctor

import (
	"context"
	"crypto/rand"
	"net/http"
	"net/netip"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/cmd/edgeauth/internal/packaged"
	"github.com/edgeauth/edgeauth/cmd/edgeauth/internal/sitefile"
	"github.com/edgeauth/edgeauth/provider"
	"github.com/edgeauth/edgeauth/siteconfig"
)

// Options say what a document may draw on, and how its provider is asked.
type Options struct {
	Keys      string   // a file of master keys; "" for none
	SecretEnv []string // DOCUMENT=VARIABLE: what a document of a folder may name as env:VARIABLE
	Offline   bool     // ask the provider nothing
	Client    *http.Client
	Networks  []netip.Prefix // that providers of a folder's documents may be in besides public addresses
}

// Check judges the document in the file name, or those in the folder name. An error is a file that cannot be read;
// whatever is wrong with a document is a finding.
func Check(ctx context.Context, name string, o Options) (*Report, error) {
	r := &Report{}
	if sitefile.IsFolder(name) {
		return r, r.checkFolder(ctx, name, o)
	}
	doc, opts, err := sitefile.Read(name, o.Keys)
	if err != nil {
		return r, err
	}
	r.checkDocument(ctx, name, doc, opts, o)
	return r, nil
}

func (r *Report) checkDocument(ctx context.Context, name string, doc []byte, opts siteconfig.Options, o Options) *check {
	c := &check{report: r, name: name, doc: doc, caller: o.Client, offline: o.Offline}
	c.section("document", "Document", name)
	config, err := siteconfig.Parse(name, doc, opts)
	if err != nil {
		c.faultsOfDocument(err)
		return c
	}
	if c.document(config) {
		site := c.site
		for _, each := range site.PerProvider() {
			c.site, c.found, c.metadata, c.known, c.reached = each, each.Provider, provider.Metadata{}, false, false
			c.askProvider(ctx)
			c.asked = append(c.asked, c.found)
			c.registration(ctx)
			c.risks()
		}
		c.site = site
	}
	return c
}

// check is one document on its way through the checks.
type check struct {
	*Section // that findings go to
	report   *Report
	name     string
	doc      []byte
	caller   *http.Client
	offline  bool

	site     edgeauth.Config     // as the document says
	found    provider.Provider   // the site's, with what its metadata adds
	asked    []provider.Provider // every one of the site, with what its metadata adds
	metadata provider.Metadata
	scopes   []string // asked for
	known    bool     // the metadata could be read
	reached  bool     // nothing that a sign-in needs is missing
}

// section begins a section.
func (c *check) section(name, title, about string) {
	c.Section = &Section{Document: c.name, Name: name, Title: title, About: about}
	c.report.Sections = append(c.report.Sections, c.Section)
}

// document judges what the settings mean together, and reports whether it makes sense to look further.
func (c *check) document(config edgeauth.Config) bool {
	keyless := config.Session.Mode == edgeauth.Sealed && len(config.Session.Keys) == 0
	if keyless {
		config.Session.Keys = [][]byte{make([]byte, 32)}
		_, _ = rand.Read(config.Session.Keys[0])
	}
	// Commands say whether they speak plain http. Hosts for which the core takes it are of this machine, to try things.
	config.InsecureHTTP = true
	if _, err := edgeauth.New(config); err != nil {
		config.InsecureHTTP = false
		if _, err = edgeauth.New(config); err != nil {
			c.faultsOfConfig(err)
			return false
		}
	}
	c.site, c.found = config, config.Provider
	c.say(OK, "it can be read, and its settings fit together")
	if keyless {
		c.say(Wrong, "it has no session.keys, and no master keys were given with -keys: serve and package refuse it so").about("session.keys").
			try("make a key with: openssl rand -base64 32 > keys, and give it to every command with -keys keys")
	}
	if err := packaged.CheckConfig(config); err != nil {
		c.say(Note, "package refuses it, because a function of CloudFront cannot carry it out: %v", siteconfig.Explain(c.name, err))
	}
	if config.InsecureHTTP {
		c.say(Note, "its hosts are of this machine, so their URLs are http below, as with serve -insecure-http").about("hosts")
	}
	return true
}

// proof is what proves a sign-in there.
func (c *check) proof() provider.Proof {
	switch {
	case c.site.Proof != "":
		return c.site.Proof
	case c.found.Proof != "":
		return c.found.Proof
	}
	return provider.IDToken
}

// issuesTokens reports whether the provider has tokens to verify at all.
func (c *check) issuesTokens() bool {
	return len(c.found.Proofs) != 1 || c.found.Proofs[0] != provider.Userinfo
}
