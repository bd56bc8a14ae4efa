package siteconfig

import (
	"context"
	"sync"

	"github.com/edgeauth/edgeauth"
)

// DocumentSource has the documents of many sites.
type DocumentSource interface {
	// Document returns the document of the site at host, and its version, which changes with the document. host is a
	// valid host in lower case, without a default port. If known is still the document's version, the document may be
	// nil; known is "" if the caller has no version. When there is no such site the error wraps
	// [edgeauth.ErrUnknownSite]; any other error is a temporary failure.
	Document(ctx context.Context, host, known string) (doc []byte, version string, err error)
}

// FromDocuments reads the configurations of sites from their documents. A document is parsed again only when its
// version has changed. Options.Site is the host that it was asked for.
//
// Whoever writes one document is not trusted with what belongs to the program or to other sites, so Options.Env and
// Options.ReadFile are not used here: a document's secrets come from Options.Secret.
func FromDocuments(source DocumentSource, opts Options) edgeauth.ConfigSource {
	return &documents{source: source, opts: opts, known: make(map[string]parsed)}
}

type documents struct {
	source DocumentSource
	opts   Options

	mu    sync.Mutex
	known map[string]parsed // by host
}

// parsed is the outcome of parsing one version of a document.
type parsed struct {
	config edgeauth.Config
	err    error
}

// maxKnown bounds the outcomes that are remembered. A document whose outcome was forgotten is fetched and parsed again.
const maxKnown = 10_000

func (d *documents) Config(ctx context.Context, host string) (edgeauth.Config, error) {
	d.mu.Lock()
	p := d.known[host]
	d.mu.Unlock()
	doc, owner, version, err := d.document(ctx, host, p.config.Version)
	if err != nil {
		return edgeauth.Config{}, err
	}
	if version == "" || version != p.config.Version {
		opts := d.opts
		opts.Site = host
		opts.Env, opts.ReadFile, opts.owner = nil, nil, owner
		p.config, p.err = Parse(host, doc, opts)
		p.config.Version = version
		d.remember(host, p)
	}
	return p.config, p.err
}

// document also returns whose secrets the document may name: those of its host, or of its file where it has one. A
// file cannot choose its name, but it can list the host of a site that is not there yet.
func (d *documents) document(ctx context.Context, host, known string) (doc []byte, owner, version string, err error) {
	if folder, ok := d.source.(*Folder); ok {
		return folder.document(host, known)
	}
	doc, version, err = d.source.Document(ctx, host, known)
	return doc, host, version, err
}

// remember keeps the outcome of a host's document. At the limit it forgets another one.
func (d *documents) remember(host string, p parsed) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for other := range d.known {
		if len(d.known) < maxKnown {
			break
		}
		delete(d.known, other)
	}
	d.known[host] = p
}
