package main

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Each room may import the rooms that are named, and those alone.
func TestRoomsImportOnlyWhatIsDrawn(t *testing.T) {
	drawn := map[string][]string{
		"bundle":    {"packaged", "sitefile"},
		"doctor":    {"packaged", "sitefile"}, // which says what no function can carry out
		"localedge": {"bundle", "webserve"},   // it unpacks what bundle makes
		"packaged":  nil,                      // lies in every function: nothing of the command may be in it
		"sitefile":  nil,
		"operate":   nil,
		"webserve":  {"operate", "sitefile"},
	}
	const rooms = "github.com/edgeauth/edgeauth/cmd/edgeauth/internal/"
	out, err := exec.CommandContext(t.Context(), "go", "list", "-f", `{{.ImportPath}}{{range .Imports}} {{.}}{{end}}`, "./internal/...").Output()
	require.NoError(t, err)
	seen := map[string][]string{}
	for line := range strings.Lines(string(out)) {
		words := strings.Fields(line)
		var imports []string
		for _, word := range words[1:] {
			if name, ok := strings.CutPrefix(word, rooms); ok {
				imports = append(imports, name)
			}
		}
		slices.Sort(imports)
		seen[strings.TrimPrefix(words[0], rooms)] = imports
	}
	require.Equal(t, drawn, seen)
}
