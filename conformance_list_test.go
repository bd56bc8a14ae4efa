package edgeauth_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// testdata/conformance.txt says which test holds a case of the conformance suite, or one that others have had trouble with.
// A row is an id, what it is about, a package, a test, and a text that stands in the package's tests where the test
// has many rows; or, in the place of the package, a page that says why it cannot occur, and what it says there.
const (
	conformanceRows = "testdata/conformance.txt"
	conformancePage = "docs/conformance.md"
)

func TestEveryCaseOnTheListHasItsTest(t *testing.T) {
	rows, err := os.ReadFile(conformanceRows)
	require.NoError(t, err)
	var page strings.Builder
	page.WriteString("# Conformance\n\n<!-- Made by TestEveryCaseOnTheListHasItsTest of " + conformanceRows + "; go test -run OnTheList . -update writes it. -->\n\n" +
		"The modules of the OpenID Connect conformance suite that apply, the faults that others have had, and for each the test that\nholds it here. `go test ./...` fails where one of these tests is gone.\n")
	seen := make(map[string]bool)
	for line := range strings.Lines(string(rows)) {
		line = strings.TrimSuffix(line, "\n")
		if title, ok := strings.CutPrefix(line, "# "); ok {
			fmt.Fprintf(&page, "\n## %s\n\n| case | about | held by |\n|---|---|---|\n", title)
			continue
		}
		parts := strings.Split(line, "\t")
		require.GreaterOrEqual(t, len(parts), 4, line)
		require.False(t, seen[parts[0]+parts[1]], "twice: %s", line)
		seen[parts[0]+parts[1]] = true
		fmt.Fprintf(&page, "| %s | %s | %s |\n", parts[0], strings.ReplaceAll(parts[1], "|", "\\|"), heldBy(t, parts[2:]))
	}
	require.Greater(t, len(seen), 250, "the list is short of cases")
	if *update {
		require.NoError(t, os.WriteFile(conformancePage, []byte(page.String()), 0o644))
	}
	want, err := os.ReadFile(conformancePage)
	require.NoError(t, err)
	require.Equal(t, string(want), page.String(), "run: go test -run OnTheList . -update")
}

// heldBy finds what a row says, and returns it for the page.
func heldBy(t *testing.T, parts []string) string {
	t.Helper()
	where, name := parts[0], parts[1]
	if strings.HasSuffix(where, ".md") {
		text, err := os.ReadFile(where)
		require.NoError(t, err)
		require.Contains(t, string(text), name, where)
		return fmt.Sprintf("cannot occur: [%s](%s)", name, strings.TrimPrefix(where, "docs/"))
	}
	var tests strings.Builder
	files, err := filepath.Glob(filepath.Join(filepath.FromSlash(where), "*_test.go"))
	require.NoError(t, err)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		tests.Write(text)
	}
	require.Contains(t, tests.String(), "\nfunc "+name+"(", "%s has no such test", where)
	held := "`" + name + "`"
	if where != "." {
		held += " in `" + where + "`"
	}
	if len(parts) < 3 {
		return held
	}
	require.Contains(t, tests.String(), parts[2], "%s of %s has no such row", name, where)
	return held + ": " + strings.ReplaceAll(parts[2], "|", "\\|")
}
