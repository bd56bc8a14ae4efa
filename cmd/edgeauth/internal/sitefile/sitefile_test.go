package sitefile_test

import (
	"crypto/sha256"
	"encoding/base64"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth/cmd/edgeauth/internal/sitefile"
)

func TestADocumentDrawsOnWhatLiesBesideIt(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
		return path
	}
	drawn := sha256.Sum256([]byte("a key"))
	key := drawn[:]
	document, keys := write("site.json", "{}"), write("keys", base64.StdEncoding.EncodeToString(key)+"\n")
	secret := write("secret", "hush")
	t.Setenv("EDGEAUTH_TEST_VARIABLE", "set")

	doc, opts, err := sitefile.Read(document, keys)
	require.NoError(t, err)
	require.Equal(t, "{}", string(doc))
	require.Equal(t, [][]byte{key}, opts.Keys)
	for _, name := range []string{"secret", secret} { // beside the document, and wherever it says
		content, err := opts.ReadFile(name)
		require.NoError(t, err)
		require.Equal(t, "hush", string(content))
	}
	value, ok := opts.Env("EDGEAUTH_TEST_VARIABLE")
	require.True(t, ok)
	require.Equal(t, "set", value)

	_, opts, err = sitefile.Read(document, "")
	require.NoError(t, err)
	require.Empty(t, opts.Keys)
	_, _, err = sitefile.Read(document, write("bad", "short"))
	require.ErrorContains(t, err, filepath.Join(dir, "bad")+":\n")
	_, _, err = sitefile.Read(filepath.Join(dir, "missing"), "")
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestAFileThatIsTooLargeIsNotReadWhole(t *testing.T) {
	name := filepath.Join(t.TempDir(), "large")
	require.NoError(t, os.WriteFile(name, make([]byte, 1<<20), 0o600))
	_, err := sitefile.ReadFile(name)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(name, make([]byte, 1<<20+1), 0o600))
	_, err = sitefile.ReadFile(name)
	require.ErrorContains(t, err, "has more than 1048576 bytes")
}
