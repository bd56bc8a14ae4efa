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

// arrow is a package and the packages of this module that it imports.
type arrow struct {
	from string
	to   []string
}

// arrows is the picture of docs/architecture.md. Every arrow is drawn here, and each row stands below all that it
// imports, so that there is no way up.
var arrows = []arrow{
	{"provider", nil},
	{"internal/address", nil},
	{"internal/cookies", []string{"internal/address"}},
	{"internal/fetchmetadata", nil},
	{"internal/page", nil},
	{"internal/strictjson", nil},
	{"internal/reason", nil},
	{"internal/seal", nil},
	{"internal/flight", []string{"internal/reason"}},
	{"internal/outbound", []string{"internal/flight", "provider"}},
	{"internal/fresh", []string{"internal/flight"}},
	{"internal/hostcache", []string{"internal/fresh"}},
	{"internal/token", []string{"internal/fresh", "internal/reason", "provider"}},
	{"internal/session", []string{"internal/reason", "internal/seal", "internal/token", "provider"}},
	{"internal/access", []string{"internal/address", "internal/reason", "internal/session", "provider"}},
	{"internal/attempt", []string{"internal/seal"}},
	{"internal/registry", []string{"internal/address", "internal/fresh", "internal/reason", "internal/token", "provider"}},
	{"internal/oauth", []string{"internal/address", "internal/flight", "internal/fresh", "internal/reason", "internal/session", "internal/token", "provider"}},
	{"internal/renewal", []string{"internal/flight", "internal/reason", "internal/seal", "internal/session"}},
	{"", []string{
		"internal/access", "internal/address", "internal/attempt", "internal/cookies", "internal/fetchmetadata", "internal/hostcache", "internal/oauth", "internal/outbound", "internal/page", "internal/reason", "internal/registry",
		"internal/renewal", "internal/seal", "internal/session", "provider",
	}},

	{"entraid", []string{"provider"}},
	{"auth0", []string{"provider"}},
	{"cognito", []string{"provider"}},
	{"github", []string{"provider"}},

	{"internal/answer", []string{"", "internal/reason"}},
	{"nethttp", []string{"", "internal/answer"}},
	{"forwardauth", []string{"", "internal/address", "internal/answer", "nethttp"}},
	{"lambdaedge", []string{"", "internal/address", "internal/answer", "internal/fetchmetadata", "internal/reason", "internal/seal"}},
	{"siteconfig", []string{"", "auth0", "cognito", "entraid", "github", "internal/seal", "internal/strictjson", "internal/token", "provider"}},
}

// outside are the packages that use the others as a program would, or that know nothing of this library. What they
// import is not drawn; nothing that is drawn imports them.
var outside = []string{"cmd", "edgeauthtest", "examples", "provider/providertest", "internal/cloudfront", "internal/devidp", "internal/devsite", "internal/runtimeapi"}

func TestEveryArrowBetweenPackagesIsDrawn(t *testing.T) {
	found := ownImports(t)
	for path, imports := range found {
		i := slices.IndexFunc(arrows, func(a arrow) bool { return a.from == path })
		if i < 0 {
			require.True(t, slices.ContainsFunc(outside, func(root string) bool { return path == root || strings.HasPrefix(path, root+"/") }), "%q is a new package: draw its arrows", path)
			continue
		}
		require.Equal(t, arrows[i].to, imports, "the arrows of %q", path)
	}
	for _, a := range arrows {
		require.Contains(t, found, a.from, "there is no such package")
	}
	require.Empty(t, waysUp(arrows))
}

func TestAWayUpIsSeen(t *testing.T) {
	require.Empty(t, waysUp([]arrow{{"low", nil}, {"high", []string{"low"}}}))
	require.Equal(t, []string{"low imports high"}, waysUp([]arrow{{"low", []string{"high"}}, {"high", nil}}))
}

// waysUp lists the arrows that do not lead to a row above.
func waysUp(arrows []arrow) (out []string) {
	seen := make(map[string]bool)
	for _, a := range arrows {
		for _, to := range a.to {
			if !seen[to] {
				out = append(out, a.from+" imports "+to)
			}
		}
		seen[a.from] = true
	}
	return out
}

// ownImports are the packages of this module, each with those of its imports that are of this module too, sorted.
func ownImports(t *testing.T) map[string][]string {
	t.Helper()
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "./...").Output()
	require.NoError(t, err)
	found := make(map[string][]string)
	for line := range strings.Lines(string(out)) {
		var own []string
		for _, path := range strings.Fields(line) {
			if path == module || strings.HasPrefix(path, module+"/") {
				own = append(own, strings.TrimPrefix(strings.TrimPrefix(path, module), "/"))
			}
		}
		found[own[0]] = nil
		if len(own) > 1 {
			found[own[0]] = slices.Sorted(slices.Values(own[1:]))
		}
	}
	return found
}

func TestWhatIsNotForProductionStaysOutOfIt(t *testing.T) {
	for _, row := range []struct {
		rule, from string
		never      []string
	}{
		{"the core does not test", "", []string{"testing", "net/http/httptest"}},
		{"a platform does not test", "nethttp", []string{"testing"}},
		{"a platform does not test", "lambdaedge", []string{"testing"}},
		{"a platform does not test", "forwardauth", []string{"testing"}},
		{"site documents do not test", "siteconfig", []string{"testing"}},
		{"the fake provider does not test", "internal/devidp", []string{"testing", module}},
		{"an adapter is data", "entraid", []string{"net/http"}},
		{"an adapter is data", "auth0", []string{"net/http"}},
		{"an adapter is data", "cognito", []string{"net/http"}},
		{"an adapter is data", "github", []string{"net/http"}},
	} {
		got := imports(t, strings.TrimSuffix(module+"/"+row.from, "/"))
		for _, path := range row.never {
			require.NotContains(t, got, path, "%s: %s imports it", row.rule, row.from)
		}
	}
	require.Empty(t, external(imports(t, module+"/provider")), "provider imports only the standard library")
}

func TestOnlyLambdaedgePullsInTheLambdaModule(t *testing.T) {
	const lambda = "github.com/aws/aws-lambda-go/lambda"
	require.Contains(t, imports(t, module+"/lambdaedge"), lambda)
	for _, from := range []string{module, module + "/nethttp", module + "/siteconfig", module + "/edgeauthtest", module + "/provider", module + "/provider/providertest"} {
		require.NotContains(t, imports(t, from), lambda, "%s imports it", from)
	}
}

func TestMetricsStayInTheCommand(t *testing.T) {
	const library = "github.com/VictoriaMetrics/metrics"
	require.Contains(t, imports(t, module+"/cmd/edgeauth"), library)
	for _, from := range []string{"", "/nethttp", "/lambdaedge", "/siteconfig", "/edgeauthtest", "/cmd/edgeauth/internal/packaged"} {
		require.NotContains(t, imports(t, module+from), library, "%s imports it", module+from)
	}
}

func TestKitsThatOthersImportUsePlainTesting(t *testing.T) {
	for _, kit := range []string{module + "/edgeauthtest", module + "/provider/providertest"} {
		for _, path := range external(imports(t, kit)) {
			require.False(t, strings.HasPrefix(path, "github.com/stretchr"), "%s pulls in %s", kit, path)
		}
	}
}
