package s3sites_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheManySitesPageQuotesAProgramThatBuilds(t *testing.T) {
	page, err := os.ReadFile("../docs/many-sites.md")
	require.NoError(t, err)
	quote := regexp.MustCompile("(?s)<!-- s3sites/example_test.go -->\n```go\n(.*?)```").FindSubmatch(page)
	require.NotNil(t, quote)
	program, err := os.ReadFile("example_test.go")
	require.NoError(t, err)
	require.Contains(t, string(program), strings.TrimSpace(string(quote[1])))
}
