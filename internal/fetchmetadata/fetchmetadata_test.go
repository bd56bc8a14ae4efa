package fetchmetadata

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestANavigationIsWhatAPersonLooksAt(t *testing.T) {
	for _, test := range []struct {
		what   string
		header map[string]string
		is     bool
	}{
		{"a page", map[string]string{"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}, true},
		{"a page, by Mode alone", map[string]string{"Sec-Fetch-Mode": "navigate"}, true},
		{"a frame", map[string]string{"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "frame"}, true},
		{"an iframe", map[string]string{"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}, true},
		{"an old browser's page", map[string]string{"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}, true},
		{"XHTML", map[string]string{"Accept": "application/xhtml+xml"}, true},
		{"a fetch that takes HTML", map[string]string{"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty", "Accept": "text/html"}, false},
		{"a fetch without destination", map[string]string{"Sec-Fetch-Mode": "same-origin", "Accept": "text/html"}, false},
		{"a page by way of a service worker, in Chromium and WebKit", map[string]string{"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "empty", "Accept": "text/html,*/*;q=0.8"}, true},
		{"a page by way of a service worker, in Firefox", map[string]string{"Sec-Fetch-Mode": "same-origin", "Sec-Fetch-Dest": "empty", "Accept": "text/html,*/*;q=0.8"}, true},
		{"a picture by way of a service worker", map[string]string{"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image", "Accept": "image/*"}, false},
		{"a fetch of this site's own", map[string]string{"Sec-Fetch-Mode": "same-origin", "Sec-Fetch-Dest": "empty", "Accept": "*/*"}, false},
		{"a prefetch by way of a service worker", map[string]string{"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "empty", "Accept": "text/html", "Sec-Purpose": "prefetch"}, false},
		{"an object", map[string]string{"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "object"}, false},
		{"an embedded thing", map[string]string{"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "embed"}, false},
		{"a prefetch", map[string]string{"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Sec-Purpose": "prefetch"}, false},
		{"a prerender", map[string]string{"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Sec-Purpose": "prefetch;prerender"}, false},
		{"an old script", map[string]string{"Accept": "text/html", "X-Requested-With": "XMLHttpRequest"}, false},
		{"anything at all", map[string]string{"Accept": "*/*"}, false},
		{"JSON", map[string]string{"Accept": "application/json"}, false},
		{"nothing said", nil, false},
	} {
		t.Run(test.what, func(t *testing.T) {
			require.Equal(t, test.is, Header(func(name string) string { return test.header[name] }).Navigation())
		})
	}
}

func TestTroubleIsAPageWhereHTMLIsWanted(t *testing.T) {
	for _, test := range []struct {
		what   string
		header map[string]string
		is     bool
	}{
		{"a page", map[string]string{"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}, true},
		{"an object", map[string]string{"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "object", "Accept": "text/html"}, true},
		{"a script that puts pages together", map[string]string{"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty", "Accept": "text/html, application/xhtml+xml"}, true},
		{"a script that says it is one", map[string]string{"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty", "Accept": "text/html", "X-Requested-With": "XMLHttpRequest"}, false},
		{"a fetch", map[string]string{"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty", "Accept": "*/*"}, false},
		{"a picture", map[string]string{"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image", "Accept": "image/*"}, false},
		{"a program that says nothing", nil, true},
		{"a program that wants JSON", map[string]string{"Accept": "application/json"}, false},
	} {
		t.Run(test.what, func(t *testing.T) {
			require.Equal(t, test.is, Header(func(name string) string { return test.header[name] }).WantsPage())
		})
	}
}
