package address

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const returnOrigin = "https://app.example.com"

// own are the own paths of a site that chooses none.
func own(path string) bool {
	switch path {
	case "/.auth/callback", "/.auth/login", "/.auth/logout", "/.auth/session", "/.auth/signed-out":
		return true
	}
	return false
}

// browserOrigin is the origin that a browser comes to by following reference from a page of returnOrigin, by the
// rules of the WHATWG URL standard that net/url does not know: tabs and line breaks are removed, spaces and control
// bytes around it are cut, and a backslash is a slash.
func browserOrigin(reference string) string {
	reference = strings.Trim(reference, "\x00\x01\x02\x03\x04\x05\x06\x07\x08\t\n\v\f\r\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f ")
	reference = strings.NewReplacer("\t", "", "\n", "", "\r", "").Replace(reference)
	reference = strings.ReplaceAll(reference, `\`, "/")
	if scheme, rest, ok := strings.Cut(reference, ":"); ok && !strings.ContainsAny(scheme, "/?#") {
		if scheme = strings.ToLower(scheme); scheme != "http" && scheme != "https" {
			return scheme + ":"
		}
		return scheme + "://" + authority(strings.TrimLeft(rest, "/"))
	}
	if strings.HasPrefix(reference, "//") {
		return "https://" + authority(strings.TrimLeft(reference, "/"))
	}
	return returnOrigin
}

// authority is the host of what comes after the slashes: past the last "@", up to a path, query or fragment.
func authority(rest string) string {
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		rest = rest[:i]
	}
	return rest[strings.LastIndexByte(rest, '@')+1:]
}

func staysHere(t *testing.T, target string) {
	t.Helper()
	require.True(t, strings.HasPrefix(target, "/"), "%q", target)
	for _, reference := range []string{returnOrigin + target, target} { // in a Location, and in a link
		require.Equal(t, returnOrigin, browserOrigin(reference), "a browser, at %q", reference)
		base, _ := url.Parse(returnOrigin + "/")
		u, err := base.Parse(reference)
		if err != nil { // a stray escape: then the bytes themselves have to be harmless
			require.NotRegexp(t, `^//|\\|[\x00-\x20\x7f-\xff]`, target)
			continue
		}
		require.Equal(t, returnOrigin, u.Scheme+"://"+u.Host, "net/url, at %q", reference)
		require.Nil(t, u.User)
	}
	require.NotRegexp(t, `[\x00-\x20\x7f-\xff"<>\\]`, target, "it goes into a header and a page")
	require.LessOrEqual(t, len(target), MaxReturn)
}

func TestAReturnTargetStaysOnTheSite(t *testing.T) {
	long := strings.Repeat("x", MaxReturn)
	for _, test := range []struct{ rule, target, want string }{
		{"a path", "/a/b", "/a/b"},
		{"a path with its query", "/a?b=c&d=/e?f", "/a?b=c&d=/e?f"},
		{"an empty query", "/a?", "/a?"},
		{"a query with a URL in it", "/a?next=https://evil.example/", "/a?next=https://evil.example/"},
		{"escapes stay as they came", "/a%20b?c=%2F%0A", "/a%20b?c=%2F%0A"},
		{"an escaped slash stays escaped", "/a%2f%2fb", "/a%2f%2fb"},
		{"other scripts are escaped", "/ä?ö=ü", "/%C3%A4?%C3%B6=%C3%BC"},
		{"a fragment", "/app#/route?a=b", "/app#/route?a=b"},
		{"a fragment after a query", "/a?b#c", "/a?b#c"},
		{"an empty fragment, which takes the place of another", "/a#", "/a#"},
		{"signs that a fragment may have", "/a#b#c/?d", "/a#b#c/?d"},
		{"other scripts in a fragment are escaped", "/#ä<b>\r\n\\", "/#%C3%A4%3Cb%3E%0D%0A%5C"},
		{"a URL in a fragment", "/#//evil.example", "/#//evil.example"},
		{"a long fragment is lost", "/a?b#" + long, "/a?b"},
		{"quotes and brackets are escaped", `/a"<b>?"<c>`, "/a%22%3Cb%3E?%22%3Cc%3E"},
		{"a line break in the query is escaped", "/a?b\r\nSet-Cookie: c=d", "/a?b%0D%0ASet-Cookie:%20c=d"},
		{"a backslash in the query is escaped", `/a?b\c`, "/a?b%5Cc"},
		{"a long query is lost", "/a?" + long, "/a"},
		{"a long path is lost", "/" + long, "/"},
		{"a query that grows by its escapes is lost", "/a?" + strings.Repeat("ä", 400), "/a"},

		{"nothing", "", "/"},
		{"no slash", "a", "/"},
		{"a query alone", "?a=b", "/"},
		{"another host", "//evil.example/a", "/"},
		{"three slashes", "///evil.example", "/"},
		{"a backslash", `/\evil.example`, "/"},
		{"two backslashes", `\\evil.example`, "/"},
		{"a backslash further on", `/a\..\..\b`, "/"},
		{"a URL", "https://evil.example/", "/"},
		{"a URL without slashes", "https:evil.example", "/"},
		{"our own URL", returnOrigin + "/a", "/"},
		{"a user in front", "@evil.example", "/"},
		{"a longer host", ".evil.example", "/"},
		{"a script", "javascript:alert(1)", "/"},
		{"data", "data:text/html,x", "/"},
		{"a tab that browsers drop", "/\t/evil.example", "/"},
		{"an escaped tab", "/%09/evil.example", "/"},
		{"a line break that browsers drop", "/\n/evil.example", "/"},
		{"an escaped line break", "/%0a/evil.example", "/"},
		{"a blank in front", " //evil.example", "/"},
		{"blanks after the slash", "/ /evil.example", "/"},
		{"a NUL", "/a\x00b", "/"},
		{"a fragment alone", "#a", "/"},
		{"a fragment of another host", "//evil.example#/a", "/"},
		{"an own path with a fragment", "/.auth/logout#a", "/"},

		{"the callback", "/.auth/callback?code=a&state=b", "/"},
		{"the login", "/.auth/login?return=/a", "/"},
		{"the logout", "/.auth/logout", "/"},
		{"the session", "/.auth/session", "/"},
		{"the signed-out page", "/.auth/signed-out", "/"},
		{"an escaped own path", "/.auth/%6cogout", "/"},
		{"an own path behind dot segments", "/a/../.auth/logout", "/"},
		{"an own path with a dot in it", "/.auth/./logout", "/"},
		{"an own path with escaped dots", "/.auth/%2e/logout", "/"},
		{"an own path with two slashes", "/.auth//logout", "/"},
	} {
		t.Run(test.rule, func(t *testing.T) {
			got := ReturnTarget(test.target, own)
			require.Equal(t, test.want, got)
			staysHere(t, got)
			require.Equal(t, got, ReturnTarget(got, own), "checking again changes nothing")
		})
	}
}

func FuzzReturnTarget(f *testing.F) {
	for _, target := range []string{
		"/", "/a?b#c", "//evil.example", `/\evil.example`, "/\t/evil.example", "/%09/evil.example", "https://evil.example", "/a/..//b",
		"/%2f%2fevil.example", "/.auth/./logout", "@evil.example", "/a%", "/%5cevil.example", "/;//evil.example",
	} {
		f.Add(target)
	}
	f.Fuzz(func(t *testing.T, target string) {
		got := ReturnTarget(target, own)
		staysHere(t, got)
		require.Equal(t, got, ReturnTarget(got, own))
	})
}
