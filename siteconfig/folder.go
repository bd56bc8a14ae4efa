package siteconfig

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/edgeauth/edgeauth"
)

// Folder is a [DocumentSource] that reads the *.json files of a folder. Each document is used for every host that it
// lists, at most 100. A host that two files list belongs to the one that is named HOST.json, so that no other document
// can take it away; else to the one that had it before; else it has no document.
//
// The folder is read at most once a second, and only when a document is asked for.
type Folder struct {
	// FS is the folder. Required.
	FS fs.FS
	// Now is the clock. Default time.Now.
	Now func() time.Time

	mu     sync.Mutex
	looked time.Time
	failed error
	files  map[string]folderFile // by name
	hosts  map[string][]string   // the names of the files that list a host
}

// folderFile is what is known of one file.
type folderFile struct {
	size     int64
	modified time.Time
	hosts    []string
}

// differs reports whether the file may have been written since it was read. A file that was written a moment before it
// was read may have been written again within the same tick of its file system's clock.
func (f folderFile) differs(info fs.FileInfo, now time.Time) bool {
	return f.size != info.Size() || !f.modified.Equal(info.ModTime()) || f.modified.IsZero() || now.Sub(f.modified) < 5*time.Second
}

// Document implements [DocumentSource].
func (f *Folder) Document(_ context.Context, host, known string) ([]byte, string, error) {
	doc, _, version, err := f.document(host, known)
	return doc, version, err
}

// document also returns the name of the file without .json. It is part of the version: where a document moves to another
// file, it has other secrets.
func (f *Folder) document(host, known string) (doc []byte, owner, version string, err error) {
	names, err := f.listing(host)
	switch {
	case err != nil:
		return nil, "", "", err
	case len(names) == 0:
		return nil, "", "", fmt.Errorf("%w: no document lists %s", edgeauth.ErrUnknownSite, host)
	case len(names) > 1:
		return nil, "", "", fmt.Errorf("%s is listed by %s, so that none of them counts; leave it in one, or name one %s.json", host, strings.Join(names, " and "), host)
	}
	doc, err = f.readFile(names[0])
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, "", "", fmt.Errorf("%w: %w", edgeauth.ErrUnknownSite, err)
	case err != nil:
		return nil, "", "", err
	}
	owner = strings.TrimSuffix(names[0], ".json")
	_, version, _ = sinceVersion(append([]byte(owner+"\x00"), doc...), "")
	if version == known {
		return nil, owner, version, nil
	}
	return doc, owner, version, nil
}

// Hosts are all hosts that the documents list, sorted.
func (f *Folder) Hosts() ([]string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.look()
	return slices.Sorted(maps.Keys(f.hosts)), f.failed
}

// listing returns the names of the files that list a host.
func (f *Folder) listing(host string) ([]string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.look()
	return f.hosts[host], f.failed
}

// look finds out which file lists which hosts, unless it did so within the last second. It reads the files that are new
// or have changed.
func (f *Folder) look() {
	now := time.Now
	if f.Now != nil {
		now = f.Now
	}
	began := now().Round(0)
	if f.files != nil && began.Sub(f.looked).Abs() < time.Second {
		return
	}
	entries, err := fs.ReadDir(f.FS, ".")
	f.looked, f.failed = began, err
	if err != nil {
		return
	}
	files, hosts := make(map[string]folderFile, len(entries)), make(map[string][]string, len(entries))
	for _, entry := range entries {
		name := entry.Name()
		if path.Ext(name) != ".json" || strings.HasPrefix(name, ".") {
			continue
		}
		file, known := f.files[name]
		// Stat follows a link; the folder's entry does not.
		info, err := fs.Stat(f.FS, name)
		switch {
		case errors.Is(err, fs.ErrNotExist) || err == nil && !info.Mode().IsRegular():
			continue
		case err != nil:
			file.hosts = f.readHosts(name, file.hosts)
		case !known || file.differs(info, began):
			file = folderFile{info.Size(), info.ModTime(), f.readHosts(name, file.hosts)}
		}
		files[name] = file
		for _, host := range file.hosts {
			if names := hosts[host]; !slices.Contains(names, name) {
				hosts[host] = append(names, name)
			}
		}
	}
	for host, names := range hosts {
		own, had := host+".json", f.hosts[host]
		switch {
		case len(names) < 2:
		case slices.Contains(names, own):
			hosts[host] = []string{own}
		case len(had) == 1 && slices.Contains(names, had[0]):
			hosts[host] = had
		}
	}
	f.files, f.hosts = files, hosts
}

// readHosts returns the hosts that a file lists. A file whose hosts cannot be read keeps those that it listed last, or
// has the host of its name, so that its faults are reported for these hosts.
func (f *Folder) readHosts(name string, last []string) []string {
	var doc struct {
		Hosts []string `json:"hosts"`
	}
	content, err := f.readFile(name)
	if err == nil {
		err = json.Unmarshal(content, &doc)
	}
	switch {
	case err == nil && len(doc.Hosts) > 0 && len(doc.Hosts) <= maxHosts:
		for i, host := range doc.Hosts {
			doc.Hosts[i] = strings.ToLower(host)
		}
		return doc.Hosts
	case last != nil:
		return last
	}
	return []string{strings.ToLower(strings.TrimSuffix(name, ".json"))}
}

func (f *Folder) readFile(name string) ([]byte, error) {
	file, err := f.FS.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	doc, err := io.ReadAll(io.LimitReader(file, maxDocument+1)) // Parse refuses what is longer
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return doc, nil
}
