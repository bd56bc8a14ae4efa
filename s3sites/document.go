package s3sites

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/edgeauth/edgeauth"
)

const (
	// attemptTime is enough for a first connection from another continent. Two attempts end before the five seconds
	// that a configuration may take to load.
	attemptTime = 1500 * time.Millisecond
	attempts    = 2

	maxDocument = 256 << 10 // bytes; siteconfig refuses what is longer
	maxError    = 8 << 10
)

// Document gets the document of the site at host, unless known is still its ETag.
func (s *Source) Document(ctx context.Context, host, known string) (doc []byte, version string, err error) {
	if strings.Contains(host, "/") {
		return nil, "", fmt.Errorf("%w: %q is no host", edgeauth.ErrUnknownSite, host)
	}
	for range attempts {
		var again bool
		doc, version, again, err = s.get(ctx, host, known)
		if err == nil || !again || ctx.Err() != nil {
			break
		}
	}
	return doc, version, err
}

// get makes one attempt. again says that another attempt may succeed.
func (s *Source) get(ctx context.Context, host, known string) (doc []byte, version string, again bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, attemptTime)
	defer cancel()
	key := s.config.Prefix + host + ".json"
	r, err := s.request(ctx, key, known)
	if err != nil {
		return nil, "", false, err
	}
	answer, err := s.client.Do(r)
	if err != nil {
		return nil, "", true, fmt.Errorf("s3sites: %w", err)
	}
	defer answer.Body.Close()
	switch {
	case answer.StatusCode == http.StatusOK:
		doc, err = io.ReadAll(io.LimitReader(answer.Body, maxDocument+1))
		if err != nil {
			return nil, "", true, fmt.Errorf("s3sites: reading %s: %w", key, err)
		}
		return doc, answer.Header.Get("ETag"), false, nil
	case answer.StatusCode == http.StatusNotModified && known != "":
		return nil, known, false, nil
	}
	err = s.refusal(answer, key)
	return nil, "", answer.StatusCode >= 500 || answer.StatusCode == http.StatusTooManyRequests, err
}

// request is a conditional GET (RFC 9110, 13.1.2), signed with Signature Version 4.
func (s *Source) request(ctx context.Context, key, known string) (*http.Request, error) {
	u := *s.base
	u.Path += key
	u.RawPath = escapeKey(u.Path) // as it is sent and as it is signed
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, fmt.Errorf("s3sites: %w", err)
	}
	if known != "" {
		r.Header.Set("If-None-Match", known)
	}
	credentials, err := s.config.Credentials.Retrieve(ctx)
	if err != nil {
		return nil, fmt.Errorf("s3sites: credentials: %w", err)
	}
	const noBody = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" // SHA-256 of nothing
	r.Header.Set("X-Amz-Content-Sha256", noBody)
	if err := s.signer.SignHTTP(ctx, credentials, r, noBody, "s3", s.config.Region, time.Now()); err != nil {
		return nil, fmt.Errorf("s3sites: %w", err)
	}
	return r, nil
}

// refusal is the error for an answer without a document. Only a missing object is a missing site: a missing bucket is a
// fault of the configuration.
func (s *Source) refusal(answer *http.Response, key string) error {
	body, _ := io.ReadAll(io.LimitReader(answer.Body, maxError))
	_, rest, _ := strings.Cut(string(body), "<Code>")
	code, _, _ := strings.Cut(rest, "</Code>")
	if len(code) > 64 {
		code = ""
	}
	place := (&url.URL{Scheme: "s3", Host: s.config.Bucket, Path: "/" + key}).String()
	advice := ""
	switch {
	case answer.StatusCode == http.StatusNotFound && code == "NoSuchKey":
		return fmt.Errorf("%w: there is no %s", edgeauth.ErrUnknownSite, place)
	case answer.StatusCode == http.StatusForbidden:
		advice = "; let the role read objects (s3:GetObject) and list the prefix (s3:ListBucket), without which a missing object looks the same"
	case answer.StatusCode >= 300 && answer.StatusCode < 400 || code == "AuthorizationHeaderMalformed":
		advice = fmt.Sprintf("; is the bucket in %s? S3 says %q", s.config.Region, answer.Header.Get("X-Amz-Bucket-Region"))
	}
	return fmt.Errorf("s3sites: %s was answered with %d %q%s", place, answer.StatusCode, code, advice)
}

// escapeKey escapes a key as signatures require it: all but the unreserved characters of RFC 3986, 2.3.
func escapeKey(key string) string {
	var b strings.Builder
	for _, c := range []byte(key) {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', strings.IndexByte("-._~/", c) >= 0:
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

var errNoCredentials = errors.New("AWS_ACCESS_KEY_ID or AWS_SECRET_ACCESS_KEY is not set")

// environment are the credentials that Lambda gives a function.
func environment(context.Context) (aws.Credentials, error) {
	c := aws.Credentials{
		AccessKeyID: os.Getenv("AWS_ACCESS_KEY_ID"), SecretAccessKey: os.Getenv("AWS_SECRET_ACCESS_KEY"),
		SessionToken: os.Getenv("AWS_SESSION_TOKEN"), Source: "environment",
	}
	if !c.HasKeys() {
		return aws.Credentials{}, errNoCredentials
	}
	return c, nil
}
