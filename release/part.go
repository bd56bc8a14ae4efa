package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// part is a module that lies in a binary, or Go's own library.
type part struct {
	path, version string
	licence       string // by its SPDX identifier
	text          string
}

// standardLibrary is how lists of vulnerabilities call what comes with Go.
const standardLibrary = "stdlib"

// purl is the part's package URL. Its rules for Go want small letters.
func (p part) purl() string {
	return "pkg:golang/" + strings.ToLower(p.path) + "@" + strings.ReplaceAll(p.version, "+", "%2B")
}

// partsOf lists what a program consists of beside our own module, Go's library last.
func partsOf(ctx context.Context, root string, p program) (parts []part, err error) {
	for _, m := range p.info.Deps {
		if m.Replace != nil {
			return nil, fmt.Errorf("%s is replaced in go.mod; a release takes what everybody gets", m.Path)
		}
		dir, err := tool(ctx, root, "go", "list", "-m", "-f", "{{.Dir}}", m.Path)
		if err != nil {
			return nil, err
		}
		if parts, err = withLicence(parts, part{path: m.Path, version: m.Version}, dir); err != nil {
			return nil, err
		}
	}
	goroot, err := tool(ctx, root, "go", "env", "GOROOT")
	if err != nil {
		return nil, err
	}
	return withLicence(parts, part{path: standardLibrary, version: strings.TrimPrefix(p.info.GoVersion, "go")}, goroot)
}

func withLicence(parts []part, p part, dir string) ([]part, error) {
	text, err := os.ReadFile(filepath.Join(dir, "LICENSE"))
	if err != nil {
		return nil, fmt.Errorf("the licence of %s: %w", p.path, err)
	}
	if p.licence = identify(string(text)); p.licence == "" {
		return nil, fmt.Errorf("the licence of %s is none that we know: read it, and teach it to identify", p.path)
	}
	p.text = string(text)
	notice, err := os.ReadFile(filepath.Join(dir, "NOTICE")) // Apache-2.0, 4 (d): it goes on to whoever gets the work
	if err == nil {
		p.text += "\n" + string(notice)
	}
	return append(parts, p), nil
}

// identify names a licence by sentences that no other has. A text that is none of these is read by a person.
func identify(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	has := func(sentence string) bool { return strings.Contains(text, sentence) }
	switch {
	case has("Apache License Version 2.0, January 2004"):
		return "Apache-2.0"
	case has("Permission is hereby granted, free of charge, to any person obtaining a copy") && has("shall be included in all copies"):
		return "MIT"
	case has("Redistributions in binary form must reproduce") && has("Neither the name") && !has("All advertising materials"):
		return "BSD-3-Clause"
	}
	return ""
}

// texts are the licences of all parts. Each of them asks for its text to go with a binary.
func texts(parts []part) []byte {
	var b strings.Builder
	b.WriteString("edgeauth is built from these, each under its own licence.\n")
	for _, p := range parts {
		fmt.Fprintf(&b, "\n%s\n%s %s (%s)\n\n%s\n", strings.Repeat("=", 80), p.path, p.version, p.licence, strings.TrimSpace(p.text))
	}
	return []byte(b.String())
}

// requirements says which module's go.mod names which others, by paths.
func requirements(ctx context.Context, root string) (map[string][]string, error) {
	graph, err := tool(ctx, root, "go", "mod", "graph")
	if err != nil {
		return nil, err
	}
	edges := make(map[string][]string)
	for line := range strings.Lines(graph) {
		from, to, _ := strings.Cut(strings.TrimSpace(line), " ")
		from, _, _ = strings.Cut(from, "@")
		to, _, _ = strings.Cut(to, "@")
		edges[from] = append(edges[from], to)
	}
	return edges, nil
}
