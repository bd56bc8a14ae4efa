package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWrongCommandLinesSayWhatIsRight(t *testing.T) {
	for name, c := range map[string]struct {
		args   []string
		status int
		want   string
	}{
		"nothing":                    {nil, 2, "Usage: edgeauth COMMAND"},
		"help":                       {[]string{"-h"}, 0, "Each command explains itself"},
		"an unknown command":         {[]string{"run"}, 2, `there is no command "run"`},
		"help on a command":          {[]string{"serve", "-h"}, 0, "behind a proxy that ends TLS"},
		"help on the demo":           {[]string{"demo", "-h"}, 0, "Nothing has to be set up"},
		"the version":                {[]string{"version"}, 0, "edgeauth "},
		"an unknown flag":            {[]string{"serve", "-port", "1"}, 2, "see edgeauth serve -h"},
		"a stray word":               {[]string{"version", "please"}, 2, `takes no "please"`},
		"serve without a document":   {[]string{"serve", "-dir", "."}, 2, "-config is missing"},
		"serve with nothing to":      {[]string{"serve", "-config", "x"}, 2, "either -dir or -upstream"},
		"serve with two things to":   {[]string{"serve", "-config", "x", "-dir", ".", "-upstream", "http://a"}, 2, "either -dir or -upstream"},
		"half a certificate":         {[]string{"serve", "-config", "x", "-dir", ".", "-tls-cert", "c"}, 2, "go together"},
		"http and a certificate":     {[]string{"serve", "-config", "x", "-dir", ".", "-tls-cert", "c", "-tls-key", "k", "-insecure-http"}, 2, "exclude each other"},
		"http open to others":        {[]string{"serve", "-config", "x", "-dir", ".", "-addr", ":8080", "-insecure-http"}, 2, "open to others"},
		"a document that is missing": {[]string{"serve", "-config", "no-such-file", "-dir", "."}, 1, "no-such-file"},
		"a folder to package":        {[]string{"package", "-config", "."}, 2, "is a folder"},
		"a demo open to others":      {[]string{"demo", "-addr", "0.0.0.0:0"}, 2, "stays on this machine"},
		"a demo without a port":      {[]string{"demo", "-addr", "localhost"}, 2, "stays on this machine"},
	} {
		t.Run(name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			status := run(t.Context(), c.args, &stdout, &stderr)
			require.Equal(t, c.status, status)
			require.Contains(t, stdout.String()+stderr.String(), c.want)
		})
	}
}

// start runs a command until the test ends, and returns what it prints up to a line that holds last.
func start(t *testing.T, last string, args ...string) string {
	return startRun(t, last, func(ctx context.Context, stdout, stderr io.Writer) int { return run(ctx, args, stdout, stderr) })
}

func startRun(t *testing.T, last string, run func(ctx context.Context, stdout, stderr io.Writer) int) string {
	ctx, stop := context.WithCancel(t.Context())
	out, in := io.Pipe()
	var stderr bytes.Buffer
	done := make(chan int, 1)
	go func() {
		done <- run(ctx, in, &stderr)
		in.Close()
	}()
	t.Cleanup(func() {
		stop()
		require.Equal(t, 0, <-done, "the command ends well when it is asked to: %s", &stderr)
	})
	var printed strings.Builder
	for lines := bufio.NewScanner(out); lines.Scan(); {
		printed.WriteString(lines.Text() + "\n")
		if strings.Contains(lines.Text(), last) {
			return printed.String()
		}
	}
	t.Fatalf("it ended without saying %q: %s", last, &stderr)
	return ""
}

// after returns the word that follows label.
func after(t *testing.T, text, label string) string {
	_, rest, found := strings.Cut(text, label)
	require.True(t, found, "%q in %q", label, text)
	return strings.Trim(strings.Fields(rest)[0], ",")
}

// browser is a client that navigates, with cookies.
type browser struct {
	*testing.T
	client http.Client
}

func newBrowser(t *testing.T) *browser {
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	b := &browser{T: t, client: http.Client{Jar: jar}}
	t.Cleanup(b.client.CloseIdleConnections)
	return b
}

// page is where a request ended.
type page struct {
	url    *url.URL
	status int
	header http.Header
	body   string
}

func (b *browser) do(method, target, accept string, form url.Values) page {
	r, err := http.NewRequestWithContext(b.Context(), method, target, strings.NewReader(form.Encode()))
	require.NoError(b, err)
	r.Header.Set("Accept", accept)
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", r.URL.Scheme+"://"+r.URL.Host)
	}
	answer, err := b.client.Do(r)
	require.NoError(b, err)
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, 1<<20))
	require.NoError(b, err)
	return page{answer.Request.URL, answer.StatusCode, answer.Header, string(body)}
}

func (b *browser) open(target string) page { return b.do(http.MethodGet, target, "text/html", nil) }
func (b *browser) get(target string) page {
	return b.do(http.MethodGet, target, "application/json", nil)
}

func (b *browser) submit(target string, form url.Values) page {
	return b.do(http.MethodPost, target, "text/html", form)
}
