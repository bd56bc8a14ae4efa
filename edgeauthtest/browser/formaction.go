package browser

import (
	"net/http"
	"net/url"
	"strings"
)

// formAction gives the sources of a page's form-action directive (Content Security Policy 3, 6.3.1). It reports
// false where the page lets forms go anywhere.
func formAction(header http.Header) ([]string, bool) {
	for _, policy := range strings.Split(strings.Join(header["Content-Security-Policy"], ","), ",") {
		for _, directive := range strings.Split(policy, ";") {
			if words := strings.Fields(directive); len(words) > 0 && strings.EqualFold(words[0], "form-action") {
				return words[1:], true
			}
		}
	}
	return nil, false
}

// allowsForm reports whether a form of the page from may be sent to u. Chromium applies this to every redirect too.
func allowsForm(sources []string, from, u *url.URL) bool {
	for _, source := range sources {
		switch {
		case source == "*", strings.EqualFold(source, "'self'") && origin(u) == origin(from), strings.EqualFold(source, u.Scheme+":"):
			return true
		}
		pattern, err := url.Parse(source)
		if err == nil && pattern.Host != "" && origin(canonical(pattern)) == origin(u) {
			return true
		}
	}
	return false
}
