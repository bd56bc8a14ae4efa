package edgeauthtest_test

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func dependencies(t *testing.T, path string) []string {
	t.Helper()
	out, err := exec.Command("go", "list", "-deps", path).Output()
	require.NoError(t, err)
	return strings.Fields(string(out))
}

func TestKitsThatOthersImportUsePlainTesting(t *testing.T) {
	for _, kit := range []string{".", "./browser", "./platformtest"} {
		for _, path := range dependencies(t, kit) {
			require.False(t, strings.HasPrefix(path, "github.com/stretchr"), "%s pulls in %s", kit, path)
		}
	}
}

func TestTheBrowserKnowsNothingOfEdgeauth(t *testing.T) {
	for _, path := range dependencies(t, "./browser") {
		first, _, _ := strings.Cut(path, "/")
		require.True(t, !strings.Contains(first, ".") || strings.HasSuffix(path, "/edgeauthtest/browser"), "it imports %s", path)
	}
}
