package bundle

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/cmd/edgeauth/internal/packaged"
	"github.com/edgeauth/edgeauth/provider"
)

// report says what has been built and what to do with it.
type report struct {
	out    string
	size   int64
	site   *packaged.Site  // of a document
	source *packaged.Sites // of a bucket's documents
	config edgeauth.Config
}

func (r report) print(w io.Writer) {
	fmt.Fprintf(w, "\n%s has %s; CloudFront takes %d MB.\n", r.out, megabytes(r.size), maxZip>>20)
	fmt.Fprintln(w, "(The limit of 1 MB for viewer triggers is history: CloudFront Developer Guide, page Quotas, April 2026.)")
	if r.size > expectedZip {
		fmt.Fprintf(w, "It is larger than %s: what it is large with has to be loaded at each cold start.\n", megabytes(expectedZip))
	}
	if r.site != nil {
		r.printSecrets(w)
		if r.site.Snapshot.Issuer == "" {
			fmt.Fprintln(w, "The provider was not asked: the function does so at the first request of each cold start.")
		}
	}
	fmt.Fprintf(w, "\nTry it here:    edgeauth edge -zip %s -dir SITE\n", r.out)
	fmt.Fprintln(w, "Deploy it:      region us-east-1, architecture x86_64, 128 MB, 5 s, no environment variables\n"+
		"  runtime       python3.13, nodejs22.x or nodejs24.x\n"+
		"  handler       index.handler\n"+
		"  association   viewer-request, of every behaviour; a version, not $LATEST; body "+r.includeBody()+"\n"+
		"  template      examples/"+r.template()+" in edgeauth's repository")
	if r.source != nil {
		r.printSource(w)
		return
	}
	if r.site == nil {
		fmt.Fprintf(w, "Register at your provider:\n  redirect URI  https://YOUR-HOST%s, unless your Config says otherwise\n", defaultPaths.Callback)
		return
	}
	fmt.Fprintln(w, "Register at your provider:")
	paths := r.config.Paths.WithDefaults()
	for _, host := range r.config.Hosts {
		if host == "cloudfront" {
			host = "DISTRIBUTION.cloudfront.net"
		}
		fmt.Fprintf(w, "  redirect URI  https://%s%s\n", host, paths.Callback)
		fmt.Fprintf(w, "  sign-out URL  https://%s%s\n", host, paths.SignedOut)
	}
	if slices.Contains(r.config.Hosts, "cloudfront") {
		fmt.Fprintln(w, "  DISTRIBUTION is known once the distribution exists: register then. The zip stays as it is.")
	}
}

// includeBody says whether the function has to be registered with the bodies of requests (IncludeBody).
func (r report) includeBody() string {
	if r.source != nil || r.site == nil {
		return "not included, unless a provider answers by form_post"
	}
	for _, each := range r.config.PerProvider() {
		if each.Provider.ResponseMode == provider.FormPost {
			return "included (IncludeBody): the provider answers by form_post"
		}
	}
	return "not included"
}

func (r report) template() string {
	if r.source != nil {
		return "many-sites"
	}
	return "scene-one"
}

// defaultPaths are those of a site that says nothing about them.
var defaultPaths = edgeauth.Paths{}.WithDefaults()

func (r report) printSecrets(w io.Writer) {
	names := r.site.SecretNames()
	if len(names) == 0 {
		fmt.Fprintln(w, "No secret lies in it.")
		return
	}
	fmt.Fprintf(w, "Secrets lie in it: %s. Whoever may read the function's code has them.\n", strings.Join(names, ", "))
	for _, reference := range r.site.References() {
		fmt.Fprintf(w, "  read from %s\n", reference)
	}
}
