package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const healthUsage = `Usage: edgeauth health [-timeout 2s] ADDR|URL

Asks a running edgeauth serve whether it is well, for health checks in images that have no other program. Of an address,
that of -health, it asks http://ADDR/live. It ends with 0 for an answer of 200, and with 1 for any other or none.

Flags:
`

func runHealth(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := newFlags("health", healthUsage, stderr)
	timeout := flags.Duration("timeout", 2*time.Second, "how long the answer may take")
	var target string
	if len(args) > 0 && !strings.HasPrefix(args[len(args)-1], "-") {
		args, target = args[:len(args)-1], args[len(args)-1]
	}
	if err := parse(flags, args); err != nil {
		return err
	}
	if !strings.Contains(target, "://") {
		target = "http://" + target + "/live"
	}
	if u, err := url.Parse(target); err != nil || u.Port() == "" && u.Hostname() == "" || !strings.HasPrefix(u.Scheme, "http") {
		return wrongUsage("health takes an address such as 127.0.0.1:8081, or a URL; see edgeauth health -h")
	}
	ctx, cancel := context.WithTimeout(ctx, *timeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil) // #nosec G704 -- whoever runs it names the server
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(r) // #nosec G704 -- the same
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answered %d", target, answer.StatusCode)
	}
	fmt.Fprintln(stdout, "well")
	return nil
}
