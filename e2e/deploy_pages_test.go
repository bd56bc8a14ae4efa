package e2e

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

func TestTheReleaseWorkflowMayDoOnlyWhatItNeeds(t *testing.T) {
	content, err := os.ReadFile("../.github/workflows/release.yml")
	require.NoError(t, err)
	var workflow struct {
		Name        string
		On          struct{ Push struct{ Tags []string } }
		Permissions map[string]string
		Env         map[string]string
		Jobs        map[string]struct {
			RunsOn         string `yaml:"runs-on"`
			TimeoutMinutes int    `yaml:"timeout-minutes"`
			Permissions    map[string]string
			Steps          []struct {
				Name, Uses, Run string
				With            object
				Env             map[string]string
			}
		}
	}
	d := yaml.NewDecoder(bytes.NewReader(content))
	d.KnownFields(true)
	require.NoError(t, d.Decode(&workflow))
	require.Equal(t, []string{"v*"}, workflow.On.Push.Tags)
	require.Equal(t, map[string]string{"contents": "read"}, workflow.Permissions)
	job := workflow.Jobs["downloads"]
	require.Equal(t, map[string]string{"contents": "write", "packages": "write", "id-token": "write", "attestations": "write"}, job.Permissions)
	var runs []string
	for _, step := range job.Steps {
		runs = append(runs, step.Run)
		if step.Uses != "" {
			require.Regexp(t, `@(v\d+\.\d+\.\d+|[0-9a-f]{40})$`, step.Uses, "a moving name")
		}
		require.NotContains(t, step.Run, "${{", "what others write is no part of a script")
	}
	require.Contains(t, runs, "make dist")
}

func TestThePagesAboutReleasesLeadToWhatIsThere(t *testing.T) {
	for _, page := range []string{"../docs/deploy.md", "../VERSIONING.md", "../RELEASING.md"} {
		content, err := os.ReadFile(page)
		require.NoError(t, err)
		for _, link := range regexp.MustCompile(`\]\(([^)#]+)\)`).FindAllSubmatch(content, -1) {
			if target := string(link[1]); !strings.HasPrefix(target, "https://") {
				require.FileExists(t, filepath.Join(filepath.Dir(page), target), page)
			}
		}
	}
}
