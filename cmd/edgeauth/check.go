package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/cmd/edgeauth/internal/sitefile"
	"github.com/edgeauth/edgeauth/cmd/edgeauth/internal/webserve"
	"github.com/edgeauth/edgeauth/provider"
	"github.com/edgeauth/edgeauth/siteconfig"
)

const checkUsage = `Usage: edgeauth check -config FILE|DIR [-keys FILE] [-offline]

Tells whether the site document in FILE is right, whether its provider is there and agrees with it, what to register
at the provider, and which risks the settings carry. Lines begin with ok, note, risk or WRONG; the exit status is 1
where anything is WRONG. With DIR it looks at each *.json file in it, and at whether the sites get along.

It signs nobody in, changes nothing and prints no secret. At the provider it reads the metadata and the keys, and it
redeems one made-up code, which the provider has to refuse: the refusal tells whether it knows the client. The client
secret, where there is one, goes to the token endpoint as it does at every sign-in.

Flags:
`

func runCheck(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := newFlags("check", checkUsage, stderr)
	name := flags.String("config", "", "the site document, a JSON `file`, or a folder of them")
	keys := flags.String("keys", "", "master keys, a `file` with one in base64 per line, for documents without session.keys")
	offline := flags.Bool("offline", false, "ask the provider nothing")
	if err := parse(flags, args); err != nil {
		return err
	}
	if *name == "" {
		return wrongUsage("-config is missing: name the site document")
	}
	if sitefile.IsFolder(*name) {
		return checkFolder(ctx, *name, *keys, *offline, stdout)
	}
	c, err := checkDocument(ctx, *name, *keys, *offline, stdout)
	if err != nil {
		return err
	}
	return c.verdict()
}

func checkDocument(ctx context.Context, name, keys string, offline bool, stdout io.Writer) (*check, error) {
	doc, opts, err := sitefile.Read(name, keys)
	if err != nil {
		return nil, err
	}
	c := &check{findings: findings{out: stdout}, name: name, doc: doc, caller: &http.Client{Timeout: 10 * time.Second}}
	c.section("Document", name)
	config, err := siteconfig.Parse(name, doc, opts)
	if err != nil {
		c.faults(err)
		return c, nil
	}
	if c.document(config) {
		c.provider(ctx, offline)
		c.registration(ctx, offline)
		c.risks()
	}
	return c, nil
}

// check is one document on its way through the checks.
type check struct {
	findings
	name   string
	doc    []byte
	caller *http.Client

	site     edgeauth.Config // as the document says
	found    provider.Provider
	metadata provider.Metadata
	scopes   []string // asked for
	known    bool     // metadata was had
	reached  bool     // nothing that a sign-in needs is missing
}

// document judges what the settings mean together, and reports whether it makes sense to go on.
func (c *check) document(config edgeauth.Config) bool {
	// Commands say whether they speak plain http; hosts of this machine are there to try things.
	config.InsecureHTTP = onThisMachine(config.Hosts) && config.Cookie.SameSite != http.SameSiteNoneMode
	keyless := config.Session.Mode == edgeauth.Sealed && len(config.Session.Keys) == 0
	if keyless {
		config.Session.Keys = [][]byte{make([]byte, 32)}
		_, _ = rand.Read(config.Session.Keys[0])
	}
	if _, err := edgeauth.New(config); err != nil {
		c.faults(siteconfig.Explain(c.name, err))
		return false
	}
	c.site, c.found = config, config.Provider
	c.say(fine, "it can be read, and its settings fit together")
	if keyless {
		c.say(note, "it has no session.keys: give master keys to every command with -keys")
	}
	if config.InsecureHTTP {
		c.say(note, "its hosts are of this machine, so their URLs are http below, as with serve -insecure-http")
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

func onThisMachine(hosts []string) bool {
	for _, host := range hosts {
		if !strings.Contains(host, ":") || strings.HasSuffix(host, "]") {
			host += ":80"
		}
		if !webserve.IsLoopback(host) {
			return false
		}
	}
	return true
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
