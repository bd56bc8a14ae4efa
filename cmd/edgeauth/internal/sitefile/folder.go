package sitefile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"syscall"

	"github.com/edgeauth/edgeauth/siteconfig"
)

// Folder is a folder of site documents whose authors trust neither each other nor are trusted with what the program
// can read. What the document NAME.json names as file:SECRET lies in the folder NAME beside it, and env:SECRET has to be
// one of the variables that the operator gives to NAME.
type Folder struct {
	root *os.Root
	keys fs.FileInfo         // of the file of master keys; nil for none
	env  map[string][]string // the variables of each document
}

// OpenFolder opens a folder of documents. Each of env is NAME=VARIABLE: what the document NAME.json may name.
func OpenFolder(dir, keys string, env []string) (f *Folder, opts siteconfig.Options, err error) {
	f = &Folder{env: make(map[string][]string)}
	for _, pair := range env {
		document, variable, ok := strings.Cut(pair, "=")
		if !ok || document == "" || variable == "" {
			return nil, opts, fmt.Errorf("-secret-env %q: write DOCUMENT=VARIABLE, the document's file name without .json first", pair)
		}
		f.env[document] = append(f.env[document], variable)
	}
	if f.root, err = os.OpenRoot(dir); err != nil {
		return nil, opts, err
	}
	opts.Secret = f.secret
	if keys == "" {
		return f, opts, nil
	}
	if opts.Keys, err = Keys(keys); err == nil {
		f.keys, err = os.Stat(keys)
	}
	return f, opts, err
}

// DocumentOptions are [siteconfig.Options] for one document of the folder by itself.
func (f *Folder) DocumentOptions(file string, opts siteconfig.Options) siteconfig.Options {
	owner := strings.TrimSuffix(file, ".json")
	opts.Secret = func(_, reference string) (string, error) { return f.secret(owner, reference) }
	return opts
}

// Document reads one document of the folder.
func (f *Folder) Document(file string) ([]byte, error) {
	in, err := f.Open(file)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	return readAll(in, file)
}

// Open implements [fs.FS] for the documents themselves. Links are followed inside the folder alone.
func (f *Folder) Open(name string) (fs.File, error) {
	if name == "." {
		return f.root.Open(name)
	}
	return openRegular(f.root, name)
}

// Stat implements [fs.StatFS].
func (f *Folder) Stat(name string) (fs.FileInfo, error) { return f.root.Stat(name) }

// secret implements [siteconfig.Options.Secret].
func (f *Folder) secret(owner, reference string) (string, error) {
	if name, ok := strings.CutPrefix(reference, "env:"); ok {
		value := os.Getenv(name)
		switch {
		case !slices.Contains(f.env[owner], name):
			return "", fmt.Errorf("the environment variable %q is not given to this document; the operator does with -secret-env %s=%s", name, owner, name)
		case value == "":
			return "", fmt.Errorf("the environment variable %q is not set", name)
		}
		return value, nil
	}
	return f.readSecret(owner, strings.TrimPrefix(reference, "file:"))
}

// readSecret reads a file in the document's own folder. The folder is no link: it could be another document's.
func (f *Folder) readSecret(owner, name string) (string, error) {
	if !fs.ValidPath(name) || strings.ContainsAny(owner, `/\`) {
		return "", fmt.Errorf("the secret's file %q: name a file in the folder %s beside the document", name, owner)
	}
	entry, err := f.root.Lstat(owner)
	if err != nil || !entry.IsDir() {
		return "", fmt.Errorf("the secret's file %q: there is no folder %s beside the document, where its secrets lie", name, owner)
	}
	own, err := f.root.OpenRoot(owner)
	if err != nil {
		return "", fmt.Errorf("the secret's file: %w", err)
	}
	defer own.Close()
	if now, err := own.Stat("."); err != nil || !os.SameFile(entry, now) {
		return "", fmt.Errorf("the secret's file %q: the folder %s has just changed", name, owner)
	}
	file, err := openRegular(own, name)
	if err != nil {
		return "", fmt.Errorf("the secret's file: %w", err)
	}
	defer file.Close()
	if info, err := file.Stat(); err != nil || f.keys != nil && os.SameFile(info, f.keys) {
		return "", fmt.Errorf("the secret's file %q holds the master keys", name)
	}
	content, err := io.ReadAll(io.LimitReader(file, maxSecret+1))
	switch {
	case err != nil:
		return "", err
	case len(content) > maxSecret:
		return "", fmt.Errorf("the secret's file %q has more than %d bytes", name, maxSecret)
	}
	return string(content), nil
}

// maxSecret bounds a secret; the longest are private keys of some kB.
const maxSecret = 64 << 10

// openRegular opens a file that is a file: a device or a pipe could keep the process waiting for ever.
func openRegular(root *os.Root, name string) (*os.File, error) {
	file, err := root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
		file.Close()
		return nil, errors.Join(err, fmt.Errorf("%s is no regular file", name))
	}
	return file, nil
}
