package bundle

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheGoVersionIsThatOfTheModule(t *testing.T) {
	content, err := os.ReadFile("../../../../go.mod")
	require.NoError(t, err)
	require.Contains(t, string(content), "\ngo "+goVersion+"\n")
}
