// Package s3sites keeps the documents of many sites in an Amazon S3 bucket: a new site is a new object.
//
// The role needs s3:GetObject on the documents, and s3:ListBucket limited to their prefix. With s3:ListBucket, S3
// answers 404 for a missing object and 403 for one that may not be read: the first ends a site, the second is a
// failure, during which known sites stay as they are. Without it, every unknown host is a failure.
package s3sites

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/provider"
)

// Config says where the documents are. Bucket and Region are required.
type Config struct {
	Bucket string
	// Prefix comes before the host in an object's key, such as "sites/". Default none.
	Prefix string
	// Region is where the bucket is. At the edge AWS_REGION names the region where the function runs, which is another
	// one.
	Region string
	// Endpoint is the URL of another server that speaks S3, with the bucket as the first part of the path. Plain
	// http is for loopback hosts only. Default: Amazon S3 in Region.
	Endpoint string
	// Credentials sign the requests. Default: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN from the
	// environment, where Lambda puts those of the function's role.
	Credentials aws.CredentialsProvider
	// HTTPClient calls S3. Its redirects are never followed. The default has the timeouts that an edge function needs.
	HTTPClient *http.Client
}

// Source is a siteconfig.DocumentSource: the document of a host is the object <prefix><host>.json. It is safe for
// concurrent use.
type Source struct {
	config Config
	base   *url.URL // of the bucket
	client http.Client
	signer *v4.Signer
}

// New returns a source. It makes no network call, and reports every fault of the configuration at once.
func New(c Config) (*Source, error) {
	var errs []error
	fault := func(field, problem, remedy string) {
		errs = append(errs, &edgeauth.FieldError{Field: field, Problem: problem, Remedy: remedy})
	}
	if !bucketName.MatchString(c.Bucket) {
		fault("Bucket", fmt.Sprintf("%q is no bucket's name", c.Bucket), "name the bucket, as in my-sites")
	}
	if !regionName.MatchString(c.Region) {
		fault("Region", fmt.Sprintf("%q is no region", c.Region), "name the bucket's region, as in eu-central-1")
	}
	if len(c.Prefix) > 512 || strings.HasPrefix(c.Prefix, "/") || strings.ContainsFunc(c.Prefix, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		fault("Prefix", fmt.Sprintf("%q is no prefix of a key", c.Prefix), "write it as in sites/, without a slash in front")
	}
	base, err := c.base()
	if err != nil {
		fault("Endpoint", err.Error(), "give an https URL such as https://s3.example.com; http is for loopback hosts")
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	if c.Credentials == nil {
		c.Credentials = aws.CredentialsProviderFunc(environment)
	}
	s := &Source{config: c, base: base, signer: v4.NewSigner(func(o *v4.SignerOptions) {
		o.DisableURIPathEscaping = true // S3 escapes a key once; other services do it twice
	})}
	if c.HTTPClient != nil {
		s.client = *c.HTTPClient
	} else {
		s.client.Transport = &http.Transport{
			Proxy: http.ProxyFromEnvironment,
			// A connection that was idle while the process was frozen is dead, and using it costs an attempt.
			IdleConnTimeout:        10 * time.Second,
			MaxIdleConnsPerHost:    8,
			MaxResponseHeaderBytes: 64 << 10,
		}
	}
	s.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return s, nil
}

var (
	bucketName = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)
	regionName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{1,30}$`)
)

// base is the URL that keys are added to.
func (c Config) base() (*url.URL, error) {
	if c.Endpoint == "" {
		if strings.Contains(c.Bucket, ".") { // the certificate's wildcard does not match a name with a dot
			return &url.URL{Scheme: "https", Host: "s3." + c.Region + ".amazonaws.com", Path: "/" + c.Bucket + "/"}, nil
		}
		return &url.URL{Scheme: "https", Host: c.Bucket + ".s3." + c.Region + ".amazonaws.com", Path: "/"}, nil
	}
	u, err := url.Parse(c.Endpoint)
	switch {
	case err != nil:
		return nil, err
	case u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return nil, fmt.Errorf("%q is no server's URL", u.Redacted())
	case u.Scheme != "https" && !(u.Scheme == "http" && provider.Loopback(u.Host)):
		return nil, fmt.Errorf("%q is not https", c.Endpoint)
	}
	return &url.URL{Scheme: u.Scheme, Host: u.Host, Path: strings.TrimSuffix(u.Path, "/") + "/" + c.Bucket + "/"}, nil
}

// ParseURL reads s3://BUCKET/PREFIX/?region=REGION. A prefix is a folder: a missing slash at its end is added. An
// endpoint may follow the region, as another parameter.
func ParseURL(text string) (Config, error) {
	u, err := url.Parse(text)
	if err != nil {
		return Config{}, fmt.Errorf("s3sites: %w", err)
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return Config{}, fmt.Errorf("s3sites: %w", err)
	}
	for name, values := range query {
		if name != "region" && name != "endpoint" || len(values) > 1 {
			return Config{}, fmt.Errorf("s3sites: %q is not expected in %q; it takes one region and one endpoint", name, text)
		}
	}
	if _, _, err := net.SplitHostPort(u.Host); u.Scheme != "s3" || u.Host == "" || err == nil || u.User != nil || u.Fragment != "" {
		return Config{}, fmt.Errorf("s3sites: %q is not like s3://my-sites/prefix/?region=eu-central-1", text)
	}
	c := Config{Bucket: u.Host, Prefix: strings.TrimPrefix(u.Path, "/"), Region: query.Get("region"), Endpoint: query.Get("endpoint")}
	if c.Prefix != "" && !strings.HasSuffix(c.Prefix, "/") {
		c.Prefix += "/"
	}
	if c.Region == "" {
		return Config{}, fmt.Errorf("s3sites: %q lacks the bucket's region; add ?region=eu-central-1 or the like", text)
	}
	return c, nil
}
