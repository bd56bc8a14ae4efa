package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// A release has the module s3sites beside the command's, under the same version.
func TestAReleasedCommandPackagesTheSitesOfABucket(t *testing.T) {
	t.Parallel()
	r, err := released()
	require.NoError(t, err)
	versions := filepath.Join(workDir, "release", "proxy", "github.com", "edgeauth", "edgeauth", "s3sites", "@v")
	require.NoError(t, os.MkdirAll(versions, 0o755))
	archive := exec.Command("git", "archive", "--format=zip", "--prefix=github.com/edgeauth/edgeauth/s3sites@"+releaseVersion+"/",
		"-o", filepath.Join(versions, releaseVersion+".zip"), "HEAD", ".")
	archive.Dir = "../s3sites"
	out, err := archive.CombinedOutput()
	require.NoError(t, err, "%s", out)
	gomod, err := exec.Command("git", "show", "HEAD:s3sites/go.mod").Output()
	require.NoError(t, err)
	for name, content := range map[string]string{
		"list": releaseVersion + "\n", releaseVersion + ".mod": string(gomod),
		releaseVersion + ".info": `{"Version": "` + releaseVersion + `", "Time": "2026-01-01T00:00:00Z"}`,
	} {
		require.NoError(t, os.WriteFile(filepath.Join(versions, name), []byte(content), 0o644))
	}
	require.NoError(t, r.run("", r.command, "package", "-source", "s3://my-sites?region="+bucketRegion, "-o", filepath.Join(t.TempDir(), "function.zip")))
}
