package siteconfig

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// faults collects what is wrong with one document.
type faults struct {
	site string
	list []fault
}

type fault struct {
	line int
	err  error
}

// maxFaults are as many as anybody reads at once.
const maxFaults = 50

func (f *faults) enough() bool { return len(f.list) >= maxFaults }

func (f *faults) add(line int, path, format string, args ...any) {
	f.addError(line, path, fmt.Errorf(format, args...))
}

// addError adds err, or each of the errors that it joins.
func (f *faults) addError(line int, path string, err error) {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range joined.Unwrap() {
			f.addError(line, path, e)
		}
		return
	}
	if f.enough() {
		return
	}
	if path != "" {
		err = fmt.Errorf("%s: %w", path, err)
	}
	f.list = append(f.list, fault{line, fmt.Errorf("site %q: line %d: %w", f.site, line, err)})
}

// err joins the faults in the order of the document.
func (f *faults) err() error {
	slices.SortStableFunc(f.list, func(a, b fault) int { return cmp.Compare(a.line, b.line) })
	errs := make([]error, len(f.list))
	for i, one := range f.list {
		errs[i] = one.err
	}
	return errors.Join(errs...)
}
