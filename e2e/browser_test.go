package e2e

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// browser is one profile of the Chromium that all tests share: cookies, cache and windows of its own.
type browser struct{ ctx context.Context }

// theChromium is started for the first test that needs it, and ended after the last.
var theChromium = sync.OnceValues(func() (context.Context, error) {
	found, err := findTools()
	if err != nil {
		return nil, err
	}
	options := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(found.chromium),
		chromedp.UserDataDir(filepath.Join(workDir, "chromium")),
		chromedp.NoSandbox,
		chromedp.DisableGPU,
		chromedp.NoFirstRun,
		chromedp.NoDefaultBrowserCheck,
		chromedp.Flag("disable-dev-shm-usage", true),
		chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true),
		// Tests run side by side: a window that is not in front is no reason to slow it down.
		chromedp.Flag("disable-background-timer-throttling", true),
		chromedp.Flag("disable-backgrounding-occluded-windows", true),
		chromedp.Flag("disable-renderer-backgrounding", true),
		chromedp.WindowSize(1000, 700),
		chromedp.WSURLReadTimeout(patience),
	}
	if os.Getenv("E2E_HEADED") == "" {
		options = append(options, chromedp.Headless)
	}
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, _ := chromedp.NewContext(allocator)
	atTheEnd(func() {
		_ = chromedp.Cancel(ctx)
		stop()
	})
	return ctx, chromedp.Run(ctx)
})

// newBrowser is a browser that nobody has used. Nothing is shared with others.
func newBrowser(t *testing.T) *browser {
	t.Helper()
	needTools(t)
	chromium, err := theChromium()
	require.NoError(t, err, "starting chromium")
	var profile cdp.BrowserContextID
	within := func(do func(ctx context.Context) error) error {
		return chromedp.Run(chromium, chromedp.ActionFunc(func(ctx context.Context) error {
			return do(cdp.WithExecutor(ctx, chromedp.FromContext(ctx).Browser))
		}))
	}
	require.NoError(t, within(func(ctx context.Context) (err error) {
		if profile, err = target.CreateBrowserContext().Do(ctx); err != nil {
			return err
		}
		// A new profile has no window that a tab could open in.
		_, err = target.CreateTarget("about:blank").WithBrowserContextID(profile).WithNewWindow(true).Do(ctx)
		return err
	}))
	ctx, cancel := chromedp.NewContext(chromium, chromedp.WithExistingBrowserContext(profile))
	t.Cleanup(func() {
		cancel()
		_ = within(target.DisposeBrowserContext(profile).Do)
	})
	require.NoError(t, chromedp.Run(ctx))
	return &browser{ctx}
}

// tab is one open page.
type tab struct {
	t   *testing.T
	ctx context.Context
}

func (b *browser) tab(t *testing.T) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(b.ctx)
	p := &tab{t, ctx}
	require.NoError(t, chromedp.Run(ctx))
	t.Cleanup(func() {
		if t.Failed() {
			p.report()
		}
		cancel()
	})
	return p
}

// run acts on the page, again where the page was replaced under its hands.
func (p *tab) run(what string, actions ...chromedp.Action) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	err := chromedp.Run(ctx, actions...)
	for tries := 0; err != nil && tries < 10 && ctx.Err() == nil; tries++ {
		time.Sleep(100 * time.Millisecond)
		err = chromedp.Run(ctx, actions...)
	}
	require.NoError(p.t, err, what)
}

func (p *tab) open(url string) {
	p.t.Helper()
	p.run("opening "+url, chromedp.Navigate(url))
}

func (p *tab) click(selector string) {
	p.t.Helper()
	p.run("clicking "+selector, chromedp.Click(selector, chromedp.ByQuery, chromedp.NodeVisible))
}

func (p *tab) fill(selector, text string) {
	p.t.Helper()
	p.run("filling "+selector, chromedp.WaitVisible(selector, chromedp.ByQuery),
		chromedp.Evaluate(`document.querySelector(`+quote(selector)+`).value = ''`, nil), chromedp.SendKeys(selector, text, chromedp.ByQuery))
}

// see waits until an element is visible.
func (p *tab) see(selector string) {
	p.t.Helper()
	p.run("waiting for "+selector, chromedp.WaitVisible(selector, chromedp.ByQuery))
}

// sees waits until an element holds a text.
func (p *tab) sees(selector, text string) {
	p.t.Helper()
	p.until(selector+" to say "+text, func() bool { return strings.Contains(p.text(selector), text) })
}

func (p *tab) text(selector string) string {
	p.t.Helper()
	var text string
	p.eval(`document.querySelector(`+quote(selector)+`)?.textContent ?? ''`, &text)
	return text
}

// at waits until the page of a URL has been loaded.
func (p *tab) at(url string) {
	p.t.Helper()
	p.until("the page "+url, func() bool {
		var state string
		p.eval(`location.href + ' ' + document.readyState`, &state)
		return state == url+" complete"
	})
}

func (p *tab) url() string {
	p.t.Helper()
	var url string
	p.eval(`location.href`, &url)
	return url
}

// until polls, because a page may be replaced at any time.
func (p *tab) until(what string, met func() bool) {
	p.t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if met() {
			return
		}
	}
	require.FailNow(p.t, "waited in vain for "+what, "at %s: %s", p.url(), p.text("body"))
}

func (p *tab) eval(script string, result any) {
	p.t.Helper()
	p.run(script, chromedp.Evaluate(script, result))
}

// fetched is what a script of the page got from fetch.
type fetched struct {
	Status     int    `json:"status"`
	Body       string `json:"body"`
	Redirected bool   `json:"redirected"`
}

func (p *tab) fetch(path string) fetched {
	p.t.Helper()
	var got fetched
	script := `fetch(` + quote(path) + `, {cache: 'no-store'}).then(async (r) => ({status: r.status, body: await r.text(), redirected: r.redirected}))`
	p.run("fetching "+path, evaluate(script, &got))
	return got
}

// cookies are those that the browser would send to a URL.
func (p *tab) cookies(url string) []*network.Cookie {
	p.t.Helper()
	var cookies []*network.Cookie
	p.run("reading cookies", chromedp.ActionFunc(func(ctx context.Context) (err error) {
		cookies, err = network.GetCookies().WithURLs([]string{url}).Do(ctx)
		return err
	}))
	return cookies
}

// session are the cookies that a browser sends to a URL, but for the mark of a sign-out, which stays.
func (p *tab) session(url string) []*network.Cookie {
	p.t.Helper()
	return slices.DeleteFunc(p.cookies(url), func(c *network.Cookie) bool { return strings.HasSuffix(c.Name, "-o") })
}

// shot saves what the tab shows, where E2E_SHOTS names a directory.
func (p *tab) shot(name string) {
	p.t.Helper()
	dir := os.Getenv("E2E_SHOTS")
	if dir == "" {
		return
	}
	var png []byte
	p.run("taking a picture", chromedp.CaptureScreenshot(&png))
	file := strings.NewReplacer("/", "-", " ", "_", ",", "").Replace(p.t.Name() + "-" + name + ".png")
	require.NoError(p.t, os.MkdirAll(dir, 0o755))
	require.NoError(p.t, os.WriteFile(filepath.Join(dir, file), png, 0o644))
}

// report says where a failed journey stopped.
func (p *tab) report() {
	ctx, cancel := context.WithTimeout(p.ctx, time.Minute)
	defer cancel()
	var where, text string
	_ = chromedp.Run(ctx, chromedp.Location(&where), chromedp.Evaluate(`document.body?.innerText ?? ''`, &text))
	p.t.Logf("a tab stood at %s and showed:\n%s", where, text)
	if dir := os.Getenv("E2E_SHOTS"); dir != "" {
		var png []byte
		if chromedp.Run(ctx, chromedp.CaptureScreenshot(&png)) == nil {
			name := strings.NewReplacer("/", "-", " ", "_", ",", "").Replace(p.t.Name())
			_ = os.WriteFile(filepath.Join(dir, name+"-FAILED.png"), png, 0o644)
		}
	}
}
