// Command edgeauth lets only signed-in people reach a site.
//
//	edgeauth demo     tries it all on this machine, with a sign-in of its own
//	edgeauth serve    protects a folder or an upstream server as a site document says
//	edgeauth package  makes a Lambda@Edge function of a site document, or of a program of your own
//	edgeauth edge     runs such a function behind a CloudFront of this machine
//	edgeauth check    tells whether a site document fits its provider, and what to register there
//	edgeauth key      makes a key for sessions
//	edgeauth schema   prints the JSON Schema of site documents
//	edgeauth health   asks a running server whether it is well
//	edgeauth version  prints the version
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/signal"
	"slices"
	"syscall"

	"github.com/edgeauth/edgeauth/cmd/edgeauth/internal/webserve"
)

// command is one subcommand. It runs until it is done or ctx ends.
type command struct {
	name, summary string
	run           func(ctx context.Context, args []string, stdout, stderr io.Writer) error
}

func commands() []command {
	return []command{
		{"demo", "try it all on this machine, with a sign-in of its own", runDemo},
		{"serve", "protect a folder or an upstream server as a site document says", runServe},
		{"package", "build the zip of a Lambda@Edge function", runPackage},
		{"edge", "run a packaged function on this machine, as CloudFront and Lambda do", runEdge},
		{"check", "tell whether a site document fits its provider, and what to register there", runCheck},
		{"key", "make a key for sessions", runKey},
		{"schema", "print the JSON Schema of site documents, for editors", runSchema},
		{"health", "ask a running server whether it is well", runHealth},
		{"version", "print the version", runVersion},
	}
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// A second signal ends the process at once.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run returns the exit status: 0, 1 for a failure, 2 for a wrong command line.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	if len(args) == 0 {
		usage(stderr)
		return 2
	}
	name, rest := args[0], args[1:]
	switch name {
	case "-h", "-help", "--help", "help":
		if len(rest) == 0 {
			usage(stdout)
			return 0
		}
		name, rest = rest[0], []string{"-h"}
		if known(name) {
			stderr = stdout // it was asked for
		}
	case "-version", "--version":
		name = "version"
	}
	for _, c := range commands() {
		if c.name == name {
			return status(c.run(ctx, rest, stdout, stderr), stderr)
		}
	}
	fmt.Fprintf(stderr, "edgeauth: there is no command %q.\n\n", name)
	usage(stderr)
	return 2
}

func known(name string) bool {
	return slices.ContainsFunc(commands(), func(c command) bool { return c.name == name })
}

func status(err error, stderr io.Writer) int {
	var wrong usageError
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return 0
	case errors.As(err, &wrong):
		fmt.Fprintln(stderr, "edgeauth:", err)
		return 2
	}
	fmt.Fprintln(stderr, "edgeauth:", err)
	return 1
}

func usage(w io.Writer) {
	fmt.Fprint(w, "edgeauth lets only signed-in people reach a site.\n\nUsage: edgeauth COMMAND [flags]\n\n")
	for _, c := range commands() {
		fmt.Fprintf(w, "  %-8s %s\n", c.name, c.summary)
	}
	fmt.Fprint(w, "\nEach command explains itself: edgeauth help COMMAND.\n")
}

// usageError is a fault of the command line.
type usageError struct{ error }

func wrongUsage(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// newFlags returns a flag set that prints about and then its flags for -h.
func newFlags(name, about string, stderr io.Writer) *flag.FlagSet {
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprint(flags.Output(), about)
		flags.PrintDefaults()
	}
	return flags
}

// parse reads the flags. The flag package has printed what it finds wrong with them.
func parse(flags *flag.FlagSet, args []string) error {
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return err
	case err != nil:
		return wrongUsage("see edgeauth %s -h", flags.Name())
	case flags.NArg() > 0:
		return wrongUsage("%s takes no %q; see edgeauth %s -h", flags.Name(), flags.Arg(0), flags.Name())
	}
	return nil
}

// parseUpstream reads the flag -upstream, which may be empty.
func parseUpstream(text string) (*url.URL, error) {
	if text == "" {
		return nil, nil
	}
	target, err := webserve.ParseUpstream(text)
	if err != nil {
		return nil, wrongUsage("-upstream %w", err)
	}
	return target, nil
}
