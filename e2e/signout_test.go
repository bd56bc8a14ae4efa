package e2e

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSigningOutEndsTheSessionAtTheProviderToo(t *testing.T) {
	inEverySetup(t, func(t *testing.T, s setup) {
		w := startSite(t, s)
		b := newBrowser(t)
		p := b.tab(t)
		p.visit(w, "/", ada)
		cookies := p.cookies(w.URL)
		require.NotEmpty(t, cookies)

		p.click("#leave")
		if s.asksToSignOut() {
			p.click("#sign-out")
		}
		p.at(w.URL + "/.auth/signed-out")
		p.shot("signed-out")
		require.Equal(t, 1, w.idp.count(t, "end_session"))
		require.Empty(t, p.session(w.URL), "cookies are left after a sign-out")

		p.open(w.URL + "/public/")
		require.Equal(t, http.StatusUnauthorized, p.fetch("/data/members.json").Status)
		p.visit(w, "/", ben) // the provider asks again
		p.sees("#who", ben.name)

		// A person who types the address is asked first.
		p.open(w.URL + "/.auth/logout")
		p.shot("confirm")
		require.NotEmpty(t, p.cookies(w.URL))
		p.click("button")
		if s.asksToSignOut() {
			p.click("#sign-out")
		}
		p.at(w.URL + "/.auth/signed-out")
		require.Equal(t, 2, w.idp.count(t, "end_session"))
	}, furtherSetups)
}

func TestADeniedConsentIsToldAndDoesNotLoop(t *testing.T) {
	inEverySetup(t, func(t *testing.T, s setup) {
		s.consent = true
		w := startSite(t, s)
		p := newBrowser(t).tab(t)
		p.open(w.URL + deepLink)
		p.fill("#username", ada.username)
		p.fill("#password", ada.password)
		p.click("#sign-in")
		p.click("#deny")

		p.until("a page of the site", func() bool { return strings.HasPrefix(p.url(), w.URL+"/") && p.text("body") != "" })
		p.shot("denied")
		require.Empty(t, p.text("#query"), "the page was shown")
		require.Empty(t, w.idp.tokenCalls(t, "authorization_code"))
		require.Equal(t, 1, w.idp.count(t, "authorization"), "the browser was sent to the provider again")
		require.NotContains(t, p.text("body"), "access_denied", "the page shows an error code")

		p.click("a[href]") // once more
		p.click("#allow")
		p.at(w.URL + deepLink)
	}, furtherSetups, gitHub)
}
