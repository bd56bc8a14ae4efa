package e2e

import (
	"encoding/json"
	"strings"

	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// enter signs somebody in with the provider's own pages, which the tab shows.
func (p *tab) enter(w *site, who person) {
	p.t.Helper()
	p.see("#username")
	require.True(p.t, strings.HasPrefix(p.url(), w.idp.URL+"/"), "the password goes to the provider, not to %s", p.url())
	p.fill("#username", who.username)
	p.fill("#password", who.password)
	p.click("#sign-in")
	if w.setup.asksConsent() {
		p.click("#allow")
	}
}

// visit opens a page of the site and signs in on the way.
func (p *tab) visit(w *site, path string, who person) {
	p.t.Helper()
	p.open(w.URL + path)
	p.enter(w, who)
	p.at(w.URL + path)
}

// evaluate waits for a script's promise.
func evaluate(code string, result any) chromedp.Action {
	return chromedp.Evaluate(code, result, func(p *runtime.EvaluateParams) *runtime.EvaluateParams {
		return p.WithAwaitPromise(true)
	})
}

// quote writes a text as a JavaScript literal.
func quote(text string) string {
	literal, _ := json.Marshal(text)
	return string(literal)
}
