package bundle

import (
	"archive/zip"
	"compress/flate"
	"embed"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/edgeauth/edgeauth/cmd/edgeauth/internal/packaged"
)

// shims are handler modules for Lambda's own runtimes. Each replaces its process by the Go program beside it.
//
//go:embed shim/index.py shim/index.mjs
var shims embed.FS

// Program is the name of the function's program in its zip. It must not be "index": Lambda's Node client looks for a file without an extension first.
const Program = "bootstrap"

// maxZip is CloudFront's limit for the zip of a function, compressed: CloudFront Developer Guide, "Quotas", "Quotas on
// Lambda@Edge", as of April 2026. Until 2023 that page had 1 MB for viewer triggers.
const maxZip = 50 << 20

// expectedZip is what a zip is normally below; a bigger one starts more slowly.
const expectedZip = 3_700_000

// writeFunctionZip writes the zip of a function. Data is what a generated program reads when it starts; nil for a
// program of somebody's own. The same binary and data give the same bytes: names sorted, times fixed, modes set here
// and not taken from a file system, which on Windows has none.
func writeFunctionZip(w io.Writer, binary, data []byte) error {
	z := zip.NewWriter(w)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) {
		return flate.NewWriter(w, flate.BestCompression)
	})
	names := []string{Program, "index.mjs", "index.py"}
	if data != nil {
		names = []string{Program, packaged.DataFile, "index.mjs", "index.py"}
	}
	for _, name := range names {
		content, mode := binary, fs.FileMode(0o755)
		switch name {
		case Program:
		case packaged.DataFile:
			content, mode = data, 0o644
		default:
			var err error
			if content, err = shims.ReadFile("shim/" + name); err != nil {
				return err
			}
			mode = 0o644
		}
		h := &zip.FileHeader{Name: name, Method: zip.Deflate, Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)}
		h.SetMode(mode)
		f, err := z.CreateHeader(h)
		if err != nil {
			return err
		}
		if _, err := f.Write(content); err != nil {
			return err
		}
	}
	return z.Close()
}

// saveFunctionZip puts the zip in the place of name, whole or not at all, and returns its size.
func saveFunctionZip(name string, binary, data []byte) (size int64, err error) {
	file, err := os.CreateTemp(filepath.Dir(name), ".edgeauth-*.zip")
	if err != nil {
		return 0, err
	}
	defer os.Remove(file.Name())
	err = writeFunctionZip(file, binary, data)
	if err == nil {
		size, err = file.Seek(0, io.SeekEnd)
	}
	if fault := file.Close(); err == nil {
		err = fault
	}
	switch {
	case err != nil:
		return 0, err
	case size > maxZip:
		return 0, fmt.Errorf("the zip has %s, and CloudFront takes %s", megabytes(size), megabytes(maxZip))
	}
	return size, os.Rename(file.Name(), name)
}

func megabytes(size int64) string { return fmt.Sprintf("%.2f MB", float64(size)/1e6) }
