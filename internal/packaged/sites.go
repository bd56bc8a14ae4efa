package packaged

import (
	"context"
	"time"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/lambdaedge"
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
	return config, siteconfig.Explain(host, lambdaedge.CheckConfig(config))
}
