package edgeauthtest

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/edgeauth/edgeauth/edgeauthtest/browser"
)

// verb is a kind of line.
type verb struct {
	pattern string
	compile func(args []string) (action, error)
}

// verbs are all kinds of lines. The first that matches counts.
var verbs = []verb{
	{"open ADDRESS", goes(func(t *teller, a []string) error { return t.browser().Navigate(t.address(a[0])) })},
	{"follow ADDRESS", goes(func(t *teller, a []string) error { return t.browser().Follow(a[0]) })},
	{"click TEXT...", goes(func(t *teller, a []string) error { return t.browser().Click(a[0]) })},
	{"submit FIELDS...", submits},
	{"sign in as NAME", goes(signsIn)},
	{"say no", goes(func(t *teller, _ []string) error { return t.browser().SubmitForm(map[string]string{"deny": "1"}) })},
	{"reload", goes(func(t *teller, _ []string) error { return t.browser().Reload() })},
	{"fetch METHOD ADDRESS [BODY]...", asks(func(b *browser.Browser, a []string) (browser.Answer, error) { return b.Fetch(a[0], a[1], a[2]) })},
	{"image ADDRESS", asks(func(b *browser.Browser, a []string) (browser.Answer, error) { return b.LoadImage(a[0]) })},
	{"prefetch ADDRESS", asks(func(b *browser.Browser, a []string) (browser.Answer, error) { return b.Prefetch(a[0]) })},
	{"tab NUMBER", switchesTab},
	{"wait DURATION", waits},
	{"cookie drop NAME", does(func(t *teller, a []string) error {
		if t.browser().DropCookies(a[0]) == 0 {
			return fmt.Errorf("no cookie has this in its name: %v", cookieNames(t.browser()))
		}
		return nil
	})},
	{"cookie set LINE...", does(func(t *teller, a []string) error { t.browser().SetScriptCookie(a[0]); return nil })},
	{"idp down", does(func(t *teller, _ []string) error { t.world.IdP.Down(); return nil })},
	{"idp up", does(func(t *teller, _ []string) error { t.world.IdP.Up(); return nil })},
	{"idp rotate keys", does(func(t *teller, _ []string) error { return t.world.IdP.RotateKeys() })},
	{"idp end sessions", does(func(t *teller, _ []string) error { t.world.IdP.EndSessions(); return nil })},
	{"expect sign-in page", does(func(t *teller, _ []string) error { return t.onSignInPage() })},
	{"expect error TEXT...", does(expectError)},
	{"expect url ADDRESS", does(expectURL)},
	{"expect cookie NAME", does(func(t *teller, a []string) error { return t.expectCookie(a[0], true) })},
	{"expect no cookie NAME", does(func(t *teller, a []string) error { return t.expectCookie(a[0], false) })},
	{"expect calls ENDPOINT NUMBER", expectCalls},
	{"expect STATUS [CHECKS]...", expectAnswer},
}

// goes is for verbs after which the tab's page is the last answer. A failure is kept for the next line, which may
// expect it.
func goes(f func(*teller, []string) error) func([]string) (action, error) {
	return does(func(t *teller, args []string) error {
		t.fetched = nil
		t.failure = f(t, args)
		return nil
	})
}

func does(f func(*teller, []string) error) func([]string) (action, error) {
	return func(args []string) (action, error) {
		return func(t *teller) error { return f(t, args) }, nil
	}
}

// asks is for verbs after which the answer to a script is the last answer.
func asks(f func(*browser.Browser, []string) (browser.Answer, error)) func([]string) (action, error) {
	return does(func(t *teller, args []string) error {
		a, err := f(t.browser(), args)
		t.fetched, t.failure = &a, err
		return nil
	})
}

func submits(args []string) (action, error) {
	fill := map[string]string{}
	for _, pair := range strings.Fields(args[0]) {
		name, value, ok := strings.Cut(pair, "=")
		if !ok {
			return nil, fmt.Errorf("%q is no name=value", pair)
		}
		fill[name] = value
	}
	return goes(func(t *teller, _ []string) error { return t.browser().SubmitForm(fill) })(nil)
}

func signsIn(t *teller, args []string) error {
	if err := t.onSignInPage(); err != nil {
		return err
	}
	for _, p := range t.world.people {
		if p.Name != args[0] {
			continue
		}
		fill := map[string]string{"user": p.Name}
		if p.Password != "" {
			fill["password"] = p.Password
		}
		return t.browser().SubmitForm(fill)
	}
	return errors.New("nobody has this name")
}

func switchesTab(args []string) (action, error) {
	number, err := strconv.Atoi(args[0])
	if err != nil || number < 1 {
		return nil, fmt.Errorf("%q is no number from 1", args[0])
	}
	return func(t *teller) error {
		if t.tabs[number] == nil {
			t.tabs[number] = t.browser().NewTab()
		}
		t.tab, t.fetched = number, nil
		return nil
	}, nil
}

func waits(args []string) (action, error) {
	d, err := time.ParseDuration(args[0])
	if err != nil {
		return nil, err
	}
	return func(t *teller) error { t.world.Clock.Advance(d); return nil }, nil
}

// address resolves a relative address of a story.
func (t *teller) address(text string) string {
	if home, err := url.Parse(t.world.Home); err == nil {
		if u, err := home.Parse(text); err == nil {
			return u.String()
		}
	}
	return text
}
