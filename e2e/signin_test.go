package e2e

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	deepLink = "/reports/week.html?year=2026&week=7&note=a%20%26%20b"
	secret   = "the key is under the mat" // in site/data/members.json
)

func TestSigningInEndsOnTheDeepLinkWithItsQuery(t *testing.T) {
	inEverySetup(t, func(t *testing.T, s setup) {
		w := startSite(t, s)
		p := newBrowser(t).tab(t)

		p.open(w.URL + deepLink)
		p.see("#username")
		p.shot("1-login")
		p.fill("#username", ada.username)
		p.fill("#password", "guessed")
		p.click("#sign-in")
		p.see("[role=alert]")
		p.enter(w, ada)

		p.at(w.URL + deepLink)
		p.sees("#who", ada.name)
		p.sees("#members", "Grace")
		require.Equal(t, "?year=2026&week=7&note=a%20%26%20b", p.text("#query"))
		p.shot("2-page")

		require.Empty(t, p.script(`document.cookie`), "a script can read a cookie")
		calls := w.idp.tokenCalls(t, "authorization_code")
		require.Len(t, calls, 1)
		if s.shape == entraLike {
			require.Equal(t, w.URL, calls[0].Origin)
		}

		asked := w.idp.calls(t)
		p.open(w.URL + "/")
		p.sees("#who", ada.name)
		require.Equal(t, asked, w.idp.calls(t), "a page view asked the provider")
		for _, cookie := range p.cookies(w.URL) {
			require.True(t, cookie.HTTPOnly, cookie.Name)
			if len(cookie.Value) > 16 { // shorter ones are counters
				require.NotContains(t, w.process.output.String(), cookie.Value, "the log holds the cookie %s", cookie.Name)
			}
			require.LessOrEqual(t, len(cookie.Name)+len(cookie.Value), 4096, cookie.Name)
		}
	}, furtherSetups, gitHub)
}

func TestNobodyElseGetsThePageOrItsData(t *testing.T) {
	inEverySetup(t, func(t *testing.T, s setup) {
		w := startSite(t, s)
		member := newVisitor(t)
		member.visit(w, "/", ada)
		require.Contains(t, member.fetch(w.URL+"/data/members.json").Body, secret)

		stranger := newVisitor(t)
		require.Contains(t, stranger.open(w.URL+deepLink).body, "password")
		require.Contains(t, stranger.open(w.URL+"/public/").body, "Welcome")
		got := stranger.fetch(w.URL + "/data/members.json")
		require.Equal(t, http.StatusUnauthorized, got.Status, "a fetch was sent to the provider")
		require.NotContains(t, got.Body, secret)
		require.Contains(t, got.Body, "/.auth/login")

		for _, cookie := range []string{"", "__Host-edgeauth=x", strings.Repeat("a=b; ", 500)} {
			for path, dest := range map[string]string{"/data/members.json": "empty", deepLink: "document", "/app.js": "script"} {
				status, body := get(t, w.URL+path, cookie, dest)
				require.NotEqual(t, http.StatusOK, status, path)
				require.NotContains(t, body, secret)
				require.NotContains(t, body, "Report of the week")
			}
		}
	}, furtherSetups, gitHub)
}

func TestTwoTabsSignInAtOnce(t *testing.T) {
	inEverySetup(t, func(t *testing.T, s setup) {
		w := startSite(t, s)
		b := newBrowser(t)
		first, second := b.tab(t), b.tab(t)
		first.open(w.URL + "/reports/week.html?tab=first")
		second.open(w.URL + "/reports/week.html?tab=second")
		first.see("#username")
		second.see("#username")

		second.enter(w, ada)
		second.at(w.URL + "/reports/week.html?tab=second")
		first.enter(w, ada)
		first.at(w.URL + "/reports/week.html?tab=first")

		first.sees("#who", ada.name)
		second.open(w.URL + "/")
		second.sees("#who", ada.name)
		require.Len(t, w.idp.tokenCalls(t, "authorization_code"), 2)
		for _, cookie := range first.cookies(w.URL) {
			require.NotContains(t, cookie.Name, "attempt", "a finished sign-in left its cookie")
		}
	})
}

func TestAConfidentialClientSignsIn(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]setup{
		"OIDC":       {mode: "sealed", confidential: true},
		"Entra, web": {mode: "sealed", confidential: true, shape: entraLike},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := startSite(t, s)
			v := newVisitor(t)
			v.visit(w, deepLink, ada)
			require.Contains(t, v.fetch(w.URL+"/.auth/session").Body, ada.name)
			require.Len(t, w.idp.tokenCalls(t, "authorization_code"), 1)
		})
	}
}

func TestOnlyTheGroupOfARuleEnters(t *testing.T) {
	inEverySetup(t, func(t *testing.T, s setup) {
		w := startSite(t, s)
		require.Contains(t, newVisitor(t).visit(w, "/admin/", ada).body, "The minutes")

		other := newVisitor(t)
		other.visit(w, "/", ben)
		forbidden := other.open(w.URL + "/admin/")
		require.Equal(t, http.StatusForbidden, forbidden.status)
		require.NotContains(t, forbidden.body, "The minutes")
		require.Equal(t, http.StatusForbidden, other.fetch(w.URL+"/admin/").Status)
		require.Equal(t, http.StatusOK, other.open(w.URL+"/").status)
	}, furtherSetups, gitHub)
}

func TestAnIdentityWith180GroupsFits(t *testing.T) {
	inEverySetup(t, func(t *testing.T, s setup) {
		s.group = lastGroup
		if s.mode == "sealed" {
			s.claims = []string{"name", "groups"}
		}
		w := startSite(t, s)
		p := newBrowser(t).tab(t)
		p.visit(w, "/admin/", grace)
		p.sees("#minutes", "The minutes")
		p.open(w.URL + "/")
		p.sees("#who", grace.name)
		if s.mode == "sealed" {
			require.Equal(t, "180", p.script(`fetch('/.auth/session').then((r) => r.json()).then((s) => String(s.claims.groups.length))`))
		}
	})
}

// script evaluates a script and waits for its text.
func (p *tab) script(code string) string {
	p.t.Helper()
	var text string
	p.run(code, evaluate(code, &text))
	return text
}

// get asks as a browser would for something of the kind dest, without following redirects.
func get(t *testing.T, url, cookie, dest string) (int, string) {
	t.Helper()
	request, err := http.NewRequest(http.MethodGet, url, nil)
	require.NoError(t, err)
	mode := map[string]string{"document": "navigate", "script": "no-cors", "empty": "cors"}[dest]
	request.Header.Set("Sec-Fetch-Mode", mode)
	request.Header.Set("Sec-Fetch-Dest", dest)
	request.Header.Set("Sec-Fetch-Site", "same-origin")
	if cookie != "" {
		request.Header.Set("Cookie", cookie)
	}
	answer, err := http.DefaultTransport.RoundTrip(request)
	require.NoError(t, err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	return answer.StatusCode, string(body)
}
