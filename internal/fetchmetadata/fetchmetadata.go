// Package fetchmetadata reads from a request's headers what the browser says about why it asks (W3C Fetch Metadata
// Request Headers), and makes do with older headers where it says nothing.
package fetchmetadata

import "strings"

// Header returns the first value of a request header, or "".
type Header func(name string) string

// Navigation reports whether a person is looking at a page that is about to load. Only then may the answer be a
// redirect to the provider: a script cannot follow one, and a prefetch must not start a sign-in.
func (h Header) Navigation() bool {
	if strings.Contains(h("Sec-Purpose"), "prefetch") {
		return false
	}
	mode := h("Sec-Fetch-Mode")
	if mode == "" {
		return h.Page()
	}
	switch h("Sec-Fetch-Dest") {
	case "document", "iframe", "frame", "":
		return mode == "navigate"
	case "empty": // a service worker hands a navigation on; in Firefox it is of the mode same-origin then
		return (mode == "navigate" || mode == "same-origin") && h.Page()
	}
	return false // <object> and <embed> navigate too, and show no sign-in page
}

// Page reports whether a page is asked for, be it to show it, to keep it for later or to put it into another page.
func (h Header) Page() bool {
	accept := h("Accept")
	return h("X-Requested-With") == "" && (strings.Contains(accept, "text/html") || strings.Contains(accept, "application/xhtml+xml"))
}

// WantsPage reports whether trouble is told as a page rather than as JSON.
func (h Header) WantsPage() bool {
	if h("Sec-Fetch-Mode") != "" {
		return h.Navigation() || h.Page()
	}
	return h("X-Requested-With") == "" && !strings.Contains(h("Accept"), "json")
}

// SameOrigin reports whether a page of this origin sent the request. A browser that says nothing about the sender has
// not said yes.
func (h Header) SameOrigin(own string) bool {
	if site := h("Sec-Fetch-Site"); site != "" {
		return site == "same-origin"
	}
	if origin := h("Origin"); origin != "" {
		return origin == own
	}
	referer := h("Referer")
	return referer == own || strings.HasPrefix(referer, own+"/")
}
