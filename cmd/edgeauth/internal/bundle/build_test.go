package bundle

import (
	"context"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheGoVersionIsThatOfTheModule(t *testing.T) {
	content, err := os.ReadFile("../../../../go.mod")
	require.NoError(t, err)
	require.Contains(t, string(content), "\ngo "+goVersion+"\n")
}

func TestABuildEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := goTool(ctx, t.TempDir(), nil, "env", "GOVERSION")
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorContains(t, err, "did not finish")
}
