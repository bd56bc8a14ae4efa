package s3sites

import (
	"net/http"
	"strings"
	"testing"

	"github.com/edgeauth/edgeauth/provider"
	"github.com/stretchr/testify/require"
)

func TestFaultsOfTheConfigurationNameTheField(t *testing.T) {
	for rule, row := range map[string]struct {
		change func(*Config)
		want   string
	}{
		"no bucket":                  {func(c *Config) { c.Bucket = "" }, "Bucket: "},
		"a bucket that is a path":    {func(c *Config) { c.Bucket = "a/../b" }, "Bucket: "},
		"a bucket in capitals":       {func(c *Config) { c.Bucket = "My-Sites" }, "Bucket: "},
		"no region":                  {func(c *Config) { c.Region = "" }, "Region: "},
		"a region that is a host":    {func(c *Config) { c.Region = "evil.example/" }, "Region: "},
		"a prefix with a slash":      {func(c *Config) { c.Prefix = "/sites/" }, "Prefix: "},
		"a prefix with a line break": {func(c *Config) { c.Prefix = "a\nb" }, "Prefix: "},
		"plain http elsewhere":       {func(c *Config) { c.Endpoint = "http://s3.example.com" }, "Endpoint: "},
		"no URL":                     {func(c *Config) { c.Endpoint = "s3.example.com" }, "Endpoint: "},
		"a URL with a password":      {func(c *Config) { c.Endpoint = "https://u:hush@s3.example.com" }, "Endpoint: "},
	} {
		t.Run(rule, func(t *testing.T) {
			c := Config{Bucket: "my-sites", Region: "eu-central-1"}
			_, err := New(c)
			require.NoError(t, err)
			row.change(&c)
			_, err = New(c)
			require.ErrorContains(t, err, row.want)
			require.NotContains(t, err.Error(), "hush")
		})
	}
	_, err := New(Config{})
	require.ErrorContains(t, err, "Bucket: ")
	require.ErrorContains(t, err, "Region: ")
}

func TestWhereABucketIs(t *testing.T) {
	for want, c := range map[string]Config{
		"https://my-sites.s3.eu-central-1.amazonaws.com/":    {Bucket: "my-sites"},
		"https://s3.eu-central-1.amazonaws.com/my.sites.eu/": {Bucket: "my.sites.eu"}, // beyond the certificate's wildcard
		"http://127.0.0.1:7070/my-sites/":                    {Bucket: "my-sites", Endpoint: "http://127.0.0.1:7070"},
		"https://s3.example.com/s3/my-sites/":                {Bucket: "my-sites", Endpoint: "https://s3.example.com/s3/"},
	} {
		c.Region = "eu-central-1"
		s, err := New(c)
		require.NoError(t, err)
		require.Equal(t, want, s.base.String())
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	client := &http.Client{}
	for _, c := range []Config{{Bucket: "my-sites", Region: "eu-central-1"}, {Bucket: "my-sites", Region: "eu-central-1", HTTPClient: client}} {
		s, err := New(c)
		require.NoError(t, err)
		require.ErrorIs(t, s.client.CheckRedirect(nil, nil), http.ErrUseLastResponse)
	}
	require.Nil(t, client.CheckRedirect, "the client is its owner's")
}

func TestURLs(t *testing.T) {
	for text, want := range map[string]Config{
		"s3://my-sites?region=eu-central-1":            {Bucket: "my-sites", Region: "eu-central-1"},
		"s3://my-sites/?region=eu-central-1":           {Bucket: "my-sites", Region: "eu-central-1"},
		"s3://my-sites/prod/eu?region=eu-central-1":    {Bucket: "my-sites", Prefix: "prod/eu/", Region: "eu-central-1"},
		"s3://my-sites/prod/?region=eu-central-1":      {Bucket: "my-sites", Prefix: "prod/", Region: "eu-central-1"},
		"s3://b.c?region=x&endpoint=http://[::1]:7070": {Bucket: "b.c", Region: "x", Endpoint: "http://[::1]:7070"},
	} {
		got, err := ParseURL(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	}
	for text, want := range map[string]string{
		"":                              "is not like s3://",
		"my-sites":                      "is not like s3://",
		"https://my-sites?region=x":     "is not like s3://",
		"s3:///prod?region=x":           "is not like s3://",
		"s3://my-sites:80?region=x":     "is not like s3://",
		"s3://u:p@my-sites?region=x":    "is not like s3://",
		"s3://my-sites/prod":            "lacks the bucket's region",
		"s3://my-sites?region=x&key=y":  `"key" is not expected`,
		"s3://a?region=x&region=y":      `"region" is not expected`,
		"s3://my-sites?region=%zz":      "invalid URL escape",
		"s3://my-sites?region=x#anchor": "is not like s3://",
	} {
		_, err := ParseURL(text)
		require.ErrorContains(t, err, want, text)
	}
}

func FuzzParseURL(f *testing.F) {
	for _, text := range []string{"s3://my-sites/prod?region=eu-central-1", "s3://b?region=x&endpoint=https://s3.example.com/", "s3://%41"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := ParseURL(text)
		if err != nil {
			return
		}
		s, err := New(c)
		if err != nil {
			return
		}
		require.True(t, s.base.Scheme == "https" || provider.Loopback(s.base.Host), s.base)
		require.True(t, strings.HasSuffix(s.base.Path, "/"))
	})
}
