package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var linux = []target{{"linux", "amd64"}, {"linux", "arm64"}}

// clone is a checkout of what is committed, in a folder of its own.
func clone(dir string) (string, error) {
	path := filepath.Join(dir, "edgeauth")
	if out, err := exec.Command("git", "clone", "-q", "..", path).CombinedOutput(); err != nil {
		return "", fmt.Errorf("git clone: %w: %s", err, out)
	}
	return path, nil
}

var (
	work     string
	released = sync.OnceValues(func() (string, error) { return releaseOnce("first") })
)

func TestMain(m *testing.M) {
	work, _ = os.MkdirTemp("", "edgeauth-release-test-")
	code := m.Run()
	os.RemoveAll(work)
	os.Exit(code)
}

func releaseOnce(name string) (string, error) {
	root, err := clone(filepath.Join(work, name))
	if err != nil {
		return "", err
	}
	out := filepath.Join(work, name, "out")
	return out, release(context.Background(), root, out, linux)
}

// dist is the release of what is committed, for Linux.
func dist(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("compiles the command")
	}
	out, err := released()
	require.NoError(t, err)
	return out
}

// the reads the one file of a folder whose name ends so.
func the(t *testing.T, dir, ending string) []byte {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "*"+ending))
	require.NoError(t, err)
	require.Len(t, found, 1, ending)
	content, err := os.ReadFile(found[0])
	require.NoError(t, err)
	return content
}

// untar reads a tar, packed by gzip or not, and sees that its headers tell nothing of this machine.
func untar(t *testing.T, content []byte) map[string][]byte {
	t.Helper()
	var r io.Reader = bytes.NewReader(content)
	if bytes.HasPrefix(content, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(r)
		require.NoError(t, err)
		require.True(t, z.ModTime.IsZero())
		r = z
	}
	files := make(map[string][]byte)
	last, archive := "", tar.NewReader(r)
	for {
		h, err := archive.Next()
		if err == io.EOF {
			return files
		}
		require.NoError(t, err)
		require.Less(t, last, h.Name, "names are sorted")
		require.Equal(t, "0:0::", fmt.Sprintf("%d:%d:%s:%s", h.Uid, h.Gid, h.Uname, h.Gname))
		require.Equal(t, strings.HasSuffix(h.Name, "/edgeauth"), h.Mode == 0o755, h.Name)
		last = h.Name
		files[h.Name], err = io.ReadAll(archive)
		require.NoError(t, err)
	}
}

func TestTheSameCommitGivesTheSameBytesInAnotherFolder(t *testing.T) {
	first := dist(t)
	t.Setenv("GOFLAGS", "-tags=mine") // what somebody has set for themselves
	t.Setenv("TZ", "Asia/Tokyo")
	second, err := releaseOnce("second-and-longer")
	require.NoError(t, err)
	names, err := os.ReadDir(first)
	require.NoError(t, err)
	require.Len(t, names, 6, "two archives, their lists, an image, checksums")
	for _, name := range names {
		require.Equal(t, sha256.Sum256(the(t, first, name.Name())), sha256.Sum256(the(t, second, name.Name())), name.Name())
	}
}

func TestAReleaseIsMadeOfACommit(t *testing.T) {
	root, err := clone(t.TempDir())
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(root, "new.go"), nil, 0o644))
	require.ErrorContains(t, release(t.Context(), root, filepath.Join(root, "dist"), linux), "commit first")
}

func TestChecksumsHoldForEveryFile(t *testing.T) {
	out := dist(t)
	check := exec.Command("sha256sum", "--check", "--strict", "SHA256SUMS")
	check.Dir = out
	said, err := check.CombinedOutput()
	require.NoError(t, err, "%s", said)
	require.Equal(t, 5, strings.Count(string(said), ": OK\n"))
}

func TestAnArchiveHoldsTheCommandAndWhatBelongsToIt(t *testing.T) {
	files := untar(t, the(t, dist(t), "_linux_amd64.tar.gz"))
	info, err := buildinfo.Read(bytes.NewReader(binaryIn(t, files)))
	require.NoError(t, err)
	base := "edgeauth_" + strings.TrimPrefix(info.Main.Version, "v") + "_linux_amd64/"
	for _, name := range []string{"CHANGELOG.md", "LICENSE", "README.md", "THIRD-PARTY-LICENSES", "edgeauth"} {
		require.NotEmpty(t, files[base+name], name)
	}
	require.Len(t, files, 5)
	for _, m := range info.Deps {
		require.Contains(t, string(files[base+"THIRD-PARTY-LICENSES"]), m.Path+" "+m.Version+" (")
	}
	require.NotContains(t, string(binaryIn(t, files)), work, "the path of the checkout")
}

func binaryIn(t *testing.T, files map[string][]byte) []byte {
	t.Helper()
	for name, content := range files {
		if strings.HasSuffix(name, "/edgeauth") {
			return content
		}
	}
	t.Fatal("there is no binary")
	return nil
}

// What the compiler wrote into the binary is the fact that the list is compared with.
func TestTheBillOfMaterialsListsEveryModuleOfTheBinary(t *testing.T) {
	out := dist(t)
	for _, arch := range []string{"amd64", "arm64"} {
		var b bom
		require.NoError(t, json.Unmarshal(the(t, out, "_linux_"+arch+".cdx.json"), &b))
		binary := binaryIn(t, untar(t, the(t, out, "_linux_"+arch+".tar.gz")))
		info, err := buildinfo.Read(bytes.NewReader(binary))
		require.NoError(t, err)

		require.Equal(t, fmt.Sprintf("%x", sha256.Sum256(binary)), b.Metadata.Component.Hashes[0].Content)
		require.Equal(t, info.Main.Version, b.Metadata.Component.Version)
		want := []string{"stdlib " + strings.TrimPrefix(info.GoVersion, "go")}
		for _, m := range info.Deps {
			want = append(want, m.Path+" "+m.Version)
		}
		var got []string
		needed := map[string]bool{b.Metadata.Component.Ref: true}
		for _, d := range b.Dependencies {
			require.NotEmpty(t, d.Ref)
			for _, on := range d.On {
				needed[on] = true
			}
		}
		for _, c := range b.Components {
			got = append(got, c.Name+" "+c.Version)
			require.NotEmpty(t, c.Licences[0].Licence.ID, c.Name)
			require.True(t, needed[c.Ref], "nothing needs %s, and it is there", c.Ref)
		}
		require.ElementsMatch(t, want, got)
		require.Len(t, b.Dependencies, len(got)+1)
	}
}

func TestArchivesOfTheSameFilesAreTheSame(t *testing.T) {
	at := time.Date(2026, 11, 27, 10, 0, 0, 0, time.FixedZone("there", 9*3600))
	files := []file{{"edgeauth", []byte("program"), true}, {"README.md", []byte("text"), false}}
	for name, pack := range map[string]func(string, []file, time.Time) ([]byte, error){"tar.gz": tarGz, "zip": zipped} {
		one, err := pack("folder", files, at)
		require.NoError(t, err)
		other, err := pack("folder", []file{files[1], files[0]}, at.UTC())
		require.NoError(t, err)
		require.Equal(t, one, other, name)
	}
	content, err := zipped("folder", files, at)
	require.NoError(t, err)
	z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	require.NoError(t, err)
	require.Equal(t, "folder/README.md", z.File[0].Name)
	require.Equal(t, os.FileMode(0o755), z.File[1].Mode())
	require.True(t, at.Equal(z.File[1].Modified))
}

func TestALicenceIsRecognisedByItsOwnSentences(t *testing.T) {
	const bsd = "Redistributions in binary form must reproduce the above copyright\nnotice. Neither the name of"
	for _, row := range []struct{ text, want string }{
		{"  Apache License\n   Version 2.0, January 2004", "Apache-2.0"},
		{"Permission is hereby granted, free of charge, to any person\nobtaining a copy … shall be included in all copies", "MIT"},
		{"Permission is hereby granted, free of charge, to any person obtaining a copy", ""}, // MIT-0 asks for less
		{bsd, "BSD-3-Clause"},
		{bsd + " All advertising materials", ""}, // BSD-4-Clause
		{"GNU GENERAL PUBLIC LICENSE", ""},
		{"", ""},
	} {
		require.Equal(t, row.want, identify(row.text), row.text)
	}
}

func TestAPartWithoutAKnownLicenceIsNotPublished(t *testing.T) {
	dir := t.TempDir()
	_, err := withLicence(nil, part{path: "example.com/m"}, dir)
	require.ErrorContains(t, err, "the licence of example.com/m")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "LICENSE"), []byte("All rights reserved."), 0o600))
	_, err = withLicence(nil, part{path: "example.com/m"}, dir)
	require.ErrorContains(t, err, "read it")
}

func TestAPackageURLIsWritten(t *testing.T) {
	require.Equal(t, "pkg:golang/github.com/micahparks/keyfunc/v3@v3.8.2", part{path: "github.com/MicahParks/keyfunc/v3", version: "v3.8.2"}.purl())
	require.Equal(t, "pkg:golang/example.com/m@v2.0.0%2Bincompatible", part{path: "example.com/m", version: "v2.0.0+incompatible"}.purl())
}

func TestEverySystemIsOneOfGos(t *testing.T) {
	out, err := exec.Command("go", "tool", "dist", "list").Output()
	require.NoError(t, err)
	for _, target := range everywhere {
		require.Contains(t, string(out), target.os+"/"+target.arch+"\n")
	}
	require.Contains(t, everywhere, target{runtime.GOOS, runtime.GOARCH})
}
