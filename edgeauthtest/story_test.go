package edgeauthtest

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/edgeauthtest/browser"
	"github.com/edgeauth/edgeauth/nethttp"
	"github.com/stretchr/testify/require"
)

// newSite is a world with a small site: pages, an API, a form, an admins' corner and a public one.
func newSite(t *testing.T) *World { return newSiteWith(t, edgeauth.Sealed) }

func newSiteWith(t *testing.T, mode edgeauth.SessionMode) *World {
	w := NewWorld(t, WorldOptions{People: []Person{
		{Name: "alice", Groups: []string{"staff"}, Claims: map[string]any{"name": "Alice"}},
		{Name: "bob", Password: "hunter2", Groups: []string{"staff", "admins"}},
	}})
	c := w.Config("app.example.com")
	c.Rules = []edgeauth.Rule{{Path: "/public/", Anyone: true}, {Path: "/admin/", Groups: []string{"admins"}}}
	if mode == edgeauth.Tokens {
		c.Session = edgeauth.Session{Mode: mode}
	}
	w.Protect(t, c, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		fmt.Fprintf(rw, `<title>Site</title>%s %s for %q %s`, r.Method, r.URL.RequestURI(), nethttp.Identity(r).Subject(), body)
		fmt.Fprint(rw, `<form method="post" action="/save"><input name="size"><button>Save</button></form><a href="/.auth/logout">Sign out</a>`)
	}))
	w.Handle("other.example.org", http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/json" {
			fmt.Fprint(rw, `{"typed":"as text"}`)
			return
		}
		fmt.Fprint(rw, `another site <a href="https://app.example.com/.auth/logout">A trap</a>`)
	}))
	return w
}

func TestStories(t *testing.T) {
	RunStories(t, os.DirFS("testdata/stories"), newSite)
}

func TestStoriesWithTokenSessions(t *testing.T) {
	RunStories(t, os.DirFS("testdata/stories"), func(t *testing.T) *World { return newSiteWith(t, edgeauth.Tokens) })
}

func TestAStoryThatIsWrongNamesItsLine(t *testing.T) {
	for name, c := range map[string]struct{ story, want string }{
		"an unknown verb":              {"# title\n\ndance wildly", "3: dance wildly: no line"},
		"a verb with too few words":    {"open", "1: open: no line"},
		"a verb with too many words":   {"open /a /b", "1: open /a /b: no line"},
		"a fixed word misspelt":        {"sign in like alice", "1:"},
		"no status":                    {"expect fine", "\"fine\" is no status"},
		"a status out of range":        {"expect 20", "\"20\" is no status"},
		"a text without its end":       {`expect 200 "abc`, "is neither"},
		"an unknown check":             {"expect 200 xml", "is neither"},
		"no duration":                  {"wait long", "invalid duration"},
		"no tab number":                {"tab zero", "no number"},
		"a field without value":        {"submit a", "no name=value"},
		"no number of calls":           {"expect calls token many", "no number"},
		"no such endpoint":             {"expect calls tokens 1", "no endpoint"},
		"nothing":                      {"# nothing\n", "no steps"},
		"capitals are not the pattern": {"OPEN /", "no line"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := parseStory(c.story)
			require.ErrorContains(t, err, c.want)
		})
	}
}

func TestAStoryThatDoesNotHoldNamesItsLine(t *testing.T) {
	const in = "open /a\nsign in as alice\n"
	for name, c := range map[string]struct{ story, want string }{
		"another status":              {in + "expect 404", "3: expect 404: the status is 200"},
		"a text that is missing":      {in + `expect 200 "alice" "Bob"`, `3: expect 200 "alice" "Bob": the text "Bob" is there: false`},
		"a text that should not be":   {in + `expect 200 no "alice"`, `the text "alice" is there: true`},
		"no JSON":                     {in + "expect 200 json", "no JSON object"},
		"JSON of another type":        {"open https://other.example.org/json\nexpect 200 json", "no JSON object, but \"text/plain"},
		"JSON without the member":     {"open /public/\nfetch GET /.auth/session\nexpect 401 json loggin", `no member "loggin"`},
		"another address":             {in + "expect url /b", "3: expect url /b: the address is https://app.example.com/a"},
		"not the sign-in page":        {in + "expect sign-in page", "not the sign-in page"},
		"a failure nobody expects":    {"open https://nowhere.example.com/\nwait 1s", "1: open https://nowhere.example.com/: no such host"},
		"a failure at the end":        {in + "click nothing", "3: click nothing: nothing on"},
		"an error that did not come":  {in + "expect error host", "3: expect error host: the line before ended with: <nil>"},
		"another error":               {"open https://nowhere.example.com/\nexpect error loop", "2: expect error loop: the line before ended with: no such host"},
		"nobody of this name":         {"open /a\nsign in as eve", "2: sign in as eve: nobody"},
		"sign in on the wrong page":   {"open /public/\nsign in as alice", "not the sign-in page"},
		"a cookie that is not there":  {in + "cookie drop nonsense", "no cookie has this"},
		"a cookie expected in vain":   {in + "expect cookie nonsense", "the cookies are [devidp_session __Host-"},
		"a cookie not expected":       {in + "expect no cookie session", "the cookies are"},
		"another number of calls":     {in + "expect calls token 2", "3: expect calls token 2: there were 1"},
		"the failure shows the chain": {in + "expect 404", "tab 1: 200 https://app.example.com/a\n\tPOST https://id.example.net/authorize"},
	} {
		t.Run(name, func(t *testing.T) {
			steps, err := parseStory(c.story)
			require.NoError(t, err)
			w := newSite(t)
			err = (&teller{world: w, tabs: map[int]*browser.Browser{1: w.Browser}, tab: 1}).tell(steps)
			require.ErrorContains(t, err, c.want)
		})
	}
}

func TestThePackageCommentHasEveryVerb(t *testing.T) {
	text, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	for _, v := range verbs {
		require.Contains(t, string(text), "//\t"+v.pattern+" ")
	}
}

func TestTheClockStandsStill(t *testing.T) {
	c := NewClock()
	before := c.Now()
	c.Advance(61 * time.Minute)
	require.Equal(t, 61*time.Minute, c.Now().Sub(before))
}

func FuzzParseStory(f *testing.F) {
	f.Add("open /x\nsign in as alice\nexpect 200 \"Quarterly\" no \"x\" json json login")
	f.Add("fetch POST /a {\"b\":1}\nwait 1h\ntab 2\nsubmit a=b c=d\ncookie set a=b; Path=/")
	f.Fuzz(func(t *testing.T, text string) {
		steps, err := parseStory(text)
		if (err == nil) == (len(steps) == 0) {
			t.Errorf("%d steps, error %v", len(steps), err)
		}
		if err != nil && !strings.Contains(err.Error(), ": ") {
			t.Errorf("error without a line: %v", err)
		}
	})
}
