package main

import (
	"fmt"
	"io"
	"strings"
	"unicode"
)

// findings prints what has been found out, and remembers how bad it is.
type findings struct {
	out         io.Writer
	wrong, risk int
}

// weight says what a finding means for the site.
type weight string

const (
	fine  weight = "ok"
	note  weight = "note"
	risky weight = "risk"
	wrong weight = "WRONG"
)

// lineWidth fits the usual terminal; longer words, such as URLs, stay whole.
const lineWidth = 100

func (f *findings) section(title, about string) {
	fmt.Fprintf(f.out, "\n%s\n", strings.TrimSpace(title+"  "+clean(about)))
}

func (f *findings) say(w weight, format string, args ...any) {
	switch w {
	case risky:
		f.risk++
	case wrong:
		f.wrong++
	}
	f.line(string(w), fmt.Sprintf(format, args...))
}

// row is a finding without a weight: a name and what it is.
func (f *findings) row(name, value string) {
	fmt.Fprintf(f.out, "  %-5s  %-12s %s\n", "", name, clean(value))
}

func (f *findings) line(label, text string) {
	column := 0
	fmt.Fprintf(f.out, "  %-5s ", label)
	for word := range strings.FieldsSeq(clean(text)) {
		if column > 0 && column+1+len(word) > lineWidth-8 {
			fmt.Fprintf(f.out, "\n%8s", "")
			column = 0
		}
		fmt.Fprint(f.out, " ", word)
		column += 1 + len(word)
	}
	fmt.Fprintln(f.out)
}

// faults says each of the errors that err joins.
func (f *findings) faults(err error) {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range joined.Unwrap() {
			f.faults(e)
		}
		return
	}
	f.say(wrong, "%v", err)
}

// verdict sums up. It is the error of the command where anything is wrong.
func (f *findings) verdict() error {
	fmt.Fprintln(f.out)
	if f.wrong > 0 {
		return fmt.Errorf("not right yet: %s", count(f.wrong, "fault"))
	}
	fmt.Fprintf(f.out, "Nothing is wrong; %s.\n", count(f.risk, "risk"))
	return nil
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
