package s3sites

import (
	"bytes"
	"context"
	"crypto/sha256"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/siteconfig"
)

var _ siteconfig.DocumentSource = (*Source)(nil)

func TestADocumentIsTheObjectOfItsHost(t *testing.T) {
	f, s := newFakeS3(t, nil)
	f.objects["/prod/a.example.json"] = "the document"
	f.objects["/prod/localhost%3A8080.json"] = "another"
	doc, version, err := s.Document(t.Context(), "a.example", "")
	require.NoError(t, err)
	require.Equal(t, "the document", string(doc))
	require.NotEmpty(t, version)
	require.Equal(t, "https://my-sites.s3.eu-central-1.amazonaws.com/prod/a.example.json", f.calls[0].URL.String())
	require.NotContains(t, f.calls[0].Header, "If-None-Match")
	require.Equal(t, "session", f.calls[0].Header.Get("X-Amz-Security-Token"))

	doc, _, err = s.Document(t.Context(), "localhost:8080", "")
	require.NoError(t, err)
	require.Equal(t, "another", string(doc))
}

func TestKeysAreEscapedTheWayTheyAreSigned(t *testing.T) {
	f, s := newFakeS3(t, func(c *Config) { c.Prefix = "prod (é+1)/" })
	f.objects["/prod%20%28%C3%A9%2B1%29/a.example.json"] = "here"
	doc, _, err := s.Document(t.Context(), "a.example", "")
	require.NoError(t, err)
	require.Equal(t, "here", string(doc))
}

func TestAnUnchangedDocumentIsNotSentAgain(t *testing.T) {
	f, s := newFakeS3(t, nil)
	f.objects["/prod/a.example.json"] = "one"
	_, version, err := s.Document(t.Context(), "a.example", "")
	require.NoError(t, err)
	doc, same, err := s.Document(t.Context(), "a.example", version)
	require.NoError(t, err)
	require.Nil(t, doc)
	require.Equal(t, version, same)
	f.objects["/prod/a.example.json"] = "two"
	doc, changed, err := s.Document(t.Context(), "a.example", version)
	require.NoError(t, err)
	require.Equal(t, "two", string(doc))
	require.NotEqual(t, version, changed)
}

func TestOnlyAMissingObjectIsAnUnknownSite(t *testing.T) {
	for rule, row := range map[string]struct {
		status int
		code   string
		want   string
		calls  int
	}{
		"a missing object":               {404, "NoSuchKey", "there is no s3://my-sites/prod/a.example.json", 1},
		"a missing bucket":               {404, "NoSuchBucket", `404 "NoSuchBucket"`, 1},
		"something else that is missing": {404, "", "404", 1},
		"a role that may not":            {403, "AccessDenied", "s3:ListBucket", 1},
		"credentials that are no more":   {403, "ExpiredToken", "ExpiredToken", 1},
		"a bucket in another region":     {301, "PermanentRedirect", `is the bucket in eu-central-1? S3 says "us-west-2"`, 1},
		"a region that signs wrongly":    {400, "AuthorizationHeaderMalformed", "is the bucket in eu-central-1?", 1},
		"S3 asks to slow down":           {503, "SlowDown", "SlowDown", 2},
		"S3 is in trouble":               {500, "InternalError", "InternalError", 2},
		"a proxy's own words":            {502, strings.Repeat("x", 100), `502 ""`, 2},
		"too many requests":              {429, "", "429", 2},
		"not modified, unasked":          {304, "", "304", 1},
		"no content":                     {204, "", "204", 1},
	} {
		t.Run(rule, func(t *testing.T) {
			f, s := newFakeS3(t, nil)
			f.next(respond(row.status, row.code), respond(row.status, row.code))
			doc, version, err := s.Document(t.Context(), "a.example", "")
			require.ErrorContains(t, err, row.want)
			require.Nil(t, doc)
			require.Empty(t, version)
			require.Len(t, f.calls, row.calls)
			if row.code == "NoSuchKey" {
				require.ErrorIs(t, err, edgeauth.ErrUnknownSite)
			} else {
				require.NotErrorIs(t, err, edgeauth.ErrUnknownSite)
			}
		})
	}
}

func TestOneFailureIsTriedAgain(t *testing.T) {
	for rule, trouble := range map[string]func(*http.Request) (*http.Response, error){
		"a refused connection": down, "no answer": late, "an answer that breaks off": cut, "503": respond(503, "SlowDown"),
	} {
		t.Run(rule, func(t *testing.T) {
			f, s := newFakeS3(t, nil)
			f.objects["/prod/a.example.json"] = "here"
			f.next(trouble)
			doc, _, err := s.Document(t.Context(), "a.example", "")
			require.NoError(t, err)
			require.Equal(t, "here", string(doc))
			require.Len(t, f.calls, 2)
			f.next(trouble, trouble, trouble)
			_, _, err = s.Document(t.Context(), "a.example", "")
			require.Error(t, err)
			require.Len(t, f.calls, 2, "no more than two attempts")
		})
	}
}

func TestAnAttemptEndsInTime(t *testing.T) {
	f, s := newFakeS3(t, nil)
	var left time.Duration // of the attempt, when it arrives: a slow machine only makes it less
	f.next(func(r *http.Request) (*http.Response, error) {
		until, ok := r.Context().Deadline()
		require.True(t, ok)
		left = time.Until(until)
		return respond(404, "NoSuchKey")(r)
	})
	_, _, err := s.Document(t.Context(), "a.example", "")
	require.Error(t, err)
	require.NotZero(t, left)
	require.Less(t, attempts*left, 5*time.Second, "what a configuration may take to load")
}

func TestNothingIsTriedForSomebodyWhoHasGone(t *testing.T) {
	f, s := newFakeS3(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	f.next(func(*http.Request) (*http.Response, error) { cancel(); return nil, context.Canceled })
	_, _, err := s.Document(ctx, "a.example", "")
	require.ErrorIs(t, err, context.Canceled)
	require.Len(t, f.calls, 1)
}

func TestNoMoreThanADocumentIsRead(t *testing.T) {
	f, s := newFakeS3(t, nil)
	f.objects["/prod/a.example.json"] = strings.Repeat(" ", 10<<20)
	doc, _, err := s.Document(t.Context(), "a.example", "")
	require.NoError(t, err)
	require.Len(t, doc, maxDocument+1)
	_, err = siteconfig.FromDocuments(s, siteconfig.Options{}).Config(t.Context(), "a.example")
	require.ErrorContains(t, err, "at most")
}

func TestAHostIsNoPath(t *testing.T) {
	f, s := newFakeS3(t, nil)
	for _, host := range []string{"../secret", "a/b", "/"} {
		_, _, err := s.Document(t.Context(), host, "")
		require.ErrorIs(t, err, edgeauth.ErrUnknownSite)
	}
	require.Empty(t, f.calls)
}

func TestCredentialsComeFromTheEnvironment(t *testing.T) {
	f, s := newFakeS3(t, func(c *Config) { c.Credentials = nil })
	f.objects["/prod/a.example.json"] = "here"
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	t.Setenv("AWS_SECRET_ACCESS_KEY", credentials.SecretAccessKey)
	t.Setenv("AWS_SESSION_TOKEN", credentials.SessionToken)
	_, _, err := s.Document(t.Context(), "a.example", "")
	require.ErrorContains(t, err, "AWS_ACCESS_KEY_ID")
	require.Empty(t, f.calls)
	t.Setenv("AWS_ACCESS_KEY_ID", credentials.AccessKeyID)
	doc, _, err := s.Document(t.Context(), "a.example", "")
	require.NoError(t, err)
	require.Equal(t, "here", string(doc))
}

func TestNoErrorHoldsASecret(t *testing.T) {
	f, s := newFakeS3(t, func(c *Config) {
		c.Credentials = provided(aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "wrong-secret", SessionToken: "wrong-session"})
	})
	f.objects["/prod/a.example.json"] = "here"
	_, _, err := s.Document(t.Context(), "a.example", "")
	require.ErrorContains(t, err, "SignatureDoesNotMatch")
	f.next(down, down)
	_, _, other := s.Document(t.Context(), "a.example", "")
	for _, text := range []string{err.Error(), other.Error()} {
		require.NotContains(t, text, "wrong-")
		require.NotContains(t, text, "Signature=")
	}
}

const document = `{"hosts": ["a.example"], "client_id": "CLIENT", "provider": {"type": "oidc", "issuer": "https://id.example", "endpoints": {
	"authorize": "https://id.example/a", "token": "https://id.example/t", "keys": "https://id.example/k"}}}`

// The life of one site whose document lies in a bucket.
func TestASiteLivesAsItsObjectDoes(t *testing.T) {
	f, s := newFakeS3(t, nil)
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	var log bytes.Buffer
	key := sha256.Sum256([]byte("a key"))
	sites, err := edgeauth.NewSites(edgeauth.SitesConfig{
		Source: siteconfig.FromDocuments(s, siteconfig.Options{Keys: [][]byte{key[:]}}),
		Now:    func() time.Time { return now }, Logger: slog.New(slog.NewTextHandler(&log, nil)),
	})
	require.NoError(t, err)
	visit := func() string {
		now = now.Add(6 * time.Minute)
		d := sites.Check(t.Context(), &edgeauth.Request{
			Method: "GET", Host: "a.example", Path: "/", Header: func(name string) string {
				return map[string]string{"Accept": "text/html"}[name]
			},
		})
		if _, rest, ok := strings.Cut(d.Location, "client_id="); ok {
			client, _, _ := strings.Cut(rest, "&")
			return client
		}
		return edgeauth.Code(d.Reason)
	}
	put := func(client string) {
		f.objects["/prod/a.example.json"] = strings.Replace(document, "CLIENT", client, 1)
	}

	require.Equal(t, "unknown_host", visit())
	put("one")
	require.Equal(t, "one", visit())
	put("two")
	require.Equal(t, "two", visit())
	f.objects["/prod/a.example.json"] = "{"
	require.Equal(t, "two", visit(), "the last good document goes on")
	require.Contains(t, log.String(), "last_good_goes_on=true")
	require.Equal(t, "two", visit())
	put("three")
	require.Equal(t, "three", visit())

	for range 10 {
		f.next(respond(403, "AccessDenied"))
		require.Equal(t, "three", visit(), "refused is not deleted")
	}
	f.next(respond(404, "NoSuchBucket"))
	require.Equal(t, "three", visit(), "no bucket is no reason to end every site")
	f.next(down, down)
	require.Equal(t, "three", visit())

	object := f.objects["/prod/a.example.json"]
	delete(f.objects, "/prod/a.example.json")
	require.Equal(t, "unknown_host", visit(), "deleted ends at its TTL")
	f.objects["/prod/a.example.json"] = object
	require.Equal(t, "three", visit())
}
