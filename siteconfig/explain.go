package siteconfig

import (
	"errors"
	"fmt"
	"strings"
	"unicode"

	"github.com/edgeauth/edgeauth"
)

// Explain rewrites the faults that edgeauth.New finds, so that each names the site and the member of its document.
// Any other error is returned as it is.
func Explain(name string, err error) error {
	var explained []error
	for _, field := range fieldErrors(err) {
		explained = append(explained, fmt.Errorf("site %q: %s: %s; %s", name, memberName(field.Field), field.Problem, field.Remedy))
	}
	if len(explained) == 0 {
		return err
	}
	return errors.Join(explained...)
}

func fieldErrors(err error) (list []*edgeauth.FieldError) {
	switch e := err.(type) {
	case *edgeauth.FieldError:
		list = append(list, e)
	case interface{ Unwrap() error }:
		list = fieldErrors(e.Unwrap())
	case interface{ Unwrap() []error }:
		for _, one := range e.Unwrap() {
			list = append(list, fieldErrors(one)...)
		}
	}
	return list
}

// memberName writes "Paths.SignedOut" as "paths.signed_out".
func memberName(field string) string {
	var b strings.Builder
	runes := []rune(field)
	for i, r := range runes {
		if unicode.IsUpper(r) && i > 0 && unicode.IsLetter(runes[i-1]) &&
			(unicode.IsLower(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1])) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
