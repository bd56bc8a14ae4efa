package doctor

import (
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// lineWidth fits the usual terminal; longer words, such as URLs, stay whole.
const lineWidth = 100

// Print writes the report for a person to read.
func (r *Report) Print(w io.Writer) {
	for _, s := range r.Sections {
		fmt.Fprintf(w, "\n%s\n", strings.TrimSpace(s.Title+"  "+clean(s.About)))
		for _, f := range s.Findings {
			if f.Level == Fact {
				fmt.Fprintf(w, "  %-5s  %-12s %s\n", "", f.Name, clean(f.sentence()))
				continue
			}
			printLine(w, f.Level.label(), f.sentence())
		}
	}
	fmt.Fprintln(w)
	if r.Count(Wrong) == 0 {
		fmt.Fprintf(w, "Nothing is wrong; %s.\n", count(r.Count(Risk), "risk"))
	}
}

// label is what a line begins with: what is wrong shows from afar.
func (l Level) label() string {
	if l == Wrong {
		return "WRONG"
	}
	return string(l)
}

// sentence is the finding with its remedy.
func (f *Finding) sentence() string {
	first, _ := utf8.DecodeRuneInString(f.Remedy)
	switch {
	case f.printed != "":
		return f.printed
	case f.Remedy == "":
		return f.Text
	case !unicode.IsUpper(first):
		return f.Text + ": " + f.Remedy
	case strings.HasSuffix(f.Text, "."):
		return f.Text + " " + f.Remedy
	}
	return f.Text + ". " + f.Remedy
}

func printLine(w io.Writer, label, text string) {
	column := 0
	fmt.Fprintf(w, "  %-5s ", label)
	for word := range strings.FieldsSeq(clean(text)) {
		if column > 0 && column+1+len(word) > lineWidth-8 {
			fmt.Fprintf(w, "\n%8s", "")
			column = 0
		}
		fmt.Fprint(w, " ", word)
		column += 1 + len(word)
	}
	fmt.Fprintln(w)
}

// clean keeps foreign text from steering the terminal.
func clean(text string) string {
	return strings.Map(func(c rune) rune {
		if !unicode.IsPrint(c) {
			return ' '
		}
		return c
	}, text)
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
