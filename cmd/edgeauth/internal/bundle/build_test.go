package bundle

import (
	"context"
	"os"
	"path/filepath"
	"runtime/debug"
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

func TestACommandKnowsWhereItsOwnModuleIs(t *testing.T) {
	checkout := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(checkout, "go.mod"), []byte("module "+modulePath+"\n"), 0o600))
	here := filepath.Join(checkout, "cmd/edgeauth/internal/bundle/build.go")
	const trimmed = modulePath + "/cmd/edgeauth/internal/bundle/build.go"
	for _, row := range []struct {
		rule string
		main debug.Module
		file string
		want source
	}{
		{"what was installed has a checksum", debug.Module{Path: modulePath, Version: "v0.3.0", Sum: "h1:x"}, trimmed, source{version: "v0.3.0", sum: "h1:x"}},
		{"a checkout that is there", debug.Module{Path: modulePath, Version: "v0.3.0"}, here, source{checkout: checkout}},
		{"with changes too", debug.Module{Path: modulePath, Version: "v0.3.0+dirty"}, here, source{checkout: checkout}},
		{"a download is of a published version", debug.Module{Path: modulePath, Version: "v0.3.0"}, trimmed, source{version: "v0.3.0"}},
		{"nobody has published changes", debug.Module{Path: modulePath, Version: "v0.3.0+dirty"}, trimmed, source{}},
		{"no version", debug.Module{Path: modulePath, Version: "(devel)"}, trimmed, source{}},
		{"another program's version is not ours", debug.Module{Path: "example.com/tool", Version: "v9.0.0"}, trimmed, source{}},
	} {
		got, err := sourceOf(&debug.BuildInfo{Main: row.main}, row.file)
		require.Equal(t, row.want, got, row.rule)
		require.Equal(t, row.want == source{}, err != nil, row.rule)
	}
	_, err := sourceOf(nil, trimmed)
	require.ErrorContains(t, err, "go install")
}
