package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// blobs are an unpacked layout. Reading one by its descriptor checks digest and size, as whoever pulls the image does.
type blobs struct {
	t     *testing.T
	files map[string][]byte
	read  map[string]bool
}

func (b *blobs) get(d descriptor, mediaType string) []byte {
	b.t.Helper()
	require.Equal(b.t, mediaType, d.MediaType)
	name := "blobs/sha256/" + strings.TrimPrefix(d.Digest, "sha256:")
	content := b.files[name]
	require.Equal(b.t, d.Digest, fmt.Sprintf("sha256:%x", sha256.Sum256(content)))
	require.Equal(b.t, d.Size, len(content))
	b.read[name] = true
	return content
}

func (b *blobs) json(d descriptor, mediaType string, value any) {
	b.t.Helper()
	require.NoError(b.t, json.Unmarshal(b.get(d, mediaType), value))
}

// openImage reads a layout to its last blob, and returns the tree of each architecture.
func openImage(t *testing.T, content []byte) map[string]map[string][]byte {
	t.Helper()
	b := &blobs{t, untar(t, content), map[string]bool{"oci-layout": true, "index.json": true}}
	require.JSONEq(t, `{"imageLayoutVersion": "1.0.0"}`, string(b.files["oci-layout"]))
	var entry, all index
	require.NoError(t, json.Unmarshal(b.files["index.json"], &entry))
	require.Len(t, entry.Manifests, 1, "tools want one reference")
	b.json(entry.Manifests[0], indexType, &all)
	trees := make(map[string]map[string][]byte)
	for _, d := range all.Manifests {
		var m manifest
		b.json(d, manifestType, &m)
		var c image
		b.json(m.Config, configType, &c)
		require.Equal(t, *d.Platform, c.platform)
		require.Equal(t, "linux", c.OS)
		require.Equal(t, "65532:65532", c.Config.User)
		require.Equal(t, []string{"/usr/local/bin/edgeauth"}, c.Config.Entrypoint)
		require.Equal(t, []string{"CMD", "/usr/local/bin/edgeauth", "health", "127.0.0.1:8081"}, c.Config.Healthcheck.Test)
		require.Equal(t, entry.Manifests[0].Annotations["org.opencontainers.image.ref.name"], m.Annotations["org.opencontainers.image.version"])
		require.Len(t, m.Layers, 1)
		layer := b.get(m.Layers[0], layerType)
		require.Equal(t, []string{fmt.Sprintf("sha256:%x", sha256.Sum256(gunzip(t, layer)))}, c.RootFS.DiffIDs)
		trees[c.Architecture] = untar(t, layer)
	}
	for name := range b.files {
		require.True(t, b.read[name], "nothing points to %s", name)
	}
	return trees
}

func TestTheImageIsWholeAndHoldsTheReleasedBinaries(t *testing.T) {
	out := dist(t)
	trees := openImage(t, the(t, out, "_image.tar"))
	require.Len(t, trees, 2)
	for arch, tree := range trees {
		require.Len(t, tree, 3, "nothing else is in it")
		require.Equal(t, binaryIn(t, untar(t, the(t, out, "_linux_"+arch+".tar.gz"))), tree[programPath], arch)
		require.Contains(t, string(tree["usr/local/share/doc/edgeauth/THIRD-PARTY-LICENSES"]), "golang-jwt")
	}
}

func TestTheImageTrustsMozillasAuthorities(t *testing.T) {
	content, err := authorities()
	require.NoError(t, err)
	seen := make(map[string]bool)
	for rest := content; len(rest) > 0; {
		var block *pem.Block
		block, rest = pem.Decode(rest)
		require.NotNil(t, block)
		c, err := x509.ParseCertificate(block.Bytes)
		require.NoError(t, err)
		require.True(t, c.IsCA, c.Subject)
		seen[c.Subject.CommonName] = true
		rest = bytes.TrimSpace(rest)
	}
	require.Greater(t, len(seen), 80)
	for _, name := range []string{"ISRG Root X1", "DigiCert Global Root G2", "Amazon Root CA 1", "GTS Root R1"} { // what providers use
		require.True(t, seen[name], name)
	}
}

func gunzip(t *testing.T, content []byte) []byte {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(content))
	require.NoError(t, err)
	plain, err := io.ReadAll(z)
	require.NoError(t, err)
	return plain
}
