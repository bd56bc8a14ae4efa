package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/edgeauth/edgeauth/internal/page"
	"github.com/stretchr/testify/require"
)

// pageOf makes the page of a subject with everything that a page can have.
func pageOf(d *page.Design, subject page.Subject, language string) page.Page {
	p := d.Page(subject, language)
	p.Site, p.Account, p.Reference = "reports.example.com", "ada.lovelace@analytical-engines.example", "Zk3nQ8wYx2cV7bN1mL5kJ9hG4fD6sA0pO_iUyTrEwQ-zXcVbNmAsDfGhJkLqWe" // as long as CloudFront's
	p.Add(page.SignInAgain, "/.auth/login", false)
	p.Add(page.AnotherAccount, "/.auth/login?prompt=select_account", false)
	p.Add(page.SignOut, "/.auth/logout", true)
	return p
}

// servePages serves every page at /SUBJECT/LANGUAGE, as a site does.
func servePages(t *testing.T) (origin string) {
	t.Helper()
	design := page.New(page.Branding{Contact: "help@analytical-engines.example"})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		subject, language, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
		n, _ := strconv.Atoi(subject)
		p := pageOf(design, page.Subject(n), language)
		body, policy := design.HTML(p), design.Policy()
		if page.Subject(n) == page.SignInElsewhere {
			body, policy = design.Framed(p, "/.auth/session")
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", policy)
		_, _ = w.Write(body)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// axe runs the rules of accessibility on the page that is open, and returns what they find.
func (p *tab) axe(rules string) (found []string) {
	p.t.Helper()
	var result string
	p.run("checking the page", chromedp.ActionFunc(func(ctx context.Context) error {
		if err := chromedp.Evaluate(rules+";0", nil).Do(ctx); err != nil {
			return err
		}
		return evaluate(`axe.run({resultTypes: ['violations']}).then(r => JSON.stringify(r.violations.map(v => v.id + ': ' + v.nodes.map(n => n.html).join(' '))))`, &result).Do(ctx)
	}))
	require.NoError(p.t, json.Unmarshal([]byte(result), &found))
	return found
}

// look is how a person's system wants pages to look.
type look struct {
	name, scheme, forced string
	width                int64
}

func (p *tab) wants(l look) {
	p.t.Helper()
	p.run("looking "+l.name,
		emulation.SetDeviceMetricsOverride(l.width, 700, 1, l.width < 500),
		emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: l.scheme}, {Name: "forced-colors", Value: l.forced},
		}))
}

// Everybody can read every page and use it: in each language on a narrow phone, and in each way of looking at it.
func TestNothingStandsInAnybodysWayOnAPage(t *testing.T) {
	t.Parallel()
	needTools(t)
	rules, err := os.ReadFile(filepath.Join("axe", "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		require.NotEqual(t, "true", os.Getenv("CI"), "%v; ./run installs everything", err)
		t.Skipf("NOT TESTED: %v; ./run installs everything", err)
	}
	origin := servePages(t)
	p := newBrowser(t).tab(t)
	phone := look{"at a phone", "light", "none", 320}
	for _, l := range []look{phone, {"in the dark", "dark", "none", 320}, {"with colours of one's own", "light", "active", 320}, {"at a desk", "light", "none", 1280}} {
		p.wants(l)
		for subject := page.Internal; subject <= page.SignedOut; subject++ {
			languages := page.Languages()
			if l != phone {
				languages = languages[:1]
			}
			for _, language := range languages {
				where := fmt.Sprintf("%s/%d/%s", origin, subject, language)
				p.open(where)
				require.Empty(t, p.axe(string(rules)), "%s, %s", where, l.name)
				var overflow int
				p.eval(`document.documentElement.scrollWidth - innerWidth`, &overflow)
				require.LessOrEqual(t, overflow, 0, "%s, %s: it has to be moved sideways", where, l.name)
			}
		}
	}
	// The rules do find something where there is something.
	p.eval(`document.querySelector('.small').style.color = '#ccc'; document.documentElement.lang = ''; 0`, nil)
	require.NotEmpty(t, p.axe(string(rules)))
}
