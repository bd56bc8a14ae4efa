package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/internal/packaged"
	"github.com/edgeauth/edgeauth/lambdaedge"
	"github.com/edgeauth/edgeauth/siteconfig"
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

type packageOptions struct {
	config, keys, snapshot, out, main, source string
	noFetch                                   bool
	ttl, stale                                time.Duration
}

func runPackage(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var o packageOptions
	flags := newFlags("package", packageUsage, stderr)
	flags.StringVar(&o.config, "config", "", "the site document, a JSON `file`")
	flags.StringVar(&o.source, "source", "", "protect many sites, whose documents lie at this `URL` of a bucket")
	flags.StringVar(&o.keys, "keys", "", "master keys, a `file` with one in base64 per line, for documents without session.keys")
	flags.StringVar(&o.snapshot, "snapshot", "", "what the provider publishes, a JSON `file`")
	flags.BoolVar(&o.noFetch, "no-fetch", false, "do not ask the provider now; the function does at its first request")
	flags.DurationVar(&o.ttl, "ttl", 0, "with -source: how long a document counts before the bucket is asked again (default 5m)")
	flags.DurationVar(&o.stale, "stale", 0, "with -source: how long a site goes on while the bucket fails (default 24h)")
	flags.StringVar(&o.out, "o", "function.zip", "write this `file`")
	if err := o.parse(flags, args); err != nil {
		return err
	}
	switch {
	case o.main != "":
		return o.packageMain(ctx, stdout)
	case o.source != "":
		return o.packageSource(ctx, stdout)
	}
	return o.packageSite(ctx, stdout)
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
	o.main = flags.Arg(0)
	switch {
	case o.source != "":
		return o.checkSource()
	case o.ttl != 0 || o.stale != 0:
		return wrongUsage("-ttl and -stale go with -source")
	case (o.config == "") == (o.main == ""):
		return wrongUsage("give either -config or the folder of a main package; see edgeauth package -h")
	case o.main != "" && o.keys+o.snapshot != "" || o.main != "" && o.noFetch:
		return wrongUsage("-keys, -snapshot and -no-fetch go with -config; a main package brings its own")
	case o.snapshot != "" && o.noFetch:
		return wrongUsage("-snapshot and -no-fetch exclude each other")
	}
	return nil
}

func (o *packageOptions) packageMain(ctx context.Context, stdout io.Writer) error {
	fmt.Fprintf(stdout, "building %s for linux/amd64 …\n", o.main)
	binary, err := buildMain(ctx, o.main)
	if err != nil {
		return err
	}
	size, err := saveFunctionZip(o.out, binary, nil)
	if err != nil {
		return err
	}
	packageReport{out: o.out, size: size}.print(stdout)
	return nil
}

func (o *packageOptions) packageSite(ctx context.Context, stdout io.Writer) error {
	doc, opts, err := readDocument(o.config, o.keys)
	if err != nil {
		return err
	}
	site, err := packaged.New(o.config, doc, opts)
	if err != nil {
		return err
	}
	site.Name = filepath.Base(site.Name) // where it lies is no part of the function
	config, err := site.Config()
	if err != nil {
		return err
	}
	// What New refuses would keep the function from starting.
	_, err = edgeauth.New(config)
	if err := errors.Join(err, lambdaedge.CheckConfig(config)); err != nil {
		return siteconfig.Explain(o.config, err)
	}
	if !o.noFetch {
		if site.Snapshot, err = o.ask(ctx, config, stdout); err != nil {
			return err
		}
	}
	fmt.Fprintf(stdout, "building the function of %s for linux/amd64 …\n", o.config)
	data, err := json.Marshal(site)
	if err != nil {
		return err
	}
	binary, err := buildProgram(ctx, siteMain)
	if err != nil {
		return err
	}
	size, err := saveFunctionZip(o.out, binary, data)
	if err != nil {
		return err
	}
	packageReport{out: o.out, size: size, site: &site, config: config}.print(stdout)
	return nil
}

// ask gets what the provider publishes: from the snapshot, or from the provider itself.
func (o *packageOptions) ask(ctx context.Context, config edgeauth.Config, stdout io.Writer) (packaged.Snapshot, error) {
	if o.snapshot != "" {
		content, err := readFile(o.snapshot)
		if err == nil {
			var s packaged.Snapshot
			if err = json.Unmarshal(content, &s); err == nil {
				err = s.Check(config.Provider)
			}
			if err != nil {
				err = fmt.Errorf("%s: %w; remove the file to ask the provider anew", o.snapshot, err)
			}
			return s, err
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return packaged.Snapshot{}, err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	s, err := packaged.Ask(ctx, &http.Client{Timeout: 10 * time.Second}, config.Provider)
	if err != nil {
		return s, fmt.Errorf("%w\nThe function would have to ask for this at its first request. Mend it, or build with -no-fetch", err)
	}
	fmt.Fprintf(stdout, "asked %s for its addresses and keys\n", config.Provider.Issuer)
	if o.snapshot == "" {
		return s, nil
	}
	content, err := json.MarshalIndent(s, "", "  ")
	if err == nil {
		err = os.WriteFile(o.snapshot, append(content, '\n'), 0o644)
	}
	return s, err
}
