// Command report stands behind go test -json. It prints what go test prints without -v: a line for each package, and
// the output of what failed or was skipped. How long each test took it adds to the file that its argument names.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

type event struct {
	Action, Package, Test, Output string
	Elapsed                       float64
}

func main() {
	times, err := os.OpenFile(os.Args[1], os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	defer times.Close()
	lines := bufio.NewReader(os.Stdin)
	output := make(map[string]*strings.Builder) // of what has not ended, by package and test
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			take(line, output, times)
		}
		if err != nil {
			break
		}
	}
	for _, rest := range output { // of what never ended
		fmt.Print(rest)
	}
}

func take(line []byte, output map[string]*strings.Builder, times *os.File) {
	var e event
	if json.Unmarshal(line, &e) != nil {
		os.Stdout.Write(line)
		return
	}
	key := e.Package + " " + e.Test
	switch e.Action {
	case "build-output":
		fmt.Print(e.Output)
	case "output":
		if e.Test == "" && !isChatter(e.Output) {
			fmt.Print(e.Output)
			return
		}
		if output[key] == nil {
			output[key] = new(strings.Builder)
		}
		output[key].WriteString(e.Output)
	case "pass", "fail", "skip":
		if e.Test != "" {
			fmt.Fprintf(times, "%8.2f s  %s %s\n", e.Elapsed, e.Package, e.Test)
			if e.Action != "pass" && output[key] != nil {
				fmt.Print(output[key])
			}
		}
		delete(output, key)
	}
}

// isChatter reports whether a line of a package's own is what only -v shows.
func isChatter(line string) bool {
	return strings.HasPrefix(line, "=== ") || line == "PASS\n" || strings.HasPrefix(line, "testing: warning: no tests")
}
