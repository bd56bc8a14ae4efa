package sitefile

import (
	"crypto/rand"
	"encoding/base64"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// shelf is a folder with the documents of two authors and their secrets, and with the master keys.
func shelf(t *testing.T) (dir, keys string) {
	dir = filepath.Join(t.TempDir(), "sites")
	key := make([]byte, 32)
	_, _ = rand.Read(key)
	for name, content := range map[string]string{
		"a.json": "{}", "a/secret": "a's\n", "a/deep/secret": "a's, deep", "b.json": "{}", "b/secret": "b's", "keys": base64.StdEncoding.EncodeToString(key),
		"../outside": "the host's", "a/large": strings.Repeat("x", maxSecret+1),
	} {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	}
	return dir, filepath.Join(dir, "keys")
}

func TestADocumentOfAFolderReadsItsOwnSecretsAlone(t *testing.T) {
	dir, keys := shelf(t)
	link := func(to, name string) {
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Skipf("NOT TESTED: %v", err)
		}
	}
	link("secret", "a/current")
	link("../b/secret", "a/of-b")
	link("../keys", "a/keys")
	link(filepath.Join(dir, "..", "outside"), "a/absolute")
	link(os.DevNull, "a/device")
	link("b", "c")
	link("..", "up")
	require.NoError(t, os.Link(keys, filepath.Join(dir, "a/hard")))
	if runtime.GOOS != "windows" {
		makePipe(t, filepath.Join(dir, "a/pipe"))
	}
	t.Setenv("EDGEAUTH_TEST_A", "a's variable")
	t.Setenv("EDGEAUTH_TEST_B", "b's variable")
	_, opts, err := OpenFolder(dir, keys, []string{"a=EDGEAUTH_TEST_A", "b=EDGEAUTH_TEST_B", "a=EDGEAUTH_TEST_NONE"})
	require.NoError(t, err)

	for _, test := range []struct{ rule, owner, reference, want, refusal string }{
		{"a file in the document's folder", "a", "file:secret", "a's\n", ""},
		{"a file deeper in it", "a", "file:deep/secret", "a's, deep", ""},
		{"a link that stays in it", "a", "file:current", "a's\n", ""},
		{"the master keys", "a", "file:../keys", "", "name a file in the folder a"},
		{"the master keys by a link", "a", "file:keys", "", "escapes"},
		{"the master keys by another name", "a", "file:hard", "", "holds the master keys"},
		{"another's secret", "a", "file:../b/secret", "", "name a file in the folder a"},
		{"another's secret by a link", "a", "file:of-b", "", "escapes"},
		{"another's folder by a link", "c", "file:secret", "", "there is no folder c"},
		{"the folder of documents by a link", "up", "file:sites/keys", "", "there is no folder up"},
		{"an absolute path", "a", "file:" + filepath.ToSlash(keys), "", "name a file in the folder a"},
		{"a path around", "a", "file:deep/../../keys", "", "name a file in the folder a"},
		{"a link out of the folder", "a", "file:absolute", "", "escapes"},
		{"a device", "a", "file:device", "", "escapes"},
		{"a folder", "a", "file:deep", "", "is no regular file"},
		{"the folder itself", "a", "file:.", "", "is no regular file"},
		{"nothing", "a", "file:", "", "name a file in the folder a"},
		{"a pipe that nobody writes to", "a", "file:pipe", "", "is no regular file"},
		{"more than a secret", "a", "file:large", "", "has more than 65536 bytes"},
		{"a document without a folder", "d", "file:secret", "", "there is no folder d"},
		{"a document that is named like a path", "a/../b", "file:secret", "", "name a file in the folder"},
		{"a variable that is given to the document", "a", "env:EDGEAUTH_TEST_A", "a's variable", ""},
		{"a variable of another document", "a", "env:EDGEAUTH_TEST_B", "", "is not given to this document; the operator does with -secret-env a=EDGEAUTH_TEST_B"},
		{"a variable of nobody", "a", "env:PATH", "", "is not given to this document"},
		{"a variable that is not set", "a", "env:EDGEAUTH_TEST_NONE", "", "is not set"},
	} {
		t.Run(test.rule, func(t *testing.T) {
			if runtime.GOOS == "windows" && test.reference == "file:pipe" {
				t.Skip("no pipes in folders")
			}
			value, err := opts.Secret(test.owner, test.reference)
			if test.refusal == "" {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, test.refusal)
			}
			require.Equal(t, test.want, value)
		})
	}
}

func TestTheDocumentsOfAFolderAreFilesInIt(t *testing.T) {
	dir, keys := shelf(t)
	require.NoError(t, os.Symlink("a.json", filepath.Join(dir, "inside.json")))
	require.NoError(t, os.Symlink("../outside", filepath.Join(dir, "out.json")))
	folder, _, err := OpenFolder(dir, keys, nil)
	require.NoError(t, err)
	doc, err := folder.Document("inside.json")
	require.NoError(t, err)
	require.Equal(t, "{}", string(doc))
	_, err = folder.Document("out.json")
	require.ErrorContains(t, err, "escapes")
	_, err = folder.Document("a")
	require.ErrorContains(t, err, "is no regular file")
	_, _, err = OpenFolder(dir, keys, []string{"EDGEAUTH_TEST_A"})
	require.ErrorContains(t, err, "write DOCUMENT=VARIABLE")
}

// FuzzSecret looks for a name by which one document reads what is not its own.
func FuzzSecret(f *testing.F) {
	dir := f.TempDir()
	for name, content := range map[string]string{"a/secret": "own", "b/secret": "foreign", "keys": "foreign", "a.json": "foreign"} {
		path := filepath.Join(dir, name)
		require.NoError(f, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(f, os.WriteFile(path, []byte(content), 0o600))
	}
	_, opts, err := OpenFolder(dir, "", nil)
	require.NoError(f, err)
	for _, name := range []string{"file:secret", "file:../keys", "file:../b/secret", "file:/etc/passwd", "file:./secret", "file:..\\keys", "env:PATH", "env:", "file:"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, reference string) {
		if value, err := opts.Secret("a", reference); err == nil && value != "own" {
			t.Errorf("%q is %q", reference, value)
		}
	})
}
