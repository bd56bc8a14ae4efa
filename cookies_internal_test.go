package edgeauth

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func cookieGuard(insecure bool) *Guard {
	c := Config{Hosts: []string{"app.example.com"}, InsecureHTTP: insecure}.withDefaults()
	return &Guard{cfg: c, names: newCookieNames(c.SiteID, "", insecure)}
}

func TestNamesSayWhoseCookieItIs(t *testing.T) {
	require.Regexp(t, `^__Host-edgeauth-[0-9a-f]{8}$`, newCookieNames("a", "", false).session)
	require.Regexp(t, `^__Secure-edgeauth-[0-9a-f]{8}$`, newCookieNames("a", "example.com", false).session, "__Host- forbids a Domain")
	require.Regexp(t, `^edgeauth-[0-9a-f]{8}$`, newCookieNames("a", "", true).session, "both prefixes ask for Secure")
	require.NotEqual(t, newCookieNames("a", "", false).session, newCookieNames("b", "", false).session)
}

func TestACookieIsReadLeniently(t *testing.T) {
	for _, test := range []struct {
		rule  string
		lines []string
		want  string
		found bool
	}{
		{"alone", []string{"n=v"}, "v", true},
		{"among others", []string{"a=b; n=v; c=d"}, "v", true},
		{"in the second line", []string{"a=b", "n=v"}, "v", true},
		{"the first of two", []string{"n=v; n=w"}, "v", true},
		{"the first of two lines", []string{"n=v", "n=w"}, "v", true},
		{"an equals sign in the value", []string{"n=v=w=="}, "v=w==", true},
		{"no space between", []string{"a=b;n=v;c=d"}, "v", true},
		{"spaces and tabs around", []string{"a=b;\t n = v \t;c=d"}, "v", true},
		{"an empty value", []string{"n="}, "", true},
		{"after bad percent-encoding", []string{"x=%FF; n=v"}, "v", true},
		{"after a pair without =", []string{"x; n=v"}, "v", true},
		{"after an empty pair", []string{";;; n=v"}, "v", true},
		{"after an empty name", []string{"=x; n=v"}, "v", true},
		{"after quotes", []string{`x="a b"; y="; n=v`}, "v", true},
		{"after control bytes", []string{"x=\x00\x01\x7f\r\n; n=v"}, "v", true},
		{"after invalid UTF-8", []string{"\xff\xfe=\xff; n=v"}, "v", true},
		{"after a comma", []string{"a=b,c=d; n=v"}, "v", true},
		{"after 8 KB", []string{"x=" + strings.Repeat("y", 8<<10) + "; n=v"}, "v", true},
		{"after a thousand pairs", []string{strings.Repeat("x=y; ", 1000) + "n=v"}, "v", true},
		{"none", nil, "", false},
		{"an empty line", []string{""}, "", false},
		{"another name", []string{"nn=v; m=n=v"}, "", false},
		{"another case", []string{"N=v"}, "", false},
		{"a name without value", []string{"n"}, "", false},
	} {
		t.Run(test.rule, func(t *testing.T) {
			value, found := cookie(test.lines, "n")
			require.Equal(t, test.found, found)
			require.Equal(t, test.want, value)
		})
	}
}

func TestForeignCookiesGoOnAndOursDoNot(t *testing.T) {
	for _, test := range []struct {
		rule  string
		lines []string
		want  string
	}{
		{"none", nil, ""},
		{"only foreign ones, untouched", []string{`a=b;c="d";;  x`}, `a=b;c="d";;  x`},
		{"several lines become one", []string{"a=b", "c=d"}, "a=b; c=d"},
		{"ours alone", []string{"__Host-edgeauth-01234567=x"}, ""},
		{"ours in the middle", []string{"a=b; __Host-edgeauth-01234567=x; c=d"}, "a=b; c=d"},
		{"chunks, refresh tokens and attempts", []string{"__Host-edgeauth-01234567-1=x; __Host-edgeauth-01234567-r=y", "a=b; __Host-edgeauth-01234567-s-0a=z"}, "a=b"},
		{"of another site or setting", []string{"edgeauth-89abcdef=x; __Secure-edgeauth-89abcdef=y; a=b"}, "a=b"},
		{"doubled", []string{"__Host-edgeauth-01234567=x; a=b; __Host-edgeauth-01234567=y"}, "a=b"},
		{"with spaces around", []string{"a=b;\t __Host-edgeauth-01234567=x ;c=d"}, "a=b; c=d"},
		{"without a value", []string{"a=b; __Host-edgeauth-01234567"}, "a=b"},
		{"odd ones stay", []string{"x=%FF; __Host-edgeauth-01234567=x; y; =z"}, "x=%FF; y; =z"},
		{"our name as somebody's value stays", []string{"a=__Host-edgeauth-01234567"}, "a=__Host-edgeauth-01234567"},
		{"our name inside another stays", []string{"my-edgeauth-x=1"}, "my-edgeauth-x=1"},
	} {
		t.Run(test.rule, func(t *testing.T) {
			require.Equal(t, test.want, foreignCookies(test.lines))
		})
	}
}

// lineOf is the Cookie line of a browser that has got cookies.
func lineOf(cookies ...*http.Cookie) string {
	var pairs []string
	for _, c := range cookies {
		if c.MaxAge >= 0 {
			pairs = append(pairs, c.Name+"="+c.Value)
		}
	}
	return strings.Join(pairs, "; ")
}

func TestAValueIsSpreadOverCookiesThatBrowsersKeep(t *testing.T) {
	g := cookieGuard(false)
	for _, size := range []int{1, 10, chunkSize - 1, chunkSize, chunkSize + 1, 2 * chunkSize, 2*chunkSize + 1, 12_000, maxSession} {
		value := strings.Repeat("0123456789abcdef", size/16+1)[:size]
		set, err := g.setChunked(&visit{r: &Request{}}, g.names.session, value, time.Hour)
		require.NoError(t, err)
		require.Len(t, set, (size+chunkSize-1)/chunkSize)
		for _, c := range set {
			require.LessOrEqual(t, len(c.Name)+len(c.Value), 4096, "browsers drop more (RFC 6265bis, 5.6)")
			require.LessOrEqual(t, len(c.String()), 4096)
			require.NoError(t, c.Valid())
			require.True(t, c.Secure && c.HttpOnly && c.Path == "/" && c.SameSite == http.SameSiteLaxMode && c.Domain == "")
			require.Equal(t, 3600, c.MaxAge)
		}
		got, ok := chunked([]string{lineOf(set...)}, g.names.session)
		require.True(t, ok, "%d bytes", size)
		require.Equal(t, value, got)
	}
}

func TestAValueOfMoreThan16KBIsRefused(t *testing.T) {
	g := cookieGuard(false)
	_, err := g.setChunked(&visit{r: &Request{}}, g.names.session, strings.Repeat("x", maxSession+1), 0)
	require.ErrorIs(t, err, Reason("session_too_large"))
	require.ErrorContains(t, err, "fewer claims or groups")
}

func TestChunksCountOnlyWhole(t *testing.T) {
	for _, test := range []struct {
		rule  string
		lines []string
		want  string // "" for refused
	}{
		{"one cookie", []string{"n=abc"}, "abc"},
		{"three in order", []string{"n=~3~a; n-1=b; n-2=c"}, "abc"},
		{"in any order and line", []string{"n-2=c", "x=y; n-1=b", "n=~3~a"}, "abc"},
		{"a stale one beside a single cookie", []string{"n=abc; n-1=b"}, "abc"},
		{"a stale one past the count", []string{"n=~2~a; n-1=b; n-2=c"}, "ab"},
		{"the first of a doubled chunk", []string{"n=~2~a; n-1=b; n-1=x"}, "ab"},
		{"the last is missing", []string{"n=~3~a; n-1=b"}, ""},
		{"one in the middle is missing", []string{"n=~3~a; n-2=c"}, ""},
		{"the first is missing", []string{"n-1=b; n-2=c"}, ""},
		{"the first is empty", []string{"n=; n-1=b"}, ""},
		{"one is empty", []string{"n=~2~a; n-1="}, ""},
		{"the first is doubled and the planted one comes first", []string{"n=~2~x; n=~2~a; n-1=b"}, "xb"},
		{"a count of one", []string{"n=~1~a"}, ""},
		{"a count of none", []string{"n=~0~a"}, ""},
		{"a count below none", []string{"n=~-2~a; n-1=b"}, ""},
		{"a count that is none", []string{"n=~x~a; n-1=b"}, ""},
		{"no count", []string{"n=~a"}, ""},
		{"a count alone", []string{"n=~2"}, ""},
		{"a huge count", []string{"n=~999999999999~a; n-1=b"}, ""},
		{"more than fit", []string{"n=~6~a; n-1=b; n-2=c; n-3=d; n-4=e; n-5=f"}, ""},
		{"chunks of another name", []string{"n=~2~a; m-1=b"}, ""},
		{"a chunk zero", []string{"n=~2~a; n-0=b"}, ""},
		{"a chunk below zero", []string{"n=~2~a; n--1=b"}, ""},
	} {
		t.Run(test.rule, func(t *testing.T) {
			got, ok := chunked(test.lines, "n")
			require.Equal(t, test.want != "", ok)
			require.Equal(t, test.want, got)
		})
	}
}

func TestStaleChunksAreCleared(t *testing.T) {
	g := cookieGuard(false)
	n := g.names.session
	v := &visit{r: &Request{Cookie: []string{fmt.Sprintf("%s=~4~a; %[1]s-1=b; %[1]s-2=c; %[1]s-3=d; %[1]s-r=keep; other-3=keep; %[1]s-x=keep", n)}}}
	for size, want := range map[int][]string{1: {n + "-1", n + "-2", n + "-3"}, chunkSize + 1: {n + "-2", n + "-3"}} {
		set, err := g.setChunked(v, n, strings.Repeat("x", size), 0)
		require.NoError(t, err)
		var cleared []string
		for _, c := range set {
			if c.MaxAge < 0 {
				require.Empty(t, c.Value)
				require.Equal(t, "/", c.Path)
				require.True(t, c.Secure, "a __Host- cookie can only be cleared by one that keeps the prefix's rules")
				cleared = append(cleared, c.Name)
			}
		}
		require.Equal(t, want, cleared)
	}
}

func TestARefreshTokenOfAnyFormFitsACookie(t *testing.T) {
	for _, text := range []string{"plain-Token_1.2~3", "1//0g+a/b=", `a b"c;d,e\f`, "ä\n\x00", "~starts", "~2~x", "!b64!AAAA", "0.AXoA!-._~|", ""} {
		value := cookieText(text)
		require.Regexp(t, `^[!#-+\--:<-\[\]-~]*$`, value, "RFC 6265, 4.1.1")
		whole, ok := chunked([]string{"r=" + value}, "r")
		require.True(t, ok, "%q is not taken for chunks", value)
		got, ok := fromCookieText(whole)
		require.True(t, ok)
		require.Equal(t, text, got)
	}
	_, ok := fromCookieText("!b64!!")
	require.False(t, ok)
}

func FuzzCookies(f *testing.F) {
	for _, line := range []string{
		"", "n=v", "n=~2~a; n-1=b", "x=%FF; n=v", "n", ";;;", "n=~2~", "__Host-edgeauth-01234567=x; a=b", "=;=;n==", "\x00=\x01; n-1=\xff",
	} {
		f.Add(line, line)
	}
	g := cookieGuard(false)
	f.Fuzz(func(t *testing.T, one, two string) {
		lines := []string{one, two, "n=v"}
		_, found := cookie(lines, "n")
		require.True(t, found, "an odd line never hides the next")
		chunked(lines, "n")
		for pair := range strings.SplitSeq(foreignCookies(append(lines, g.names.session+"=secret; "+g.names.attempt+"a=secret2")), ";") {
			require.False(t, ourCookie(strings.Trim(pair, " \t")), "%q", pair)
		}
		v := &visit{r: &Request{Cookie: lines}}
		require.LessOrEqual(t, len(g.clearSession(v)), 32)
		set, err := g.setChunked(v, g.names.session, "value", 0)
		require.NoError(t, err)
		for _, c := range set {
			require.NoError(t, c.Valid())
		}
		fromCookieText(one)
		got, ok := fromCookieText(cookieText(one))
		require.True(t, ok)
		require.Equal(t, one, got)
	})
}
