// Command mutate takes one rule of security out of the code at a time and tells which test notices. It changes no file:
// go reads the changed one through an overlay. It ends with status 1 where no test notices, or where a row of the list is
// no longer true.
//
//	go run ./.ci/mutate [-list FILE] [-parallel N] [NAME…]
//
// With names it tries the rules alone whose names begin with one of them. Run it in the root of the module.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// testFlags are those of every run. -vet=off: what vet says of a mutant is no test's merit. -ldflags=-w links faster.
// -skip: the tests that ask go list which package imports which see no overlay, and cost more than all others together.
var testFlags = []string{
	"test", "-short", "-failfast", "-vet=off", "-ldflags=-w",
	"-skip", "^(TestTheCorePullsIn|TestEveryArrow|TestWhatIsNotForProduction|TestOnlyLambdaedge|TestKitsThatOthers)",
}

func main() {
	list := flag.String("list", ".ci/mutate/rules.txt", "the `file` that lists the rules")
	parallel := flag.Int("parallel", 1, "how many are tried at once")
	timeout := flag.Duration("timeout", 4*time.Minute, "of one package's tests")
	flag.Parse()
	ok, err := run(*list, *parallel, *timeout, flag.Args())
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutate:", err)
	}
	if err != nil || !ok {
		os.Exit(1)
	}
}

func run(list string, parallel int, timeout time.Duration, names []string) (ok bool, err error) {
	text, err := os.ReadFile(list)
	if err != nil {
		return false, err
	}
	rules, err := parse(string(text))
	if err != nil {
		return false, fmt.Errorf("%s: %w", list, err)
	}
	var faults []error
	for i := range rules { // all of them, so that no row grows old unseen
		if err := rules[i].mutate(); err != nil {
			faults = append(faults, fmt.Errorf("%s:%d: %s: %w", list, rules[i].line, rules[i].name, err))
		}
	}
	if err := errors.Join(faults...); err != nil {
		return false, err
	}
	if rules, err = chosen(rules, names); err != nil {
		return false, err
	}
	if err := healthy(rules, timeout); err != nil {
		return false, err
	}
	dir, err := os.MkdirTemp("", "mutate")
	if err != nil {
		return false, err
	}
	defer os.RemoveAll(dir)

	verdicts := make([]verdict, len(rules))
	next := make(chan int)
	var workers sync.WaitGroup
	for range max(1, parallel) {
		workers.Go(func() {
			for i := range next {
				began := time.Now()
				verdicts[i] = rules[i].try(filepath.Join(dir, fmt.Sprint(i)), timeout)
				fmt.Fprintf(os.Stderr, "%4.0f s  %s: %s\n", time.Since(began).Seconds(), rules[i].name, verdicts[i])
			}
		})
	}
	for i := range rules {
		next <- i
	}
	close(next)
	workers.Wait()
	return table(rules, verdicts), nil
}

// A rule is one row of the list.
type rule struct {
	line     int
	name     string
	file     string
	packages []string // whose tests should notice, the likeliest first
	likely   string   // the tests of the first package that are tried before all others; "" for none
	old, new string   // in the file; old stands there once
	mutant   string   // the whole file without the rule
}

// parse reads the list: blocks with empty lines between, comments start with "#".
func parse(text string) (rules []rule, err error) {
	var r *rule
	var old, replacement []string
	var faults []error
	end := func() {
		if r == nil {
			return
		}
		r.old, r.new = strings.Join(old, "\n"), strings.Join(replacement, "\n")
		if r.name == "" || r.file == "" || len(r.packages) == 0 || r.old == "" {
			faults = append(faults, fmt.Errorf("line %d: want rule, file, tests and the text to replace", r.line))
		}
		if slices.ContainsFunc(rules, func(other rule) bool { return other.name == r.name }) {
			faults = append(faults, fmt.Errorf("line %d: a second rule %q", r.line, r.name))
		}
		rules = append(rules, *r)
		r, old, replacement = nil, nil, nil
	}
	for i, line := range strings.Split(text, "\n") {
		if line == "" {
			end()
			continue
		}
		if line[0] == '#' {
			continue
		}
		if r == nil {
			r = &rule{line: i + 1}
		}
		key, value, _ := strings.Cut(line, ": ")
		switch {
		case line[0] == '-':
			old = append(old, line[1:])
		case line[0] == '+':
			replacement = append(replacement, line[1:])
		case key == "rule":
			r.name = value
		case key == "file":
			r.file = value
		case key == "tests":
			r.packages = strings.Fields(value)
		case key == "likely":
			r.likely = value
		default:
			faults = append(faults, fmt.Errorf("line %d: cannot read %q", i+1, line))
		}
	}
	end()
	return rules, errors.Join(faults...)
}

// mutate takes the rule out of the text of its file.
func (r *rule) mutate() error {
	text, err := os.ReadFile(r.file)
	if err != nil {
		return err
	}
	if n := strings.Count(string(text), r.old); n != 1 {
		return fmt.Errorf("the text to replace stands %d times in %s, want once", n, r.file)
	}
	r.mutant = strings.Replace(string(text), r.old, r.new, 1)
	return nil
}

func chosen(rules []rule, names []string) ([]rule, error) {
	if len(names) == 0 {
		return rules, nil
	}
	found := slices.DeleteFunc(rules, func(r rule) bool {
		return !slices.ContainsFunc(names, func(name string) bool { return strings.HasPrefix(r.name, name) })
	})
	if len(found) == 0 {
		return nil, fmt.Errorf("no rule is named %q", names)
	}
	return found, nil
}

// healthy reports whether the tests pass as the code stands: one that fails anyway would notice everything. Go remembers
// the answer while nothing changes.
func healthy(rules []rule, timeout time.Duration) error {
	var packages []string
	for _, r := range rules {
		packages = append(packages, r.packages...)
	}
	slices.Sort(packages)
	args := slices.Concat(testFlags, []string{"-timeout", timeout.String()}, slices.Compact(packages))
	if out, err := exec.Command("go", args...).CombinedOutput(); err != nil {
		return fmt.Errorf("without a change: %w\n%s", err, out)
	}
	return nil
}

// A verdict is what became of one mutant.
type verdict struct {
	test  string // the first that failed, "" where none did
	where string // its package
	err   error  // of the list: the mutant is no program
}

func (v verdict) String() string {
	switch {
	case v.err != nil:
		return "ERROR " + v.err.Error()
	case v.test == "":
		return "SURVIVED"
	}
	return fmt.Sprintf("%s (%s)", v.test, v.where)
}

// try runs the tests of the rule's packages without the rule, one package after the other until one notices.
func (r *rule) try(dir string, timeout time.Duration) verdict {
	overlay, err := r.overlay(dir)
	if err != nil {
		return verdict{err: err}
	}
	own := "./" + filepath.ToSlash(filepath.Dir(r.file))
	if out, err := exec.Command("go", "build", "-overlay", overlay, own).CombinedOutput(); err != nil {
		return verdict{err: fmt.Errorf("does not compile: %s", out)}
	}
	common := slices.Concat(testFlags, []string{"-count=1", "-json", "-timeout", timeout.String(), "-overlay", overlay})
	if r.likely != "" {
		if v := test(r.packages[0], append(common, "-run", r.likely)); v != (verdict{}) {
			return v
		}
	}
	for _, p := range r.packages {
		if v := test(p, common); v != (verdict{}) {
			return v
		}
	}
	return verdict{}
}

// test is what one package says. Where nothing fails, that is the zero verdict.
func test(where string, args []string) verdict {
	var errs bytes.Buffer
	tests := exec.Command("go", append(args, where)...)
	tests.Stderr = &errs
	out, err := tests.Output()
	if err == nil {
		return verdict{}
	}
	name, built := firstFailure(out)
	if !built {
		return verdict{err: fmt.Errorf("the tests of %s do not run: %s%s", where, out, errs.Bytes())}
	}
	return verdict{test: name, where: where}
}

// overlay writes the mutant and says to go where it is (go help build, -overlay).
func (r *rule) overlay(dir string) (string, error) {
	place, err := filepath.Abs(r.file)
	if err != nil {
		return "", err
	}
	mutant, overlay := filepath.Join(dir, filepath.Base(r.file)), filepath.Join(dir, "overlay.json")
	text, err := json.Marshal(map[string]map[string]string{"Replace": {place: mutant}})
	return overlay, errors.Join(err, os.Mkdir(dir, 0o755), os.WriteFile(mutant, []byte(r.mutant), 0o644), os.WriteFile(overlay, text, 0o644))
}

// firstFailure finds the test that failed first in what go test -json wrote, and of its subtests the first. Where the
// process died it is the test that was running.
func firstFailure(out []byte) (name string, built bool) {
	var failed, running []string
	for line := range bytes.Lines(out) {
		var event struct{ Action, Test, FailedBuild string }
		if json.Unmarshal(line, &event) != nil {
			continue
		}
		switch {
		case event.FailedBuild != "":
			return "", false
		case event.Action == "fail" && event.Test == "":
			built = true
		case event.Action == "fail":
			failed = append(failed, event.Test)
		case event.Action == "run":
			running = append(running, event.Test)
		case event.Action == "pass" || event.Action == "skip":
			running = slices.DeleteFunc(running, func(test string) bool { return test == event.Test })
		}
	}
	switch {
	case len(failed) == 0 && len(running) == 0:
		return "the package as a whole", built
	case len(failed) == 0:
		return running[len(running)-1], built
	}
	name = failed[0]
	for _, other := range failed {
		if strings.HasPrefix(other, name+"/") {
			name = other
		}
	}
	return name, built
}

// table prints what became of each, and reports whether every rule is held by a test.
func table(rules []rule, verdicts []verdict) (ok bool) {
	width, caught := 0, 0
	for _, r := range rules {
		width = max(width, len(r.name))
	}
	for i, r := range rules {
		fmt.Printf("%-*s | %s\n", width, r.name, verdicts[i])
		if verdicts[i].err == nil && verdicts[i].test != "" {
			caught++
		}
	}
	fmt.Printf("%d of %d rules are held by a test\n", caught, len(rules))
	return caught == len(rules)
}
