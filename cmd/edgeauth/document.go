package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/edgeauth/edgeauth/siteconfig"
)

// readDocument reads a site document, and what it may draw on: the environment, the files beside it and the master
// keys in the file keys.
func readDocument(name, keys string) (doc []byte, opts siteconfig.Options, err error) {
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		return nil, opts, wrongUsage("-config takes one site document; %s is a folder", name)
	}
	opts.Env = os.LookupEnv
	opts.ReadFile = func(file string) ([]byte, error) {
		if !filepath.IsAbs(file) {
			file = filepath.Join(filepath.Dir(name), file)
		}
		return readFile(file)
	}
	if keys != "" {
		content, err := readFile(keys)
		if err != nil {
			return nil, opts, err
		}
		if opts.Keys, err = siteconfig.ParseKeys(content); err != nil {
			return nil, opts, fmt.Errorf("%s:\n%w", keys, err)
		}
	}
	doc, err = readFile(name)
	return doc, opts, err
}
