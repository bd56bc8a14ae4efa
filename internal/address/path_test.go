package address

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAPathIsCleanWhereEveryServerReadsItTheSameWay(t *testing.T) {
	for _, test := range []struct {
		rule, raw, path string
		clean           bool
	}{
		{"the root", "/", "/", true},
		{"a plain path", "/a/b.html", "/a/b.html", true},
		{"a slash at the end", "/a/b/", "/a/b/", true},
		{"an escape is undone once", "/a%20b/%C3%A4", "/a b/ä", true},
		{"an escaped letter is that letter", "/%61dmin/", "/admin/", true},
		{"a lone percent sign that was escaped", "/100%25", "/100%", true},
		{"a percent sign before letters that are no octet", "/100%25zz", "/100%zz", true},
		{"dots in a name", "/a..b/...", "/a..b/...", true},
		{"a plus is a plus", "/a+b", "/a+b", true},
		{"other punctuation", "/a:b@c=d&e,f~g", "/a:b@c=d&e,f~g", true},

		{"a dot segment", "/./a", "/./a", false},
		{"two dots", "/a/../b", "/a/../b", false},
		{"two dots at the end", "/a/..", "/a/..", false},
		{"a dot at the end", "/a/.", "/a/.", false},
		{"escaped dots", "/a/%2e%2e/b", "/a/../b", false},
		{"half escaped dots", "/a/.%2E/b", "/a/../b", false},
		{"an empty segment", "/a//b", "/a//b", false},
		{"two slashes at the end", "/a//", "/a//", false},
		{"two slashes in front", "//a", "//a", false},
		{"an escaped slash", "/a%2fb", "/a%2fb", false},
		{"an escaped slash in capitals", "/a%2Fb", "/a%2Fb", false},
		{"an escaped backslash", "/a%5cb", "/a%5cb", false},
		{"a backslash", `/a\b`, `/a\b`, false},
		{"a semicolon", "/a;x=1/b", "/a;x=1/b", false},
		{"an escaped semicolon", "/a%3bx/b", "/a;x/b", false},
		{"an octet that is still escaped", "/a/%252e%252e/b", "/a/%2e%2e/b", false},
		{"a slash that is still escaped", "/a%252fb", "/a%2fb", false},
		{"a NUL", "/a%00b", "/a\x00b", false},
		{"a line break", "/a%0d%0ab", "/a\r\nb", false},
		{"a tab", "/a%09b", "/a\tb", false},
		{"a DEL", "/a%7fb", "/a\x7fb", false},
		{"a cut escape", "/a%2", "/a%2", false},
		{"a lone percent sign", "/a%", "/a%", false},
		{"an escape that is none", "/a%zz", "/a%zz", false},
		{"invalid UTF-8", "/a%ff", "/a\xff", false},
		{"an overlong slash", "/a%c0%afb", "/a\xc0\xafb", false},
		{"a surrogate", "/a%ed%a0%80", "/a\xed\xa0\x80", false},
		{"no slash in front", "a/b", "a/b", false},
		{"nothing", "", "", false},
	} {
		t.Run(test.rule, func(t *testing.T) {
			path, clean := CleanPath(test.raw)
			require.Equal(t, test.clean, clean)
			require.Equal(t, test.path, path)
		})
	}
}

func TestAHostilePathIsNotLookedAt(t *testing.T) {
	for _, raw := range []string{
		"", "a", "*", "//", "//evil.example", `/\evil.example`, `/a\..\b`, "/a b", "/a\tb", "/a\r\nb", "/a\x00", "/a\x7f",
		"/a?b", "/a#b", "https://evil.example/", "evil.example:443",
	} {
		require.True(t, HostilePath(raw), "%q", raw)
	}
	for _, raw := range []string{"/", "/a", "/a/../b", "/a//b", "/a;b", "/a%2fb", "/ä"} {
		require.False(t, HostilePath(raw), "%q", raw)
	}
}

func FuzzPath(f *testing.F) {
	for _, raw := range []string{"/", "/a%20b", "/a/../b", "/%2e%2e/x", "/a%252fb", "//x", "/a;b", "/%c3%a4", "/a/./b/"} {
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		path, clean := CleanPath(raw)
		if !clean {
			return
		}
		// What is clean stays what it is, whoever cleans or decodes it again.
		require.Equal(t, "/", path[:1])
		require.NotRegexp(t, `//|\\|;|[\x00-\x1f\x7f]|(^|/)\.{1,2}(/|$)|%[0-9A-Fa-f]{2}`, path)
		again, clean := CleanPath(EscapeURL(percentEscaped(path)))
		require.True(t, clean, "%q", path)
		require.Equal(t, path, again)
	})
}

// percentEscaped writes percent signs as the escapes that they came from.
func percentEscaped(path string) string {
	var b []byte
	for i := 0; i < len(path); i++ {
		if b = append(b, path[i]); path[i] == '%' {
			b = append(b, "25"...)
		}
	}
	return string(b)
}
