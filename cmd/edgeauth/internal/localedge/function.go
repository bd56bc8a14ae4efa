package localedge

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"sync"

	"github.com/edgeauth/edgeauth/cmd/edgeauth/internal/bundle"
)

// maxUnpacked is Lambda's limit for a function's unpacked zip.
const maxUnpacked = 250 << 20

// Unpack puts the files of a zip into a new folder, with the modes that they have in the zip.
func Unpack(name, folder string) error {
	z, err := zip.OpenReader(name)
	if err != nil {
		return err
	}
	defer z.Close()
	if err := os.Mkdir(folder, 0o755); err != nil {
		return err
	}
	root, err := os.OpenRoot(folder) // nothing lands outside
	if err != nil {
		return err
	}
	defer root.Close()
	left := int64(maxUnpacked)
	for _, f := range z.File {
		if f.FileInfo().IsDir() {
			continue
		}
		written, err := unpackFile(root, f, left)
		if err != nil {
			return err
		}
		left -= written
	}
	if _, err := root.Stat(bundle.Program); err != nil {
		return fmt.Errorf("holds no %s; edgeauth package makes such a zip", bundle.Program)
	}
	return nil
}

func unpackFile(root *os.Root, f *zip.File, limit int64) (int64, error) {
	if err := root.MkdirAll(path.Dir(f.Name), 0o755); err != nil {
		return 0, err
	}
	from, err := f.Open()
	if err != nil {
		return 0, err
	}
	defer from.Close()
	to, err := root.OpenFile(f.Name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, f.Mode().Perm())
	if err != nil {
		return 0, err
	}
	written, err := io.Copy(to, io.LimitReader(from, limit+1))
	if written > limit {
		err = fmt.Errorf("has more than %d MB unpacked, which Lambda does not take", maxUnpacked>>20)
	}
	return written, errors.Join(err, to.Close())
}

// pythonDriver imports the handler module as Lambda's Python client does before it asks for an event.
const pythonDriver = `import sys
sys.path.insert(0, ".")
import index
sys.exit("index.py has not made way for bootstrap")`

// startCommand is how the function in task is started: by the runtime, or, where that is not installed, by itself.
func startCommand(runtime, task string) (command []string, how string) {
	program, module := "python3", "index.py"
	if runtime == "node" {
		program, module = "node", "index.mjs"
	}
	interpreter, err := exec.LookPath(program)
	if err == nil {
		_, err = os.Stat(filepath.Join(task, module))
	}
	switch {
	case err != nil:
		return []string{filepath.Join(task, bundle.Program)}, "by itself, since there is no " + program + " or no " + module
	case runtime == "node":
		return []string{interpreter, filepath.Join(task, module)}, "by node"
	}
	return []string{interpreter, "-c", pythonDriver}, "by python3"
}

// inherited is the part of this process's environment that this machine may need to start an interpreter and to reach
// a provider. At the edge none of it exists but the credentials, which are those of the function's role.
func inherited(lookup func(string) (string, bool)) (env []string) {
	for _, name := range []string{
		"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "PATH", "HOME", "SSL_CERT_FILE", "SSL_CERT_DIR",
		"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy",
	} {
		if value, ok := lookup(name); ok {
			env = append(env, name+"="+value)
		}
	}
	return env
}

// prefixed puts prefix before each line.
type prefixed struct {
	to     io.Writer
	prefix string

	mu   sync.Mutex
	rest []byte // of a line that has not ended
}

func (p *prefixed) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rest = append(p.rest, b...)
	for {
		line, rest, ended := bytes.Cut(p.rest, []byte("\n"))
		if !ended {
			return len(b), nil
		}
		if _, err := fmt.Fprintf(p.to, "%s%s\n", p.prefix, line); err != nil {
			return 0, err
		}
		p.rest = rest
	}
}
