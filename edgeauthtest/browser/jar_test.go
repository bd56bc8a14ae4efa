package browser

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var start = time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)

// stillClock is a clock that does not move.
func stillClock() time.Time { return start }

func address(t *testing.T, raw string) *url.URL {
	t.Helper()
	u, err := url.Parse(raw)
	require.NoError(t, err)
	return canonical(u)
}

func TestCookiesAreKeptAndSentAsBrowsersDo(t *testing.T) {
	const app = "https://app.example.com/a/b?q"
	long := strings.Repeat("x", 4095)
	for name, c := range map[string]struct {
		from, line string
		to         string
		want       string // the Cookie header at to
	}{
		"a plain cookie":                         {app, "a=1", app, "a=1"},
		"spaces around name and value":           {app, " a = 1 ; Path=/", app, "a=1"},
		"quotes are part of the value":           {app, `a="1"`, app, `a="1"`},
		"an odd name and value":                  {app, `a[0]{}=x=y,z\ö`, app, `a[0]{}=x=y,z\ö`},
		"a cookie without a name":                {app, "alone", app, "alone"},
		"an empty value":                         {app, "a=", app, "a="},
		"nothing":                                {app, "=; Path=/", app, ""},
		"a control character drops it":           {app, "a=1\x01; Path=/", app, ""},
		"4096 bytes stay":                        {app, "a=" + long, app, "a=" + long},
		"4097 bytes vanish":                      {app, "ab=" + long, app, ""},
		"host only: not for a sub-domain":        {app, "a=1", "https://x.app.example.com/a/b", ""},
		"host only: not for the parent":          {app, "a=1", "https://example.com/a/b", ""},
		"Domain: for a sub-domain":               {app, "a=1; Domain=example.com", "https://other.example.com/a/b", "a=1"},
		"Domain with a dot":                      {app, "a=1; Domain=.example.com", "https://other.example.com/a/b", "a=1"},
		"Domain is no suffix of letters":         {app, "a=1; Domain=example.com", "https://badexample.com/a/b", ""},
		"Domain of another site":                 {app, "a=1; Domain=other.com", app, ""},
		"Domain of a sub-domain":                 {app, "a=1; Domain=x.app.example.com", app, ""},
		"Domain of a public suffix":              {"https://d1.cloudfront.net/", "a=1; Domain=cloudfront.net", "https://d2.cloudfront.net/", ""},
		"Domain of a top-level domain":           {app, "a=1; Domain=com", app, ""},
		"Domain=localhost at localhost":          {"http://localhost:1/", "a=1; Domain=localhost", "http://localhost:1/", "a=1"},
		"Domain at an address":                   {"http://127.0.0.1/", "a=1; Domain=0.0.1", "http://127.0.0.1/", ""},
		"default path: the folder":               {app, "a=1", "https://app.example.com/a/", "a=1"},
		"default path: not above":                {app, "a=1", "https://app.example.com/", ""},
		"default path: the folder's own name":    {app, "a=1", "https://app.example.com/a", "a=1"},
		"Path: a longer name is another path":    {app, "a=1; Path=/a", "https://app.example.com/ab", ""},
		"Path: below":                            {app, "a=1; Path=/a", "https://app.example.com/a/x/y", "a=1"},
		"Path with a slash at its end":           {app, "a=1; Path=/a/", "https://app.example.com/a", ""},
		"Path without a slash is the default":    {app, "a=1; Path=x", "https://app.example.com/a/", "a=1"},
		"ports share cookies":                    {"https://app.example.com:8443/", "a=1", "https://app.example.com/", "a=1"},
		"schemes share cookies":                  {"https://app.example.com/", "a=1", "http://app.example.com/", "a=1"},
		"Secure is not sent over http":           {"https://app.example.com/", "a=1; Secure", "http://app.example.com/", ""},
		"Secure is not kept from http":           {"http://app.example.com/", "a=1; Secure", "https://app.example.com/", ""},
		"Secure at http://localhost":             {"http://localhost:8080/", "a=1; Secure", "http://localhost:8080/", "a=1"},
		"Secure at http://127.0.0.1":             {"http://127.0.0.1:8080/", "a=1; Secure", "http://127.0.0.1:8080/", "a=1"},
		"Secure at http://[::1]":                 {"http://[::1]:8080/", "a=1; Secure", "http://[::1]:8080/", "a=1"},
		"Secure below localhost":                 {"http://app.localhost/", "a=1; Secure", "http://app.localhost/", "a=1"},
		"Secure at a name like localhost":        {"http://localhost.example.com/", "a=1; Secure", "http://localhost.example.com/", ""},
		"__Host-":                                {app, "__Host-a=1; Secure; Path=/", "https://app.example.com/", "__Host-a=1"},
		"__Host- at http://localhost":            {"http://localhost:1/x", "__Host-a=1; Secure; Path=/", "http://localhost:1/", "__Host-a=1"},
		"__Host- without Secure":                 {app, "__Host-a=1; Path=/", app, ""},
		"__Host- without Path":                   {"https://app.example.com/", "__Host-a=1; Secure", "https://app.example.com/", ""},
		"__Host- with another Path":              {app, "__Host-a=1; Secure; Path=/a", app, ""},
		"__Host- with Domain":                    {app, "__Host-a=1; Secure; Path=/; Domain=app.example.com", app, ""},
		"__host- in small letters is one too":    {app, "__host-a=1; Path=/", app, ""},
		"__Host- smuggled in without a name":     {app, "=__Host-a=1", app, ""},
		"__Secure-":                              {app, "__Secure-a=1; Secure", app, "__Secure-a=1"},
		"__Secure- without Secure":               {app, "__Secure-a=1", app, ""},
		"SameSite=None needs Secure":             {app, "a=1; SameSite=None", app, ""},
		"SameSite=None with Secure":              {app, "a=1; SameSite=None; Secure", app, "a=1"},
		"Max-Age=0 is no cookie":                 {app, "a=1; Max-Age=0", app, ""},
		"Max-Age below zero":                     {app, "a=1; Max-Age=-1", app, ""},
		"Max-Age wins over Expires":              {app, "a=1; Max-Age=10; Expires=Thu, 01 Jan 1970 00:00:00 GMT", app, "a=1"},
		"an Expires in the past":                 {app, "a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT", app, ""},
		"an Expires that is no date":             {app, "a=1; Expires=soon", app, "a=1"},
		"a Max-Age that is no number":            {app, "a=1; Max-Age=+5", app, "a=1"},
		"an attribute value over 1024 is passed": {app, "a=1; Path=/" + strings.Repeat("x", 1024), "https://app.example.com/a/", "a=1"},
	} {
		t.Run(name, func(t *testing.T) {
			j := &jar{now: stillClock}
			j.store(c.line, address(t, c.from), false, false)
			require.Equal(t, c.want, j.line(address(t, c.to), sameSite, false))
		})
	}
}

func TestSameSiteDecidesByHowNearTheRequestIs(t *testing.T) {
	u := address(t, "https://app.example.com/")
	j := &jar{now: stillClock}
	for _, line := range []string{"strict=1; SameSite=Strict", "lax=1; SameSite=Lax", "plain=1", "odd=1; SameSite=Odd", "none=1; SameSite=None; Secure"} {
		j.store(line, u, false, false)
	}
	require.Equal(t, "strict=1; lax=1; plain=1; odd=1; none=1", j.line(u, sameSite, false))
	require.Equal(t, "lax=1; plain=1; odd=1; none=1", j.line(u, topLevel, false))
	require.Equal(t, "none=1", j.line(u, crossSite, false))

	j = &jar{now: stillClock}
	for _, line := range []string{"strict=1; SameSite=Strict", "lax=1", "none=1; SameSite=None; Secure"} {
		j.store(line, u, true, false)
	}
	require.Equal(t, "none=1", j.line(u, sameSite, false), "a cross-site answer sets SameSite=None alone")
}

func TestCookiesOfOneNameLiveSideBySide(t *testing.T) {
	u := address(t, "https://app.example.com/a/b")
	j := &jar{now: stillClock}
	for _, line := range []string{"a=root; Path=/", "a=folder; Path=/a", "a=domain; Path=/; Domain=example.com", "b=1; Path=/"} {
		j.store(line, u, false, false)
	}
	require.Equal(t, "a=folder; a=root; a=domain; b=1", j.line(u, sameSite, false), "longer paths first, then older ones")
	j.store("a=new; Path=/", u, false, false)
	require.Equal(t, "a=folder; a=new; a=domain; b=1", j.line(u, sameSite, false), "a replaced cookie keeps its place")
	j.store("a=; Path=/; Max-Age=0", u, false, false)
	require.Equal(t, "a=folder; a=domain; b=1", j.line(u, sameSite, false))
	require.Equal(t, 1, j.drop("b"))
	require.Equal(t, 2, j.drop("a"))
}

func TestCookiesExpireByTheClock(t *testing.T) {
	now := start
	u := address(t, "https://app.example.com/")
	j := &jar{now: func() time.Time { return now }}
	j.store("short=1; Max-Age=60", u, false, false)
	j.store("forever=1; Max-Age=99999999999999999999", u, false, false)
	j.store("session=1", u, false, false)
	now = now.Add(59 * time.Second)
	require.Equal(t, "short=1; forever=1; session=1", j.line(u, sameSite, false))
	now = now.Add(time.Second)
	require.Equal(t, "forever=1; session=1", j.line(u, sameSite, false))
	now = now.Add(400 * 24 * time.Hour)
	require.Equal(t, "session=1", j.line(u, sameSite, false), "no cookie lives longer than 400 days")
}

func TestAScriptNeitherSeesNorReplacesHttpOnly(t *testing.T) {
	u := address(t, "https://app.example.com/")
	j := &jar{now: stillClock}
	j.store("a=server; HttpOnly", u, false, false)
	j.store("a=script", u, false, true)
	j.store("b=script; HttpOnly", u, false, true)
	j.store("c=script", u, false, true)
	require.Equal(t, "a=server; c=script", j.line(u, sameSite, false))
	require.Equal(t, "c=script", j.line(u, sameSite, true))
}

func TestAPlainPageCannotShadowASecureCookie(t *testing.T) {
	j := &jar{now: stillClock}
	j.store("a=secure; Secure; Path=/", address(t, "https://app.example.com/"), false, false)
	for _, line := range []string{"a=plain; Path=/", "a=plain; Path=/x", "a=plain; Path=/; Domain=example.com"} {
		j.store(line, address(t, "http://app.example.com/"), false, false)
	}
	require.Len(t, j.list(), 1)
	j.store("a=other; Path=/", address(t, "http://other.example.com/"), false, false)
	require.Len(t, j.list(), 2, "another host's cookie shadows nothing")
}

func FuzzSetCookie(f *testing.F) {
	for _, line := range []string{"a=1; Path=/; Secure", "__Host-a=b; Path=/; Secure; HttpOnly; SameSite=None", "; ;=", "a=1; Max-Age=9; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Domain=.example.com"} {
		f.Add(line)
	}
	u := &url.URL{Scheme: "https", Host: "app.example.com", Path: "/a/b"}
	f.Fuzz(func(t *testing.T, line string) {
		j := &jar{now: stillClock}
		j.store(line, u, false, false)
		for _, c := range j.list() {
			sent := j.line(u, sameSite, false)
			if strings.ContainsAny(sent, "\r\n\x00;") {
				t.Errorf("Cookie header %q", sent)
			}
			if strings.HasPrefix(strings.ToLower(c.Name), "__host-") && (!c.Secure || !c.HostOnly || c.Path != "/") {
				t.Errorf("kept %+v", c)
			}
			if len(c.Name)+len(c.Value) > 4096 {
				t.Errorf("kept %d bytes", len(c.Name)+len(c.Value))
			}
		}
	})
}
