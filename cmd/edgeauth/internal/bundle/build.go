package bundle

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"time"
)

const (
	modulePath = "github.com/edgeauth/edgeauth"
	goVersion  = "1.26.0" // what go.mod asks for
)

// siteMain is the whole program of a function that is built from a document.
const siteMain = `package main

import (
	"log"

	"github.com/edgeauth/edgeauth/cmd/edgeauth/internal/packaged"
	"github.com/edgeauth/edgeauth/lambdaedge"
)

func main() {
	data, err := packaged.Data()
	if err != nil {
		log.Fatal(err)
	}
	guard, err := packaged.Guard(data)
	if err != nil {
		log.Fatal(err)
	}
	lambdaedge.Start(guard)
}
`

// buildProgram builds a generated program in a temporary module that requires this command's own version, and those of
// its nested modules that the program needs. What the program protects is not in it: secrets that are compiled stay
// readable in Go's build cache.
func buildProgram(ctx context.Context, program string, nested ...string) ([]byte, error) {
	from, err := ownSource()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "edgeauth-package-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	// Its path lets the program use this command's internal packages. GOFLAGS, GOWORK and the like of whoever runs this
	// would make other bytes of the same inputs.
	files := map[string]string{
		"go.mod":  "module " + modulePath + "/cmd/edgeauth/function\n\ngo " + goVersion + "\n",
		"main.go": program,
	}
	env := []string{"GO111MODULE=on", "GOFLAGS=-mod=mod", "GOWORK=off", "GOEXPERIMENT=", "GOFIPS140=off"}
	if from.checkout != "" {
		// A workspace, and not a replace directive, which would put the checkout's path into the binary.
		files["go.work"] = fmt.Sprintf("go %s\n\nuse .\nuse %q\n", goVersion, from.checkout)
		for _, module := range nested {
			files["go.work"] += fmt.Sprintf("use %q\n", filepath.Join(from.checkout, module))
		}
		env = []string{"GO111MODULE=on", "GOFLAGS=", "GOWORK=" + filepath.Join(dir, "go.work"), "GOEXPERIMENT=", "GOFIPS140=off"}
	} else {
		files["go.mod"] += "\nrequire " + modulePath + " " + from.version + "\n"
		if from.sum != "" {
			files["go.sum"] = modulePath + " " + from.version + " " + from.sum + "\n"
		}
		for _, module := range nested {
			files["go.mod"] += "require " + modulePath + "/" + module + " " + from.version + "\n"
		}
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			return nil, err
		}
	}
	return goBuild(ctx, dir, env)
}

// buildMain builds the function of somebody's own main package, in its own module.
func buildMain(ctx context.Context, dir string) ([]byte, error) {
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return nil, fmt.Errorf("%s is no folder; name the folder of your main package", dir)
	}
	listed, err := goTool(ctx, dir, nil, "list", "-tags", "lambda.norpc", "-f", `{{.Name}}{{range .Deps}} {{.}}{{end}}`, ".")
	if err != nil {
		return nil, err
	}
	name, deps, _ := strings.Cut(strings.TrimSpace(listed), " ")
	switch {
	case name != "main":
		return nil, fmt.Errorf("%s holds package %s; a function needs a main package", dir, name)
	case !strings.Contains(" "+deps+" ", " "+modulePath+"/lambdaedge "):
		return nil, fmt.Errorf("the main package in %s does not import %s/lambdaedge, so that nothing would answer events; call lambdaedge.Start", dir, modulePath)
	}
	return goBuild(ctx, dir, nil)
}

// goBuild builds the main package in dir for Lambda@Edge, which has x86-64 alone.
func goBuild(ctx context.Context, dir string, env []string) ([]byte, error) {
	out, err := os.MkdirTemp("", "edgeauth-package-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(out)
	binary := filepath.Join(out, Program)
	if _, err := goTool(ctx, dir, env, "build", "-trimpath", "-buildvcs=false", "-tags", "lambda.norpc", "-ldflags=-s -w", "-o", binary, "."); err != nil {
		return nil, err
	}
	return os.ReadFile(binary)
}

// goTool runs the go command in dir and returns what it prints.
func goTool(ctx context.Context, dir string, env []string, args ...string) (string, error) {
	path, err := exec.LookPath("go")
	if err != nil {
		return "", fmt.Errorf("the go command is missing, and functions are built with it: install Go %s or later from https://go.dev/dl/", goVersion)
	}
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Dir = dir
	cmd.Env = append(cmd.Environ(), env...)
	cmd.Env = append(cmd.Env, "GOOS=linux", "GOARCH=amd64", "GOAMD64=v1", "CGO_ENABLED=0")
	// Asked to end, the go command removes what it has begun. What it started may hold its output open after it.
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if ended := context.Cause(ctx); err != nil && ended != nil {
		return "", fmt.Errorf("go %s in %s did not finish: %w", args[0], dir, ended)
	}
	if err != nil {
		return "", fmt.Errorf("go %s in %s: %w\n%s", args[0], dir, err, strings.TrimSpace(stderr.String()))
	}
	return string(out), nil
}

// source is where this command's own module comes from: a version, with its checksum where that is known, or a checkout.
type source struct{ version, sum, checkout string }

func ownSource() (source, error) {
	info, _ := debug.ReadBuildInfo()
	_, file, _, _ := runtime.Caller(0)
	return sourceOf(info, file)
}

// sourceOf tells it by what is written in the binary, and by where this very file was compiled.
func sourceOf(info *debug.BuildInfo, file string) (source, error) {
	if info == nil {
		info = new(debug.BuildInfo)
	}
	for _, m := range append([]*debug.Module{&info.Main}, info.Deps...) {
		// What comes from a proxy has a checksum; what is built in a checkout has none.
		if m.Path == modulePath && m.Replace == nil && m.Sum != "" {
			return source{version: m.Version, sum: m.Sum}, nil
		}
	}
	dir := filepath.Join(filepath.Dir(file), "../../../..")
	if content, err := os.ReadFile(filepath.Join(dir, "go.mod")); filepath.IsAbs(file) && err == nil && strings.HasPrefix(string(content), "module "+modulePath+"\n") {
		return source{checkout: dir}, nil
	}
	// A download is built in a checkout that is elsewhere. The commit's version is published, and the go command asks the
	// checksum database whether it gets what everybody gets.
	if v := info.Main.Version; info.Main.Path == modulePath && strings.HasPrefix(v, "v") && !strings.Contains(v, "+") {
		return source{version: v}, nil
	}
	return source{}, errors.New("this command was built in a checkout that is not where it was, with changes that nobody has published; build it again without -trimpath, or install a release with: go install " + modulePath + "/cmd/edgeauth@latest")
}
