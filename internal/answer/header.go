package answer

import (
	"fmt"
	"net/http"

	"github.com/edgeauth/edgeauth"
)

// SameName reports whether two header names are equal after folding case and reading every byte that is no letter and no
// digit as "-". CGI makes one variable of "X-Auth" and "X_Auth" (RFC 3875, 4.1.18), and lighttpd of "X+Auth" too, so a
// server behind us may read one as the other.
func SameName(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		if fold(a[i]) != fold(b[i]) {
			return false
		}
	}
	return true
}

// Replaced reports whether f removes or replaces the request's header of this name.
func Replaced(f *edgeauth.Forward, name string) bool {
	for _, d := range f.Drop {
		if SameName(d, name) {
			return true
		}
	}
	for s := range f.Set {
		if SameName(s, name) {
			return true
		}
	}
	return false
}

func fold(c byte) byte {
	switch {
	case 'a' <= c && c <= 'z', '0' <= c && c <= '9':
		return c
	case 'A' <= c && c <= 'Z':
		return c + 'a' - 'A'
	}
	return '-'
}

func checkHeader(field string, h http.Header) error {
	for name, values := range h {
		if !ValidName(name) {
			return fmt.Errorf("decision has %q in %s, which is no header name (RFC 9110, 5.6.2)", name, field)
		}
		for _, v := range values {
			if !validValue(v) {
				return fmt.Errorf("decision has control bytes in the value of %q in %s", name, field)
			}
		}
	}
	return nil
}

// ValidName reports whether s is a token (RFC 9110, 5.6.2).
func ValidName(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		case c == '!', c == '#', c == '$', c == '%', c == '&', c == '\'', c == '*', c == '+', c == '-', c == '.',
			c == '^', c == '_', c == '`', c == '|', c == '~':
		default:
			return false
		}
	}
	return s != ""
}

// validValue reports whether s is free of control bytes other than a tab (RFC 9110, 5.5).
func validValue(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}

// visible reports whether s consists of visible ASCII characters.
func visible(s string) bool {
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c >= 0x7f {
			return false
		}
	}
	return true
}
