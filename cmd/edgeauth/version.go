package main

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
)

func runVersion(_ context.Context, args []string, stdout, stderr io.Writer) error {
	flags := newFlags("version", "Usage: edgeauth version\n\nPrints the version of this command and of Go.\n", stderr)
	if err := parse(flags, args); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "edgeauth %s, %s %s/%s\n", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return nil
}

// version is that of the module which this command was built from.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		return info.Main.Version
	}
	return "unknown"
}
