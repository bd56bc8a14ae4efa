package access

import (
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/edgeauth/edgeauth/internal/address"
	"github.com/stretchr/testify/require"
)

// server is how a kind of server finds what a decoded path names. Two paths with one name get the same page.
type server struct {
	name  string
	names func(path string) []string // all that the path may be taken for
}

func each(path string, change func(segment string) string) string {
	segments := strings.Split(path, "/")
	for i := range segments {
		segments[i] = change(segments[i])
	}
	return strings.Join(segments, "/")
}

func one(change func(string) string) func(string) []string {
	return func(path string) []string { return []string{change(path)} }
}

// simpleUpper is what NTFS and JavaScript's /i compare: letters one by one.
func simpleUpper(s string) string { return strings.Map(unicode.ToUpper, s) }

// stem is a path without the extension of its last segment, and "" where that has none.
func stem(path string) string {
	slash := strings.LastIndexByte(path, '/')
	if dot := strings.LastIndexByte(path, '.'); dot > slash+1 {
		return path[:dot]
	}
	return ""
}

// invisible are the code points that HFS+ leaves out of its comparison.
var invisible = strings.NewReplacer("\u200c", "", "\u200d", "", "\u200e", "", "\u200f", "", "\u202a", "", "\u202e", "", "\u206a", "", "\u206f", "", "\ufeff", "")

// decomposed is a sample of Unicode's canonical decompositions.
var decomposed = strings.NewReplacer("\u00e9", "e\u0301", "\u00c9", "E\u0301", "\u00fc", "u\u0308", "\u00dc", "U\u0308", "\u30ac", "\u30ab\u3099", "\u0439", "\u0438\u0306", "\u1ec7", "e\u0323\u0302",
	"\ud55c", "\u1112\u1161\u11ab", "\u212b", "A\u030a", "\u00e5", "a\u030a", "\u00c5", "A\u030a", "\ufa4c", "\u793e", "\u03ac", "\u03b1\u0301", "\u0390", "\u03b9\u0308\u0301")

var fullCase = strings.NewReplacer("\u00df", "ss", "\u1e9e", "ss", "\ufb01", "fi", "\ufb02", "fl", "\u017f", "s", "\u212a", "k", "\u03c2", "\u03c3")

var cookieless = regexp.MustCompile(`/?\([A-Za-z]\([^()]*\)\)`)

var servers = []server{
	{"S3, CloudFront, Linux: as it is", one(func(p string) string { return p })},
	{"Express 4: case, the slash at the end; a mount point ends at a dot", func(p string) []string {
		p = strings.TrimSuffix(simpleUpper(p), "/")
		names := []string{p}
		for i := range p {
			if p[i] == '.' {
				names = append(names, p[:i])
			}
		}
		return names
	}},
	{"Windows, IIS: case, dots and spaces at a segment's end, streams", one(func(p string) string {
		return each(p, func(s string) string {
			if name, kind, found := strings.Cut(s, ":"); found && (strings.HasPrefix(kind, "$") || strings.HasSuffix(strings.ToUpper(kind), ":$DATA")) {
				s = name
			}
			return simpleUpper(strings.TrimRight(s, ". "))
		})
	})},
	{"Windows by an ANSI code page: full width, other slashes", one(func(p string) string {
		return simpleUpper(strings.Map(func(r rune) rune {
			switch {
			case r >= 0xFF01 && r <= 0xFF5E:
				return r - 0xFEE0
			case r == 0x2215 || r == 0x2044:
				return '/'
			}
			return r
		}, p))
	})},
	{"macOS: case, decomposition, what cannot be seen", one(func(p string) string {
		return fullCase.Replace(strings.ToLower(decomposed.Replace(invisible.Replace(p))))
	})},
	{"Rails: the format, the slash at the end", func(p string) []string {
		p = strings.TrimSuffix(p, "/")
		return []string{p, stem(p)}
	}},
	{"Spring: matrix parameters, the suffix, the slash at the end, two slashes", func(p string) []string {
		p = strings.TrimSuffix(each(p, func(s string) string { s, _, _ = strings.Cut(s, ";"); return s }), "/")
		for strings.Contains(p, "//") {
			p = strings.ReplaceAll(p, "//", "/")
		}
		return []string{p, stem(p)}
	}},
	{"nginx: merge_slashes, dot segments, once more decoded", one(func(p string) string {
		var out []string
		for _, s := range strings.Split(strings.ReplaceAll(strings.ReplaceAll(p, "%2e", "."), "%2f", "/"), "/") {
			switch {
			case s == "..":
				out = out[:max(len(out)-1, 0)]
			case s != "" && s != ".":
				out = append(out, s)
			}
		}
		return "/" + strings.Join(out, "/")
	})},
	{"a database that ignores case, marks and spaces at the end", one(func(p string) string {
		p = strings.Map(func(r rune) rune {
			if unicode.Is(unicode.Mn, r) {
				return -1
			}
			return r
		}, decomposed.Replace(p))
		return each(fullCase.Replace(strings.ToLower(p)), func(s string) string { return strings.TrimRight(s, " ") })
	})},
	{"PHP's frameworks: what follows the program", func(p string) []string {
		names := []string{p}
		for i := range p {
			if strings.HasPrefix(p[i:], ".php/") {
				names = append(names, p[i+len(".php"):])
			}
		}
		return names
	}},
	{"ASP.NET: sessions without a cookie", one(func(p string) string { return cookieless.ReplaceAllString(p, "") })},
	{"what parses once more after decoding", one(func(p string) string {
		if i := strings.IndexAny(p, "?#"); i >= 0 {
			p = p[:i]
		}
		return p
	})},
}

// Whatever a server would serve below a restricted place, the rule of that place was asked for it.
func FuzzEveryServersReadingIsRestricted(f *testing.F) {
	for _, place := range []string{"/admin/", "/Admin", "/caf\u00e9/", "/tasks/\u30ac/", "/stra\u00dfe", "/a.b/c.html", "/\u0439/", "/"} {
		for _, raw := range []string{
			"/admin/x", "/ADMIN", "/admin.json", "/admin./x", "/admin%20/x", "/admin:$I30:$INDEX_ALLOCATION/x", "/admin::$data", "/ad\u200cmin/", "/cafe\u0301/x", "/CAF\u00c9",
			"/tas\u212as/\u30ab\u3099/x", "/STRASSE/", "/\uff41dmin/", "/admin\u2215x", "/x/../admin", "/x\u2215..\u2215admin", "/A.B./C.HTML", "/admin%3fx", "/\u0438\u0306/x", "/admin.x/y", "//admin", "/a;b",
			"/..%20/admin", "/index.php/admin", "/a.php/b.php/admin/x", "/(S(x))/admin", "/admin/(F(x))/", "/(a)/(b)", "/%2561dmin", "/\u2025/admin", "/.. ", "/x~1", "/\u1fb3", "/\u01c5/\u0130",
		} {
			f.Add(place, raw)
		}
	}
	f.Fuzz(func(t *testing.T, place, raw string) {
		rule := Rule{Path: place, Groups: []string{"admins"}}
		if decoded, clean := address.CleanPath(place); !clean || decoded != place || strings.ContainsAny(place, "?#") || address.HostilePath(raw) {
			return // no rule, or no request
		}
		path, clean := address.CleanPath(raw)
		if !clean {
			return // 400, since a rule restricts
		}
		rs := New([]Rule{rule})
		match, wider := rs.match("GET", path, nil)
		asked := len(wider) > 0 || match != signedIn
		for _, server := range servers {
			for _, root := range server.names(place)[:1] {
				root = strings.TrimSuffix(root, "/")
				for _, name := range server.names(path) {
					if name = strings.TrimSuffix(name, "/"); name == root || strings.HasPrefix(name, root+"/") {
						require.True(t, asked, "%s: %q is at or below %q", server.name, path, place)
					}
				}
			}
		}
	})
}
