package packaged

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"strconv"
	"time"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/internal/outbound"
	"github.com/edgeauth/edgeauth/siteconfig"
)

// Sites is what a function for many sites is built from, as JSON. The sites' documents come to it at run time.
type Sites struct {
	Source string        `json:"source"` // the URL of the documents
	Keys   [][]byte      `json:"keys,omitempty"`
	TTL    time.Duration `json:"ttl,omitempty"`
	Stale  time.Duration `json:"stale,omitempty"`
	// Networks are those that providers may be in besides public addresses.
	Networks []netip.Prefix `json:"networks,omitempty"`
}

// maxSites is what the 128 MB of a function hold with room to spare: a site takes some 10 kB.
const maxSites = 2000

// Checker protects the sites that source has documents of. The documents draw on nothing but the master keys: whoever
// may write one is not whoever has built the function.
func (s Sites) Checker(source siteconfig.DocumentSource) (*edgeauth.Sites, error) {
	configs := siteconfig.FromDocuments(source, siteconfig.Options{Keys: s.Keys})
	// In Lambda there is nothing at loopback but its own interface.
	policy := outbound.Policy{Networks: s.Networks, Loopback: true, ClosedPort: runtimeAPIPort()}
	return edgeauth.NewSites(edgeauth.SitesConfig{
		Source: atEdge{configs, policy}, TTL: s.TTL, Stale: s.Stale, Max: maxSites, HTTPClient: policy.Client(),
	})
}

// atEdge refuses configurations that CloudFront does not let a function serve.
type atEdge struct {
	edgeauth.ConfigSource
	policy outbound.Policy
}

func (a atEdge) Config(ctx context.Context, host string) (edgeauth.Config, error) {
	config, err := a.ConfigSource.Config(ctx, host)
	if err != nil {
		return config, err
	}
	err = CheckConfig(config)
	for _, each := range config.PerProvider() {
		if fault := a.policy.CheckProvider(&each.Provider); fault != nil {
			err = errors.Join(err, &edgeauth.FieldError{Field: "Provider", Problem: fault.Error(), Remedy: "use the provider's own public address"})
		}
	}
	return config, siteconfig.Explain(host, err)
}

// runtimeAPIPort is the port on this machine where the function talks to Lambda; 0 outside of Lambda. One request there
// can end the process of all sites.
func runtimeAPIPort() uint16 {
	_, port, err := net.SplitHostPort(os.Getenv("AWS_LAMBDA_RUNTIME_API"))
	if err != nil {
		return 0
	}
	n, _ := strconv.ParseUint(port, 10, 16)
	return uint16(n)
}
