package edgeauth_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "github.com/edgeauth/edgeauth"

// imports lists the packages that a package's build needs, from the real import graph.
func imports(t *testing.T, pattern string) []string {
	t.Helper()
	out, err := exec.Command("go", "list", "-deps", pattern).Output()
	require.NoError(t, err)
	return strings.Fields(string(out))
}

func external(paths []string) []string {
	var out []string
	for _, path := range paths {
		first, _, _ := strings.Cut(path, "/")
		if strings.Contains(first, ".") && path != module && !strings.HasPrefix(path, module+"/") {
			out = append(out, path)
		}
	}
	return out
}

func TestTheCorePullsInJWTAndKeyfuncAlone(t *testing.T) {
	allowed := []string{
		"github.com/golang-jwt/jwt/v5", "github.com/MicahParks/keyfunc/v3",
		"github.com/MicahParks/jwkset", "golang.org/x/time/rate", // keyfunc's own
	}
	for _, path := range external(imports(t, module)) {
		require.True(t, slices.ContainsFunc(allowed, func(root string) bool { return path == root || strings.HasPrefix(path, root+"/") }),
			"the core pulls in %s", path)
	}
}

func TestImportsFollowTheArrowsOfTheDesign(t *testing.T) {
	in := func(names ...string) []string {
		for i, name := range names {
			names[i] = module + "/" + name
		}
		return names
	}
	for _, row := range []struct {
		rule, from string
		never      []string
	}{
		{"the core knows no platform and no provider", module, in("nethttp", "lambdaedge", "siteconfig", "entraid", "auth0", "cognito", "github", "internal/devidp", "edgeauthtest")},
		{"the core does not test", module, []string{"testing", "net/http/httptest"}},
		{"a platform knows no provider and no other platform", module + "/nethttp", append(in("lambdaedge", "siteconfig", "entraid", "internal/devidp"), "testing")},
		{"a platform knows no provider and no other platform", module + "/lambdaedge", append(in("nethttp", "siteconfig", "entraid", "internal/devidp"), "testing")},
		{"site documents know no platform", module + "/siteconfig", append(in("nethttp", "lambdaedge", "internal/devidp"), "testing")},
		{"the fake provider does not test", module + "/internal/devidp", []string{"testing", module}},
		{"an adapter is data", module + "/entraid", []string{"net/http", module}},
		{"an adapter is data", module + "/auth0", []string{"net/http", module}},
		{"an adapter is data", module + "/cognito", []string{"net/http", module}},
		{"an adapter is data", module + "/github", []string{"net/http", module}},
	} {
		got := imports(t, row.from)
		for _, path := range row.never {
			if path != row.from {
				require.NotContains(t, got, path, "%s: %s imports it", row.rule, row.from)
			}
		}
	}
	require.Empty(t, external(imports(t, module+"/provider")), "provider imports only the standard library")
	for _, path := range imports(t, module+"/provider") {
		require.False(t, strings.HasPrefix(path, module+"/") && path != module+"/provider", "provider imports %s", path)
	}
}

func TestOnlyLambdaedgePullsInTheLambdaModule(t *testing.T) {
	const lambda = "github.com/aws/aws-lambda-go/lambda"
	require.Contains(t, imports(t, module+"/lambdaedge"), lambda)
	for _, from := range []string{module, module + "/nethttp", module + "/siteconfig", module + "/edgeauthtest", module + "/provider", module + "/provider/providertest"} {
		require.NotContains(t, imports(t, from), lambda, "%s imports it", from)
	}
}

func TestKitsThatOthersImportUsePlainTesting(t *testing.T) {
	for _, kit := range []string{module + "/edgeauthtest", module + "/provider/providertest"} {
		for _, path := range external(imports(t, kit)) {
			require.False(t, strings.HasPrefix(path, "github.com/stretchr"), "%s pulls in %s", kit, path)
		}
	}
}
