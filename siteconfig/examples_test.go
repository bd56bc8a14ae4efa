package siteconfig

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth"
)

func TestTheDocumentsOfTheManySitesExampleAreRight(t *testing.T) {
	folder := &Folder{FS: os.DirFS("../examples/many-sites/sites")}
	hosts, err := folder.Hosts()
	require.NoError(t, err)
	require.Len(t, hosts, 2)
	for _, host := range hosts {
		c, err := FromDocuments(folder, Options{Keys: [][]byte{key}}).Config(t.Context(), host)
		require.NoError(t, err)
		_, err = edgeauth.New(c)
		require.NoError(t, err)
		require.FileExists(t, "../examples/many-sites/sites/"+host+".json", "a bucket knows a document by its name")
	}
}
