package e2e

import (
	"bytes"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// process is a child process that ends with its test.
type process struct {
	name   string
	output lockedBuffer // both streams
	ended  chan struct{}
}

// start runs a command. Its standard input stays open for as long as the test lasts, so that a child that watches
// it goes away even when the test is killed.
func start(t *testing.T, name, path string, args ...string) *process {
	t.Helper()
	p := &process{name: name, ended: make(chan struct{})}
	cmd := exec.Command(path, args...)
	cmd.Stdout, cmd.Stderr = &p.output, &p.output
	stdin, err := cmd.StdinPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start(), name)
	go func() {
		_ = cmd.Wait()
		close(p.ended)
	}()
	t.Cleanup(func() {
		stdin.Close()
		_ = cmd.Process.Kill()
		<-p.ended
		if t.Failed() {
			t.Logf("what %s wrote:\n%s", name, p.output.String())
		}
	})
	return p
}

// line waits for a line that starts with prefix.
func (p *process) line(t *testing.T, prefix string) string {
	t.Helper()
	var found string
	p.waitFor(t, "a line with "+prefix, func() bool {
		for line := range strings.Lines(p.output.String()) {
			if strings.HasPrefix(line, prefix) && strings.HasSuffix(line, "\n") {
				found = line
				return true
			}
		}
		return false
	})
	return found
}

// waitFor polls until the child is as far as ready says.
func (p *process) waitFor(t *testing.T, what string, ready func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		select {
		case <-p.ended:
			require.FailNow(t, p.name+" ended before "+what, p.output.String())
		case <-time.After(20 * time.Millisecond):
			if ready() {
				return
			}
		}
	}
	require.FailNow(t, p.name+" never came to "+what, p.output.String())
}

type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// says waits until a process has written a text: its pipe is read beside the test.
func says(t *testing.T, output *lockedBuffer, text string) {
	t.Helper()
	require.Eventually(t, func() bool { return strings.Contains(output.String(), text) }, 5*time.Second, 10*time.Millisecond, "nothing says %q", text)
}
