package edgeauth_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The README's programs are the files named above them, which are built and tested.
func TestTheReadmeQuotesProgramsThatBuild(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	quotes := regexp.MustCompile("(?s)<!-- (examples/[a-z/-]+\\.go) -->\n```go\n(.*?)```").FindAllStringSubmatch(string(readme), -1)
	require.Len(t, quotes, 3, "one for each kind of user")
	for _, quote := range quotes {
		file, err := os.ReadFile(quote[1])
		require.NoError(t, err)
		require.Contains(t, string(file), strings.TrimSpace(quote[2]), "%s differs from what the README says", quote[1])
	}
}

// docs/reasons.md is the published list of codes; internal/reason is what the program uses.
func TestEveryReasonIsDocumented(t *testing.T) {
	source, err := os.ReadFile("internal/reason/reason.go")
	require.NoError(t, err)
	page, err := os.ReadFile("docs/reasons.md")
	require.NoError(t, err)
	codes := regexp.MustCompile(`Reason = "([a-z_]+)"`).FindAllStringSubmatch(string(source), -1)
	require.NotEmpty(t, codes)
	for _, code := range codes {
		require.Contains(t, string(page), "\n| `"+code[1]+"` |", "docs/reasons.md lacks %s", code[1])
	}
	rows := regexp.MustCompile("(?m)^\\| `[a-z_]+` \\|").FindAllString(string(page), -1)
	require.Len(t, rows, len(codes)+1, "docs/reasons.md has rows that no code backs (it adds `allowed`)")
}
