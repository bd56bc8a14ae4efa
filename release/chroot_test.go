//go:build linux

package main

import (
	"bufio"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// In the image's tree, as its user and with nothing else around it, the command serves; and it trusts the file that the
// image brings, so that a company can mount its own there.
func TestTheCommandServesInsideTheImage(t *testing.T) {
	tree := openImage(t, the(t, dist(t), "_image.tar"))[runtime.GOARCH]
	if os.Geteuid() != 0 {
		t.Skip("NOT TESTED: chroot wants root")
	}
	provider := httptest.NewUnstartedServer(nil)
	provider.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"issuer": %[1]q, "authorization_endpoint": "%[1]s/authorize", "token_endpoint": "%[1]s/token", "jwks_uri": "%[1]s/keys"}`, provider.URL)
	})
	provider.StartTLS()
	defer provider.Close()

	root := t.TempDir()
	tree["etc/ssl/certs/ca-certificates.crt"] = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: provider.Certificate().Raw})
	tree["site/index.html"] = []byte("private")
	tree["site.json"] = fmt.Appendf(nil, `{"hosts": ["app.example.com"], "provider": {"type": "oidc", "issuer": %q}, "client_id": "site", "session": {"mode": "tokens"}}`, provider.URL)
	for name, content := range tree {
		path := filepath.Join(root, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, content, 0o755))
	}
	require.NoError(t, os.Chmod(root, 0o755))

	inside := func(args ...string) *exec.Cmd {
		return &exec.Cmd{
			Path: "/" + programPath, Args: append([]string{"edgeauth"}, args...), Dir: "/", Env: []string{"PATH=/usr/local/bin"},
			SysProcAttr: &syscall.SysProcAttr{Chroot: root, Credential: &syscall.Credential{Uid: 65532, Gid: 65532}},
		}
	}
	said, err := inside("version").CombinedOutput()
	require.NoError(t, err, "%s", said)
	require.Contains(t, string(said), " "+runtime.Version()+" linux/")

	serve := inside("serve", "-config", "/site.json", "-dir", "/site", "-addr", "127.0.0.1:0")
	var log strings.Builder
	serve.Stderr = &log
	printed, err := serve.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, serve.Start())
	address := ""
	for lines := bufio.NewScanner(printed); address == "" && lines.Scan(); {
		_, address, _ = strings.Cut(lines.Text(), "listening on ")
	}
	asked, err := http.NewRequest(http.MethodGet, "http://"+address+"/", nil)
	require.NoError(t, err)
	asked.Host = "app.example.com"
	asked.Header.Set("Accept", "text/html")
	answer, err := http.DefaultTransport.RoundTrip(asked)
	require.NoError(t, err)
	body, _ := io.ReadAll(answer.Body)
	answer.Body.Close()
	require.NoError(t, serve.Process.Signal(syscall.SIGTERM))
	require.NoError(t, serve.Wait(), "%s", &log)
	require.True(t, strings.HasPrefix(answer.Header.Get("Location"), provider.URL+"/authorize?"), "%d %s\n%s", answer.StatusCode, body, &log)
}
