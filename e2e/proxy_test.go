package e2e

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A session that keeps all 180 groups of a person is about as large as one may be. It comes through nginx as the README has
// it set up, and not as nginx comes.
func TestTheLargestSessionComesThroughNginx(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../README.md")
	require.NoError(t, err)
	snippet := regexp.MustCompile("(?s)```nginx\n(large_client_header_buffers.*?)```").FindSubmatch(readme)
	require.NotNil(t, snippet, "the README says how")
	s := setup{mode: "sealed", group: lastGroup, claims: []string{"name", "groups"}}
	for name, larger := range map[string]bool{"as the README says": true, "as nginx comes": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, front := prepareSite(t, s)
			port := freePort(t)
			server := strings.ReplaceAll(string(snippet[1]), "127.0.0.1:8080", "127.0.0.1:"+port)
			if !larger {
				server = regexp.MustCompile(`(?m)^ *(large_client|proxy_buffer).*$`).ReplaceAllString(server, "")
			}
			startNginx(t, fmt.Sprintf("server {\n listen %s;\n%s\n}", front, server))
			w.serve(t, w.write(t), net.JoinHostPort("127.0.0.1", port))
			w.answers(t, w.URL)
			v := newVisitor(t)
			page := v.enter(w, v.open(w.URL+"/admin/"), grace)
			if larger {
				require.Equal(t, http.StatusOK, page.status, page.body)
				require.Equal(t, w.URL+"/admin/", page.url)
				return
			}
			require.NotEqual(t, http.StatusOK, page.status, "then nothing of this is needed")
		})
	}
}

// startNginx runs nginx with these servers, in the foreground and without files of its own elsewhere.
func startNginx(t *testing.T, servers string) {
	t.Helper()
	nginx, dir := needProgram(t, "nginx", "/usr/sbin/nginx"), t.TempDir()
	user := ""
	if os.Getuid() == 0 {
		user = "user root;"
	}
	config := filepath.Join(dir, "nginx.conf")
	require.NoError(t, os.WriteFile(config, fmt.Appendf(nil, `
daemon off; master_process off; pid %[1]s/pid; error_log stderr; %[2]s
events {}
http {
  access_log off;
  client_body_temp_path %[1]s/body; proxy_temp_path %[1]s/proxy; fastcgi_temp_path %[1]s/f; uwsgi_temp_path %[1]s/u; scgi_temp_path %[1]s/s;
%[3]s
}
`, dir, user, servers), 0o644))
	start(t, "nginx", nginx, "-p", dir, "-c", config)
}
