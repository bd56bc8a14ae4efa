package siteconfig

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth"
)

// shelf is a folder in memory with a clock that tests move on.
type shelf struct {
	*testing.T
	files  fstest.MapFS
	now    time.Time
	folder *Folder
}

func newShelf(t *testing.T) *shelf {
	s := &shelf{T: t, files: fstest.MapFS{}, now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	s.folder = &Folder{FS: s, Now: func() time.Time { return s.now }}
	return s
}

func (s *shelf) Open(name string) (fs.File, error) { return s.files.Open(name) }

// put writes a file and lets enough time go by for everybody to see it.
func (s *shelf) put(name string, content []byte) {
	s.files[name] = &fstest.MapFile{Data: content, ModTime: s.now}
	s.now = s.now.Add(2 * time.Second)
}

func (s *shelf) remove(name string) {
	delete(s.files, name)
	s.now = s.now.Add(2 * time.Second)
}

func (s *shelf) document(host string) string {
	doc, version, err := s.folder.Document(s.Context(), host, "")
	require.NoError(s, err)
	require.NotEmpty(s, version)
	return string(doc)
}

func (s *shelf) refusal(host string) error {
	_, _, err := s.folder.Document(s.Context(), host, "")
	require.Error(s, err)
	return err
}

func TestADocumentInAFolderAnswersEveryHostItLists(t *testing.T) {
	s := newShelf(t)
	s.put("a.example.json", site(`"hosts": ["a.example", "WWW.a.example"]`))
	s.put("whatever.json", site(`"hosts": ["b.example:8443"]`))
	s.put("README.md", []byte("not a document"))
	s.put(".hidden.json", site(`"hosts": ["hidden.example"]`))
	s.put("deeper/c.example.json", site(`"hosts": ["c.example"]`))

	require.Contains(t, s.document("a.example"), "WWW.a.example")
	require.Equal(t, s.document("a.example"), s.document("www.a.example"))
	require.Contains(t, s.document("b.example:8443"), "b.example")
	for _, host := range []string{"whatever", "README", "hidden.example", "c.example", "../a.example", "b.example"} {
		require.ErrorIs(t, s.refusal(host), edgeauth.ErrUnknownSite, host)
	}
	hosts, err := s.folder.Hosts()
	require.NoError(t, err)
	require.Equal(t, []string{"a.example", "b.example:8443", "www.a.example"}, hosts)
}

func TestAFolderIsReadAgainAsItChanges(t *testing.T) {
	s := newShelf(t)
	first := site(`"hosts": ["a.example"], "client_id": "one"`)
	s.put("a.example.json", first)
	doc, version, err := s.folder.Document(t.Context(), "a.example", "")
	require.NoError(t, err)
	require.Equal(t, string(first), string(doc))
	doc, same, err := s.folder.Document(t.Context(), "a.example", version)
	require.NoError(t, err)
	require.Nil(t, doc)
	require.Equal(t, version, same)

	s.put("a.example.json", site(`"hosts": ["a.example"], "client_id": "two"`))
	doc, changed, err := s.folder.Document(t.Context(), "a.example", version)
	require.NoError(t, err)
	require.Contains(t, string(doc), "two")
	require.NotEqual(t, version, changed)

	s.put("b.json", site(`"hosts": ["b.example"]`))
	s.document("b.example")
	s.put("b.json", site(`"hosts": ["c.example"]`))
	s.document("c.example")
	require.ErrorIs(t, s.refusal("b.example"), edgeauth.ErrUnknownSite)
	s.remove("a.example.json")
	require.ErrorIs(t, s.refusal("a.example"), edgeauth.ErrUnknownSite)
}

func TestAFileWrittenTwiceInOneTickIsSeen(t *testing.T) {
	s := newShelf(t)
	written := s.now
	s.put("x.json", site(`"hosts": ["a.example"]`))
	s.document("a.example")
	s.put("x.json", site(`"hosts": ["b.example"]`))
	s.files["x.json"].ModTime = written
	s.document("b.example")
}

func TestAFileThatHasNotChangedIsNotReadAgain(t *testing.T) {
	s := newShelf(t)
	s.put("x.json", site(`"hosts": ["a.example"]`))
	s.now = s.now.Add(time.Minute)
	s.document("a.example")
	s.files["x.json"].Data = site(`"hosts": ["b.example"]`) // same size and time
	s.now = s.now.Add(time.Minute)
	s.document("a.example")
}

func TestAHostInTwoFilesHasNeither(t *testing.T) {
	s := newShelf(t)
	s.put("one.json", site(`"hosts": ["a.example", "b.example"]`))
	s.put("two.json", site(`"hosts": ["A.example", "c.example"]`))
	err := s.refusal("a.example")
	require.ErrorContains(t, err, "a.example is listed by one.json and two.json")
	require.NotErrorIs(t, err, edgeauth.ErrUnknownSite, "a site that is there goes on")
	s.document("b.example")
	s.document("c.example")
	s.remove("two.json")
	s.document("a.example")
}

func TestNoOtherDocumentTakesAwayTheHostOfAFileNamedAfterIt(t *testing.T) {
	s := newShelf(t)
	s.put("a.example.json", site(`"hosts": ["a.example", "www.a.example"], "client_id": "own"`))
	s.put("zz.json", site(`"hosts": ["z.example", "A.example"], "client_id": "foreign"`))
	s.put("0.json", site(`"hosts": ["a.example", "www.a.example"], "client_id": "foreign"`))
	require.Contains(t, s.document("a.example"), `"own"`)
	require.ErrorContains(t, s.refusal("www.a.example"), "name one www.a.example.json")
	s.put("www.a.example.json", site(`"hosts": ["a.example", "www.a.example"], "client_id": "own"`))
	require.Contains(t, s.document("www.a.example"), `"own"`)
	s.put("a.example.json", []byte("{"))
	require.Equal(t, "{", s.document("a.example"), "a fault of its own keeps the host")
	s.put("b.example.json", []byte("{"))
	s.put("0.json", site(`"hosts": ["b.example"]`))
	require.Equal(t, "{", s.document("b.example"), "from the start")
}

func TestAHostStaysWithTheFileThatHadIt(t *testing.T) {
	s := newShelf(t)
	s.put("one.json", site(`"hosts": ["a.example"], "client_id": "own"`))
	require.Contains(t, s.document("a.example"), `"own"`)
	s.put("0.json", site(`"hosts": ["a.example"], "client_id": "foreign"`))
	for range 3 {
		require.Contains(t, s.document("a.example"), `"own"`)
		s.now = s.now.Add(24 * time.Hour)
	}
	s.put("one.json", site(`"hosts": ["b.example"], "client_id": "own"`))
	require.Contains(t, s.document("a.example"), `"foreign"`, "until it lets go")
}

func TestADocumentListsNoMoreHostsThanTheBound(t *testing.T) {
	hosts := make([]string, maxHosts+1)
	for i := range hosts {
		hosts[i] = fmt.Sprintf("%q", fmt.Sprintf("h%d.example", i))
	}
	s := newShelf(t)
	s.put("x.json", site(`"hosts": [`+strings.Join(hosts[:maxHosts], ", ")+`]`))
	_, err := FromDocuments(s.folder, Options{}).Config(t.Context(), "h99.example")
	require.NoError(t, err)
	many := site(`"hosts": [` + strings.Join(hosts, ", ") + `]`)
	s.put("y.json", many)
	found, err := s.folder.Hosts()
	require.NoError(t, err)
	require.Len(t, found, maxHosts+1, "and the host of the name of the file that has too many")
	_, err = Parse("y", many, Options{})
	require.ErrorContains(t, err, "hosts: has 101 entries, at most 100")
}

func TestABrokenFileIsItsOwnHostsTroubleAlone(t *testing.T) {
	s := newShelf(t)
	source := FromDocuments(s.folder, Options{})
	s.put("fleet.json", site(`"hosts": ["a.example", "b.example"]`))
	s.put("c.example.json", site(`"hosts": ["c.example"]`))
	s.document("a.example")
	for _, broken := range []string{"", "{", `{"hosts": 7}`, `{"hosts": []}`, "null", `{"hosts": ["a.example", 3]}`} {
		s.put("fleet.json", []byte(broken))
		s.put("d.example.json", []byte(broken))
		for _, host := range []string{"a.example", "b.example", "d.example"} {
			_, err := source.Config(t.Context(), host)
			require.ErrorContains(t, err, "site ", "%s after %s", host, broken)
			require.NotErrorIs(t, err, edgeauth.ErrUnknownSite)
		}
		_, err := source.Config(t.Context(), "c.example")
		require.NoError(t, err)
	}
	s.put("fleet.json", site(`"hosts": ["b.example"]`))
	_, err := source.Config(t.Context(), "b.example")
	require.NoError(t, err)
	require.ErrorIs(t, s.refusal("a.example"), edgeauth.ErrUnknownSite)
}

func TestAFolderThatCannotBeReadIsAFailure(t *testing.T) {
	s := newShelf(t)
	s.put("a.json", site(`"hosts": ["a.example"]`))
	s.document("a.example")
	s.folder.FS = missing{}
	s.now = s.now.Add(2 * time.Second)
	err := s.refusal("a.example")
	require.ErrorIs(t, err, errGone)
	require.NotErrorIs(t, err, edgeauth.ErrUnknownSite)
	_, err = s.folder.Hosts()
	require.ErrorIs(t, err, errGone)
	s.folder.FS = s
	s.now = s.now.Add(2 * time.Second)
	s.document("a.example")
}

var errGone = errors.New("the disk is gone")

type missing struct{}

func (missing) Open(string) (fs.File, error) { return nil, errGone }

func TestAFolderOnDiskFollowsLinksAndReadsNoMoreThanADocument(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "..data"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "..data", "a.json"), site(`"hosts": ["a.example"]`), 0o600))
	if err := os.Symlink(filepath.Join("..data", "a.json"), filepath.Join(dir, "a.json")); err != nil {
		t.Skipf("NOT TESTED: %v", err)
	}
	require.NoError(t, os.Symlink("nowhere.json", filepath.Join(dir, "b.example.json")))
	require.NoError(t, os.Mkdir(filepath.Join(dir, "c.example.json"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "d.example.json"), make([]byte, maxDocument*2), 0o600))
	folder := &Folder{FS: os.DirFS(dir)}
	hosts, err := folder.Hosts()
	require.NoError(t, err)
	require.Equal(t, []string{"a.example", "d.example"}, hosts)
	doc, _, err := folder.Document(t.Context(), "d.example", "")
	require.NoError(t, err)
	require.Len(t, doc, maxDocument+1)
	_, err = FromDocuments(folder, Options{}).Config(t.Context(), "d.example")
	require.ErrorContains(t, err, "at most")
}
