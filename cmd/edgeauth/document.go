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
	if isFolder(name) {
		return nil, opts, wrongUsage("-config takes one site document; %s is a folder", name)
	}
	if opts, err = documentOptions(filepath.Dir(name), keys); err != nil {
		return nil, opts, err
	}
	doc, err = readFile(name)
	return doc, opts, err
}

// documentOptions are what the documents in a folder may draw on.
func documentOptions(folder, keys string) (opts siteconfig.Options, err error) {
	opts.Env = os.LookupEnv
	opts.ReadFile = func(file string) ([]byte, error) {
		if !filepath.IsAbs(file) {
			file = filepath.Join(folder, file)
		}
		return readFile(file)
	}
	if keys == "" {
		return opts, nil
	}
	content, err := readFile(keys)
	if err != nil {
		return opts, err
	}
	if opts.Keys, err = siteconfig.ParseKeys(content); err != nil {
		err = fmt.Errorf("%s:\n%w", keys, err)
	}
	return opts, err
}

func isFolder(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}
