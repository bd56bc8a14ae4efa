package edgeauth_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// fileOrder are the files of the root: the walk of a request from the top down, then how a guard is built, then what all
// of them use. A file uses only what files below it declare.
var fileOrder = []string{
	"sites.go", "edgeauth.go", "answer.go", "callback.go", "logout.go", "sessioninfo.go", "signin.go", "admit.go", "allow.go", "pages.go", "log.go",
	"config_build.go", "config_validate.go", "config_rules.go", "rules.go", "cookies.go", "visit.go",
	"config.go", "pkce.go", "decision.go", "identity.go", "request.go", "reason.go", "doc.go",
}

func TestTheWalkGoesDown(t *testing.T) {
	paths, err := filepath.Glob("*.go")
	require.NoError(t, err)
	sources := make(map[string]string)
	for _, path := range paths {
		if isSource(path) {
			raw, err := os.ReadFile(path)
			require.NoError(t, err)
			sources[path] = string(raw)
		}
	}
	for path := range sources {
		require.Contains(t, fileOrder, path, "say in fileOrder where it belongs")
	}
	require.Len(t, sources, len(fileOrder))
	require.Empty(t, climbs(t, sources, fileOrder))
}

func TestAClimbIsSeen(t *testing.T) {
	order := []string{"up.go", "down.go"}
	require.Empty(t, climbs(t, map[string]string{"up.go": "package p; func up() { down() }", "down.go": "package p; func down() {}"}, order))
	require.Equal(t, []string{"down.go uses up, which up.go declares"},
		climbs(t, map[string]string{"up.go": "package p; func up() {}", "down.go": "package p; func down() { up() }"}, order))
	require.Equal(t, []string{"down.go uses up, which up.go declares"},
		climbs(t, map[string]string{"up.go": "package p; func (d down) up() {}", "down.go": "package p; type down struct{}; func f(d down) { d.up() }"}, order))
}

// climbs lists what files use of files above them. Imports are not looked at: go/types then does without the types of
// other packages, and knows everything about this one's own functions, types and methods.
func climbs(t *testing.T, sources map[string]string, order []string) (out []string) {
	t.Helper()
	files := token.NewFileSet()
	var parsed []*ast.File
	for path, source := range sources {
		file, err := parser.ParseFile(files, path, source, parser.SkipObjectResolution)
		require.NoError(t, err)
		parsed = append(parsed, file)
	}
	info := &types.Info{Uses: make(map[*ast.Ident]types.Object)}
	config := types.Config{Error: func(error) {}} // without imports there are many
	pkg, _ := config.Check("p", files, parsed, info)
	for use, object := range info.Uses {
		if object.Pkg() != pkg || !isDeclaration(object, pkg) {
			continue
		}
		from, to := files.Position(use.Pos()).Filename, files.Position(object.Pos()).Filename
		if slices.Index(order, from) > slices.Index(order, to) {
			out = append(out, fmt.Sprintf("%s uses %s, which %s declares", from, object.Name(), to))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// isDeclaration reports whether an object is a function, a method, or declared at the top of a file. The guard itself
// is in every method's receiver, wherever it is declared.
func isDeclaration(object types.Object, pkg *types.Package) bool {
	switch object := object.(type) {
	case *types.Func:
		return true
	case *types.TypeName:
		return object.Parent() == pkg.Scope() && object.Name() != "Guard"
	}
	return object.Parent() == pkg.Scope()
}
