package e2e

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

const deployed = "../deploy"

// starts sees that the command knows all flags of a line that some file has for it, and that it starts with them, on another
// port and with a document of the test's.
func starts(t *testing.T, words []string, document string) {
	t.Helper()
	require.Equal(t, "serve", words[0])
	help, _ := exec.Command(command(t), "serve", "-h").CombinedOutput()
	args := []string{"serve"}
	for i := 1; i < len(words); i++ {
		name, value, joined := strings.Cut(words[i], "=")
		require.True(t, strings.HasPrefix(name, "-"), "%q is no flag", words[i])
		if !joined {
			i++
			value = words[i]
		}
		known := strings.Contains(string(help), "\n  "+name+" ") || strings.Contains(string(help), "\n  "+name+"\n")
		require.True(t, known, "serve does not know %s", name)
		switch name {
		case "-config":
			value = document
		case "-addr", "-health":
			value = "127.0.0.1:0"
		}
		args = append(args, name+"="+value)
	}
	serve := exec.Command(command(t), args...)
	var said bytes.Buffer
	serve.Stderr = &said
	printed, err := serve.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, serve.Start())
	started := false
	for lines := bufio.NewScanner(printed); !started && lines.Scan(); {
		started = strings.Contains(lines.Text(), "listening on ")
	}
	_ = serve.Process.Signal(syscall.SIGTERM)
	require.NoError(t, serve.Wait(), "%s", &said)
	require.True(t, started, "%s", &said)
}

// mounted writes a document and what it names as Kubernetes does: each file a link into a folder that is a link.
func mounted(t *testing.T, document string) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "..2026"), 0o755))
	require.NoError(t, os.Symlink("..2026", filepath.Join(dir, "..data")))
	for name, content := range map[string]string{
		"site.json": document, "client_secret": "a secret", "key": "MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1ub3BxcnN0dXY=\n",
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, "..2026", name), []byte(content), 0o600))
		require.NoError(t, os.Symlink("..data/"+name, filepath.Join(dir, name)))
	}
	return filepath.Join(dir, "site.json")
}

func TestTheHealthCommandIsThere(t *testing.T) {
	usage, err := exec.Command(command(t), "help").CombinedOutput()
	require.NoError(t, err)
	require.Contains(t, string(usage), "\n  health ", "image, compose file: their health check is edgeauth health ADDR")
}

const someDocument = `{"hosts": ["app.example.com"], "provider": {"type": "oidc", "issuer": "https://login.example.com"}, "client_id": "c",
	"client_secret": "file:client_secret", "session": {"keys": ["file:key"]}}`

func TestTheUnitOfSystemd(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile(filepath.Join(deployed, "systemd/edgeauth.service"))
	require.NoError(t, err)
	line := regexp.MustCompile(`(?m)^ExecStart=/usr/local/bin/edgeauth (.*)$`).FindSubmatch(content)
	require.NotNil(t, line)
	starts(t, strings.Fields(string(line[1])), mounted(t, someDocument))
	for _, file := range regexp.MustCompile(`file:(\w+)`).FindAllSubmatch(content, -1) {
		require.Contains(t, string(content), "LoadCredential="+string(file[1])+":/etc/edgeauth/", "what a document names is handed over")
	}

	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		t.Skip("NOT TESTED: systemd-analyze is missing")
	}
	unit := filepath.Join(t.TempDir(), "edgeauth.service")
	here := strings.ReplaceAll(string(content), "/usr/local/bin/edgeauth", command(t))
	require.NoError(t, os.WriteFile(unit, []byte(here), 0o600))
	out, err := exec.Command("systemd-analyze", "verify", unit).CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Empty(t, string(out))
	// Of 100, 14 is what a server needs that listens and calls its provider.
	out, err = exec.Command("systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold=15", unit).CombinedOutput()
	require.NoError(t, err, "%s", out)
}

// The parts of Kubernetes' API that the manifest uses, under their own names: a word that is misspelt is none of them.
type (
	kubeMeta struct {
		Name   string
		Labels map[string]string
	}
	kubeSelector struct {
		MatchLabels map[string]string `yaml:"matchLabels"`
	}
	kubeProbe struct {
		HTTPGet        struct{ Path, Port string } `yaml:"httpGet"`
		PeriodSeconds  int                         `yaml:"periodSeconds"`
		TimeoutSeconds int                         `yaml:"timeoutSeconds"`
	}
	kubeContainer struct {
		Name, Image string
		Args        []string
		Ports       []struct {
			Name          string
			ContainerPort int `yaml:"containerPort"`
		}
		LivenessProbe   kubeProbe `yaml:"livenessProbe"`
		ReadinessProbe  kubeProbe `yaml:"readinessProbe"`
		SecurityContext object    `yaml:"securityContext"`
		Resources       struct{ Requests, Limits map[string]string }
		VolumeMounts    []struct {
			Name      string
			MountPath string `yaml:"mountPath"`
			ReadOnly  bool   `yaml:"readOnly"`
		} `yaml:"volumeMounts"`
	}
	kubePod struct {
		AutomountServiceAccountToken  *bool  `yaml:"automountServiceAccountToken"`
		EnableServiceLinks            *bool  `yaml:"enableServiceLinks"`
		SecurityContext               object `yaml:"securityContext"`
		TerminationGracePeriodSeconds int    `yaml:"terminationGracePeriodSeconds"`
		Containers                    []kubeContainer
		Volumes                       []struct {
			Name      string
			Projected struct {
				DefaultMode int `yaml:"defaultMode"`
				Sources     []map[string]kubeMeta
			}
		}
	}
	kubeRule struct {
		From  []map[string]kubeSelector
		Ports []struct{ Port, Protocol string }
	}
	kubeObject struct {
		APIVersion string `yaml:"apiVersion"`
		Kind       string
		Metadata   kubeMeta
		Data       map[string]string
		Spec       struct {
			Replicas int
			Selector yaml.Node // a service's are labels alone
			Strategy struct {
				RollingUpdate struct {
					MaxUnavailable int `yaml:"maxUnavailable"`
					MaxSurge       int `yaml:"maxSurge"`
				} `yaml:"rollingUpdate"`
			}
			Template struct {
				Metadata kubeMeta
				Spec     kubePod
			}
			Ports []struct {
				Name       string
				Port       int
				TargetPort string `yaml:"targetPort"`
			}
			MinAvailable int          `yaml:"minAvailable"`
			PodSelector  kubeSelector `yaml:"podSelector"`
			PolicyTypes  []string     `yaml:"policyTypes"`
			Ingress      []kubeRule
		}
	}
)

func TestTheManifestOfKubernetes(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile(filepath.Join(deployed, "kubernetes/edgeauth.yaml"))
	require.NoError(t, err)
	objects := make(map[string]kubeObject)
	for d := yaml.NewDecoder(bytes.NewReader(content)); ; {
		var o kubeObject
		d.KnownFields(true)
		if err := d.Decode(&o); errors.Is(err, io.EOF) {
			break
		} else {
			require.NoError(t, err)
		}
		objects[o.APIVersion+" "+o.Kind+" "+o.Metadata.Name] = o
	}
	require.Len(t, objects, 6)
	label := map[string]string{"app.kubernetes.io/name": "edgeauth"}
	deployment := objects["apps/v1 Deployment edgeauth"].Spec
	pod := deployment.Template.Spec
	require.Equal(t, label, deployment.Template.Metadata.Labels)
	for _, name := range []string{"apps/v1 Deployment edgeauth", "policy/v1 PodDisruptionBudget edgeauth"} {
		selector, selects := objects[name].Spec.Selector, kubeSelector{}
		require.NoError(t, selector.Decode(&selects))
		require.Equal(t, label, selects.MatchLabels, name)
	}
	require.Equal(t, object{"runAsNonRoot": true, "runAsUser": 65532, "runAsGroup": 65532, "fsGroup": 65532, "seccompProfile": object{"type": "RuntimeDefault"}}, pod.SecurityContext)
	require.False(t, *pod.AutomountServiceAccountToken)

	c := pod.Containers[0]
	require.Equal(t, object{"allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "capabilities": object{"drop": []any{"ALL"}}}, c.SecurityContext)
	require.Contains(t, c.Args, "-health=:8081")
	require.Equal(t, "health", c.Ports[1].Name)
	require.Equal(t, 8081, c.Ports[1].ContainerPort)
	require.Equal(t, struct{ Path, Port string }{"/live", "health"}, c.LivenessProbe.HTTPGet)
	require.Equal(t, struct{ Path, Port string }{"/ready", "health"}, c.ReadinessProbe.HTTPGet)
	require.Contains(t, c.Args, "-config="+c.VolumeMounts[0].MountPath+"/site.json")
	require.Equal(t, 0o440, pod.Volumes[0].Projected.DefaultMode)
	starts(t, c.Args, mounted(t, objects["v1 ConfigMap edgeauth"].Data["site.json"]))

	// Nobody gets to it but the ingress controller, and nobody to the app but edgeauth.
	require.Equal(t, "ingress-nginx", objects["networking.k8s.io/v1 NetworkPolicy edgeauth"].Spec.Ingress[0].From[0]["namespaceSelector"].MatchLabels["kubernetes.io/metadata.name"])
	require.Equal(t, []kubeRule{{From: []map[string]kubeSelector{{"podSelector": {label}}}}}, objects["networking.k8s.io/v1 NetworkPolicy app-behind-edgeauth"].Spec.Ingress)
}

func TestTheComposeFile(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile(filepath.Join(deployed, "compose/compose.yaml"))
	require.NoError(t, err)
	type check struct {
		Test              []string
		Interval, Timeout string
		StartPeriod       string `yaml:"start_period"`
	}
	type service struct {
		Image                             string
		Command, Ports, Networks, Secrets []string
		Healthcheck                       check
		Configs                           []struct{ Source, Target string }
		ReadOnly                          bool     `yaml:"read_only"`
		CapDrop                           []string `yaml:"cap_drop"`
		SecurityOpt                       []string `yaml:"security_opt"`
		StopGracePeriod                   string   `yaml:"stop_grace_period"`
		Restart                           string
		DependsOn                         []string `yaml:"depends_on"`
	}
	var compose struct {
		Name             string
		Services         map[string]service
		Networks         map[string]struct{ Internal bool }
		Configs, Secrets map[string]struct{ File string }
	}
	d := yaml.NewDecoder(bytes.NewReader(content))
	d.KnownFields(true)
	require.NoError(t, d.Decode(&compose))

	own, app := compose.Services["edgeauth"], compose.Services["app"]
	require.True(t, own.ReadOnly)
	require.Equal(t, []string{"ALL"}, own.CapDrop)
	require.Equal(t, []string{"127.0.0.1:8080:8080"}, own.Ports, "plain HTTP is for this machine's proxy alone")
	require.Empty(t, app.Ports, "a port of the app's own gets past the sign-in")
	require.Equal(t, []string{"behind"}, app.Networks)
	require.True(t, compose.Networks["behind"].Internal)
	require.Contains(t, own.Command, "-config="+own.Configs[0].Target)
	require.Contains(t, own.Command, "-health="+own.Healthcheck.Test[3])
	require.Equal(t, []string{"CMD", "/usr/local/bin/edgeauth", "health"}, own.Healthcheck.Test[:3])
	for _, name := range own.Secrets {
		require.Equal(t, "/run/secrets", filepath.Dir(own.Configs[0].Target), "a document's files lie beside it")
		require.Equal(t, "./"+name, compose.Secrets[name].File)
	}
	starts(t, own.Command, mounted(t, someDocument))
}
