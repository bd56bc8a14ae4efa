// Package cookies reads and writes Cookie headers: whose pairs are whose, and values that are spread over several.
package cookies

import (
	"iter"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// All yields every pair of the Cookie lines. net/http refuses a whole line for one odd pair; here an odd pair of
// somebody else's never signs anybody out.
func All(lines []string) iter.Seq2[string, string] {
	return func(yield func(name, value string) bool) {
		for _, line := range lines {
			for line != "" {
				var pair string
				pair, line, _ = strings.Cut(line, ";")
				if name, value, ok := strings.Cut(pair, "="); ok {
					if !yield(strings.Trim(name, " \t"), strings.Trim(value, " \t")) {
						return
					}
				}
			}
		}
	}
}

// First returns the first value of a name.
func First(lines []string, name string) (string, bool) {
	for n, value := range All(lines) {
		if n == name {
			return value, true
		}
	}
	return "", false
}

// Every returns all values of a name.
func Every(lines []string, name string) (values []string) {
	for n, value := range All(lines) {
		if n == name && len(values) < maxTries {
			values = append(values, value)
		}
	}
	return values
}

// Count reads a cookie that counts. What is no count is 0.
func Count(lines []string, name string) int {
	value, ok := First(lines, name)
	if !ok {
		return 0 // as at nearly every request
	}
	n, _ := strconv.Atoi(value)
	return max(n, 0)
}

// Has reports whether there is a cookie of a name.
func Has(lines []string, name string) bool {
	_, ok := First(lines, name)
	return ok
}

// Foreign is the Cookie header that is passed on: every pair but those whose names
// start with family, whatever prefix of RFC 6265bis, 4.1.3 stands before it.
func Foreign(lines []string, family string) string {
	any, length := false, 0
	for _, line := range lines {
		any = any || strings.Contains(line, family)
		length += len(line) + 2
	}
	if !any {
		switch len(lines) {
		case 0:
			return ""
		case 1:
			return lines[0]
		}
		return strings.Join(lines, "; ")
	}
	var kept strings.Builder
	for _, line := range lines {
		for line != "" {
			var pair string
			pair, line, _ = strings.Cut(line, ";")
			pair = strings.Trim(pair, " \t")
			if pair == "" || ours(pair, family) {
				continue
			}
			if kept.Len() == 0 {
				kept.Grow(length)
			} else {
				kept.WriteString("; ")
			}
			kept.WriteString(pair)
		}
	}
	return kept.String()
}

func ours(pair, family string) bool {
	name := strings.TrimPrefix(strings.TrimPrefix(pair, "__Host-"), "__Secure-")
	return strings.HasPrefix(name, family)
}

// Clone returns copies of some cookies.
func Clone(set []*http.Cookie) []*http.Cookie {
	if set == nil {
		return nil
	}
	own := make([]*http.Cookie, len(set))
	for i, c := range set {
		one := *c
		own[i] = &one
	}
	return own
}

// Any reports whether the lines hold a cookie whose name has family in it.
func Any(lines []string, family string) bool {
	return slices.ContainsFunc(lines, func(line string) bool { return strings.Contains(line, family) })
}
