package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/siteconfig"
)

// folderTTL is how long a document from a folder counts before the file is looked at again, which costs little.
const folderTTL = 2 * time.Second

// sites protects every site that the folder -config has a document for. A bad document is the trouble of its own site:
// it is told of, and the others are served.
func (o serveOptions) sites(log *slog.Logger) (edgeauth.Checker, []string, error) {
	options, err := documentOptions(o.config, o.keys)
	if err != nil {
		return nil, nil, err
	}
	folder := &siteconfig.Folder{FS: os.DirFS(o.config), Now: o.now}
	hosts, err := folder.Hosts()
	if err != nil {
		return nil, nil, err
	}
	source := folderConfigs{siteconfig.FromDocuments(folder, options), o.insecure}
	good := slices.DeleteFunc(slices.Clone(hosts), func(host string) bool {
		config, err := source.Config(context.Background(), host)
		if err == nil {
			_, err = edgeauth.New(config)
		}
		if err != nil {
			log.Error("this site is not served", "host", host, "reason", siteconfig.Explain(host, err).Error())
		}
		return err != nil
	})
	switch {
	case len(hosts) == 0:
		log.Warn("there is no site document in the folder yet", "folder", o.config)
	case len(good) == 0:
		return nil, nil, errors.New("no site document in " + o.config + " is right")
	}
	sites, err := edgeauth.NewSites(edgeauth.SitesConfig{
		Source: source, TTL: folderTTL, Negative: folderTTL, Max: max(10_000, 2*len(hosts)), Logger: log, Now: o.now,
	})
	return sites, good, err
}

// folderConfigs are the configurations of sites that are all served in the same way.
type folderConfigs struct {
	edgeauth.ConfigSource
	insecure bool
}

func (f folderConfigs) Config(ctx context.Context, host string) (edgeauth.Config, error) {
	config, err := f.ConfigSource.Config(ctx, host)
	config.InsecureHTTP = f.insecure
	return config, err
}

// enumerate names some hosts and counts the rest.
func enumerate(hosts []string) string {
	const some = 10
	switch {
	case len(hosts) == 0:
		return "no site yet"
	case len(hosts) <= some:
		return strings.Join(hosts, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(hosts[:some], ", "), len(hosts)-some)
}
