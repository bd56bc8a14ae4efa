package edgeauth_test

import (
	"bytes"
	"flag"
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "rewrite the golden files of the public API")

// Programs build on every exported name. A difference here is either a mistake or belongs into the changelog; run
// "go test -run TestThePublicAPI . -update" to accept it.
func TestThePublicAPIIsTheOneThatWasReviewed(t *testing.T) {
	const golden = "testdata/api"
	packages := publicPackages(t)
	for _, dir := range packages {
		t.Run(dir, func(t *testing.T) {
			file := filepath.Join(golden, apiFile(dir))
			got := publicAPI(t, dir)
			if *update {
				require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
			}
			want, err := os.ReadFile(file)
			require.NoError(t, err)
			require.Equal(t, string(want), got)
		})
	}
	files, err := filepath.Glob(golden + "/*.txt")
	require.NoError(t, err)
	for _, file := range files {
		require.True(t, slices.ContainsFunc(packages, func(dir string) bool { return apiFile(dir) == filepath.Base(file) }), "%s is of no package", file)
	}
}

func apiFile(dir string) string {
	if dir == "." {
		dir = "edgeauth"
	}
	return strings.ReplaceAll(filepath.ToSlash(dir), "/", "_") + ".txt"
}

// publicPackages are the folders with a package that other modules can import.
func publicPackages(t *testing.T) []string {
	t.Helper()
	found := make(map[string]bool)
	require.NoError(t, filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		switch name := entry.Name(); {
		case err != nil:
			return err
		case entry.IsDir() && (slices.Contains([]string{"internal", "testdata", "examples", "cmd", "e2e", "release", "bench", "docs", "node_modules"}, name) || path != "." && strings.HasPrefix(name, ".")):
			return fs.SkipDir
		case isSource(name):
			found[filepath.Dir(path)] = true
		}
		return nil
	}))
	return slices.Sorted(maps.Keys(found))
}

func isSource(name string) bool {
	return strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go")
}

// publicAPI prints what a package exports, without comments and bodies, sorted, so that moving a declaration to
// another file changes nothing.
func publicAPI(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	files := token.NewFileSet()
	var declarations []string
	name := ""
	for _, entry := range entries {
		if entry.IsDir() || !isSource(entry.Name()) {
			continue
		}
		file, err := parser.ParseFile(files, filepath.Join(dir, entry.Name()), nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		name = file.Name.Name
		ast.FileExports(file)
		for _, declaration := range file.Decls {
			declarations = append(declarations, printed(t, files, declaration)...)
		}
	}
	slices.Sort(declarations)
	return "package " + name + "\n\n" + strings.Join(declarations, "\n") + "\n"
}

func printed(t *testing.T, files *token.FileSet, declaration ast.Decl) (out []string) {
	t.Helper()
	text := func(node ast.Node) string {
		var b bytes.Buffer
		require.NoError(t, (&printer.Config{Mode: printer.UseSpaces | printer.TabIndent, Tabwidth: 8}).Fprint(&b, files, node))
		return regexp.MustCompile(`\n\n+`).ReplaceAllString(b.String(), "\n") // where comments were
	}
	switch d := declaration.(type) {
	case *ast.FuncDecl:
		if d.Recv != nil && !exportedReceiver(d.Recv.List[0].Type) {
			return nil
		}
		d.Body = nil
		return []string{text(d)}
	case *ast.GenDecl:
		if d.Tok == token.IMPORT {
			return nil
		}
		if d.Tok == token.CONST { // iota counts within its group
			return []string{text(d)}
		}
		for _, spec := range d.Specs {
			out = append(out, text(&ast.GenDecl{Tok: d.Tok, Specs: []ast.Spec{spec}}))
		}
	}
	return out
}

func exportedReceiver(receiver ast.Expr) bool {
	switch r := receiver.(type) {
	case *ast.StarExpr:
		return exportedReceiver(r.X)
	case *ast.IndexExpr:
		return exportedReceiver(r.X)
	case *ast.Ident:
		return r.IsExported()
	}
	return true
}
