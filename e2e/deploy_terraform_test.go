package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// providerMirror is a folder of this machine that holds Terraform's providers, if there is one: then nothing is downloaded.
func providerMirror() string {
	for _, pattern := range []string{os.Getenv("E2E_TERRAFORM_PLUGINS"), "/usr/share/terraform/plugins", "/usr/local/share/terraform/plugins", "/opt/*"} {
		found, _ := filepath.Glob(filepath.Join(pattern, "registry.terraform.io", "hashicorp", "aws"))
		if pattern != "" && len(found) > 0 {
			return filepath.Join(found[0], "../../..")
		}
	}
	return ""
}

// Terraform judges the modules, and runs their own tests against a provider that makes nothing.
func TestTheModulesOfTerraform(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("terraform"); err != nil {
		t.Skip("NOT TESTED: terraform is missing, and neither Debian nor Go nor npm has it")
	}
	work := filepath.Join(t.TempDir(), "terraform")
	require.NoError(t, os.CopyFS(work, os.DirFS(filepath.Join(deployed, "terraform"))))
	run := func(dir string, args ...string) ([]byte, error) {
		cmd := exec.Command("terraform", args...)
		cmd.Dir = filepath.Join(work, dir)
		cmd.Env = append(os.Environ(), "TF_CLI_CONFIG_FILE="+os.DevNull, "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1")
		return cmd.CombinedOutput()
	}
	out, err := run("", "fmt", "-check", "-diff", "-recursive")
	require.NoError(t, err, "%s", out)

	prepare := []string{"init", "-backend=false", "-input=false", "-no-color"}
	if mirror := providerMirror(); mirror != "" {
		prepare = append(prepare, "-plugin-dir="+mirror)
	}
	for _, module := range []string{"function", "private", "distribution", "site", "sites"} {
		t.Run(module, func(t *testing.T) {
			if out, err := run(module, prepare...); err != nil {
				t.Skipf("NOT TESTED: terraform cannot have its provider for AWS; E2E_TERRAFORM_PLUGINS names a folder that holds it\n%s", out)
			}
			for _, step := range []string{"validate", "test"} {
				out, err := run(module, step, "-no-color")
				require.NoError(t, err, "terraform %s\n%s", step, out)
			}
		})
	}
}
