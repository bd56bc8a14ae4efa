package main

import (
	"context"
	"errors"
	"flag"
	"io"
	"net/url"

	"github.com/edgeauth/edgeauth/cmd/edgeauth/internal/bundle"
	"github.com/edgeauth/edgeauth/cmd/edgeauth/internal/sitefile"
)

const packageUsage = `Usage: edgeauth package -config FILE [-keys FILE] [-snapshot FILE] [-o function.zip]
       edgeauth package -source s3://BUCKET/PREFIX/?region=REGION [-keys FILE] [-ttl 5m] [-stale 24h] [-o function.zip]
       edgeauth package [-o function.zip] MAIN

Builds the zip of a Lambda@Edge function for CloudFront's viewer-request event: from a site document, with no code,
or from your own main package in the folder MAIN, which calls lambdaedge.Start. It needs the go command.

With -source the function protects many sites: the document of a host is the object PREFIX/HOST.json of the bucket, and
a new site is a new object. Its role needs s3:GetObject, and s3:ListBucket for the prefix.

The same zip serves the runtimes python3.13, nodejs22.x and nodejs24.x: their handler module index makes way for the
Go program beside it. Lambda@Edge knows no environment variables, so secrets in the document that are env:NAME or
file:NAME are read now and lie in the zip; so do the provider's addresses and keys, and a cold start asks nobody.

With -snapshot, what the provider publishes is read from FILE, or, where there is no such file yet, asked for once and
written there: the same document, snapshot and Go version give the same bytes.

Flags:
`

type packageOptions struct{ bundle.Options }

func runPackage(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var o packageOptions
	flags := newFlags("package", packageUsage, stderr)
	flags.StringVar(&o.Config, "config", "", "the site document, a JSON `file`")
	flags.StringVar(&o.Source, "source", "", "protect many sites, whose documents lie at this `URL` of a bucket")
	flags.StringVar(&o.Keys, "keys", "", "master keys, a `file` with one in base64 per line, for documents without session.keys")
	flags.StringVar(&o.Snapshot, "snapshot", "", "what the provider publishes, a JSON `file`")
	flags.BoolVar(&o.NoFetch, "no-fetch", false, "do not ask the provider now; the function does at its first request")
	flags.DurationVar(&o.TTL, "ttl", 0, "with -source: how long a document counts before the bucket is asked again (default 5m)")
	flags.DurationVar(&o.Stale, "stale", 0, "with -source: how long a site is served by its last document while the bucket fails (default 24h)")
	flags.Func("provider-network", "with -source: "+networkUsage, networks(&o.Networks))
	flags.StringVar(&o.Out, "o", "function.zip", "write this `file`")
	if err := o.parse(flags, args); err != nil {
		return err
	}
	return bundle.Write(ctx, o.Options, stdout)
}

func (o *packageOptions) parse(flags *flag.FlagSet, args []string) error {
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return err
	case err != nil:
		return wrongUsage("see edgeauth package -h")
	case flags.NArg() > 1:
		return wrongUsage("package takes one folder, not %q; flags go before it", flags.Args())
	}
	o.Main = flags.Arg(0)
	switch {
	case o.Source != "":
		return o.checkSource()
	case o.TTL != 0 || o.Stale != 0:
		return wrongUsage("-ttl and -stale go with -source")
	case o.Networks != nil:
		return wrongUsage("-provider-network goes with -source; a document of yours may name any provider")
	case (o.Config == "") == (o.Main == ""):
		return wrongUsage("give either -config or the folder of a main package; see edgeauth package -h")
	case o.Main != "" && o.Keys+o.Snapshot != "" || o.Main != "" && o.NoFetch:
		return wrongUsage("-keys, -snapshot and -no-fetch go with -config; a main package brings its own")
	case o.Snapshot != "" && o.NoFetch:
		return wrongUsage("-snapshot and -no-fetch exclude each other")
	case sitefile.IsFolder(o.Config):
		return wrongUsage("-config takes one site document; %s is a folder", o.Config)
	}
	return nil
}

func (o *packageOptions) checkSource() error {
	switch u, err := url.Parse(o.Source); {
	case o.Config != "" || o.Main != "" || o.Snapshot != "" || o.NoFetch:
		return wrongUsage("-source goes with -keys, -provider-network, -ttl, -stale and -o alone")
	case err != nil || u.Scheme != "s3" || u.Host == "" || u.Query().Get("region") == "":
		return wrongUsage("-source is like s3://my-sites/prefix/?region=eu-central-1, with the bucket's own region; not like %q", o.Source)
	case o.TTL < 0 || o.Stale < 0:
		return wrongUsage("-ttl and -stale are not below zero")
	}
	return nil
}
