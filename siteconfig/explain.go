package siteconfig

import (
	"errors"

	"github.com/edgeauth/edgeauth"
)

// Explain names the site and the member of its document in every [edgeauth.FieldError] in err that does not say so
// itself. Those that edgeauth.New finds in a configuration from [Parse] do: they also name the line. Any other error is
// returned as it is.
func Explain(name string, err error) error {
	var explained []error
	for _, field := range fieldErrors(err) {
		if field.Place == "" {
			place := siteName(name) + ": " + field.Field
			if member, exact := memberOf(field.Field); exact {
				place = siteName(name) + ": " + member
			}
			field = &edgeauth.FieldError{Field: field.Field, Problem: field.Problem, Remedy: field.Remedy, Place: place}
		}
		explained = append(explained, field)
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
