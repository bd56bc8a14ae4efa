package main

import (
	"bytes"
	"context"
	"debug/buildinfo"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"
)

// target is a system that a binary is for, in Go's words.
type target struct{ os, arch string }

var everywhere = []target{
	{"darwin", "amd64"}, {"darwin", "arm64"}, {"linux", "amd64"}, {"linux", "arm64"}, {"windows", "amd64"}, {"windows", "arm64"},
}

// program is the command as it was built, and what the compiler wrote into it about that.
type program struct {
	target
	binary []byte
	info   *debug.BuildInfo
	time   time.Time // of the commit
	parts  []part    // what it consists of beside our own module
}

// name is what the binary is called.
func (p program) name() string {
	if p.os == "windows" {
		return "edgeauth.exe"
	}
	return "edgeauth"
}

// version is that of the tag, or one that Go makes of the commit, without its v.
func (p program) version() string { return strings.TrimPrefix(p.info.Main.Version, "v") }

func (p program) setting(key string) string {
	for _, s := range p.info.Settings {
		if s.Key == key {
			return s.Value
		}
	}
	return ""
}

// build compiles the command: static, without the paths of this machine, with the commit's version.
func build(ctx context.Context, root string, t target) (program, error) {
	dir, err := os.MkdirTemp("", "edgeauth-release-")
	if err != nil {
		return program{}, err
	}
	defer os.RemoveAll(dir)
	out := filepath.Join(dir, "edgeauth")
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=true", "-mod=readonly", "-ldflags=-s -w", "-o", out, "./cmd/edgeauth")
	cmd.Dir = root
	// What whoever runs this has set for themselves would make other bytes of the same commit.
	cmd.Env = append(cmd.Environ(), "GOOS="+t.os, "GOARCH="+t.arch, "GOAMD64=v1", "GOARM64=v8.0", "CGO_ENABLED=0",
		"GOFLAGS=", "GOWORK=off", "GOEXPERIMENT=", "GOFIPS140=off")
	if said, err := cmd.CombinedOutput(); err != nil {
		return program{}, fmt.Errorf("go build for %s/%s: %w\n%s", t.os, t.arch, err, said)
	}
	p := program{target: t}
	if p.binary, err = os.ReadFile(out); err != nil {
		return program{}, err
	}
	if p.info, err = buildinfo.Read(bytes.NewReader(p.binary)); err != nil {
		return program{}, err
	}
	if p.time, err = time.Parse(time.RFC3339, p.setting("vcs.time")); err != nil {
		return program{}, fmt.Errorf("the binary does not say of which commit it is: %w", err)
	}
	return p, nil
}
