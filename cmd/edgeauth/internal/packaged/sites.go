package packaged

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"time"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/lambdaedge"
	"github.com/edgeauth/edgeauth/provider"
	"github.com/edgeauth/edgeauth/siteconfig"
)

// Sites is what a function for many sites is built from, as JSON. The sites' documents come to it at run time.
type Sites struct {
	Source string        `json:"source"` // the URL of the documents
	Keys   [][]byte      `json:"keys,omitempty"`
	TTL    time.Duration `json:"ttl,omitempty"`
	Stale  time.Duration `json:"stale,omitempty"`
}

// maxSites is what the 128 MB of a function hold with room to spare: a site takes some 10 kB.
const maxSites = 2000

// Checker protects the sites that source has documents of. The documents draw on nothing but the master keys: whoever
// may write one is not whoever has built the function.
func (s Sites) Checker(source siteconfig.DocumentSource) (*edgeauth.Sites, error) {
	configs := siteconfig.FromDocuments(source, siteconfig.Options{Keys: s.Keys})
	return edgeauth.NewSites(edgeauth.SitesConfig{Source: atEdge{configs}, TTL: s.TTL, Stale: s.Stale, Max: maxSites})
}

// atEdge refuses configurations that CloudFront does not let a function serve.
type atEdge struct{ edgeauth.ConfigSource }

func (a atEdge) Config(ctx context.Context, host string) (edgeauth.Config, error) {
	config, err := a.ConfigSource.Config(ctx, host)
	if err != nil {
		return config, err
	}
	return config, siteconfig.Explain(host, errors.Join(lambdaedge.CheckConfig(config), offRuntimeAPI(config.Provider)))
}

// offRuntimeAPI refuses URLs on this very machine at the port of Lambda's own interface, whatever they are called.
func offRuntimeAPI(p provider.Provider) error {
	_, port, err := net.SplitHostPort(os.Getenv("AWS_LAMBDA_RUNTIME_API"))
	if err != nil {
		return nil
	}
	e := &p.Endpoints
	for _, address := range append([]string{p.Issuer, p.Discovery, e.Authorize, e.Token, e.Keys, e.Userinfo, e.Revoke, e.EndSession}, p.Userinfo.URLs...) {
		if u, err := url.Parse(address); err == nil && u.Scheme == "http" && u.Port() == port {
			return &edgeauth.FieldError{Field: "Provider", Problem: fmt.Sprintf("%q is where the function talks to Lambda", address), Remedy: "use the provider's own https address"}
		}
	}
	return nil
}
