package edgeauth

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/edgeauth/edgeauth/internal/cookies"
	"github.com/stretchr/testify/require"
)

func cookieGuard(insecure bool) *Guard {
	c := Config{Hosts: []string{"app.example.com"}, InsecureHTTP: insecure}.withDefaults()
	return &Guard{cfg: c, names: cookies.NewNames(c.SiteID, "", insecure, false)}
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
	for _, size := range []int{1, 10, 3800 - 1, 3800, 3800 + 1, 2 * 3800, 2*3800 + 1, 12_000, cookies.MaxSize} {
		value := strings.Repeat("0123456789abcdef", size/16+1)[:size]
		set, err := g.setChunked(&visit{r: &Request{}}, g.names.Session, value, time.Hour)
		require.NoError(t, err)
		require.Len(t, set, (size+3800-1)/3800)
		for _, c := range set {
			require.LessOrEqual(t, len(c.Name)+len(c.Value), 4096, "browsers drop more (RFC 6265bis, 5.6)")
			require.LessOrEqual(t, len(c.String()), 4096)
			require.NoError(t, c.Valid())
			require.True(t, c.Secure && c.HttpOnly && c.Path == "/" && c.SameSite == http.SameSiteLaxMode && c.Domain == "")
			require.Equal(t, 3600, c.MaxAge)
		}
		got, ok := cookies.Whole([]string{lineOf(set...)}, g.names.Session)
		require.True(t, ok, "%d bytes", size)
		require.Equal(t, value, got)
	}
}

func TestAValueOfMoreThan16KBIsRefused(t *testing.T) {
	g := cookieGuard(false)
	_, err := g.setChunked(&visit{r: &Request{}}, g.names.Session, strings.Repeat("x", cookies.MaxSize+1), 0)
	require.ErrorIs(t, err, Reason("session_too_large"))
	require.ErrorContains(t, err, "fewer claims or groups")
}

func TestStaleChunksAreCleared(t *testing.T) {
	g := cookieGuard(false)
	n := g.names.Session
	v := &visit{r: &Request{Cookie: []string{fmt.Sprintf("%s=~4~a; %[1]s-1=b; %[1]s-2=c; %[1]s-3=d; %[1]s-r=keep; other-3=keep; %[1]s-x=keep", n)}}}
	for size, want := range map[int][]string{1: {n + "-1", n + "-2", n + "-3"}, 3800 + 1: {n + "-2", n + "-3"}} {
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

func FuzzCookiesOfASite(f *testing.F) {
	f.Add("a=b; n=~2~a", "x")
	g := cookieGuard(false)
	f.Fuzz(func(t *testing.T, one, two string) {
		v := &visit{r: &Request{Cookie: []string{one, two}}}
		require.LessOrEqual(t, len(g.clearSession(v)), 32)
		set, err := g.setChunked(v, g.names.Session, "value", 0)
		require.NoError(t, err)
		for _, c := range set {
			require.NoError(t, c.Valid())
		}
	})
}
