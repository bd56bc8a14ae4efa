package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/security"
	"github.com/chromedp/chromedp"
	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"
	"github.com/stretchr/testify/require"
)

// engine is a browser of one of the three kinds that there are, with one window.
type engine interface {
	// open goes to an address and does not wait for the page: who is led elsewhere, or is answered by a worker, now and then
	// waits for a page that is not going to come.
	open(url string) error
	back() error
	// script runs an expression, or waits for its promise, and returns what it comes to as a text.
	script(expression string) (string, error)
	// framed runs an expression in the first frame of the page.
	framed(expression string) (string, error)
}

// engines are the three kinds.
var engines = map[string]func(t *testing.T) engine{"Chromium": chromium, "Firefox": firefox, "WebKit": webkit}

// inEveryEngine tells a story in each of them.
func inEveryEngine(t *testing.T, story func(t *testing.T, name string, p *window)) {
	t.Helper()
	needTools(t)
	for name, open := range engines {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			story(t, name, &window{t, open(t)})
		})
	}
}

// window is what a person sees of an engine.
type window struct {
	t *testing.T
	engine
}

// visit goes to an address and waits until another page has taken the place of the one that is there.
func (p *window) visit(url string) {
	p.t.Helper()
	p.eval(`window.left = 'yes'`)
	require.NoError(p.t, p.open(url), url)
	p.says("here", `window.left ? 'left' : 'here'`)
}

// says waits until an expression comes to a text.
func (p *window) says(want, expression string) {
	p.t.Helper()
	got := ""
	p.until(want, func() bool { got = p.eval(expression); return got == want }, &got)
}

// eval is empty while a page is being replaced.
func (p *window) eval(expression string) string {
	text, err := p.script(expression)
	if err != nil {
		return ""
	}
	return text
}

func (p *window) url() string { return p.eval(`location.href`) }

func (p *window) text(selector string) string {
	return p.eval(`document.querySelector(` + quote(selector) + `)?.textContent ?? ''`)
}

func (p *window) until(what string, met func() bool, instead ...*string) {
	p.t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if met() {
			return
		}
	}
	for _, got := range instead {
		p.t.Logf("got %q", *got)
	}
	_, err := p.script(`1`)
	require.FailNow(p.t, "waited in vain for "+what, "at %s: %s (%v)", p.url(), p.text("body"), err)
}

func (p *window) at(url string) {
	p.t.Helper()
	p.until("the page "+url, func() bool { return p.eval(`location.href + ' ' + document.readyState`) == url+" complete" })
}

func (p *window) click(selector string) {
	p.t.Helper()
	p.until(selector, func() bool {
		return p.eval(`(e => e ? (setTimeout(() => e.click()), 'yes') : 'no')(document.querySelector(`+quote(selector)+`))`) == "yes"
	})
}

// enter signs somebody in with the provider's own form.
func (p *window) enter(w *site, who person) {
	p.t.Helper()
	p.until("the provider's form", func() bool { return strings.HasPrefix(p.url(), w.idp.URL+"/") && p.text("#sign-in") != "" })
	for selector, value := range map[string]string{"#username": who.username, "#password": who.password} {
		require.Equal(p.t, value, p.eval(`document.querySelector(`+quote(selector)+`).value = `+quote(value)))
	}
	p.click("#sign-in")
	if w.setup.asksConsent() {
		p.click("#allow")
	}
}

// chromium is the one of all other journeys, by way of CDP.
func chromium(t *testing.T) engine {
	t.Helper()
	p := newBrowser(t).tab(t)
	p.run("trusting every certificate", security.SetIgnoreCertificateErrors(true))
	return &chromiumEngine{p}
}

type chromiumEngine struct{ tab *tab }

func (e *chromiumEngine) open(url string) error {
	return e.do(chromedp.ActionFunc(func(ctx context.Context) error {
		_, _, _, _, err := page.Navigate(url).Do(ctx)
		return err
	}))
}

func (e *chromiumEngine) back() error {
	return e.do(chromedp.ActionFunc(func(ctx context.Context) error {
		at, all, err := page.GetNavigationHistory().Do(ctx)
		if err != nil || at == 0 {
			return errors.Join(err, errors.New("there is nothing to go back to"))
		}
		return page.NavigateToHistoryEntry(all[at-1].ID).Do(ctx)
	}))
}

func (e *chromiumEngine) script(expression string) (text string, err error) {
	return text, e.do(evaluate("Promise.resolve("+expression+").then(String)", &text))
}

func (e *chromiumEngine) framed(expression string) (text string, err error) {
	return text, e.do(chromedp.ActionFunc(func(ctx context.Context) error {
		tree, err := page.GetFrameTree().Do(ctx)
		if err != nil || len(tree.ChildFrames) == 0 {
			return errors.Join(err, errors.New("there is no frame"))
		}
		world, err := page.CreateIsolatedWorld(tree.ChildFrames[0].Frame.ID).Do(ctx)
		if err != nil {
			return err
		}
		return chromedp.Evaluate("String("+expression+")", &text, func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithContextID(world) }).Do(ctx)
	}))
}

func (e *chromiumEngine) do(action chromedp.Action) error {
	ctx, cancel := context.WithTimeout(e.tab.ctx, patience)
	defer cancel()
	return chromedp.Run(ctx, action)
}

// firefox speaks WebDriver BiDi.
func firefox(t *testing.T) engine {
	t.Helper()
	program := needProgram(t, "firefox-esr", "firefox")
	p := start(t, "Firefox", program, "--headless", "--no-remote", "--profile", t.TempDir(), "--remote-debugging-port", "0")
	from := ""
	listening := regexp.MustCompile(`WebDriver BiDi listening on (ws://\S+)`)
	p.waitFor(t, "listening", func() bool {
		if found := listening.FindStringSubmatch(p.output.String()); found != nil {
			from = found[1]
		}
		return from != ""
	})
	connection, _, _, err := ws.Dial(context.Background(), from+"/session")
	require.NoError(t, err)
	t.Cleanup(func() { connection.Close() })
	e := &bidi{connection: connection}
	require.NoError(t, e.command("session.new", object{"capabilities": object{"alwaysMatch": object{"acceptInsecureCerts": true}}}, nil))
	var tree struct{ Contexts []struct{ Context string } }
	require.NoError(t, e.command("browsingContext.getTree", object{}, &tree))
	e.context = tree.Contexts[0].Context
	return e
}

// bidi is a session of WebDriver BiDi with one browsing context.
type bidi struct {
	connection net.Conn
	context    string
	last       int
}

func (e *bidi) command(method string, params object, result any) error {
	e.last++
	text, err := json.Marshal(object{"id": e.last, "method": method, "params": params})
	if err != nil {
		return err
	}
	_ = e.connection.SetDeadline(time.Now().Add(patience))
	if err := wsutil.WriteClientText(e.connection, text); err != nil {
		return err
	}
	for {
		text, err := wsutil.ReadServerText(e.connection)
		if err != nil {
			return err
		}
		var answer struct {
			ID             int
			Type           string
			Error, Message string
			Result         json.RawMessage
		}
		if err := json.Unmarshal(text, &answer); err != nil {
			return err
		}
		switch {
		case answer.ID != e.last: // an event
		case answer.Type == "error":
			return fmt.Errorf("%s: %s: %s", method, answer.Error, answer.Message)
		case result == nil:
			return nil
		default:
			return json.Unmarshal(answer.Result, result)
		}
	}
}

func (e *bidi) open(url string) error {
	return e.command("browsingContext.navigate", object{"context": e.context, "url": url, "wait": "none"}, nil)
}

func (e *bidi) back() error {
	return e.command("browsingContext.traverseHistory", object{"context": e.context, "delta": -1}, nil)
}

func (e *bidi) script(expression string) (string, error) { return e.in(e.context, expression) }

func (e *bidi) framed(expression string) (string, error) {
	var tree struct {
		Contexts []struct{ Children []struct{ Context string } }
	}
	if err := e.command("browsingContext.getTree", object{"root": e.context}, &tree); err != nil {
		return "", err
	}
	if len(tree.Contexts[0].Children) == 0 {
		return "", errors.New("there is no frame")
	}
	return e.in(tree.Contexts[0].Children[0].Context, expression)
}

func (e *bidi) in(context, expression string) (string, error) {
	var answer struct {
		Type             string
		Result           struct{ Value string }
		ExceptionDetails struct{ Text string }
	}
	err := e.command("script.evaluate", object{
		"expression": "Promise.resolve(" + expression + ").then(String)", "target": object{"context": context}, "awaitPromise": true,
	}, &answer)
	if err == nil && answer.Type != "success" {
		err = errors.New(answer.ExceptionDetails.Text)
	}
	return answer.Result.Value, err
}

// webkit speaks WebDriver, in a window of a screen of its own.
func webkit(t *testing.T) engine {
	t.Helper()
	driver, screen := needProgram(t, "WebKitWebDriver"), needProgram(t, "Xvfb")
	browsers, _ := filepath.Glob("/usr/lib/*/webkit2gtk-4.*/MiniBrowser")
	require.NotEmpty(t, browsers, "WebKit's MiniBrowser comes with its driver")
	x := start(t, "Xvfb", screen, "-displayfd", "1", "-screen", "0", "1000x700x24", "-nolisten", "tcp")
	display := ""
	x.waitFor(t, "a screen", func() bool {
		for line := range strings.Lines(x.output.String()) { // after what it says of screens that others have
			if number, whole := strings.CutSuffix(line, "\n"); whole && strings.Trim(number, "0123456789") == "" {
				display = number
			}
		}
		return display != ""
	})
	env, err := exec.LookPath("env")
	require.NoError(t, err)
	port := freePort(t)
	p := start(t, "WebKitWebDriver", env, "DISPLAY=:"+display, "HOME="+t.TempDir(), "WEBKIT_DISABLE_COMPOSITING_MODE=1", "LIBGL_ALWAYS_SOFTWARE=1", driver, "--host=127.0.0.1", "--port="+port)
	p.listens(t, port)
	e := &webdriver{at: "http://127.0.0.1:" + port + "/session"}
	var session struct{ SessionID string }
	require.NoError(t, e.command("", object{"capabilities": object{"alwaysMatch": object{
		"pageLoadStrategy": "none", "acceptInsecureCerts": true,
		"webkitgtk:browserOptions": object{"binary": browsers[0], "args": []string{"--automation"}},
	}}}, &session))
	e.at += "/" + session.SessionID
	t.Cleanup(func() { // or its browser stays
		r, _ := http.NewRequest(http.MethodDelete, e.at, nil)
		if answer, err := http.DefaultClient.Do(r); err == nil {
			answer.Body.Close()
		}
	})
	return e
}

// webdriver is a session of WebDriver.
type webdriver struct{ at string }

func (e *webdriver) command(path string, params object, result any) error {
	text, err := json.Marshal(params)
	if err != nil {
		return err
	}
	client := http.Client{Timeout: patience}
	if strings.HasPrefix(path, "/execute/") { // a script whose page goes away is never answered; callers ask again
		client.Timeout = 10 * time.Second
	}
	answer, err := client.Post(e.at+path, "application/json", bytes.NewReader(text))
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, err = io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", path, text)
	}
	if result == nil {
		return nil
	}
	return json.Unmarshal(text, &struct{ Value any }{result})
}

func (e *webdriver) open(url string) error { return e.command("/url", object{"url": url}, nil) }

func (e *webdriver) back() error { return e.command("/back", object{}, nil) }

func (e *webdriver) framed(expression string) (text string, err error) {
	if err := e.command("/frame", object{"id": 0}, nil); err != nil {
		return "", err
	}
	text, err = e.script(expression)
	return text, errors.Join(err, e.command("/frame", object{"id": nil}, nil))
}

func (e *webdriver) script(expression string) (text string, err error) {
	return text, e.command("/execute/async", object{
		"script": "const done = arguments[0]; Promise.resolve(" + expression + ").then(String).then(done, () => done(''))", "args": []any{},
	}, &text)
}
