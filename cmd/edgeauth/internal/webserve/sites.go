package webserve

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/cmd/edgeauth/internal/operate"
	"github.com/edgeauth/edgeauth/cmd/edgeauth/internal/sitefile"
	"github.com/edgeauth/edgeauth/internal/outbound"
	"github.com/edgeauth/edgeauth/siteconfig"
)

// folderTTL is how long a document from a folder counts before the file is looked at again, which costs little.
const folderTTL = 2 * time.Second

// sites protects every site that the folder -config has a document for. A bad document is logged, and the
// other sites are served.
func (o Options) sites(from *operate.Sources, log *slog.Logger) (checker edgeauth.Checker, hosts []string, login string, err error) {
	if _, err := o.readKeys(from); err != nil {
		return nil, nil, "", err
	}
	files, options, err := sitefile.OpenFolder(o.Config, o.Keys, o.SecretEnv)
	if err != nil {
		return nil, nil, "", err
	}
	read := options.Secret
	options.Secret = func(owner, reference string) (string, error) {
		value, err := from.Read(owner+" "+reference, func() ([]byte, error) {
			value, err := read(owner, reference)
			return []byte(value), err
		})
		return string(value), err
	}
	folder := &siteconfig.Folder{FS: files, Now: o.Now}
	hosts, err = folder.Hosts()
	if err != nil {
		return nil, nil, "", err
	}
	source := folderConfigs{siteconfig.FromDocuments(folder, options), o.InsecureHTTP}
	policy := outbound.Policy{Networks: o.Networks, Loopback: o.InsecureHTTP}
	good := slices.DeleteFunc(slices.Clone(hosts), func(host string) bool {
		config, err := source.Config(context.Background(), host)
		if err == nil {
			_, err = edgeauth.New(config)
			for _, each := range config.PerProvider() {
				if fault := policy.CheckProvider(&each.Provider); fault != nil {
					err = errors.Join(err, &edgeauth.FieldError{
						Field: "Provider", Problem: fault.Error(), Remedy: "use its public address, or start with its network in -provider-network",
					})
				}
			}
		}
		if err != nil {
			log.Error("this site is not served", "host", host, "reason", siteconfig.Explain(host, err).Error())
		}
		return err != nil
	})
	switch {
	case len(hosts) == 0:
		log.Warn("there is no site document in the folder yet", "folder", o.Config)
	case len(good) == 0:
		return nil, nil, "", errors.New("no site document in " + o.Config + " is right")
	}
	sites, err := edgeauth.NewSites(edgeauth.SitesConfig{
		Source: source, TTL: folderTTL, Negative: folderTTL, Max: max(10_000, 2*len(hosts)), Logger: log, Now: o.Now,
		ProviderNetworks: o.Networks,
	})
	return sites, good, "", err
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
