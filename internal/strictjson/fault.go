package strictjson

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// Faults collects what is wrong with one document.
type Faults struct {
	document string
	list     []fault
}

// NewFaults collects faults of a document that errors call by this name, such as `site "app"`.
func NewFaults(document string) *Faults { return &Faults{document: document} }

type fault struct {
	line int
	err  error
}

// MaxFaults is how many faults are kept: nobody reads more at once.
const MaxFaults = 50

func (f *Faults) full() bool { return len(f.list) >= MaxFaults }

// add adds a fault. The path is empty where the whole document is at fault.
func (f *Faults) add(line int, path, format string, args ...any) {
	f.addError(line, path, fmt.Errorf(format, args...))
}

// addError adds err, or each of the errors that it joins.
func (f *Faults) addError(line int, path string, err error) {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range joined.Unwrap() {
			f.addError(line, path, e)
		}
		return
	}
	if f.full() {
		return
	}
	if path != "" {
		err = fmt.Errorf("%s: %w", path, err)
	}
	f.list = append(f.list, fault{line, fmt.Errorf("%s: %w", place(f.document, line), err)})
}

func place(document string, line int) string { return fmt.Sprintf("%s: line %d", document, line) }

// Err joins the faults in the order of the document. It is nil where there are none.
func (f *Faults) Err() error {
	slices.SortStableFunc(f.list, func(a, b fault) int { return cmp.Compare(a.line, b.line) })
	errs := make([]error, len(f.list))
	for i, one := range f.list {
		errs[i] = one.err
	}
	return errors.Join(errs...)
}
