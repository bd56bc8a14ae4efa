package siteconfig

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth"
)

// bucket is a DocumentSource that tests change.
type bucket struct {
	docs    map[string]string
	err     error
	asked   []string // what was known, call by call
	written int      // documents handed out
}

func (b *bucket) Document(_ context.Context, host, known string) ([]byte, string, error) {
	b.asked = append(b.asked, known)
	if b.err != nil {
		return nil, "", b.err
	}
	doc, version, err := (Map{host: []byte(b.docs[host])}).Document(context.Background(), host, known)
	if b.docs[host] == "" {
		return nil, "", fmt.Errorf("%w: %s", edgeauth.ErrUnknownSite, host)
	}
	if doc != nil {
		b.written++
	}
	return doc, version, err
}

func TestAnUnchangedDocumentIsNeitherFetchedNorParsedAgain(t *testing.T) {
	b := &bucket{docs: map[string]string{"a.example": string(site(`"hosts": ["a.example"], "client_id": "one"`))}}
	source := FromDocuments(b, Options{})
	first, err := source.Config(t.Context(), "a.example")
	require.NoError(t, err)
	require.Equal(t, "one", first.ClientID)
	require.NotEmpty(t, first.Version)
	again, err := source.Config(t.Context(), "a.example")
	require.NoError(t, err)
	require.Equal(t, first, again, "whole, because whoever asks may have let go of it")
	require.Equal(t, 1, b.written)

	b.docs["a.example"] = string(site(`"hosts": ["a.example"], "client_id": "two"`))
	changed, err := source.Config(t.Context(), "a.example")
	require.NoError(t, err)
	require.Equal(t, "two", changed.ClientID)
	require.NotEqual(t, first.Version, changed.Version)
	require.Equal(t, []string{"", first.Version, first.Version}, b.asked)
}

func TestABadDocumentIsParsedOnceAndStaysBadUntilItChanges(t *testing.T) {
	good := string(site(`"hosts": ["a.example"]`))
	b := &bucket{docs: map[string]string{"a.example": good}}
	source := FromDocuments(b, Options{})
	_, err := source.Config(t.Context(), "a.example")
	require.NoError(t, err)
	b.docs["a.example"] = good + "!"
	for range 3 {
		_, err = source.Config(t.Context(), "a.example")
		require.ErrorContains(t, err, `site "a.example"`)
		require.NotErrorIs(t, err, edgeauth.ErrUnknownSite)
	}
	require.Equal(t, 2, b.written)
	b.docs["a.example"] = good
	_, err = source.Config(t.Context(), "a.example")
	require.NoError(t, err)
}

func TestWhatASourceSaysOfASiteIsPassedOn(t *testing.T) {
	b := &bucket{docs: map[string]string{"a.example": string(site(`"hosts": ["a.example"]`))}}
	source := FromDocuments(b, Options{})
	_, err := source.Config(t.Context(), "b.example")
	require.ErrorIs(t, err, edgeauth.ErrUnknownSite)
	_, err = source.Config(t.Context(), "a.example")
	require.NoError(t, err)
	b.err = errors.New("down")
	_, err = source.Config(t.Context(), "a.example")
	require.ErrorIs(t, err, b.err)
	b.err = nil
	_, err = source.Config(t.Context(), "a.example")
	require.NoError(t, err)
	require.Equal(t, 1, b.written, "a failure forgets nothing")
}

func TestADocumentServesTheHostItWasAskedForAndNoOther(t *testing.T) {
	doc := site(`"hosts": ["a.example", "b.example"], "client_id": "one"`)
	source := FromDocuments(Map{"a.example": doc, "b.example": doc, "c.example": doc}, Options{Keys: [][]byte{key}})
	for _, host := range []string{"a.example", "b.example"} {
		c, err := source.Config(t.Context(), host)
		require.NoError(t, err)
		require.Equal(t, host, c.SiteID, "keys follow from it")
		require.Equal(t, [][]byte{key}, c.Session.Keys)
	}
	_, err := source.Config(t.Context(), "c.example")
	require.ErrorContains(t, err, `hosts: lacks "c.example"`)
}

func TestATokenOfManySitesIsBoundByTheMasterKeys(t *testing.T) {
	doc := site(`"hosts": ["a.example"], "session": {"mode": "tokens"}`)
	c, err := FromDocuments(Map{"a.example": doc}, Options{Keys: [][]byte{key}}).Config(t.Context(), "a.example")
	require.NoError(t, err)
	require.Equal(t, [][]byte{key}, c.Session.Keys)
	c, err = Parse("a", doc, Options{Keys: [][]byte{key}})
	require.NoError(t, err)
	require.Empty(t, c.Session.Keys, "a site that is alone needs no key for tokens")
}

func TestADocumentOfManyReachesNoSecretsButItsOwn(t *testing.T) {
	with := func(reference string) []byte {
		return site(`"hosts": ["a.example"], "client_secret": "` + reference + `"`)
	}
	all := Options{Env: environment, ReadFile: files}
	own := Options{Env: environment, ReadFile: files, Secret: func(owner, reference string) (string, error) {
		if owner != "a.example" && owner != "team" {
			return "", errors.New("not yours")
		}
		return owner + "'s " + reference + "\n", nil
	}}
	folder := func(name, reference string) DocumentSource {
		s := newShelf(t)
		s.put(name, with(reference))
		return s.folder
	}
	for _, test := range []struct {
		rule     string
		source   DocumentSource
		opts     Options
		want     string
		refusals string
	}{
		{"no variable of the program", Map{"a.example": with("env:SECRET")}, all, "", "env: is not to be had here"},
		{"no file of the program", Map{"a.example": with("file:secret")}, all, "", "file: is not to be had here"},
		{"a variable of its host", Map{"a.example": with("env:SECRET")}, own, "a.example's env:SECRET", ""},
		{"a file of its host", Map{"a.example": with("file:secret")}, own, "a.example's file:secret", ""},
		{"a literal secret", Map{"a.example": with("s3cret")}, Options{}, "s3cret", ""},
		{"what belongs to its file, where it has one", folder("team.json", "file:secret"), own, "team's file:secret", ""},
		{"not what belongs to a host that it lists", folder("b.json", "file:secret"), own, "", "not yours"},
		{"no variable from a folder", folder("a.example.json", "env:SECRET"), all, "", "env: is not to be had here"},
	} {
		t.Run(test.rule, func(t *testing.T) {
			c, err := FromDocuments(test.source, test.opts).Config(t.Context(), "a.example")
			if test.refusals != "" {
				require.ErrorContains(t, err, test.refusals)
			} else {
				require.NoError(t, err)
			}
			require.Equal(t, test.want, c.ClientSecret)
		})
	}
}

func TestTheLogoOfADocumentOfManyIsAFileOfItsOwn(t *testing.T) {
	logo := "<svg xmlns=\"http://www.w3.org/2000/svg\"/>"
	doc := site(`"hosts": ["a.example"], "page": {"logo": "file:../keys"}`)
	_, err := FromDocuments(Map{"a.example": doc}, Options{ReadFile: func(string) ([]byte, error) { return []byte(logo), nil }}).Config(t.Context(), "a.example")
	require.ErrorContains(t, err, "file: is not to be had here")
	var asked string
	c, err := FromDocuments(Map{"a.example": doc}, Options{Secret: func(owner, reference string) (string, error) {
		asked = owner + " " + reference
		return logo, nil
	}}).Config(t.Context(), "a.example")
	require.NoError(t, err)
	require.Equal(t, "a.example file:../keys", asked)
	require.NotZero(t, c)
}

func TestADocumentThatMovesToAnotherFileIsReadAgain(t *testing.T) {
	s := newShelf(t)
	source := FromDocuments(s.folder, Options{Secret: func(owner, _ string) (string, error) { return owner, nil }})
	doc := site(`"hosts": ["a.example"], "client_secret": "file:secret"`)
	s.put("one.json", doc)
	c, err := source.Config(t.Context(), "a.example")
	require.NoError(t, err)
	require.Equal(t, "one", c.ClientSecret)
	s.remove("one.json")
	s.put("two.json", doc)
	c, err = source.Config(t.Context(), "a.example")
	require.NoError(t, err)
	require.Equal(t, "two", c.ClientSecret)
}

func TestRememberedDocumentsAreBounded(t *testing.T) {
	source := FromDocuments(everywhere{}, Options{}).(*documents)
	for i := range maxKnown + 500 {
		_, err := source.Config(t.Context(), fmt.Sprintf("h%d.example", i))
		require.NoError(t, err)
	}
	require.Len(t, source.known, maxKnown)
}

// everywhere has a document for every host.
type everywhere struct{}

func (everywhere) Document(_ context.Context, host, known string) ([]byte, string, error) {
	return sinceVersion(site(`"hosts": ["`+host+`"]`), known)
}

func TestADocumentWithoutAVersionIsReadEveryTime(t *testing.T) {
	source := FromDocuments(unversioned{}, Options{})
	for range 2 {
		c, err := source.Config(t.Context(), "a.example")
		require.NoError(t, err)
		require.Equal(t, []string{"a.example"}, c.Hosts)
	}
}

type unversioned struct{}

func (unversioned) Document(_ context.Context, host, _ string) ([]byte, string, error) {
	return site(`"hosts": ["` + host + `"]`), "", nil
}
