// Package bundle makes the zip of a Lambda@Edge function: of a site document, of a bucket of them, or of somebody's own
// main package.
package bundle

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/cmd/edgeauth/internal/packaged"
	"github.com/edgeauth/edgeauth/cmd/edgeauth/internal/sitefile"
	"github.com/edgeauth/edgeauth/siteconfig"
)

// Options say what a function is made of: Config, Source or Main.
type Options struct {
	Config     string         // a site document
	Source     string         // the URL of many sites' documents
	Main       string         // the folder of a main package
	Keys       string         // a file of master keys, for documents without their own; "" for none
	Snapshot   string         // a file of what the provider publishes, written where there is none; "" for none
	NoFetch    bool           // do not ask the provider
	TTL, Stale time.Duration  // of documents from Source; zero for the defaults
	Networks   []netip.Prefix // that providers may be in besides public addresses, with Source
	Out        string         // the zip
}

// Write makes the zip and says to stdout what lies in it and what to do with it.
func Write(ctx context.Context, o Options, stdout io.Writer) error {
	switch {
	case o.Main != "":
		return o.packageMain(ctx, stdout)
	case o.Source != "":
		return o.packageSites(ctx, stdout)
	}
	return o.packageSite(ctx, stdout)
}

func (o Options) packageMain(ctx context.Context, stdout io.Writer) error {
	fmt.Fprintf(stdout, "building %s for linux/amd64 …\n", o.Main)
	binary, err := buildMain(ctx, o.Main)
	if err != nil {
		return err
	}
	size, err := saveFunctionZip(o.Out, binary, nil)
	if err != nil {
		return err
	}
	report{out: o.Out, size: size}.print(stdout)
	return nil
}

func (o Options) packageSite(ctx context.Context, stdout io.Writer) error {
	doc, opts, err := sitefile.Read(o.Config, o.Keys)
	if err != nil {
		return err
	}
	site, err := packaged.New(o.Config, doc, opts)
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
	if err := errors.Join(err, packaged.CheckConfig(config)); err != nil {
		return siteconfig.Explain(o.Config, err)
	}
	if !o.NoFetch && len(config.Providers) == 0 {
		if site.Snapshot, err = o.ask(ctx, config, stdout); err != nil {
			return err
		}
	}
	fmt.Fprintf(stdout, "building the function of %s for linux/amd64 …\n", o.Config)
	data, err := json.Marshal(site)
	if err != nil {
		return err
	}
	binary, err := buildProgram(ctx, siteMain)
	if err != nil {
		return err
	}
	size, err := saveFunctionZip(o.Out, binary, data)
	if err != nil {
		return err
	}
	report{out: o.Out, size: size, site: &site, config: config}.print(stdout)
	return nil
}

// ask gets what the provider publishes: from the snapshot, or from the provider itself.
func (o Options) ask(ctx context.Context, config edgeauth.Config, stdout io.Writer) (packaged.Snapshot, error) {
	if o.Snapshot != "" {
		content, err := sitefile.ReadFile(o.Snapshot)
		if err == nil {
			var s packaged.Snapshot
			if err = json.Unmarshal(content, &s); err == nil {
				err = s.Check(config.Provider)
			}
			if err != nil {
				err = fmt.Errorf("%s: %w; remove the file to ask the provider anew", o.Snapshot, err)
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
		return s, fmt.Errorf("%w\nThe function would have to ask for this at its first request. Repair it, or build with -no-fetch", err)
	}
	fmt.Fprintf(stdout, "asked %s for its addresses and keys\n", config.Provider.Issuer)
	if o.Snapshot == "" {
		return s, nil
	}
	content, err := json.MarshalIndent(s, "", "  ")
	if err == nil {
		err = os.WriteFile(o.Snapshot, append(content, '\n'), 0o644)
	}
	return s, err
}
