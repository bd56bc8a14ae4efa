// Package siteconfig reads site documents: one JSON object that says everything about one site.
//
// A document is read strictly. Every fault is reported at once, each with the site, the line, the member and what
// to do about it. [Schema] is the JSON Schema of a document, for editors.
package siteconfig

import (
	"encoding/json"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/internal/strictjson"
	"github.com/edgeauth/edgeauth/provider"
)

// Options are what a document may use besides itself. The zero value is nothing.
type Options struct {
	// Providers are further provider types by name. Each function gets the whole provider member and must be as strict
	// with it as this package is. A name given here replaces a built-in one.
	Providers map[string]func(json.RawMessage) (provider.Provider, error)
	// Keys are the master keys, 32 bytes each, for documents without session.keys. The core derives each site's own
	// from them and the site's id. The first encrypts; all of them decrypt.
	Keys [][]byte
	// Site is the host that the document was asked for, lower-cased and without a default port. It becomes the
	// site's id, and a document whose hosts lack it is refused. Default: the document's first host.
	Site string
	// Env looks up the secrets written as env:NAME, as os.LookupEnv does. Nil refuses them. [Parse] alone uses it: a
	// document can send a secret to any server.
	Env func(name string) (string, bool)
	// ReadFile reads the secrets written as file:NAME, as os.ReadFile does. Nil refuses them. [Parse] alone uses it.
	ReadFile func(name string) ([]byte, error)
	// Secret, where set, takes the place of both for one document of many: reference is env:NAME or file:NAME. It must give
	// a document its own secrets only. owner is the host that [FromDocuments] was asked for, or, where the document comes
	// from a [Folder], the name of its file without .json.
	Secret func(owner, reference string) (string, error)

	owner string // of one document of many
}

// maxDocument bounds a document; one with a whole key set in it has some 20 kB.
const maxDocument = 256 << 10

// Parse reads a site document. Name is what errors call it: a host or a file name. What the members mean together
// is for edgeauth.New to judge; its faults name the line and the member too.
func Parse(name string, doc []byte, opts Options) (edgeauth.Config, error) {
	faults := strictjson.NewFaults(siteName(name))
	root := strictjson.Parse(doc, maxDocument, faults)
	if root == nil {
		return edgeauth.Config{}, faults.Err()
	}
	c := readSite(root, opts)
	if err := faults.Err(); err != nil {
		return edgeauth.Config{}, err
	}
	c.Locator = placesOf(name, root)
	return c, nil
}
