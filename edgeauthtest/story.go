package edgeauthtest

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/edgeauth/edgeauth/edgeauthtest/browser"
)

// RunStories runs every story of a folder, each file *.txt as a parallel subtest in a world of its own. The package
// comment describes the language.
func RunStories(t *testing.T, stories fs.FS, world func(t *testing.T) *World) {
	t.Helper()
	files, err := fs.Glob(stories, "*.txt")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Fatal("there are no stories: no file *.txt")
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(file, ".txt"), func(t *testing.T) {
			t.Parallel()
			text, err := fs.ReadFile(stories, file)
			if err != nil {
				t.Fatal(err)
			}
			steps, err := parseStory(string(text))
			if err != nil {
				t.Fatalf("%s:%v", file, err)
			}
			w := world(t)
			teller := teller{world: w, tabs: map[int]*browser.Browser{1: w.Browser}, tab: 1}
			if err := teller.tell(steps); err != nil {
				t.Fatalf("%s:%v", file, err)
			}
		})
	}
}

// step is one line of a story.
type step struct {
	line int
	text string
	act  action
	// awaitsError says that the step expects the failure of the one before.
	awaitsError bool
}

type action func(*teller) error

// parseStory reads a story. The error names the line.
func parseStory(text string) ([]step, error) {
	var steps []step
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		act, err := parseLine(line)
		if err != nil {
			return nil, fmt.Errorf("%d: %s: %w", i+1, line, err)
		}
		steps = append(steps, step{i + 1, line, act, strings.HasPrefix(line, "expect error")})
	}
	if len(steps) == 0 {
		return nil, fmt.Errorf("1: the story has no steps")
	}
	return steps, nil
}

// parseLine finds the first verb that fits. In a pattern small words stand for themselves, capitals for one word
// each, and a last word with dots for the rest of the line.
func parseLine(line string) (action, error) {
	for _, v := range verbs {
		if args, ok := v.match(line); ok {
			return v.compile(args)
		}
	}
	return nil, fmt.Errorf("no line of a story begins so")
}

func (v verb) match(line string) ([]string, bool) {
	var args []string
	for _, want := range strings.Fields(v.pattern) {
		if rest, ok := strings.CutSuffix(want, "..."); ok {
			if line == "" && rest != "[BODY]" && rest != "[CHECKS]" {
				return nil, false
			}
			return append(args, line), true
		}
		word, rest, _ := strings.Cut(line, " ")
		switch {
		case word == "":
			return nil, false
		case want == strings.ToUpper(want):
			args = append(args, word)
		case want != word:
			return nil, false
		}
		line = strings.TrimLeft(rest, " ")
	}
	return args, line == ""
}

// teller goes through a story.
type teller struct {
	world   *World
	tabs    map[int]*browser.Browser
	tab     int
	fetched *browser.Answer // the last answer, where it was a script's
	failure error           // of the step before
}

func (t *teller) browser() *browser.Browser { return t.tabs[t.tab] }

// tell stops at the first line that does not hold.
func (t *teller) tell(steps []step) error {
	for i, s := range steps {
		if t.failure != nil && !s.awaitsError {
			return steps[i-1].fail(t, t.failure)
		}
		if err := s.act(t); err != nil {
			return s.fail(t, err)
		}
	}
	if t.failure != nil {
		return steps[len(steps)-1].fail(t, t.failure)
	}
	return nil
}

func (s step) fail(t *teller, err error) error {
	b := t.browser()
	seen := fmt.Sprintf("tab %d: %d %s", t.tab, b.Status(), b.URL())
	if t.fetched != nil {
		seen = fmt.Sprintf("fetched: %d %s", t.fetched.Status, t.fetched.URL)
	}
	for _, hop := range b.History() {
		seen += "\n\t" + hop.String()
	}
	return fmt.Errorf("%d: %s: %w\n%s", s.line, s.text, err, seen)
}
