package doctor

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/siteconfig"
)

// Level says what a finding means for the site.
type Level string

const (
	OK    Level = "ok"
	Note  Level = "note"
	Risk  Level = "risk"
	Wrong Level = "wrong"
	Fact  Level = "fact" // a name and its value, such as a URL to register
)

// Finding is one thing that has been found out.
type Finding struct {
	Level  Level  `json:"level"`
	Name   string `json:"name,omitempty"`   // of a fact, whose value Text is
	Member string `json:"member,omitempty"` // of the site document, such as "session.lifetime"
	Line   int    `json:"line,omitempty"`   // of the site document, where that is known
	Text   string `json:"text"`
	Remedy string `json:"remedy,omitempty"` // what to do about it

	printed string // how a person reads it, where that is not Text and Remedy
}

// about names the member of the document that the finding is about.
func (f *Finding) about(member string) *Finding {
	f.Member = member
	return f
}

// try says what to do about it.
func (f *Finding) try(remedy string) *Finding {
	f.Remedy = remedy
	return f
}

// Section is what one look at a document, or at all of a folder, has found.
type Section struct {
	Document string // its file
	Name     string // such as "risks"
	Title    string // as people read it, with About
	About    string
	Findings []*Finding
}

func (s *Section) say(level Level, format string, args ...any) *Finding {
	f := &Finding{Level: level, Text: fmt.Sprintf(format, args...)}
	s.Findings = append(s.Findings, f)
	return f
}

func (s *Section) fact(name, value string) *Finding {
	f := &Finding{Level: Fact, Name: name, Text: value}
	s.Findings = append(s.Findings, f)
	return f
}

// faultsOfDocument says each of the errors that siteconfig.Parse joins.
func (s *Section) faultsOfDocument(err error) {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, one := range joined.Unwrap() {
			s.faultsOfDocument(one)
		}
		return
	}
	f := s.say(Wrong, "%v", err)
	f.printed = f.Text
	f.Line, f.Member, f.Text = parsedFault(s.Document, f.Text)
	f.Text, f.Remedy, _ = strings.Cut(f.Text, "; ")
}

// faultsOfConfig says each of the faults that edgeauth.New reports, or whatever else err is.
func (s *Section) faultsOfConfig(err error) {
	var field *edgeauth.FieldError
	if !errors.As(err, &field) {
		s.say(Wrong, "%v", err)
		return
	}
	switch e := err.(type) {
	case *edgeauth.FieldError:
		explained := siteconfig.Explain(s.Document, e).Error()
		f := s.say(Wrong, "%s", e.Problem).try(e.Remedy)
		f.Line, f.Member, _ = parsedFault(s.Document, explained)
		f.printed = explained
	case interface{ Unwrap() error }:
		s.faultsOfConfig(e.Unwrap())
	case interface{ Unwrap() []error }:
		for _, one := range e.Unwrap() {
			s.faultsOfConfig(one)
		}
	}
}

// parsedFault takes apart what siteconfig.Parse and siteconfig.Explain say: site "NAME": line N: MEMBER: what is wrong; what to do.
func parsedFault(document, text string) (line int, member, problem string) {
	rest, ok := strings.CutPrefix(text, fmt.Sprintf("site %q: ", document))
	if !ok {
		return 0, "", text
	}
	if number, after, found := strings.Cut(rest, ": "); found {
		if _, err := fmt.Sscanf(number, "line %d", &line); err == nil {
			rest = after
		}
	}
	if name, after, found := strings.Cut(rest, ": "); found && !strings.ContainsAny(name, ` "`) {
		return line, name, after
	}
	return line, "", rest
}

// Report is what has been found out about one document, or about those of a folder.
type Report struct{ Sections []*Section }

// Count returns how many findings are of a level.
func (r *Report) Count(level Level) (n int) {
	for _, s := range r.Sections {
		for _, f := range s.Findings {
			if f.Level == level {
				n++
			}
		}
	}
	return n
}

// Err is an error where anything is wrong.
func (r *Report) Err() error {
	if n := r.Count(Wrong); n > 0 {
		return fmt.Errorf("not right yet: %s", count(n, "fault"))
	}
	return nil
}

// WriteJSON writes one JSON document: the numbers of faults and risks, and every finding in its order.
func (r *Report) WriteJSON(w io.Writer) error {
	type placed struct {
		Document string `json:"document,omitempty"`
		Section  string `json:"section"`
		*Finding
	}
	doc := struct {
		Wrong    int      `json:"wrong"`
		Risks    int      `json:"risks"`
		Findings []placed `json:"findings"`
	}{r.Count(Wrong), r.Count(Risk), []placed{}}
	for _, s := range r.Sections {
		for _, f := range s.Findings {
			doc.Findings = append(doc.Findings, placed{filepath.ToSlash(s.Document), s.Name, f})
		}
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(doc)
}
