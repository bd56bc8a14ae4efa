// Package navigation tells a page view from the request of a script.
package navigation

import "strings"

// Is reports whether a person is looking at a page that is about to load, by the request's headers. Only then may the
// answer be a redirect to the provider: a script cannot follow one, and a prefetch must not start a sign-in.
//
// Browsers say so in Fetch Metadata (Sec-Fetch-Mode, Sec-Fetch-Dest and Sec-Purpose). For a client that sends none,
// Accept and X-Requested-With decide.
func Is(header func(name string) string) bool {
	if strings.Contains(header("Sec-Purpose"), "prefetch") {
		return false
	}
	if mode := header("Sec-Fetch-Mode"); mode != "" {
		switch header("Sec-Fetch-Dest") {
		case "document", "iframe", "frame", "":
			return mode == "navigate"
		}
		return false // <object> and <embed> navigate too, and show no sign-in page
	}
	return header("X-Requested-With") == "" && acceptsHTML(header("Accept"))
}

func acceptsHTML(accept string) bool {
	return strings.Contains(accept, "text/html") || strings.Contains(accept, "application/xhtml+xml")
}
