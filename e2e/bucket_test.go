package e2e

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/stretchr/testify/require"
)

// The accounts of the S3 server: the owner of the bucket, and the function, which may do what the bucket's policy says.
var (
	owner  = aws.Credentials{AccessKeyID: "owner", SecretAccessKey: "the-owners-secret"}
	reader = aws.Credentials{AccessKeyID: "function", SecretAccessKey: "the-functions-secret"}
)

const (
	bucketName   = "my-sites"
	bucketRegion = "eu-central-1"
)

// bucket is a versioned bucket of a real S3 server, versitygw, and the road to it, on which there may be trouble.
type bucket struct {
	t       *testing.T
	gateway string // the server's own address
	road    string // the address that the function knows

	mu      sync.Mutex
	trouble func(w http.ResponseWriter, r *http.Request)
	answers map[string][]int // the statuses that the server has answered the function with, by path
}

func startBucket(t *testing.T) *bucket {
	t.Helper()
	gateway := needGateway(t)
	dir := t.TempDir()
	for _, name := range []string{"buckets", "versions", "accounts"} {
		require.NoError(t, os.Mkdir(filepath.Join(dir, name), 0o700))
	}
	address := "127.0.0.1:" + freePort(t)
	b := &bucket{t: t, gateway: "http://" + address, answers: make(map[string][]int)}
	server := start(t, "versitygw", gateway, "--port", address, "--access", owner.AccessKeyID, "--secret", owner.SecretAccessKey,
		"--region", bucketRegion, "--iam-dir", filepath.Join(dir, "accounts"), "--iam-cache-disable", "--quiet", "--health", "/health",
		"posix", "--versioning-dir", filepath.Join(dir, "versions"), filepath.Join(dir, "buckets"))
	server.waitFor(t, "its first answer", func() bool {
		answer, err := http.Get(b.gateway + "/health")
		if err != nil {
			return false
		}
		answer.Body.Close()
		return true
	})
	out, err := exec.Command(gateway, "admin", "--access", owner.AccessKeyID, "--secret", owner.SecretAccessKey, "--region", bucketRegion,
		"--endpoint-url", b.gateway, "create-user", "--access", reader.AccessKeyID, "--secret", reader.SecretAccessKey, "--role", "user").CombinedOutput()
	require.NoError(t, err, "%s", out)
	b.asOwner(http.MethodPut, "", "", "")
	b.asOwner(http.MethodPut, "", "versioning", `<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Status>Enabled</Status></VersioningConfiguration>`)
	b.allow("s3:GetObject", "s3:ListBucket")

	to, err := url.Parse(b.gateway)
	require.NoError(t, err)
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(to)
			r.Out.Host = r.In.Host // it is signed
		},
		ModifyResponse: func(r *http.Response) error {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.answers[r.Request.URL.Path] = append(b.answers[r.Request.URL.Path], r.StatusCode)
			return nil
		},
	}
	road := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b.mu.Lock()
		trouble := b.trouble
		b.mu.Unlock()
		if trouble != nil {
			trouble(w, r)
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(road.Close)
	b.road = road.URL
	return b
}

// needGateway is where ./run has put the S3 server.
func needGateway(t *testing.T) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join(".tools", "versitygw"))
	require.NoError(t, err)
	if _, err := os.Stat(path); err != nil {
		missing(t, "the S3 server versitygw")
	}
	return path
}

// source is what the function is packaged with.
func (b *bucket) source() string {
	return "s3://" + bucketName + "/prod/?" + url.Values{"region": {bucketRegion}, "endpoint": {b.road}}.Encode()
}

func (b *bucket) put(host string, document object) {
	b.t.Helper()
	content, err := json.MarshalIndent(document, "", "  ")
	require.NoError(b.t, err)
	b.putText(host, string(content))
}

func (b *bucket) putText(host, content string) {
	b.t.Helper()
	b.asOwner(http.MethodPut, "/prod/"+host+".json", "", content)
}

func (b *bucket) remove(host string) {
	b.t.Helper()
	b.asOwner(http.MethodDelete, "/prod/"+host+".json", "", "")
}

// allow lets the function do these things and nothing else.
func (b *bucket) allow(actions ...string) {
	b.t.Helper()
	resources := map[string]string{"s3:GetObject": "arn:aws:s3:::" + bucketName + "/prod/*", "s3:ListBucket": "arn:aws:s3:::" + bucketName}
	var statements []object
	for _, action := range actions {
		statements = append(statements, object{
			"Effect": "Allow", "Principal": object{"AWS": []string{reader.AccessKeyID}}, "Action": action, "Resource": resources[action],
		})
	}
	if len(statements) == 0 {
		b.asOwner(http.MethodDelete, "", "policy", "")
		return
	}
	policy, err := json.Marshal(object{"Version": "2012-10-17", "Statement": statements})
	require.NoError(b.t, err)
	b.asOwner(http.MethodPut, "", "policy", string(policy))
}

func (b *bucket) asOwner(method, path, query, body string) {
	b.t.Helper()
	u := b.gateway + "/" + bucketName + strings.ReplaceAll(path, ":", "%3A")
	if query != "" {
		u += "?" + query + "="
	}
	r, err := http.NewRequest(method, u, bytes.NewReader([]byte(body)))
	require.NoError(b.t, err)
	hash := sha256.Sum256([]byte(body))
	r.Header.Set("X-Amz-Content-Sha256", hex.EncodeToString(hash[:]))
	signer := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true })
	require.NoError(b.t, signer.SignHTTP(context.Background(), owner, r, hex.EncodeToString(hash[:]), "s3", bucketRegion, time.Now()))
	answer, err := http.DefaultClient.Do(r)
	require.NoError(b.t, err)
	defer answer.Body.Close()
	content, err := io.ReadAll(answer.Body)
	require.NoError(b.t, err)
	require.Less(b.t, answer.StatusCode, 300, "%s %s: %s", method, u, content)
}

// on puts trouble on the road; nil clears it.
func (b *bucket) on(trouble func(w http.ResponseWriter, r *http.Request)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.trouble = trouble
}

// broken ends every connection.
func broken(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// slow answers when nobody waits any more.
func slow(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

// statuses are what the S3 server has answered the function's questions for a host with.
func (b *bucket) statuses(host string) []int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]int(nil), b.answers["/"+bucketName+"/prod/"+host+".json"]...)
}
