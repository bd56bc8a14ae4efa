package s3sites

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/stretchr/testify/require"
)

var credentials = aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "hush", SessionToken: "session"}

func provided(c aws.Credentials) aws.CredentialsProvider {
	return aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return c, nil })
}

// fakeS3 stands where S3 would, without a socket. It checks signatures.
type fakeS3 struct {
	*testing.T
	mu      sync.Mutex
	objects map[string]string // by path, still escaped
	trouble []func(*http.Request) (*http.Response, error)
	calls   []*http.Request
}

func newFakeS3(t *testing.T, change func(*Config)) (*fakeS3, *Source) {
	f := &fakeS3{T: t, objects: make(map[string]string)}
	c := Config{
		Bucket: "my-sites", Prefix: "prod/", Region: "eu-central-1",
		Credentials: provided(credentials), HTTPClient: &http.Client{Transport: f},
	}
	if change != nil {
		change(&c)
	}
	s, err := New(c)
	require.NoError(t, err)
	return f, s
}

// next prepares what goes wrong with the calls to come, one each; nil is no trouble.
func (f *fakeS3) next(trouble ...func(*http.Request) (*http.Response, error)) {
	f.calls, f.trouble = nil, trouble
}

func (f *fakeS3) RoundTrip(r *http.Request) (*http.Response, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, r)
	if len(f.trouble) > 0 {
		trouble := f.trouble[0]
		f.trouble = f.trouble[1:]
		if trouble != nil {
			return trouble(r)
		}
	}
	if !f.signed(r) {
		return respond(http.StatusForbidden, "SignatureDoesNotMatch")(r)
	}
	content, ok := f.objects[r.URL.EscapedPath()]
	if !ok {
		return respond(http.StatusNotFound, "NoSuchKey")(r)
	}
	hash := md5.Sum([]byte(content))
	etag := `"` + hex.EncodeToString(hash[:]) + `"`
	answer := &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Etag": {etag}}, Body: io.NopCloser(strings.NewReader(content))}
	if r.Header.Get("If-None-Match") == etag {
		answer.StatusCode, answer.Body = http.StatusNotModified, http.NoBody
	}
	return answer, nil
}

// signed reports whether a request carries the signature that its own words ask for.
func (f *fakeS3) signed(r *http.Request) bool {
	at, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
	require.NoError(f, err)
	again := r.Clone(r.Context())
	again.Header = make(http.Header)
	for _, name := range []string{"If-None-Match", "X-Amz-Content-Sha256"} {
		if value := r.Header.Get(name); value != "" {
			again.Header.Set(name, value)
		}
	}
	signer := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true })
	require.NoError(f, signer.SignHTTP(r.Context(), credentials, again, r.Header.Get("X-Amz-Content-Sha256"), "s3", "eu-central-1", at))
	return again.Header.Get("Authorization") == r.Header.Get("Authorization")
}

func respond(status int, code string) func(*http.Request) (*http.Response, error) {
	body := ""
	if code != "" {
		body = fmt.Sprintf(`<?xml version="1.0"?><Error><Code>%s</Code><Message>no</Message></Error>`, code)
	}
	return func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: status, Header: http.Header{"X-Amz-Bucket-Region": {"us-west-2"}}, Body: io.NopCloser(strings.NewReader(body))}, nil
	}
}

var errRefused = errors.New("connection refused")

func down(*http.Request) (*http.Response, error) { return nil, errRefused }

func late(*http.Request) (*http.Response, error) { return nil, context.DeadlineExceeded }

// cut breaks off within the body.
func cut(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(io.MultiReader(strings.NewReader("{"), failing{}))}, nil
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
