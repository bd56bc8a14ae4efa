package e2e

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// patience is how long anything may take. Machines that test are slow and busy; whoever waits so long is stuck.
const patience = 5 * time.Minute

// process is a child process.
type process struct {
	name   string
	output lockedBuffer // both streams
	ended  chan struct{}
	end    func()
	signal func(os.Signal) error
}

// launch runs a command. Its standard input stays open until it is ended, so that a child that watches it goes away
// even when the test is killed.
func launch(name, path string, args ...string) (*process, error) {
	p := &process{name: name, ended: make(chan struct{})}
	cmd := exec.Command(path, args...)
	cmd.Stdout, cmd.Stderr = &p.output, &p.output
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	go func() {
		_ = cmd.Wait()
		close(p.ended)
	}()
	p.signal = cmd.Process.Signal
	p.end = func() {
		stdin.Close()
		_ = cmd.Process.Kill()
		<-p.ended
	}
	return p, nil
}

// start runs a command that ends with its test.
func start(t *testing.T, name, path string, args ...string) *process {
	t.Helper()
	p, err := launch(name, path, args...)
	require.NoError(t, err)
	t.Cleanup(func() {
		p.end()
		if t.Failed() {
			t.Logf("what %s wrote:\n%s", name, p.output.String())
		}
	})
	return p
}

// line waits for a line that starts with prefix.
func (p *process) line(t *testing.T, prefix string) string {
	t.Helper()
	found, err := p.await(prefix)
	require.NoError(t, err)
	return found
}

func (p *process) await(prefix string) (found string, err error) {
	err = p.until("a line with "+prefix, func() bool {
		for line := range strings.Lines(p.output.String()) {
			if strings.HasPrefix(line, prefix) && strings.HasSuffix(line, "\n") {
				found = line
				return true
			}
		}
		return false
	})
	return found, err
}

// waitFor polls until the child is as far as ready says.
func (p *process) waitFor(t *testing.T, what string, ready func() bool) {
	t.Helper()
	require.NoError(t, p.until(what, ready))
}

func (p *process) until(what string, ready func() bool) error {
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		select {
		case <-p.ended:
			return fmt.Errorf("%s ended before %s: %s", p.name, what, p.output.String())
		case <-time.After(20 * time.Millisecond):
			if ready() {
				return nil
			}
		}
	}
	return fmt.Errorf("%s never came to %s: %s", p.name, what, p.output.String())
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
	require.Eventually(t, func() bool { return strings.Contains(output.String(), text) }, patience, 10*time.Millisecond, "nothing says %q", text)
}
