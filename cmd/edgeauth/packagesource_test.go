package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

const bucket = "s3://my-sites/prod?region=eu-central-1"

func TestAFunctionOfManySitesIsPackaged(t *testing.T) {
	t.Parallel()
	ctx := mayBuild(t)
	dir := t.TempDir()
	keys, out := filepath.Join(dir, "keys"), filepath.Join(dir, "f.zip")
	key := "x5Z0Y1b7nQm2oVwJcK8fTgHsLdRpEuAiNyBvCtXzM0k="
	require.NoError(t, os.WriteFile(keys, []byte(key), 0o600))
	var stdout, stderr bytes.Buffer
	require.Zero(t, run(ctx, []string{"package", "-source", bucket, "-keys", keys, "-ttl", "1m", "-o", out}, &stdout, &stderr), &stderr)
	for _, want := range []string{
		"Secrets lie in it: the master keys.", "arn:aws:s3:::my-sites/prod/*", `"prod/*"`, "examples/many-sites",
		"aws s3 cp app.example.com.json s3://my-sites/prod/app.example.com.json", "https://HOST/.auth/callback",
	} {
		require.Contains(t, stdout.String(), want)
	}
	require.NotContains(t, stdout.String(), key)
	info, err := os.Stat(out)
	require.NoError(t, err)
	require.Less(t, info.Size(), int64(3_700_000))
	require.Contains(t, string(fileOf(t, out, "edgeauth.json")), `"source":"`+bucket+`"`)
}

func TestPackageRefusesASourceInWordsForAPerson(t *testing.T) {
	keys := filepath.Join(t.TempDir(), "keys")
	require.NoError(t, os.WriteFile(keys, []byte("short"), 0o600))
	for want, row := range map[string]struct {
		status int
		args   []string
	}{
		"the bucket's own region":          {2, []string{"-source", "s3://my-sites"}},
		`not like "https://my-sites"`:      {2, []string{"-source", "https://my-sites"}},
		"-source goes with":                {2, []string{"-source", bucket, "-config", "x"}},
		"-stale and -o alone":              {2, []string{"-source", bucket, "../../examples/own-lambda"}},
		"-provider-network goes":           {2, []string{"-config", "x", "-provider-network", "10.0.0.0/8"}},
		"invalid value":                    {2, []string{"-source", bucket, "-provider-network", "10.0.0.0"}},
		"-provider-network, -ttl, -stale":  {2, []string{"-source", bucket, "-no-fetch"}},
		"not below zero":                   {2, []string{"-source", bucket, "-ttl", "-1s"}},
		"-ttl and -stale go with -source":  {2, []string{"-config", "x", "-ttl", "1s"}},
		"no-such-file":                     {1, []string{"-source", bucket, "-keys", "no-such-file"}},
		"make a key with: openssl rand -b": {1, []string{"-source", bucket, "-keys", keys}},
	} {
		t.Run(want, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			require.Equal(t, row.status, run(t.Context(), append([]string{"package", "-o", filepath.Join(t.TempDir(), "f.zip")}, row.args...), &stdout, &stderr))
			require.Contains(t, stderr.String(), want)
		})
	}
}
