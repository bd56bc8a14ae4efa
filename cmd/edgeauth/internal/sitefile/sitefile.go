// Package sitefile reads site documents from files, with what they may draw on.
package sitefile

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/edgeauth/edgeauth/siteconfig"
)

// Read reads the one site document of a command, whose author is the operator, and what it may draw on: the environment, the files beside it and the master keys in the
// file keys.
func Read(name, keys string) (doc []byte, opts siteconfig.Options, err error) {
	if opts, err = options(filepath.Dir(name), keys); err != nil {
		return nil, opts, err
	}
	doc, err = ReadFile(name)
	return doc, opts, err
}

// options are what a document in a folder may draw on whose author is the operator.
func options(folder, keys string) (opts siteconfig.Options, err error) {
	opts.Env = os.LookupEnv
	opts.ReadFile = func(file string) ([]byte, error) {
		if !filepath.IsAbs(file) {
			file = filepath.Join(folder, file)
		}
		return ReadFile(file)
	}
	if keys == "" {
		return opts, nil
	}
	opts.Keys, err = Keys(keys)
	return opts, err
}

// Keys reads master keys.
func Keys(name string) ([][]byte, error) {
	content, err := ReadFile(name)
	if err != nil {
		return nil, err
	}
	keys, err := siteconfig.ParseKeys(content)
	if err != nil {
		err = fmt.Errorf("%s:\n%w", name, err)
	}
	return keys, err
}

// maxFile bounds the documents, keys and secrets that are read.
const maxFile = 1 << 20

// ReadFile reads a file that is not larger than a document, a key or a secret can be.
func ReadFile(name string) ([]byte, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return readAll(file, name)
}

func readAll(file io.Reader, name string) ([]byte, error) {
	content, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err == nil && len(content) > maxFile {
		err = fmt.Errorf("%s has more than %d bytes", name, maxFile)
	}
	return content, err
}

// IsFolder reports whether name is a folder.
func IsFolder(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}
