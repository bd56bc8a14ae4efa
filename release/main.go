// Command release makes what is downloaded of a version, from the commit that is checked out: for each system a binary in
// an archive with its licences and a list of what it consists of, a container image, and the checksums of them all.
//
// The same commit and the same Go give the same bytes on every machine, so that anybody can see that a download is what
// the source says.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
)

func main() {
	log.SetFlags(0)
	out := flag.String("o", "../dist", "write into this `folder`, which is emptied first")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := release(ctx, "..", *out, everywhere); err != nil {
		log.Fatal("release: ", err)
	}
}

// release writes what is downloaded of the checkout in root.
func release(ctx context.Context, root, out string, targets []target) error {
	if err := committed(ctx, root); err != nil {
		return err
	}
	if err := os.RemoveAll(out); err != nil {
		return err
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	var programs []program
	for _, t := range targets {
		p, err := build(ctx, root, t)
		if err != nil {
			return err
		}
		if p.parts, err = partsOf(ctx, root, p); err != nil {
			return err
		}
		if err := publish(ctx, root, out, p); err != nil {
			return err
		}
		programs = append(programs, p)
	}
	if err := writeImage(out, programs); err != nil {
		return err
	}
	return writeChecksums(out)
}

// committed refuses a checkout with changes: nobody could make the same bytes.
func committed(ctx context.Context, root string) error {
	status, err := tool(ctx, root, "git", "status", "--porcelain")
	if err == nil && status != "" {
		err = fmt.Errorf("commit first, a release is made of a commit; these differ:\n%s", status)
	}
	return err
}

// publish writes a program's archive, and beside it the list of what it consists of.
func publish(ctx context.Context, root, out string, p program) error {
	edges, err := requirements(ctx, root)
	if err != nil {
		return err
	}
	bom, err := billOfMaterials(p, edges)
	if err != nil {
		return err
	}
	files := []file{{p.name(), p.binary, true}, {"THIRD-PARTY-LICENSES", texts(p.parts), false}}
	for _, name := range []string{"CHANGELOG.md", "LICENSE", "README.md"} {
		content, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			return err
		}
		files = append(files, file{name, content, false})
	}
	base := fmt.Sprintf("edgeauth_%s_%s_%s", p.version(), p.os, p.arch)
	archive, ending := tarGz, ".tar.gz"
	if p.os == "windows" {
		archive, ending = zipped, ".zip"
	}
	content, err := archive(base, files, p.time)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(out, base+ending), content, 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(out, base+".cdx.json"), bom, 0o644)
}

// tool runs a program in dir and returns what it prints.
func tool(ctx context.Context, dir, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, &stderr)
	}
	return strings.TrimSpace(string(out)), nil
}
